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

    /// Those that take an event without content.
    fileprivate mutating func webhooks(of topic: Int) -> [Int] {
        let scanner = JSONScanner(input: Config.Input())
        let none = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        var found: [Int] = []
        for target in unsafe targets(ofTopic: topic, scanner.leaves, in: none) { found.append(webhook(at: target)) }
        return found
    }

    fileprivate mutating func webhooksOfAll(_ count: Int) -> [[Int]] {
        var found: [[Int]] = []
        for topic in 0..<count { found.append(webhooks(of: topic)) }
        return found
    }

    fileprivate func topics(_ names: [String]) -> [Int?] {
        var found: [Int?] = []
        for name in names { found.append(topic(name)) }
        return found
    }
}

@Test(arguments: declared.indices)
func `a declared topic is found at its place`(place: Int) {
    let router = Router(topics: topics(declared), webhooks: [], taking: { _ in true })
    let found = router.topic(declared[place])
    #expect(found == place)
}

@Test(arguments: ["", "object", "object.", "object.create", "object.created.", "Object.created", "tasl", "täsk", "\0"])
func `any other text is no declared topic`(name: String) {
    let router = Router(topics: topics(declared), webhooks: [], taking: { _ in true })
    let found = router.topic(name)
    #expect(found == nil)
}

@Test func `a router without topics finds none`() {
    let found = Router(topics: [], webhooks: [], taking: { _ in true }).topic("task")
    #expect(found == nil)
}

@Test(arguments: [1, 2, 3, 4, 5, 1_000, 10_000])
func `each of many topics is found, and no other`(count: Int) {
    let names = (0..<count).map { "area\($0 % 7).thing\($0)" }
    let router = Router(topics: topics(names), webhooks: [], taking: { _ in true })
    let found = router.topics(names)
    let others = router.topics((0..<1_000).map { "other.thing\($0)" })
    #expect(found == Array(0..<count))
    #expect(others.allSatisfy { $0 == nil })
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
    var router = Router(topics: topics(declared), webhooks: [webhook("one", [pattern])], taking: { _ in true })
    let found = router.webhooksOfAll(declared.count)
    #expect(declared.indices.filter { found[$0] == [0] }.map { declared[$0] } == expected)
}

@Test func `a topic's webhooks come in the order of the configuration, each once`() {
    let webhooks = [
        webhook("overlapping", [.all, .exact("task"), .all]), webhook("none", []),
        webhook("objects", [.below(prefix: "object.")]), webhook("tasks", [.exact("task"), .exact("objects")]),
    ]
    var router = Router(topics: topics(declared), webhooks: webhooks, taking: { _ in true })
    let found = router.webhooksOfAll(declared.count)
    #expect(found == [[0, 2], [0, 2], [0, 2], [0, 3], [0, 3]])
}

@Test func `a webhook that takes no part gets no event`() {
    let webhooks = [webhook("a", [.all]), webhook("b", [.all]), webhook("c", [.all])]
    var router = Router(topics: topics(["task"]), webhooks: webhooks, taking: { $0 != 1 })
    let found = router.webhooks(of: 0)
    #expect(found == [0, 2])
}

@Test func `names of every length are told from others by each of their bytes`() {
    let names = (1...40).map { length in String("abcdefghij.klmnopqrst.uvwxyz0123456789_ABCDE".prefix(length)) }
    let router = Router(topics: topics(names), webhooks: [webhook("all", [.all])]) { _ in true }
    for (index, name) in names.enumerated() {
        #expect(router.topic(name) == index)
        for place in name.utf8.indices {
            var bytes = Array(name.utf8)
            bytes[name.utf8.distance(from: name.startIndex, to: place)] ^= 1
            #expect(router.topic(String(decoding: bytes, as: UTF8.self)) == nil)
        }
    }
}
