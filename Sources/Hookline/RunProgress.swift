import Glibc

/// How far a run is, and where that is shown.
struct RunProgress {
    private enum Place {
        /// Painted over and over.
        case bottom(StatusLines)
        /// As lines of the log.
        case log
    }

    /// Painted no more often than that, so that it costs nothing worth speaking of.
    private static let repaint = Duration.milliseconds(100)
    private static let logged = Duration.seconds(10)

    private let place: Place
    private var progress: Progress
    /// Bytes that the input has; nil: it is no file.
    let bytesInAll: Int?

    /// Shown on the console's status lines, where it has any, else in its log; nil where it isn't to be shown.
    init?(
        _ options: Options, on console: Console, from start: ContinuousClock.Instant,
        bytesInAll: @autoclosure () -> Int?
    ) {
        if let status = console.status {
            place = .bottom(status)
            progress = Progress(from: start, every: Self.repaint)
        } else {
            guard options.verbosity >= .verbose, options.progress != .never else { return nil }
            place = .log
            progress = Progress(from: start, every: Self.logged)
        }
        self.bytesInAll = bytesInAll()
    }

    var due: ContinuousClock.Instant { progress.due }

    mutating func show(_ reading: Progress.Reading, on console: Console, _ now: ContinuousClock.Instant) {
        switch place {
        case .bottom(let status):
            status.paint(progress.lines(reading, now, columns: status.columns, hasColours: status.hasColours))
        case .log:
            let line = progress.line(reading, now)
            console.debug(line)
        }
    }
}

extension Options {
    /// The lines that progress is painted on; nil: it isn't painted.
    var statusLines: StatusLines? {
        switch progress {
        case .never: return nil
        case .always: break
        case .auto:
            // A person who types events would type into it.
            guard isTerminal(STDERR_FILENO), isatty(STDIN_FILENO) == 0, verbosity >= .normal, logFormat == .text else {
                return nil
            }
        }
        return StatusLines(hasColours: takesColours(STDERR_FILENO))
    }
}

extension Run {
    /// Bytes of standard input from here to its end, where it is a file; or of all files that are replayed.
    static func bytesInAll(_ source: ReplaySource?) -> Int? {
        guard let source, !source.paths.isEmpty else {
            var status = stat()
            guard unsafe fstat(STDIN_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            return Int(status.st_size) - Int(max(0, lseek(STDIN_FILENO, 0, SEEK_CUR)))
        }
        var sum = 0
        for path in source.paths {
            var status = stat()
            guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            sum += Int(status.st_size)
        }
        return sum
    }

    mutating func showProgress() {
        guard let due = progress?.due, due <= .now else { return }
        let now = ContinuousClock.now
        let reading = progressReading(now)
        progress?.show(reading, on: console, now)
    }

    private func progressReading(_ now: ContinuousClock.Instant) -> Progress.Reading {
        var reading = Progress.Reading()
        reading.events = books.input.events
        reading.bytes = (replay?.bytesBefore ?? 0) + reader.bytes
        reading.bytesInAll = progress?.bytesInAll
        reading.isRead = ended != nil
        for account in books.webhooks + [books.gone] {
            reading.unsettled += account.unsettled
            reading.settled += account.matched + account.resumed - account.unsettled
            reading.delivered += account.delivered
            reading.deadLettered += account.deadLettered
            reading.deferred += account.deferred
            reading.lost += account.lost
        }
        reading.underWay = schedule.underWay
        reading.retrying = schedule.retrying
        for (index, webhook) in config.webhooks.enumerated() {
            guard let trouble = schedule.trouble(of: index, now) else { continue }
            reading.troubled.append(
                Progress.Troubled(
                    name: webhook.name, trouble: trouble, failure: books.webhooks[index].lastFailure?.detail))
        }
        return reading
    }
}
