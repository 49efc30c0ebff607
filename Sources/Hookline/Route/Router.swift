/// Which webhooks take an event: one hash look-up for its topic, and some for each of its leaves that filters look at.
///
/// Topics and webhooks are named by their place in the configuration.
package struct Router: ~Copyable {
    /// The paths that filters name: what the scanner is to look for.
    package let paths: PathTree
    private let topics: TopicTable
    /// The webhooks without a filter, topic after topic, each in the order of the configuration; behind them room for
    /// what an event's filters let through.
    private var targets: [Int32] = []
    /// Topic `i`'s webhooks stand in `targets` from `firstTargets[i]` to `firstTargets[i + 1]`.
    private var firstTargets: [Int] = [0]
    private var filters: FilterMatcher
    /// By topic: the sets of subscriptions that it is in.
    private let subscriptions: Subscriptions

    /// Decides for every topic. `taking` says of each webhook whether it takes part in this run.
    package init(topics: [Config.Topic], webhooks: [Webhook], taking: (Int) -> Bool) {
        let names = topics.map(\.name)
        self.topics = TopicTable(names)
        let takers = webhooks.indices.filter(taking)
        subscriptions = Subscriptions(takers.map { webhooks[$0].topics }, topics: names)
        var unfiltered = Array(repeating: [Int32](), count: topics.count)
        var filtered: [(webhook: Int, set: Int, filter: EventPattern)] = []
        for (taker, webhook) in takers.enumerated() {
            let set = subscriptions.set(ofSubscriber: taker)
            if let filter = webhooks[webhook].filter {
                filtered.append((webhook, set, filter))
            } else {
                for topic in subscriptions.topics(inSet: set) { unfiltered[Int(topic)].append(Int32(webhook)) }
            }
        }
        for webhooks in unfiltered {
            targets += webhooks
            firstTargets.append(targets.count)
        }
        var paths = PathTree()
        filters = FilterMatcher(filtered, subscriptions, &paths)
        self.paths = paths
        targets += Array(repeating: 0, count: filtered.isEmpty ? 0 : takers.count)
    }

    /// The declared topic of this name (decoded bytes), or nil.
    package func topic(named name: UnsafeRawBufferPointer) -> Int? { unsafe topics.topic(named: name) }

    /// The places (for `webhook(at:)`) of the webhooks that take an event, in the order of the configuration; valid until
    /// the next call.
    ///
    /// - Parameters:
    ///   - topic: the event's.
    ///   - leaves: what the scanner found in it.
    ///   - line: the line that it scanned.
    /// - Returns: the places.
    package mutating func targets(
        ofTopic topic: Int, _ leaves: borrowing Leaves, in line: UnsafeRawBufferPointer
    ) -> Range<Int> {
        let fixed = firstTargets[topic]..<firstTargets[topic + 1]
        let count = unsafe filters.match(topic, subscriptions, leaves, in: line)
        if count == 0 { return fixed }
        // Both are sorted.
        let start = firstTargets[firstTargets.count - 1]
        var end = start
        var next = fixed.lowerBound
        for index in 0..<count {
            let webhook = filters.matched[index]
            while next < fixed.upperBound, targets[next] < webhook {
                targets[end] = targets[next]
                end += 1
                next += 1
            }
            targets[end] = webhook
            end += 1
        }
        while next < fixed.upperBound {
            targets[end] = targets[next]
            end += 1
            next += 1
        }
        return start..<end
    }

    package func webhook(at target: Int) -> Int { Int(targets[target]) }

    /// How a webhook's filter decides about an event, whatever its topic; nil: it has none, or takes no part.
    package mutating func verdict(
        of webhook: Int, _ leaves: borrowing Leaves, in line: UnsafeRawBufferPointer
    ) -> FilterVerdict? {
        unsafe filters.verdict(of: webhook, leaves, in: line)
    }

    /// The topics that a webhook which takes part and has a filter subscribes to; nil for any other.
    package func topics(ofFiltered webhook: Int) -> [Int]? {
        filters.set(of: webhook).map { subscriptions.topics(inSet: $0).map { Int($0) } }
    }
}

/// Declared topics by their names: one hash look-up of bytes.
private struct TopicTable: Sendable {
    /// Names, end to end.
    private var names: [UInt8] = []
    /// Where topic `i`'s name stands in `names`: from `starts[i]` to `starts[i + 1]`.
    private var starts: [Int] = [0]
    /// Open addressing with linear probing, at most half full; a slot holds a topic or `empty`.
    private var slots: [Int32]
    private let mask: UInt64

    private static let empty: Int32 = -1

    init(_ topics: [String]) {
        var capacity = 2
        while capacity < topics.count * 2 { capacity *= 2 }
        slots = Array(repeating: Self.empty, count: capacity)
        mask = UInt64(capacity - 1)
        for (index, name) in topics.enumerated() {
            names += name.utf8
            starts.append(names.count)
            var slot = unsafe Array(name.utf8).withUnsafeBytes { unsafe WordHash.value($0) } & mask
            while slots[Int(slot)] != Self.empty { slot = (slot + 1) & mask }
            slots[Int(slot)] = Int32(index)
        }
    }

    func topic(named name: UnsafeRawBufferPointer) -> Int? {
        // Topics' names come from the user's own file, so nobody can crowd a slot from outside.
        var slot = unsafe WordHash.value(name) & mask
        while true {
            let candidate = slots[Int(slot)]
            if candidate == Self.empty { return nil }
            let index = Int(candidate)
            if unsafe isName(index, name) { return index }
            slot = (slot + 1) & mask
        }
    }

    private func isName(_ index: Int, _ name: UnsafeRawBufferPointer) -> Bool {
        let start = starts[index]
        guard starts[index + 1] - start == name.count else { return false }
        return unsafe names.withUnsafeBytes { names in
            unsafe UnsafeRawBufferPointer(rebasing: names[start..<start + name.count]).holdsSameBytes(as: name)
        }
    }
}
