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
    /// Names of today by those before.
    private let renamed: [String: String]
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
        self.renamed = renamed
        self.old = Routing(old)
        self.new = Routing(new)
    }

    /// Takes a line of the sample.
    package mutating func add(_ line: UnsafeRawBufferPointer, number: Int) {
        guard let before = unsafe old.route(line), let after = unsafe new.route(line) else {
            refused += 1
            return
        }
        events += 1
        let oldNames = before.webhooks.map { renamed[$0] ?? $0 }
        let (was, now) = (Set(oldNames), Set(after.webhooks))
        if was == now { return }
        changed += 1
        for name in now.subtracting(was) { gained[name, default: 0] += 1 }
        for name in was.subtracting(now) { lost[name, default: 0] += 1 }
        guard examples.count < DiffOptions.mostExamples else { return }
        examples.append(Example(line: number, topic: after.topic, old: oldNames.sorted(), new: after.webhooks.sorted()))
    }

    /// Counts a line that is longer than the longer of both limits.
    package mutating func refuse() { refused += 1 }
}

/// Which webhooks of a configuration take an event.
package struct Routing: ~Copyable {
    private let names: [String]
    private var router: Router
    private var scanner: JSONScanner

    package init(_ config: Config) {
        names = config.webhooks.map(\.name)
        router = Router(topics: config.topics, webhooks: config.webhooks) { config.webhooks[$0].active }
        scanner = JSONScanner(input: config.input, paths: router.paths)
    }

    /// - Returns: the event's topic and the names of the webhooks that take it; nil: the line is no event.
    package mutating func route(_ line: UnsafeRawBufferPointer) -> (topic: String, webhooks: [String])? {
        guard let event = unsafe try? scanner.scan(line) else { return nil }
        let name = unsafe event.topic.decode(in: line)
        let text = String(decoding: name, as: UTF8.self)
        guard let topic = unsafe name.withUnsafeBytes({ unsafe router.topic(named: $0) }) else { return (text, []) }
        var webhooks: [String] = []
        for target in unsafe router.targets(ofTopic: topic, scanner.leaves, in: line) {
            webhooks.append(names[router.webhook(at: target)])
        }
        return (text, webhooks)
    }
}
