/// Which events of a sample go elsewhere by a new configuration (SPEC section 1, `diff`).
package struct RoutingDiff: ~Copyable {
    /// An event that goes elsewhere.
    package struct Example: Equatable, Sendable {
        /// Of the sample, from 1.
        package var line: Int
        package var topic: String
        /// Names in the new configuration; of those that it lacks, the old ones.
        package var old: [String]
        package var new: [String]
    }

    private var old: Routing
    private var new: Routing
    /// Names of webhooks in the new configuration; of those that it lacks, the old ones.
    private let oldWebhooks: [String]
    private let newWebhooks: [String]
    private let topics: [String]
    package private(set) var events = 0
    /// Lines that are no event for one of the two.
    package private(set) var refused = 0
    package private(set) var changed = 0
    /// Events that a webhook gets more, and fewer.
    package private(set) var gained: [String: Int] = [:]
    package private(set) var lost: [String: Int] = [:]
    package private(set) var examples: [Example] = []

    /// `oldNames`: by webhook of the new configuration, as `ConfigDiff` has it.
    package init(_ old: Config, _ new: Config, oldNames: [String?]) {
        var renamed: [String: String] = [:]
        for (webhook, name) in zip(new.webhooks, oldNames) { if let name { renamed[name] = webhook.name } }
        oldWebhooks = old.webhooks.map { renamed[$0.name] ?? $0.name }
        newWebhooks = new.webhooks.map(\.name)
        topics = new.topics.map(\.name)
        self.old = Routing(old)
        self.new = Routing(new)
    }

    /// Takes a line of the sample.
    package mutating func add(_ line: UnsafeRawBufferPointer, number: Int) {
        let (before, after) = (unsafe old.destination(of: line), unsafe new.destination(of: line))
        if case .refused = before { return refuse() }
        if case .refused = after { return refuse() }
        events += 1
        let (was, now) = (Set(before.takers.map { oldWebhooks[$0] }), Set(after.takers.map { newWebhooks[$0] }))
        if was == now { return }
        changed += 1
        for name in now.subtracting(was) { gained[name, default: 0] += 1 }
        for name in was.subtracting(now) { lost[name, default: 0] += 1 }
        guard examples.count < DiffOptions.mostExamples else { return }
        let topic =
            switch after {
            case .unknownTopic(let name): name
            case .webhooks(_, let topic): topics[topic]
            case .refused: ""
            }
        examples.append(Example(line: number, topic: topic, old: was.sorted(), new: now.sorted()))
    }

    /// Counts a line that is longer than the longer of both limits.
    package mutating func refuse() { refused += 1 }
}
