/// What differs between two configurations, for a person or as JSON (SPEC section 1, `diff`).
package struct DiffReport: ~Copyable {
    private let diff: ConfigDiff
    private let routing: RoutingDiff

    package init(_ diff: ConfigDiff, _ routing: consuming RoutingDiff) {
        self.diff = diff
        self.routing = routing
    }

    /// Whether nothing differs.
    package var isSame: Bool { diff.isEmpty && routing.changed == 0 }

    // MARK: Text

    /// A line for each topic, webhook and setting that differs: `+` it came, `-` it went, `~` it changed, `>` it has
    /// another name.
    package var text: String {
        var text = diff.settings.map { "~ " + Self.text($0) + "\n" }.joined()
        text += diff.topics.map { Self.text($0, "topic") }.joined()
        text += diff.webhooks.map { Self.text($0, "webhook") }.joined()
        if diff.isEmpty { text += "the configurations say the same\n" }
        guard routing.events + routing.refused > 0 else { return text }
        text += "of \(counted(routing.events, "event")) \(routing.changed) go elsewhere"
        text += routing.refused > 0 ? "; \(counted(routing.refused, "line")) refused\n" : "\n"
        for name in Set(routing.gained.keys).union(routing.lost.keys).sorted() {
            text += "  \(name): \(routing.gained[name] ?? 0) more, \(routing.lost[name] ?? 0) fewer\n"
        }
        for example in routing.examples {
            text += "  line \(example.line), \(example.topic): "
            text += Self.names(example.old) + " -> " + Self.names(example.new) + "\n"
        }
        return text
    }

    private static func text(_ item: ConfigDiff.Item, _ noun: String) -> String {
        let mark =
            switch item.kind {
            case .added: "+"
            case .removed: "-"
            case .changed: "~"
            case .renamed: ">"
            }
        let name = item.oldName.map { "\($0) -> \(item.name)" } ?? item.name
        return "\(mark) \(noun) \(name)\n" + item.changes.map { "    " + text($0) + "\n" }.joined()
    }

    private static func text(_ change: ConfigDiff.Change) -> String {
        if change.isHidden { return "\(change.key): \(change.old ?? "") differs in what is not shown" }
        return "\(change.key): \(change.old ?? "not set") -> \(change.new ?? "not set")"
    }

    private static func names(_ names: [String]) -> String { names.isEmpty ? "nobody" : names.joined(separator: ", ") }

    // MARK: JSON

    /// One object, with a line feed.
    package var json: [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.boolean("same", isSame)
            $0.array("settings") { list in Self.write(diff.settings, to: &list) }
            $0.array("topics") { list in Self.write(diff.topics, to: &list) }
            $0.array("webhooks") { list in Self.write(diff.webhooks, to: &list) }
            $0.object("sample") {
                $0.number("events", routing.events)
                $0.number("refused", routing.refused)
                $0.number("changed", routing.changed)
                $0.array("webhooks") { list in
                    for name in Set(routing.gained.keys).union(routing.lost.keys).sorted() {
                        list.object {
                            $0.string("name", name)
                            $0.number("gained", routing.gained[name] ?? 0)
                            $0.number("lost", routing.lost[name] ?? 0)
                        }
                    }
                }
                $0.array("examples") { list in
                    for example in routing.examples {
                        list.object {
                            $0.number("line", example.line)
                            $0.string("topic", example.topic)
                            $0.array("old") { names in for name in example.old { names.string(nil, name) } }
                            $0.array("new") { names in for name in example.new { names.string(nil, name) } }
                        }
                    }
                }
            }
        }
        json.newline()
        return json.bytes
    }

    private static func write(_ items: [ConfigDiff.Item], to list: inout JSONWriter) {
        for item in items {
            list.object {
                $0.string("kind", item.kind.rawValue)
                $0.string("name", item.name)
                if let oldName = item.oldName { $0.string("old_name", oldName) }
                $0.array("changes") { list in write(item.changes, to: &list) }
            }
        }
    }

    private static func write(_ changes: [ConfigDiff.Change], to list: inout JSONWriter) {
        for change in changes {
            list.object {
                $0.string("key", change.key)
                $0.string("old", change.old)
                $0.string("new", change.new)
                if change.isHidden { $0.boolean("hidden", true) }
            }
        }
    }
}
