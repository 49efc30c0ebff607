import Glibc

/// `hookline diff`: how two configurations differ, and which events of a sample go elsewhere (SPEC section 1).
package enum DiffCommand {
    /// - Parameters:
    ///   - old: a configuration, a file or a directory.
    ///   - new: another one.
    ///   - options: the sample, and how differences are told.
    ///   - console: for what is wrong with a configuration, or the sample.
    /// - Returns: success when they are the same, failure when they differ, or what is wrong with one of them.
    package static func perform(_ old: String, _ new: String, _ options: DiffOptions, console: Console) -> ExitCode {
        reporting(on: console) {
            // Both are read, so that the problems of both are told.
            let results = [old, new].map { path in
                Result { () throws(ConfigFailure) in try ConfigReader.standard.read(path).config }
            }
            var configs: [Config] = []
            var failure: ExitCode?
            for result in results {
                switch result {
                case .success(let config): configs.append(config)
                case .failure(let error):
                    error.show(on: console)
                    failure = failure == .noInput ? failure : error.exitCode
                }
            }
            if let failure { return failure }
            let diff = ConfigDiff(configs[0], configs[1])
            var report = DiffReport(diff, configs[0], configs[1])
            report.sample = try sample(options, diff, configs[0], configs[1], console)
            try StandardOutput.write(options.format == .json ? report.json : Array(report.text.utf8))
            return diff.isEmpty ? .success : .failure
        }
    }

    /// Nil: there is none, or it is empty.
    private static func sample(
        _ options: DiffOptions, _ diff: ConfigDiff, _ old: Config, _ new: Config, _ console: Console
    ) throws -> DiffReport.Sample? {
        var descriptor = STDIN_FILENO
        if let path = options.sample, path != "-" {
            descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw DiffError.unreadable(path, errno: errno) }
        } else if options.sample == nil {
            // A terminal would wait for somebody to type, and /dev/null has nothing.
            var status = stat()
            guard unsafe fstat(STDIN_FILENO, &status) == 0 else { return nil }
            guard [S_IFREG, S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT) else { return nil }
            var watched = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            if unsafe poll(&watched, 1, 2_000) == 0 {
                console.info(
                    "waiting for a sample of events on standard input", hint: "where there is none: < /dev/null")
            }
        }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        let comparison: DiffReport.Sample
        do throws(ReadError) {
            comparison = try compare(descriptor, options, diff, old, new)
        } catch {
            guard let path = options.sample, case .inputFailed(let code) = error else { throw error }
            throw DiffError.unreadable(path, errno: code)
        }
        return comparison.events + comparison.refused == 0 ? nil : comparison
    }

    private static func compare(
        _ descriptor: Int32, _ options: DiffOptions, _ diff: ConfigDiff, _ old: Config, _ new: Config
    ) throws(ReadError) -> DiffReport.Sample {
        var reader = LineReader(
            descriptor: descriptor, maxLineBytes: max(old.input.maxEventBytes, new.input.maxEventBytes))
        var before = Routing(old)
        var after = Routing(new)
        var sample = DiffReport.Sample()
        while true {
            switch try reader.fill() {
            case .endOfInput where reader.isDrained: return sample
            case .wouldBlock:
                var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                _ = unsafe poll(&watched, 1, -1)
            case .bytes, .endOfInput: break
            }
            while let line = reader.next() {
                switch line {
                case .blank: break
                case .tooLarge: sample.refused += 1
                case .event(let bytes):
                    let from = unsafe before.destination(of: bytes)
                    let to = unsafe after.destination(of: bytes)
                    if !from.isEvent, !to.isEvent {
                        sample.refused += 1
                        continue
                    }
                    sample.events += 1
                    let isSame = from.takers.map { diff.successors[$0] } == to.takers.map { $0 }
                    if isSame { continue }
                    unsafe note(from, to, line: reader.number, bytes, options, diff, old, new, in: &sample)
                }
            }
        }
    }

    /// Counts an event whose takers are others, if they are not only in another order.
    private static func note(
        _ from: Routing.Destination, _ to: Routing.Destination, line: Int, _ bytes: UnsafeRawBufferPointer,
        _ options: DiffOptions, _ diff: ConfigDiff, _ old: Config, _ new: Config, in sample: inout DiffReport.Sample
    ) {
        let kept = Set(from.takers.compactMap { diff.successors[$0] })
        let gained = to.takers.filter { !kept.contains($0) }
        let lost = from.takers.filter { taker in diff.successors[taker].map { !to.takers.contains($0) } ?? true }
        if gained.isEmpty, lost.isEmpty { return }
        sample.changed += 1
        for webhook in gained { sample.gained[new.webhooks[webhook].name, default: 0] += 1 }
        // One that was renamed has its new name on both sides.
        func name(_ webhook: Int) -> String {
            diff.successors[webhook].map { new.webhooks[$0].name } ?? old.webhooks[webhook].name
        }
        for webhook in lost { sample.lost[name(webhook), default: 0] += 1 }
        guard sample.examples.count < DiffReport.Sample.exampleLimit else { return }
        let topic: String? =
            switch (to, from) {
            case (.webhooks(_, let topic), _): new.topics[topic].name
            case (_, .webhooks(_, let topic)): old.topics[topic].name
            default: nil
            }
        let event = options.isVerbose ? unsafe Array(bytes) : nil
        sample.examples.append(
            .init(
                line: line, topic: topic, from: from.takers.map(name),
                to: to.takers.map { new.webhooks[$0].name }, event: event))
    }
}

/// Why there is no sample.
enum DiffError: UserFacing, Equatable {
    case unreadable(String, errno: Int32)

    var message: String {
        switch self {
        case .unreadable(let path, let code): "can't read sample \(quoted(path)): \(systemReason(code).lowercased())"
        }
    }

    var hint: String? { "name a file of events, one JSON object a line" }
    var exitCode: ExitCode { .noInput }
}
