import Hookline
import Testing

private let declared = ["object.created", "object.updated", "object.part.added", "objects", "task"]

private func webhook(_ name: String, _ patterns: [TopicPattern]) -> Webhook {
    Webhook(
        name: name, url: .value(WebhookURL(text: "https://a.example/", host: "a.example", port: 443)), topics: patterns)
}

private func topics(_ names: [String]) -> [Config.Topic] { names.map { Config.Topic(name: $0, description: "") } }

extension Router {
    fileprivate func topic(_ name: String) -> Int? {
        unsafe Array(name.utf8).withUnsafeBytes { unsafe topic(named: $0) }
    }

    fileprivate func webhooks(of topic: Int) -> [Int] { targets(ofTopic: topic).map { webhook(at: $0) } }
}

@Test(arguments: declared.indices)
func `a declared topic is found at its place`(place: Int) {
    let router = Router(topics: topics(declared), webhooks: [], taking: { _ in true })
    #expect(router.topic(declared[place]) == place)
}

@Test(arguments: ["", "object", "object.", "object.create", "object.created.", "Object.created", "tasl", "täsk", "\0"])
func `any other text is no declared topic`(name: String) {
    let router = Router(topics: topics(declared), webhooks: [], taking: { _ in true })
    #expect(router.topic(name) == nil)
}

@Test func `a router without topics finds none`() {
    #expect(Router(topics: [], webhooks: [], taking: { _ in true }).topic("task") == nil)
}

@Test(arguments: [1, 2, 3, 4, 5, 1_000, 10_000])
func `each of many topics is found, and no other`(count: Int) {
    let names = (0..<count).map { "area\($0 % 7).thing\($0)" }
    let router = Router(topics: topics(names), webhooks: [], taking: { _ in true })
    #expect(names.map { router.topic($0) } == Array(0..<count))
    #expect((0..<1_000).allSatisfy { router.topic("other.thing\($0)") == nil })
}

@Test(arguments: [
    (TopicPattern.exact("object.created"), ["object.created"]),
    (.exact("object"), []),
    (.below(prefix: "object."), ["object.created", "object.updated", "object.part.added"]),
    (.below(prefix: "object.part."), ["object.part.added"]),
    (.below(prefix: "task."), []),
    (.all, declared),
])
func `a pattern takes these topics and no other`(pattern: TopicPattern, expected: [String]) {
    let router = Router(topics: topics(declared), webhooks: [webhook("one", [pattern])], taking: { _ in true })
    #expect(declared.indices.filter { router.webhooks(of: $0) == [0] }.map { declared[$0] } == expected)
}

@Test func `a topic's webhooks come in the order of the configuration, each once`() {
    let webhooks = [
        webhook("overlapping", [.all, .exact("task"), .all]), webhook("none", []),
        webhook("objects", [.below(prefix: "object.")]), webhook("tasks", [.exact("task"), .exact("objects")]),
    ]
    let router = Router(topics: topics(declared), webhooks: webhooks, taking: { _ in true })
    #expect(declared.indices.map { router.webhooks(of: $0) } == [[0, 2], [0, 2], [0, 2], [0, 3], [0, 3]])
}

@Test func `a webhook that takes no part gets no event`() {
    let webhooks = [webhook("a", [.all]), webhook("b", [.all]), webhook("c", [.all])]
    let router = Router(topics: topics(["task"]), webhooks: webhooks, taking: { $0 != 1 })
    #expect(router.webhooks(of: 0) == [0, 2])
}
