/// Whether a webhook takes an event and why, for a person or as JSON (SPEC section 1, `explain`).
package struct ExplainReport {
    private let line: Int
    private let topic: String
    private let webhook: Webhook
    private let isDeclared: Bool
    private let explanation: Explanation?
    /// The subscription that holds the topic.
    private let subscription: TopicPattern?
    /// So many values of a field are shown.
    private static let mostValues = 5

    /// `explanation`: of its filter; nil: it has none.
    package init(line: Int, topic: String, webhook: Webhook, isDeclared: Bool, explanation: Explanation?) {
        self.line = line
        self.topic = topic
        self.webhook = webhook
        self.isDeclared = isDeclared
        self.explanation = explanation
        subscription = isDeclared ? webhook.topics.first { $0.matches(topic) } : nil
    }

    private var isTaken: Bool { webhook.active && subscription != nil && explanation?.isTaken != false }

    // MARK: Text

    package var text: String {
        var text = "line \(line): \(webhook.name) \(isTaken ? "takes it" : "does not take it")\n"
        if !webhook.active { text += "  no   the webhook is inactive\n" }
        text += "  " + topicText + "\n"
        guard let explanation else { return text }
        text += "  \(mark(explanation.isTaken)) filter\n"
        var open: [String] = []
        for field in explanation.fields {
            let path = field.name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            var shared = 0
            while shared < path.count - 1, shared < open.count, open[shared] == path[shared] { shared += 1 }
            for depth in shared..<(path.count - 1) { text += indent(depth) + "     " + path[depth] + "\n" }
            open = Array(path.dropLast())
            text += indent(open.count) + mark(field.passes) + " " + path[open.count] + ": " + reason(field) + "\n"
        }
        return text + changesText(explanation)
    }

    private var topicText: String {
        if let subscription { return mark(true) + " topic \(topic): it subscribes to \(subscription.text)" }
        if !isDeclared { return mark(false) + " topic \(topic): not declared in `topics`" }
        return mark(false) + " topic \(topic): it subscribes to " + webhook.topics.map(\.text).joined(separator: ", ")
    }

    private func reason(_ field: Explanation.Field) -> String {
        let wanted = field.alternatives.joined(separator: " or ")
        if field.values.isEmpty { return "no value; " + (field.passes ? "as wanted" : "wanted: \(wanted)") }
        let passing = field.values.filter(\.passes)
        var shown = (passing.isEmpty ? field.values : passing).prefix(Self.mostValues).map(\.json).joined(
            separator: ", ")
        if field.values.count > Self.mostValues { shown += ", …" }
        return shown + (passing.isEmpty ? "; wanted: " : " passes ") + wanted
    }

    private func changesText(_ explanation: Explanation) -> String {
        var text = explanation.needsOneElement ? "  each field passes, but not all in one element of a list\n" : ""
        let changes = explanation.changes.map { "\($0.field): " + ($0.to ?? "no value") }
        if changes.isEmpty {
            return text
                + (explanation.isTaken
                    ? "  no field decides alone: another way through the filter is open\n" : "")
        }
        text +=
            explanation.isTaken
            ? "  decided by \(explanation.changes.map(\.field).joined(separator: ", ")): not taken with "
                + changes.joined(separator: ", nor with ") + "\n"
            : "  nearest: taken with " + changes.joined(separator: " and ") + "\n"
        return text
    }

    private func mark(_ passes: Bool) -> String { passes ? "yes " : "no  " }

    private func indent(_ depth: Int) -> String { String(repeating: "  ", count: depth + 2) }

    // MARK: JSON

    /// One object, with a line feed.
    package var json: [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.number("line", line)
            $0.string("webhook", webhook.name)
            $0.boolean("taken", isTaken)
            $0.boolean("active", webhook.active)
            $0.object("topic") {
                $0.string("name", topic)
                $0.boolean("declared", isDeclared)
                $0.string("subscription", subscription?.text)
            }
            guard let explanation else { return $0.string("filter", nil) }
            $0.object("filter") { filter(explanation, &$0) }
        }
        json.newline()
        return json.bytes
    }

    private func filter(_ explanation: Explanation, _ json: inout JSONWriter) {
        json.boolean("matches", explanation.isTaken)
        json.array("fields") { list in
            for field in explanation.fields {
                list.object {
                    $0.string("field", field.name)
                    $0.boolean("passes", field.passes)
                    $0.array("values") { values in
                        for value in field.values {
                            values.object {
                                $0.raw("value", value.json)
                                $0.boolean("passes", value.passes)
                            }
                        }
                    }
                    $0.array("wanted") { wanted in
                        for alternative in field.alternatives {
                            wanted.raw(nil, alternative)
                        }
                    }
                }
            }
        }
        json.boolean("needs_one_element", explanation.needsOneElement)
        json.array("changes") { list in
            for change in explanation.changes {
                list.object {
                    $0.string("field", change.field)
                    guard let to = change.to else { return $0.boolean("absent", true) }
                    $0.raw("value", to)
                }
            }
        }
    }
}
