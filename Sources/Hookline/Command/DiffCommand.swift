import Glibc

/// `hookline diff`: compares two configurations, and where a sample of events goes by each (SPEC section 1).
package enum DiffCommand {
    /// - Parameters:
    ///   - old: the configuration before: a file or directory.
    ///   - new: the one after.
    ///   - options: how it is shown.
    ///   - console: for what keeps them from being compared.
    /// - Returns: success where nothing differs, else failure, as `diff` does.
    package static func perform(_ old: String, _ new: String, _ options: DiffOptions, console: Console) -> ExitCode {
        reporting(on: console) {
            let (before, after) = (
                try ConfigReader.standard.read(old).config, try ConfigReader.standard.read(new).config
            )
            let diff = ConfigDiff(before, after)
            var routing = RoutingDiff(before, after, oldNames: diff.oldNames)
            // A person at a terminal has no sample to type.
            if isatty(STDIN_FILENO) == 0 {
                try read(into: &routing, longest: max(before.input.maxEventBytes, after.input.maxEventBytes))
            }
            let report = DiffReport(diff, routing)
            try StandardOutput.write(options.format == .json ? report.json : Array(report.text.utf8))
            return report.isSame ? .success : .failure
        }
    }

    private static func read(into routing: inout RoutingDiff, longest: Int) throws(ReadError) {
        var reader = LineReader(descriptor: STDIN_FILENO, maxLineBytes: longest)
        while true {
            let filled = try reader.fill()
            while let line = reader.next() {
                switch line {
                case .blank: break
                case .tooLarge: routing.refuse()
                case .event(let bytes): unsafe routing.add(bytes, number: reader.number)
                }
            }
            if filled == .endOfInput { return }
            if filled == .wouldBlock {
                var watched = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
                unsafe poll(&watched, 1, -1)
            }
        }
    }
}
