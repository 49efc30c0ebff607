import Hookline
import Testing

/// An arbitrary time that tests count from.
private let start = ContinuousClock().systemEpoch

private func webhook(
    _ format: Webhook.Format = .json, maxEvents: Int = 100, maxBytes: Int = 1 << 20, maxWait: Duration = .seconds(1)
) -> Webhook {
    let url = WebhookURL(text: "https://a.example/", host: "a.example", port: 443)
    var webhook = Webhook(name: "a", url: .value(url), topics: [.all])
    webhook.format = format
    webhook.batch.maxEvents = maxEvents
    webhook.batch.maxBytes = maxBytes
    webhook.batch.maxWait = maxWait
    return webhook
}

extension Batcher {
    fileprivate init(_ webhooks: [Webhook], memory: Int = 1 << 30, cutsByInputAlone: Bool = false) {
        self.init(
            webhooks: webhooks, topics: ["t"], memory: MemoryAccount(limit: memory),
            cutsByInputAlone: cutsByInputAlone)
    }

    fileprivate mutating func append(
        _ event: String, line: Int = 1, to webhook: Int = 0, lane: Int = 0, at now: ContinuousClock.Instant = start
    ) -> Batch? {
        unsafe Array(event.utf8).withUnsafeBytes {
            let found = Event(topic: .init(start: 0, count: 1, hasEscapes: false))
            return unsafe append($0, found, line: line, topic: 0, to: webhook, lane: lane, now: now)
        }
    }

    /// The bodies of all batches that these events become.
    fileprivate mutating func bodies(of events: [String]) -> [String] {
        let full = events.compactMap { append($0) }
        return (full + cutAll()).map(\.text)
    }
}

extension Batch {
    fileprivate var text: String { unsafe String(decoding: body, as: UTF8.self) }
}

@Test(arguments: [
    (Webhook.Format.json, ["[{\"n\":1},{ \"é\" : 2 }]"], "application/json"),
    (.ndjson, ["{\"n\":1}\n{ \"é\" : 2 }\n"], "application/x-ndjson"),
    (.single, ["{\"n\":1}", "{ \"é\" : 2 }"], "application/json"),
])
func `a body holds the events' own bytes, joined by its format`(
    format: Webhook.Format, expected: [String], contentType: String
) {
    var batcher = Batcher([webhook(format)])
    let full = ["{\"n\":1}", "{ \"é\" : 2 }"].compactMap { batcher.append($0) }
    let batches = full + batcher.cutAll()
    #expect(batches.map(\.text) == expected)
    #expect(batches.allSatisfy { $0.contentType == contentType })
}

@Test func `an entry says where its event stands, and from which line and topic it came`() throws {
    var batcher = Batcher([webhook(.json, maxEvents: 2)])
    #expect(batcher.append("{\"n\":1}", line: 4) == nil)
    let full = batcher.append("{}", line: 9)
    let batch = try #require(full)
    #expect(batch.count == 2)
    #expect([batch[0].start, batch[0].count, batch[0].line] == [1, 7, 4])
    #expect([batch[1].start, batch[1].count, batch[1].line] == [9, 2, 9])
    let first = unsafe Array(batch.event(0))
    let second = unsafe Array(batch.event(1))
    #expect(first == Array("{\"n\":1}".utf8))
    #expect(second == Array("{}".utf8))
}

@Test(arguments: [
    (1, [1, 1, 1, 1, 1]), (2, [2, 2, 1]), (4, [4, 1]), (5, [5]), (6, [5]),
])
func `a batch holds at most max_events`(limit: Int, expected: [Int]) {
    var batcher = Batcher([webhook(maxEvents: limit)])
    let full = (0..<5).compactMap { _ in batcher.append("{}") }
    #expect((full + batcher.cutAll()).map(\.count) == expected)
}

// Two events of 10 bytes: 10 + 10 and the bytes between and around them.
@Test(arguments: [
    (Webhook.Format.json, 23, [2]), (.json, 22, [1, 1]), (.ndjson, 22, [2]), (.ndjson, 21, [1, 1]),
    (.single, 1_000, [1, 1]),
])
func `max_bytes counts the whole body, delimiters included`(format: Webhook.Format, limit: Int, expected: [Int]) {
    var batcher = Batcher([webhook(format, maxBytes: limit)])
    let event = "{\"a\":\"bc\"}"
    let full = [batcher.append(event), batcher.append(event)].compactMap { $0 }
    let batches = full + batcher.cutAll()
    #expect(batches.map(\.count) == expected)
    #expect(batches.allSatisfy { $0.bodyCount <= limit })
}

@Test(arguments: [Webhook.Format.json, .ndjson])
func `an event that alone exceeds max_bytes goes alone`(format: Webhook.Format) {
    var batcher = Batcher([webhook(format, maxBytes: 12)])
    let large = "{\"large\":\"0123456789\"}"
    let bodies = batcher.bodies(of: ["{}", large, "{}", "{}"])
    let expected: [[String]] = [["{}"], [large], ["{}", "{}"]]
    #expect(
        bodies
            == expected.map {
                format == .json ? "[" + $0.joined(separator: ",") + "]" : $0.map { $0 + "\n" }.joined()
            })
}

@Test func `a body grows without changing what it holds`() {
    let events = (0..<3_000).map { "{\"n\":\($0),\"text\":\"\(String(repeating: "x", count: $0 % 97))\"}" }
    var batcher = Batcher([webhook(maxEvents: 10_000)])
    #expect(batcher.bodies(of: events) == ["[" + events.joined(separator: ",") + "]"])
}

@Test(arguments: [(Duration.milliseconds(999), 0), (.seconds(1), 1), (.seconds(2), 1)])
func `a batch is cut when its first event has waited max_wait`(elapsed: Duration, expected: Int) {
    var batcher = Batcher([webhook(maxWait: .seconds(1))])
    _ = batcher.append("{}")
    _ = batcher.append("{}", at: start + .milliseconds(900))
    #expect(batcher.nextDue == start + .seconds(1))
    #expect(batcher.cutDue(start + elapsed).count == expected)
}

@Test func `each webhook's batch waits for its own time`() {
    let waits = [Duration.seconds(3), .seconds(1), .seconds(2)]
    var batcher = Batcher(waits.map { webhook(maxWait: $0) })
    for index in waits.indices { _ = batcher.append("{}", to: index) }
    let cut = (1...3).map { second in batcher.cutDue(start + .seconds(second)).map(\.webhook) }
    #expect(cut == [[1], [2], [0]])
    #expect(batcher.nextDue == nil)
}

@Test func `with a run id, neither time nor memory cuts a batch`() {
    var batcher = Batcher([webhook()], memory: 1, cutsByInputAlone: true)
    _ = batcher.append("{}")
    #expect(batcher.nextDue == nil)
    #expect(batcher.cutDue(start + .seconds(3_600)).isEmpty)
    #expect(batcher.cutForMemory().isEmpty)
    #expect(batcher.cutAll().map(\.count) == [1])
}

@Test func `open batches are cut when they fill the memory`() {
    var batcher = Batcher([webhook(), webhook()], memory: 1)
    _ = batcher.append("{}", to: 0)
    _ = batcher.append("{}", to: 1)
    #expect(batcher.cutForMemory().map(\.webhook) == [0, 1])
    #expect(batcher.openFootprint == 0)
}

@Test func `open batches stay while there is memory, and while others fill it`() {
    let memory = MemoryAccount(limit: 1 << 20)
    var batcher = Batcher(webhooks: [webhook()], topics: ["t"], memory: memory, cutsByInputAlone: false)
    _ = batcher.append("{}")
    #expect(batcher.cutForMemory().isEmpty)
    memory.take(1 << 20)
    #expect(memory.isFull)
    #expect(batcher.cutForMemory().isEmpty)
}

@Test func `a batch gives its memory back when it goes`() {
    let memory = MemoryAccount(limit: 1 << 20)
    var batcher = Batcher(
        webhooks: [webhook(maxEvents: 1_000)], topics: ["t"], memory: memory, cutsByInputAlone: false)
    for _ in 0..<500 { _ = batcher.append(String(repeating: "x", count: 300)) }
    #expect(memory.held == batcher.openFootprint)
    #expect(memory.held >= 150_000)
    _ = batcher.cutAll()
    #expect(memory.held == 0)
}

@Test func `each lane of a webhook has an open batch of its own, cut by its own size and time`() {
    var keyed = webhook(maxEvents: 2, maxWait: .seconds(1))
    keyed.order = .key(JSONPointer(tokens: ["id"]))
    keyed.concurrency = 3
    var batcher = Batcher([webhook(), keyed, webhook()])
    #expect(batcher.append("1", to: 1, lane: 0) == nil)
    #expect(batcher.append("2", to: 1, lane: 2, at: start + .seconds(0.5)) == nil)
    #expect(batcher.append("3", to: 2, at: start + .seconds(0.5)) == nil)
    let full = batcher.append("4", to: 1, lane: 0)
    #expect(full?.text == "[1,4]" && full?.lane == 0 && full?.webhook == 1)
    #expect(batcher.append("5", to: 1, lane: 1, at: start + .seconds(0.9)) == nil)
    let due = batcher.cutDue(start + .seconds(1.5))
    #expect(due.map(\.text) == ["[2]", "[3]"])
    #expect(due.map(\.lane) == [2, 0])
    #expect(batcher.cutAll().map(\.lane) == [1])
}
