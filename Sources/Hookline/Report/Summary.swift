/// The run as one JSON object: the last thing printed on standard output (SPEC section 10).
package struct Summary {
    /// Why reading ended.
    package enum Ended: String, Sendable {
        case endOfInput = "end_of_input"
        case deadline, signal, strict
        case inputFailed = "input_failed"
        case outputFailed = "output_failed"

        /// Why batches that are not full stay unsent in a run with an id: what cut them short is no part of the input,
        /// so a repeat would send their events under other ids. nil: they are sent.
        package var reasonToHoldBack: DeadLetterReason? {
            switch self {
            case .signal: .stopped
            case .deadline: .deadline
            case .inputFailed: .inputFailed
            case .endOfInput, .strict, .outputFailed: nil
            }
        }
    }

    package var runID: String
    package var started: Moment
    package var finished: Moment
    package var ended: Ended
    package var config: Config
    /// The webhooks that are shown, by their place in the configuration.
    package var shown: [Int]
    package var books: Books
    /// The signal that stopped the run.
    package var signal: Int32?
    /// Whether an output could not be written.
    package var outputFailed = false
    /// Whether the spool holds events that can't be read, of another version or damaged, which are in no books.
    package var holdsUnreadable = false
    /// `--strict`.
    package var isStrict = false
    /// Whether nothing was sent, and the books say what would have been.
    package var isPlan = false

    /// SPEC section 2: follows from the books.
    package var exitCode: ExitCode {
        if ended == .inputFailed { return .noInput }
        if outputFailed { return .outputFailed }
        if let signal { return .stopped(by: signal) }
        let isUndelivered = books.total(\.deadLettered) + books.total(\.lost) > 0
        let isStrictlyWrong = isStrict && books.input.unknownTopic + books.input.unmatched > 0
        if isUndelivered || books.input.refusedTotal > 0 || isStrictlyWrong { return .failure }
        let waits = books.total(\.deferred) + books.total(\.waiting) > 0 || holdsUnreadable
        return books.input.complete && !waits ? .success : .tryAgain
    }

    /// One line of JSON, with its line ending.
    package func render() -> [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.string("schema", "hookline.summary/1")
            $0.object("run") { run(&$0) }
            $0.object("input") { input(&$0) }
            $0.object("books") { totals(&$0) }
            $0.array("topics") { list in
                for (topic, events) in zip(config.topics, books.topics) {
                    list.object {
                        $0.string("name", topic.name)
                        $0.number("events", events)
                    }
                }
            }
            $0.array("webhooks") { list in
                for index in shown { list.object { webhook(&$0, config.webhooks[index], books.webhooks[index]) } }
            }
        }
        json.newline()
        return json.bytes
    }

    private func run(_ json: inout JSONWriter) {
        json.string("id", runID)
        json.string("version", Version.current)
        json.string("config", config.path)
        json.string("config_sha256", config.sha256)
        json.string("started_at", started.wall.text)
        json.string("finished_at", finished.wall.text)
        json.number("duration_ms", Int((finished.monotonic - started.monotonic) / .milliseconds(1)))
        json.string("ended", ended.rawValue)
        if isPlan { json.boolean("dry_run", true) }
    }

    private func input(_ json: inout JSONWriter) {
        let input = books.input
        json.boolean("complete", input.complete)
        json.number("last_line", input.lines)
        json.number("bytes", input.bytes)
        json.number("lines", input.lines)
        json.number("blank", input.blank)
        json.number("events", input.events)
        json.object("refused") {
            $0.number("total", input.refusedTotal)
            for (reason, count) in input.refused.sorted(by: { $0.key < $1.key }) { $0.number(reason, count) }
        }
        json.number("unknown_topic", input.unknownTopic)
        json.number("unmatched", input.unmatched)
        json.array("refused_samples") { list in
            for sample in input.samples {
                list.object { sample.error.write(to: &$0, line: sample.line) }
            }
        }
    }

    /// What became of events, in the order in which the totals and each webhook name it.
    private static let states: [(String, any KeyPath<Books.Account, Int> & Sendable)] = [
        ("resumed", \.resumed), ("delivered", \.delivered), ("skipped", \.skipped),
        ("dead_lettered", \.deadLettered), ("deferred", \.deferred), ("lost", \.lost),
    ]

    private func totals(_ json: inout JSONWriter) {
        json.number("matched", books.total(\.matched))
        for (name, part) in Self.states { json.number(name, books.total(part)) }
        json.number("waiting", books.total(\.waiting))
        json.boolean("balanced", books.balanced)
    }

    private func webhook(_ json: inout JSONWriter, _ webhook: Webhook, _ account: Books.Account) {
        json.string("name", webhook.name)
        json.string("url", webhook.shownURL)
        json.boolean("active", webhook.active)
        json.number("matched", account.matched)
        json.number("filtered", account.filtered)
        for (name, part) in Self.states { json.number(name, account[keyPath: part]) }
        json.number("requests", account.requests)
        json.number("retries", account.retries)
        json.number("bisections", account.bisections)
        json.number("bytes_sent", account.bytesSent)
        json.object("status") {
            for (status, count) in account.statuses.sorted(by: { $0.key < $1.key }) { $0.number("\(status)", count) }
        }
        json.object("failures") {
            for (kind, count) in account.failures.sorted(by: { $0.key < $1.key }) { $0.number(kind, count) }
        }
        json.object("latency_ms") {
            $0.number("p50", account.latency.milliseconds(share: 0.5))
            $0.number("p90", account.latency.milliseconds(share: 0.9))
            $0.number("p99", account.latency.milliseconds(share: 0.99))
            $0.number("max", account.latency.maximum)
        }
        json.number("breaker_opened", account.breakerOpened)
        json.string("switched_off", account.switchedOff)
        guard let failure = account.lastFailure else { return json.string("last_failure", nil) }
        json.object("last_failure") {
            $0.string("reason", failure.reason)
            $0.number("status", failure.status)
            $0.string("detail", failure.detail)
            $0.string("at", failure.at.text)
        }
    }
}
