/// How far a run has come, in a few words, for a person who waits for it.
///
/// Pure: time comes as a parameter. It remembers a few seconds of what it was told, for the events a second and the time
/// that is left.
package struct Progress {
    /// What a run knows of itself at one moment.
    package struct Reading: Equatable, Sendable {
        /// Lines that were events.
        package var events = 0
        /// Bytes of the input that were taken.
        package var bytes = 0
        /// Bytes that the input has; nil: nobody knows.
        package var bytesInAll: Int?
        /// Whether no more is read.
        package var isRead = false
        /// Events, over all webhooks, that are in no state yet: to be delivered, or given up.
        package var unsettled = 0
        /// Events that are in one, over all webhooks.
        package var settled = 0
        /// Events, over all webhooks.
        package var delivered = 0
        /// Requests.
        package var underWay = 0
        /// Batches that wait for another attempt.
        package var retrying = 0
        /// Events.
        package var deadLettered = 0
        /// Events.
        package var deferred = 0
        /// Events.
        package var lost = 0
        /// In the order of the configuration.
        package var troubled: [Troubled] = []

        package init() {}
    }

    /// A webhook that does not simply take what is sent to it.
    package struct Troubled: Equatable, Sendable {
        package var name: String
        package var trouble: Trouble
        /// How its last request failed; nil: it did not.
        package var failure: String?

        package init(name: String, trouble: Trouble, failure: String?) {
            self.name = name
            self.trouble = trouble
            self.failure = failure
        }
    }

    private struct Sample {
        var time: ContinuousClock.Instant
        var events: Int
        var bytes: Int
        var settled: Int
    }

    /// How far the events a second look back.
    package static let window = Duration.seconds(3)
    /// Webhooks in trouble that are named; of others only the number is told.
    package static let namedAtMost = 3

    private var samples: [Sample]
    private let interval: Duration
    /// When it is to be shown next.
    package private(set) var due: ContinuousClock.Instant

    /// - Parameters:
    ///   - start: when the run began.
    ///   - interval: how often it is shown, from the end of the first one on.
    package init(from start: ContinuousClock.Instant, every interval: Duration) {
        samples = [Sample(time: start, events: 0, bytes: 0, settled: 0)]
        self.interval = interval
        due = start + interval
    }

    /// Takes what the run knows now, and says when it is to be asked again.
    private mutating func note(_ reading: Reading, _ now: ContinuousClock.Instant) {
        samples.append(
            Sample(time: now, events: reading.events, bytes: reading.bytes, settled: reading.settled))
        // The last one that is older than the window stays, so that there is always something to compare with.
        while samples.count > 2, now - samples[1].time >= Self.window { samples.removeFirst() }
        due = now + interval
    }

    /// What the last seconds came to, for each second.
    private func perSecond(_ part: KeyPath<Sample, Int>) -> Double {
        let (first, last) = (samples[0], samples[samples.count - 1])
        let seconds = (last.time - first.time) / .seconds(1)
        return seconds > 0 ? Double(last[keyPath: part] - first[keyPath: part]) / seconds : 0
    }

    /// One line without colours, for a log.
    package mutating func line(_ reading: Reading, _ now: ContinuousClock.Instant) -> String {
        note(reading, now)
        let trouble = self.trouble(reading.troubled).map { "; \($0.text)" }.joined()
        return input(reading) + "; " + counts(reading).map(\.text).joined(separator: ", ") + trouble
    }

    /// The lines that stand on a terminal: what was read, what became of it, and who is in trouble. None is longer than
    /// its columns, 1 or more, so that none wraps; numbers that call for attention may have colours.
    package mutating func lines(
        _ reading: Reading, _ now: ContinuousClock.Instant, columns: Int, hasColours: Bool
    ) -> [String] {
        note(reading, now)
        let lines =
            [[Span(text: input(reading))], Array(counts(reading).map { [$0] }.joined(separator: [Span(text: "  ")]))]
            + trouble(reading.troubled).map { [$0] }
        return lines.map { Span.line($0, columns: columns, hasColours: hasColours) }
    }

    // MARK: Words

    private func input(_ reading: Reading) -> String {
        var parts = ["\(grouped(reading.events)) \(reading.events == 1 ? "event" : "events") read"]
        if reading.isRead {
            parts.append("no more to read")
            guard reading.unsettled > 0 else { return parts.joined(separator: ", ") }
            let speed = perSecond(\.settled)
            parts.append("\(grouped(reading.unsettled)) to deliver at \(grouped(Int(speed.rounded())))/s")
            if speed > 0 { parts.append("\(Self.time(Double(reading.unsettled) / speed)) left") }
            return parts.joined(separator: ", ")
        }
        parts.append("\(grouped(Int(perSecond(\.events).rounded())))/s")
        if let all = reading.bytesInAll, all > 0 {
            let share = min(100, Int(Double(reading.bytes) / Double(all) * 100))
            parts.append("\(share) % of \(Self.size(all))")
            let speed = perSecond(\.bytes)
            if speed > 0 { parts.append("\(Self.time(Double(max(0, all - reading.bytes)) / speed)) left to read") }
        }
        return parts.joined(separator: ", ")
    }

    private func counts(_ reading: Reading) -> [Span] {
        var spans = [
            Span(text: "\(grouped(reading.delivered)) delivered"),
            Span(text: counted(reading.underWay, "request") + " under way"),
        ]
        func add(_ number: Int, _ text: String, _ colour: Span.Colour) {
            if number > 0 { spans.append(Span(text: text, colour: colour)) }
        }
        add(reading.retrying, counted(reading.retrying, "batch", "batches") + " retrying", .yellow)
        add(reading.deferred, "\(grouped(reading.deferred)) in the spool", .yellow)
        add(
            reading.deadLettered,
            "\(grouped(reading.deadLettered)) dead \(reading.deadLettered == 1 ? "letter" : "letters")", .red)
        add(reading.lost, "\(grouped(reading.lost)) lost", .red)
        return spans
    }

    /// Those in the worst trouble first.
    private func trouble(_ troubled: [Troubled]) -> [Span] {
        let sorted = troubled.enumerated().sorted {
            ($0.element.trouble.rank, $0.offset) < ($1.element.trouble.rank, $1.offset)
        }
        var spans = sorted.prefix(Self.namedAtMost).map { _, webhook in
            Span(
                text: "\(webhook.name): \(webhook.trouble.text)" + (webhook.failure.map { " (\($0))" } ?? ""),
                colour: webhook.trouble.rank == 0 ? .red : .yellow)
        }
        let more = troubled.count - spans.count
        if more > 0 { spans.append(Span(text: "and \(counted(more, "webhook")) more in trouble", colour: .yellow)) }
        return spans
    }

    /// `3.1 GB`, in steps of a thousand.
    static func size(_ bytes: Int) -> String {
        var (value, unit) = (Double(bytes), "B")
        for next in ["kB", "MB", "GB", "TB"] where value >= 999.5 { (value, unit) = (value / 1_000, next) }
        if unit == "B" || value >= 99.95 { return "\(Int(value.rounded())) \(unit)" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(unit)"
    }

    /// `7 s`, `3 min 20 s` or `2 h 5 min`.
    static func time(_ seconds: Double) -> String {
        let whole = Int(min(seconds, 3_600_000).rounded(.up))
        if whole < 60 { return "\(whole) s" }
        if whole < 3_600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3_600) h \(whole / 60 % 60) min"
    }
}

/// A part of a line, with the colour that it has on a terminal.
private struct Span {
    enum Colour: Int { case red = 31, yellow = 33 }

    var text: String
    var colour: Colour?

    /// One line of a terminal, cut to its width; a name in it may hold what a terminal would obey.
    static func line(_ spans: [Span], columns: Int, hasColours: Bool) -> String {
        var (line, left) = ("", columns)
        for span in spans where left > 0 {
            let text = withoutControls(span.text).prefix(left)
            left -= text.count
            if hasColours, let colour = span.colour {
                line += "\u{1b}[\(colour.rawValue)m\(text)\u{1b}[0m"
            } else {
                line += text
            }
        }
        return line
    }
}
