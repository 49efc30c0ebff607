/// How two configurations differ, and where events of a sample go instead, for people and for machines.
package struct DiffReport: Sendable {
    /// Events that other webhooks take than before.
    package struct Sample: Sendable {
        package struct Example: Sendable {
            /// Of the sample, from 1.
            package var line: Int
            /// Nil: it is declared in neither.
            package var topic: String?
            /// Names of webhooks, those that were renamed by their new ones.
            package var from: [String]
            package var to: [String]
            /// The event's bytes; nil: they are not to be shown.
            package var event: [UInt8]?
        }

        /// Lines that are events in at least one of the two.
        package var events = 0
        /// Lines that are none in both.
        package var refused = 0
        package var changed = 0
        /// By name in the new configuration, or in the old one if it is gone: how many events more and less.
        package var gained: [String: Int] = [:]
        package var lost: [String: Int] = [:]
        /// The first of those that changed.
        package var examples: [Example] = []

        package static let exampleLimit = 3

        package init() {}
    }

    private let diff: ConfigDiff
    private let old: Config
    private let new: Config
    package var sample: Sample?

    package init(_ diff: ConfigDiff, _ old: Config, _ new: Config) {
        (self.diff, self.old, self.new) = (diff, old, new)
    }

    package var text: String {
        if diff.isEmpty { return "no differences\n" + (sample.map(text) ?? "") }
        var text = diff.changes.map { line($0) }.joined()
        for place in diff.removed {
            text += "- webhook \(old.webhooks[place].name): \(summary(of: old.webhooks[place]))\n"
        }
        for place in diff.added {
            text += "+ webhook \(new.webhooks[place].name): \(summary(of: new.webhooks[place]))\n"
        }
        for webhook in diff.changed {
            text += "~ webhook \(webhook.name)" + (webhook.renamedFrom.map { ", renamed from \($0)" } ?? "")
            text += webhook.changes.isEmpty ? "\n" : ":\n" + webhook.changes.map { "  " + line($0) }.joined()
        }
        return text + (sample.map(self.text) ?? "")
    }

    private func summary(of webhook: Webhook) -> String {
        let topics = webhook.topics.map(\.text).joined(separator: ", ")
        let state = webhook.active ? "" : ", inactive"
        return "\(webhook.shownURL), topics [\(printable(topics, limit: 300))]\(state)"
    }

    private func line(_ change: ConfigDiff.Change) -> String {
        switch (change.old, change.new, change.note) {
        case (nil, let new, "added"?): "+ \(change.key)" + (new.map { ": \($0)" } ?? "") + "\n"
        case (let old, nil, "removed"?) where old != nil: "- \(change.key)" + (old.map { ": \($0)" } ?? "") + "\n"
        case (_, _, let note?): "~ \(change.key): \(note)\n"
        case (let old, let new, nil): "~ \(change.key): \(old ?? "null") → \(new ?? "null")\n"
        }
    }

    private func text(of sample: Sample) -> String {
        var text = "sample: \(counted(sample.events, "event")), "
        text += sample.changed == 1 ? "1 changes destination" : "\(sample.changed) change destination"
        text += sample.refused > 0 ? "; \(counted(sample.refused, "line")) refused\n" : "\n"
        for name in names(in: sample) { text += "  \(name): +\(sample.gained[name] ?? 0) -\(sample.lost[name] ?? 0)\n" }
        for example in sample.examples {
            text += "  line \(example.line), \(example.topic.map { printable($0) } ?? "no event"): "
            text += "\(list(example.from)) → \(list(example.to))\n"
            if let event = example.event { text += "    \(withoutControls(String(decoding: event, as: UTF8.self)))\n" }
        }
        return text
    }

    private func list(_ names: [String]) -> String { names.isEmpty ? "nobody" : names.joined(separator: ", ") }

    /// In the order of the new configuration, then of the old one.
    private func names(in sample: Sample) -> [String] {
        let all = new.webhooks.map(\.name) + old.webhooks.map(\.name)
        var seen: Set<String> = []
        return all.filter { (sample.gained[$0] != nil || sample.lost[$0] != nil) && seen.insert($0).inserted }
    }

    /// One JSON object, in one line (docs/output.md).
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { json in
            json.string("schema", "hookline.diff/1")
            json.boolean("same", diff.isEmpty)
            Self.write(diff.changes, "settings", to: &json)
            json.object("webhooks") { json in
                for (key, webhooks) in [
                    ("added", diff.added.map { new.webhooks[$0] }), ("removed", diff.removed.map { old.webhooks[$0] }),
                ] {
                    json.array(key) { json in
                        for webhook in webhooks {
                            json.object { json in
                                json.string("name", webhook.name)
                                json.string("url", webhook.shownURL)
                                json.array("topics") { json in
                                    for topic in webhook.topics { json.string(nil, topic.text) }
                                }
                                json.boolean("active", webhook.active)
                            }
                        }
                    }
                }
                json.array("changed") { json in
                    for webhook in diff.changed {
                        json.object { json in
                            json.string("name", webhook.name)
                            json.string("renamed_from", webhook.renamedFrom)
                            Self.write(webhook.changes, "settings", to: &json)
                        }
                    }
                }
            }
            if let sample { write(sample, to: &json) } else { json.string("sample", nil) }
        }
        writer.newline()
        return writer.bytes
    }

    private static func write(_ changes: [ConfigDiff.Change], _ key: String, to json: inout JSONWriter) {
        json.array(key) { json in
            for change in changes {
                json.object { json in
                    json.string("key", change.key)
                    json.string("old", change.old)
                    json.string("new", change.new)
                    json.string("note", change.note)
                }
            }
        }
    }

    private func write(_ sample: Sample, to json: inout JSONWriter) {
        json.object("sample") { json in
            json.number("events", sample.events)
            json.number("refused", sample.refused)
            json.number("changed", sample.changed)
            json.array("webhooks") { json in
                for name in names(in: sample) {
                    json.object { json in
                        json.string("name", name)
                        json.number("gained", sample.gained[name] ?? 0)
                        json.number("lost", sample.lost[name] ?? 0)
                    }
                }
            }
            json.array("examples") { json in
                for example in sample.examples {
                    json.object { json in
                        json.number("line", example.line)
                        json.string("topic", example.topic)
                        json.array("from") { json in for name in example.from { json.string(nil, name) } }
                        json.array("to") { json in for name in example.to { json.string(nil, name) } }
                        if let event = example.event { unsafe event.withUnsafeBytes { unsafe json.raw("event", $0) } }
                    }
                }
            }
        }
    }
}
