import FoundationEssentials
import Glibc

/// The log on standard error, for a person or, one JSON object a line, for a machine.
package struct Console: Sendable {
    package enum Level: String, Sendable { case error, warning, info, debug }

    package var format: Options.LogFormat
    package var verbosity: Options.Verbosity
    /// What stands below the log on a terminal; nil: nothing does.
    package var status: StatusLines?

    package init(format: Options.LogFormat = .text, verbosity: Options.Verbosity = .normal) {
        self.format = format
        self.verbosity = verbosity
    }

    /// Shown always.
    package func error(_ message: String, hint: String? = nil) { write(.error, message, hint) }

    package func error(_ error: any UserFacing) { write(.error, error.message, error.hint) }

    /// Shown unless `-q`.
    package func warning(_ message: String, hint: String? = nil) {
        if verbosity >= .normal { write(.warning, message, hint) }
    }

    /// Shown unless `-q`, without a label.
    package func info(_ message: String, hint: String? = nil) {
        if verbosity >= .normal { write(.info, message, hint) }
    }

    /// Shown with `-v`; the message is made only then.
    package func debug(_ message: @autoclosure () -> String) {
        if verbosity >= .verbose { write(.debug, message(), nil) }
    }

    private func write(_ level: Level, _ message: String, _ hint: String?) {
        var output: [UInt8] = []
        switch format {
        case .text:
            let label = level == .debug || level == .info ? "" : "\(level.rawValue): "
            output += "hookline: \(label)\(withoutControls(message))\n".utf8
            if let hint { output += "  hint: \(withoutControls(hint))\n".utf8 }
        case .json:
            var line = JSONWriter()
            line.object {
                $0.string("time", Date.now.formatted(.iso8601))
                $0.string("level", level.rawValue)
                $0.string("message", message)
                if let hint { $0.string("hint", hint) }
            }
            line.newline()
            output = line.bytes
        }
        // They come back with their next painting, below this.
        status?.erase()
        // Nobody is left to tell when standard error itself fails.
        _ = writeAll(output, to: STDERR_FILENO)
    }
}

/// Shows control characters as `\u{1b}`, since a message may quote what others wrote, and a terminal would obey it.
/// Line feed and tab stand as they are.
func withoutControls(_ text: String) -> String {
    func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
    }
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    return text.unicodeScalars.map { scalar in
        isControl(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }.joined()
}
