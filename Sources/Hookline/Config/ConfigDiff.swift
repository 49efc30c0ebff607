/// What differs between two configurations, as a person reviews it (SPEC section 1, `diff`).
package struct ConfigDiff: Equatable, Sendable {
    /// A setting that differs; nil: that side does not have it.
    package struct Change: Equatable, Sendable {
        package var key: String
        package var old: String?
        package var new: String?
        /// Whether what differs may be secret, so that both look alike.
        package var isHidden: Bool { old == new }
    }

    package enum Kind: String, Sendable { case added, removed, renamed, changed }

    /// A topic or webhook that differs.
    package struct Item: Equatable, Sendable {
        package var kind: Kind
        package var name: String
        /// Of one that was renamed: its name before.
        package var oldName: String?
        package var changes: [Change] = []
    }

    /// Settings beside topics and webhooks.
    package private(set) var settings: [Change]
    package private(set) var topics: [Item] = []
    package private(set) var webhooks: [Item] = []
    /// By the new configuration's webhook: its name in the old one; nil: it was not there.
    package private(set) var oldNames: [String?]

    package var isEmpty: Bool { settings.isEmpty && topics.isEmpty && webhooks.isEmpty }

    package init(_ old: Config, _ new: Config) {
        settings = Self.changes(old.settings.map { $0.local(to: old) }, new.settings.map { $0.local(to: new) })
        for topic in old.topics where !new.topics.contains(where: { $0.name == topic.name }) {
            topics.append(Item(kind: .removed, name: topic.name))
        }
        for topic in new.topics {
            guard let before = old.topics.first(where: { $0.name == topic.name }) else {
                topics.append(Item(kind: .added, name: topic.name))
                continue
            }
            if before.description == topic.description { continue }
            let change = Change(key: "description", old: before.description, new: topic.description)
            topics.append(Item(kind: .changed, name: topic.name, changes: [change]))
        }
        let oldByName = Dictionary(uniqueKeysWithValues: old.webhooks.map { ($0.name, $0) })
        let newNames = Set(new.webhooks.map(\.name))
        var gone = old.webhooks.filter { !newNames.contains($0.name) }
        oldNames = []
        for webhook in new.webhooks {
            let renamed = oldByName[webhook.name] == nil ? gone.firstIndex { Self.isSame($0, webhook) } : nil
            guard let before = oldByName[webhook.name] ?? renamed.map({ gone[$0] }) else {
                oldNames.append(nil)
                webhooks.append(Item(kind: .added, name: webhook.name))
                continue
            }
            if let renamed { gone.remove(at: renamed) }
            oldNames.append(before.name)
            let changes = Self.changes(
                before.settings.map { $0.local(to: old) }, webhook.settings.map { $0.local(to: new) })
            if renamed != nil {
                webhooks.append(Item(kind: .renamed, name: webhook.name, oldName: before.name, changes: changes))
            } else if !changes.isEmpty {
                webhooks.append(Item(kind: .changed, name: webhook.name, changes: changes))
            }
        }
        webhooks += gone.map { Item(kind: .removed, name: $0.name) }
    }

    /// Whether a webhook that came is most likely one that went, under another name: it goes to the same place and
    /// subscribes to the same topics.
    private static func isSame(_ old: Webhook, _ new: Webhook) -> Bool {
        let keys = ["url", "topics", "filter"]
        return old.settings.filter { keys.contains($0.key) } == new.settings.filter { keys.contains($0.key) }
    }

    private static func changes(_ old: [Setting], _ new: [Setting]) -> [Change] {
        var changes: [Change] = []
        for setting in old where !new.contains(where: { $0.key == setting.key }) {
            changes.append(Change(key: setting.key, old: setting.shown, new: nil))
        }
        for setting in new {
            let before = old.first { $0.key == setting.key }
            if before == setting { continue }
            changes.append(Change(key: setting.key, old: before?.shown, new: setting.shown))
        }
        return changes
    }
}
