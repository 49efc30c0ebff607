/// Says of single events which webhooks take them, as a run does: for the configuration's own tests, and for comparing
/// two configurations.
package struct Routing: ~Copyable {
    /// What becomes of an event.
    package enum Destination: Equatable, Sendable {
        /// The line is no event.
        case refused(EventError)
        /// The topic, which is not declared.
        case unknownTopic(String)
        /// Places of active webhooks in the configuration, in its order; none: nobody takes it.
        case webhooks([Int], topic: Int)

        package var isEvent: Bool { if case .refused = self { false } else { true } }

        /// The webhooks that take it.
        package var takers: [Int] { if case .webhooks(let takers, _) = self { takers } else { [] } }
    }

    private let maxEventBytes: Int
    private var router: Router
    private var scanner: JSONScanner

    package init(_ config: Config) {
        let router = Router(topics: config.topics, webhooks: config.webhooks) { config.webhooks[$0].active }
        scanner = JSONScanner(input: config.input, paths: router.paths)
        self.router = router
        maxEventBytes = config.input.maxEventBytes
    }

    /// Decides about one line.
    package mutating func destination(of line: UnsafeRawBufferPointer) -> Destination {
        let event: Event
        do throws(EventError) {
            if line.count > maxEventBytes { throw .tooLarge }
            event = unsafe try scanner.scan(line)
        } catch {
            return .refused(error)
        }
        let name = unsafe event.topic.decode(in: line)
        guard let topic = unsafe name.withUnsafeBytes({ unsafe router.topic(named: $0) }) else {
            return .unknownTopic(String(decoding: name, as: UTF8.self))
        }
        let targets = unsafe router.targets(ofTopic: topic, scanner.leaves, in: line)
        return .webhooks(targets.map { router.webhook(at: $0) }, topic: topic)
    }
}
