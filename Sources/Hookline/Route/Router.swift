/// Which webhooks take an event of which topic: decided once for every declared topic, then one hash look-up per event.
///
/// Topics and webhooks are named by their place in the configuration.
package struct Router: Sendable {
    /// Declared topics' names, end to end.
    private var names: [UInt8] = []
    /// Where topic `i`'s name stands in `names`: from `starts[i]` to `starts[i + 1]`.
    private var starts: [Int] = [0]
    /// Open addressing with linear probing, at most half full; a slot holds a topic or `empty`.
    private var slots: [Int32]
    private let mask: UInt64
    /// The webhooks of each topic, topic after topic, each in the order of the configuration.
    private var targets: [Int] = []
    /// Topic `i`'s webhooks stand in `targets` from `firstTargets[i]` to `firstTargets[i + 1]`.
    private var firstTargets: [Int] = [0]

    private static let empty: Int32 = -1

    /// Decides for every topic. `taking` says of each webhook whether it takes part in this run.
    package init(topics: [Config.Topic], webhooks: [Webhook], taking: (Int) -> Bool) {
        var capacity = 2
        while capacity < topics.count * 2 { capacity *= 2 }
        slots = Array(repeating: Self.empty, count: capacity)
        mask = UInt64(capacity - 1)
        for (index, topic) in topics.enumerated() {
            targets += webhooks.indices.filter { webhook in
                taking(webhook) && webhooks[webhook].topics.contains { $0.matches(topic.name) }
            }
            firstTargets.append(targets.count)
            names += topic.name.utf8
            starts.append(names.count)
            var slot = unsafe Array(topic.name.utf8).withUnsafeBytes { unsafe KeyHash($0).value } & mask
            while slots[Int(slot)] != Self.empty { slot = (slot + 1) & mask }
            slots[Int(slot)] = Int32(index)
        }
    }

    /// The declared topic of this name (decoded bytes), or nil.
    package func topic(named name: UnsafeRawBufferPointer) -> Int? {
        // Topics' names come from the user's own file, so nobody can crowd a slot from outside.
        var slot = unsafe KeyHash(name).value & mask
        while true {
            let candidate = slots[Int(slot)]
            if candidate == Self.empty { return nil }
            let index = Int(candidate)
            if unsafe isName(index, name) { return index }
            slot = (slot + 1) & mask
        }
    }

    /// The places (for `webhook(at:)`) of the webhooks that take events of this topic.
    package func targets(ofTopic index: Int) -> Range<Int> { firstTargets[index]..<firstTargets[index + 1] }

    package func webhook(at target: Int) -> Int { targets[target] }

    private func isName(_ index: Int, _ name: UnsafeRawBufferPointer) -> Bool {
        let start = starts[index]
        guard starts[index + 1] - start == name.count else { return false }
        for offset in 0..<name.count where unsafe names[start + offset] != name[offset] { return false }
        return true
    }
}
