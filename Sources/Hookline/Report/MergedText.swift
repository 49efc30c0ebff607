/// Many runs in tables, for a terminal.
struct MergedText {
    private let merged: MergedRuns
    /// Whether colours may be used.
    private let isColoured: Bool

    init(_ merged: MergedRuns, isColoured: Bool) { (self.merged, self.isColoured) = (merged, isColoured) }

    var text: String {
        [head, books, webhooks, latencies, problems].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var head: String {
        let (from, to) = merged.period
        var line = "\(counted(merged.runs.count, "run")) from \(Self.minute(from)) to \(Self.minute(to)) UTC"
        let early = merged.endedEarly.map { "\($0.reason) × \($0.count)" }
        if !early.isEmpty { line += "; ended early: " + early.joined(separator: ", ") }
        return bold(withoutControls(line)) + "\n"
    }

    private var books: String {
        let (books, input) = (merged.books, merged.input)
        let reasons = input.refused.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        var lines = "\(counted(input.lines, "line")): \(counted(input.events, "event")), \(input.blank) blank, "
        lines +=
            "\(input.refusedTotal) refused" + (reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ")))") + "\n"
        if input.unknownTopic + input.unmatched > 0 {
            lines += "of the events, \(input.unknownTopic) had an unknown topic, and \(input.unmatched) no webhook\n"
        }
        lines += "matched \(books.matched) + resumed \(books.resumed) = delivered \(books.delivered) + skipped "
        lines += "\(books.skipped) + dead-lettered \(books.deadLettered) + deferred \(books.deferred) + lost "
        lines += "\(books.lost)\n"
        if merged.waiting > 0 { lines += "\(counted(merged.waiting, "event")) waited when the last run ended\n" }
        return withoutControls(lines)
    }

    private var webhooks: String {
        let heading = [
            "WEBHOOK", "MATCHED", "RESUMED", "DELIVERED", "SKIPPED", "DEAD", "DEFERRED", "LOST", "REQUESTS", "RETRIES",
            "TO",
        ]
        var rows = [heading]
        for webhook in merged.webhooks {
            let tally = webhook.tally
            let counts = [
                tally.matched, tally.resumed, tally.delivered, tally.skipped, tally.deadLettered, tally.deferred,
                tally.lost, webhook.requests, webhook.retries,
            ]
            let before = webhook.earlierURLs.isEmpty ? "" : " (before: \(webhook.earlierURLs.joined(separator: ", ")))"
            rows.append([webhook.name] + counts.map { "\($0)" } + [webhook.url + before])
        }
        return table(rows, numbers: 1...9) {
            merged.webhooks[$0].tally.deadLettered + merged.webhooks[$0].tally.lost > 0
        }
    }

    private var latencies: String {
        let timed = merged.webhooks.filter { $0.latency.count > 0 }
        if timed.isEmpty { return "" }
        let rows = timed.map { webhook in
            let shares = [0.5, 0.9, 0.99].map { "\(webhook.latency.milliseconds(share: $0))" }
            return [webhook.name, "\(webhook.latency.count)"] + shares + ["\(webhook.latency.maximum)"]
        }
        return table([["LATENCY (ms)", "ATTEMPTS", "P50", "P90", "P99", "MAX"]] + rows, numbers: 1...5) { _ in false }
    }

    private var problems: String {
        let problems = merged.problems
        if problems.isEmpty { return "" }
        let rows = problems.map { [$0.webhook, $0.what, "\($0.count)", $0.advice] }
        return table([["FAILED ATTEMPTS", "WHY", "COUNT", "WHAT TO DO"]] + rows, numbers: 2...2) { _ in false }
    }

    /// The first row is a heading; `isBad` says it of a row below, from 0.
    private func table(_ rows: [[String]], numbers: ClosedRange<Int>, isBad: (Int) -> Bool) -> String {
        // Names and failures are what others wrote, and a terminal would obey it.
        let shown = rows.map { $0.map { withoutControls($0).replacing("\n", with: " ").replacing("\t", with: " ") } }
        let lines = textTable(shown, numbers: numbers).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast()
        return lines.enumerated().map { index, line in
            (index == 0 ? bold(String(line)) : isBad(index - 1) ? red(String(line)) : String(line)) + "\n"
        }.joined()
    }

    private func bold(_ text: String) -> String { isColoured ? "\u{1b}[1m\(text)\u{1b}[0m" : text }
    private func red(_ text: String) -> String { isColoured ? "\u{1b}[31m\(text)\u{1b}[0m" : text }

    /// `2026-11-24 07:46`.
    static func minute(_ time: WallTime) -> String { String(time.text.prefix(16)).replacing("T", with: " ") }
}
