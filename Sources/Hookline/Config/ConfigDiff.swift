/// How two configurations differ, as a person reviews them: `defaults` are resolved, and the order of webhooks and what
/// is written in another way with the same meaning count for nothing.
package struct ConfigDiff: Sendable {
    /// A setting that differs. No secret is in it.
    package struct Change: Equatable, Sendable {
        /// Its path: `batch.max_events`.
        package var key: String
        /// As they may be shown; nil: not at all, or it is not there.
        package var old: String?
        package var new: String?
        /// What else is to be said: `added`, `removed`, or what changed of that which is not shown.
        package var note: String?
    }

    package struct ChangedWebhook: Equatable, Sendable {
        /// Its place in the old configuration and in the new one.
        package var old: Int
        package var new: Int
        /// Its name, but for `renamedFrom`.
        package var name: String
        /// The old name; nil: it kept it.
        package var renamedFrom: String?
        package var changes: [Change]
    }

    /// Of all that is no webhook's.
    package private(set) var changes: [Change] = []
    /// Places in the new configuration.
    package private(set) var added: [Int] = []
    /// Places in the old configuration.
    package private(set) var removed: [Int] = []
    /// In the order of the new configuration.
    package private(set) var changed: [ChangedWebhook] = []
    /// By place in the old configuration: that in the new one, renamed or not; nil: it is gone.
    package private(set) var successors: [Int?]

    package var isEmpty: Bool { changes.isEmpty && added.isEmpty && removed.isEmpty && changed.isEmpty }

    package init(_ old: Config, _ new: Config) {
        let (oldFolder, newFolder) = (Self.folder(of: old.path), Self.folder(of: new.path))
        let oldSettings = ConfigTable.document.flatMap { $0.settings(of: old) }.map { $0.asWritten(in: oldFolder) }
        let newSettings = ConfigTable.document.flatMap { $0.settings(of: new) }.map { $0.asWritten(in: newFolder) }
        changes = Self.changes(oldSettings, newSettings)

        let oldWebhooks = old.webhooks.map { Self.settings(of: $0, in: oldFolder) }
        let newWebhooks = new.webhooks.map { Self.settings(of: $0, in: newFolder) }
        successors = old.webhooks.map { webhook in new.webhooks.firstIndex { $0.name == webhook.name } }
        var free = new.webhooks.indices.filter { !successors.contains($0) }
        // One that has another name, and still goes where it went with what it got, is the same.
        for place in old.webhooks.indices where successors[place] == nil {
            let match = free.first { Self.isSame(oldWebhooks[place], newWebhooks[$0]) }
            guard let match else { continue }
            successors[place] = match
            free.removeAll { $0 == match }
        }
        added = free
        removed = old.webhooks.indices.filter { successors[$0] == nil }
        for (place, successor) in successors.enumerated() {
            guard let successor else { continue }
            let changes = Self.changes(oldWebhooks[place], newWebhooks[successor]).filter { $0.key != "name" }
            let (oldName, name) = (old.webhooks[place].name, new.webhooks[successor].name)
            if changes.isEmpty, oldName == name { continue }
            changed.append(
                ChangedWebhook(
                    old: place, new: successor, name: name, renamedFrom: oldName == name ? nil : oldName,
                    changes: changes))
        }
        changed.sort { $0.new < $1.new }
    }

    private static func settings(of webhook: Webhook, in folder: String) -> [Setting] {
        ConfigTable.webhook.flatMap { $0.settings(of: webhook) }.map { $0.asWritten(in: folder) }
    }

    private static func isSame(_ old: [Setting], _ new: [Setting]) -> Bool {
        ["url", "topics"].allSatisfy { key in
            old.first { $0.key == key }?.value == new.first { $0.key == key }?.value
        }
    }

    /// What stands before relative paths of a configuration: the folder of its file, or the directory itself.
    private static func folder(of path: String) -> String {
        if ConfigFiles.isDirectory(path) { return path.hasSuffix("/") ? path : path + "/" }
        return path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    private static func changes(_ old: [Setting], _ new: [Setting]) -> [Change] {
        let oldValues = Dictionary(old.map { ($0.key, $0) }) { $1 }
        let newValues = Dictionary(new.map { ($0.key, $0) }) { $1 }
        // What is gone stands with what is left of its section.
        let all = new.map(\.key) + old.map(\.key).filter { newValues[$0] == nil }
        var keys: [String] = []
        var sections: [Substring: [String]] = [:]
        for key in all { sections[section(of: key), default: []].append(key) }
        for key in all { keys += sections.removeValue(forKey: section(of: key)) ?? [] }
        let changed = keys.filter { oldValues[$0]?.value != newValues[$0]?.value }
        return changed.compactMap { key in
            // That there is another scheme says enough of what it needs.
            let isOneSided = oldValues[key] == nil || newValues[key] == nil
            if isOneSided, groups.contains(where: { changed.contains($0) && key.hasPrefix($0 + ".") }) { return nil }
            return change(key, oldValues[key], newValues[key])
        }
    }

    private static func section(of key: String) -> Substring { key.prefix { $0 != "." } }

    /// Keys whose own value names the scheme of what is below.
    private static let groups: [String] = ConfigTable.webhook.compactMap { key in
        if case .group = key.shape { key.name } else { nil }
    }

    private static func change(_ key: String, _ old: Setting?, _ new: Setting?) -> Change {
        let shownKey = printable(key, limit: 300)
        let (oldText, newText) = (old?.shown, new?.shown)
        guard let old else { return Change(key: shownKey, old: nil, new: newText, note: "added") }
        guard let new else { return Change(key: shownKey, old: oldText, new: nil, note: "removed") }
        switch (old.value, new.value) {
        case (.url(.value), .url(.value)) where oldText == newText:
            return Change(key: shownKey, old: nil, new: nil, note: "path changed")
        case (.none, .secrets): return Change(key: shownKey, old: nil, new: nil, note: "set")
        case (.secrets, .none): return Change(key: shownKey, old: nil, new: nil, note: "removed")
        case (.secrets(let before), .secrets(let after)):
            return Change(key: shownKey, old: nil, new: nil, note: note(before, after))
        case (.secrets, _), (_, .secrets):
            return Change(key: shownKey, old: nil, new: nil, note: "secret reference changed")
        default:
            // What differs is not shown.
            if oldText == newText { return Change(key: shownKey, old: nil, new: nil, note: "changed") }
            return Change(key: shownKey, old: oldText, new: newText, note: nil)
        }
    }

    private static func note(_ old: [Referable<Secret>], _ new: [Referable<Secret>]) -> String {
        if old.count != new.count { return "\(counted(old.count, "secret")) → \(counted(new.count, "secret"))" }
        let isReferences = (old + new).contains { $0.reference != nil }
        return isReferences ? "secret reference changed" : "value changed"
    }
}
