/// What a run would send, shown in place of its summary (SPEC section 1, `plan`).
package struct PlanReport {
    private let format: PlanOptions.Format
    package let showsRequests: Bool
    /// By webhook: events by topic.
    private var events: [Int: [Int: Int]] = [:]
    /// By webhook: the longest body, in bytes.
    private var longest: [Int: Int] = [:]

    package init(_ options: PlanOptions) {
        format = options.format
        showsRequests = options.showsRequests
    }

    /// Counts a batch that would be sent.
    package mutating func add(_ batch: Batch) {
        for index in 0..<batch.count { events[batch.webhook, default: [:]][batch[index].topic, default: 0] += 1 }
        longest[batch.webhook] = max(longest[batch.webhook] ?? 0, batch.bodyCount)
    }

    /// - Parameter summary: of a run that delivers all.
    /// - Returns: what is printed.
    package func render(_ summary: Summary) -> [UInt8] {
        switch format {
        case .json: summary.render()
        case .text: Array(text(summary).utf8)
        case .mermaid: Array(mermaid(summary.config, shown: summary.shown).utf8)
        }
    }

    // MARK: Text

    private func text(_ summary: Summary) -> String {
        var rows = [["WEBHOOK", "EVENTS", "FILTERED", "REQUESTS", "BYTES", "LONGEST", "TO"]]
        for index in summary.shown {
            let (webhook, account) = (summary.config.webhooks[index], summary.books.webhooks[index])
            let counts = [account.matched, account.filtered, account.requests, account.bytesSent, longest[index] ?? 0]
            rows.append(
                [webhook.name] + counts.map { "\($0)" } + [
                    webhook.active ? webhook.shownURL : "nowhere: it is inactive"
                ])
        }
        let input = summary.books.input
        var line = counted(input.events, "event")
        if input.unmatched > 0 { line += ", \(input.unmatched) of them for no webhook" }
        if input.unknownTopic > 0 { line += ", \(input.unknownTopic) of a topic that is not declared" }
        if input.refusedTotal > 0 { line += "; \(counted(input.refusedTotal, "line")) refused" }
        return textTable(rows) + line + "; nothing was sent\n"
    }

    // MARK: Mermaid

    /// Topics, webhooks and origins as nodes; on each arrow how many events take it, if there were any.
    private func mermaid(_ config: Config, shown: [Int]) -> String {
        var text = "flowchart LR\n"
        var origins: [String] = []
        var arrows = ""
        var topics: Set<Int> = []
        for index in shown where config.webhooks[index].active {
            let webhook = config.webhooks[index]
            for (topic, declared) in config.topics.enumerated() {
                guard webhook.topics.contains(where: { $0.matches(declared.name) }) else { continue }
                topics.insert(topic)
                let filter = webhook.filter == nil ? "" : "filter"
                let label = [filter, events[index]?[topic].map { "\($0)" } ?? ""].filter { !$0.isEmpty }
                let shown = label.isEmpty ? "" : "|\(label.joined(separator: ": "))|"
                arrows += "  t\(topic) -->\(shown) w\(index)\n"
            }
            let origin = webhook.url.value?.origin ?? webhook.shownURL
            let place = origins.firstIndex(of: origin) ?? origins.count
            if place == origins.count { origins.append(origin) }
            arrows += "  w\(index) --> o\(place)\n"
        }
        for topic in topics.sorted() { text += "  t\(topic)([\(Self.label(config.topics[topic].name))])\n" }
        for index in shown where config.webhooks[index].active {
            text += "  w\(index)[\(Self.label(config.webhooks[index].name))]\n"
        }
        for (place, origin) in origins.enumerated() { text += "  o\(place)[/\(Self.label(origin))/]\n" }
        return text + arrows
    }

    /// Mermaid's text in quotes, with its entity codes for what would end or change it.
    private static func label(_ text: String) -> String {
        "\"" + text.replacing("#", with: "#35;").replacing("\"", with: "#quot;").replacing("<", with: "#lt;") + "\""
    }
}
