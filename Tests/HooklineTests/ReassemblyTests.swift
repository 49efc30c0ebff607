import Hookline
import Testing

private func webhook(
    _ format: Webhook.Format = .json, maxEvents: Int = 100, maxBytes: Int = 1 << 20, order: Webhook.Order = .none
) -> Webhook {
    let url = WebhookURL(text: "https://a.example/", host: "a.example", port: 443)
    var webhook = Webhook(name: "a", url: .value(url), topics: [.all])
    webhook.format = format
    webhook.order = order
    webhook.batch.maxEvents = maxEvents
    webhook.batch.maxBytes = maxBytes
    return webhook
}

private func id(_ name: Character) -> String { "msg_" + String(repeating: name, count: 32) }

/// Dead letters by short names: `a0/3` is the first of three events of batch `a`, `b` of another webhook after `:`.
private struct Replayed {
    var reassembly: Reassembly
    var place = 0

    init(_ webhooks: [Webhook] = [webhook()], memory: Int = 1 << 30) {
        reassembly = Reassembly(webhooks: webhooks, topics: ["t"], memory: MemoryAccount(limit: memory))
    }

    mutating func append(
        _ name: String, webhook: Int = 0, lane: Int = 0, contentType: String = "application/json"
    ) -> [Batch] {
        place += 1
        let numbers = name.dropFirst().split(separator: "/").compactMap { Int($0) }
        let piece = Reassembly.Piece(
            webhook: webhook, lane: lane, batchID: id(name.first ?? "0"), contentType: contentType, size: numbers[1],
            index: numbers[0], line: 100 + place, topic: 0, place: place)
        return unsafe Array("{\"n\":\"\(name)\"}".utf8).withUnsafeBytes {
            unsafe reassembly.append(
                $0, Event(topic: .init(start: 0, count: 0, hasEscapes: false)), piece,
                now: ContinuousClock().systemEpoch)
        }
    }
}

extension Batch {
    fileprivate var text: String { unsafe String(decoding: body, as: UTF8.self) }
    /// The letter of its id, or `new`, and the lines that it was made of.
    fileprivate var short: String {
        (id.isEmpty ? "new" : "\(id.last ?? "?")") + " " + places.map { "\($0)" }.joined(separator: ",")
    }
}

@Test(
    arguments: [
        ("a0/1", ["a 1"], []),
        ("a0/3 a1/3 a2/3", ["a 1,2,3"], []),
        // Between others, which other files may be.
        ("a0/2 b0/2 a1/2 b1/2", ["a 1,3", "b 2,4"], []),
        ("a1/2 b0/1", ["b 2"], ["new 1"]),
        ("a0/3 a2/3", [], ["new 1,2"]),
        // Not in order.
        ("a1/2 a0/2", ["new 1"], ["new 2"]),
        // Twice the same batch, and half of it before.
        ("a0/2 a1/2 a0/2 a1/2", ["a 1,2", "a 3,4"], []),
        ("a0/2 a0/2 a1/2", ["new 1", "a 2,3"], []),
        // Two batches that claim one id.
        ("a0/2 a1/3", ["new 1"], ["new 2"]),
        ("", [], []),
    ] as [(String, [String], [String])])
func `a batch of which every event comes in order keeps its id, what is left of one gets a new one`(
    names: String, whole: [String], rest: [String]
) {
    var replayed = Replayed()
    let batches = names.split(separator: " ").flatMap { replayed.append(String($0)) }
    #expect(batches.map(\.short) == whole)
    #expect(replayed.reassembly.cutAll().map(\.short) == rest)
    #expect(replayed.reassembly.cutAll().isEmpty)
}

/// Events as above, with the lane behind `@`.
@Test(
    arguments: [
        // An event is missing, so what is there of it must not wait for the end.
        ("a0/3@0 a2/3@0 b0/2@0 b1/2@0", ["new 1,2", "b 3,4"], []),
        // Of another lane it may.
        ("a0/2@0 b0/1@1 a1/2@0", ["b 2", "a 1,3"], []),
        ("a0/2@0 b0/2@0 a1/2@0 b1/2@0", ["new 1", "new 2", "new 3"], ["new 4"]),
        // It was cut when no order was kept.
        ("a0/3@0 a1/3@1 a2/3@0", ["new 1", "new 2"], ["new 3"]),
    ] as [(String, [String], [String])])
func `where an order is kept no later batch of a lane goes before what is left of an earlier one`(
    names: String, whole: [String], rest: [String]
) {
    var replayed = Replayed([webhook(order: .strict)])
    var batches: [Batch] = []
    for name in names.split(separator: " ") {
        let parts = name.split(separator: "@")
        batches += replayed.append(String(parts[0]), lane: Int(parts[1]) ?? 0)
    }
    #expect(batches.map(\.short) == whole)
    #expect(replayed.reassembly.cutAll().map(\.short) == rest)
}

@Test(arguments: [
    (Webhook.Format.json, "application/json", #"[{"n":"a0/2"},{"n":"a1/2"}]"#),
    (.ndjson, "application/x-ndjson", "{\"n\":\"a0/2\"}\n{\"n\":\"a1/2\"}\n"),
])
func `a batch that keeps its id has the body that failed, whatever today's limits are`(
    format: Webhook.Format, contentType: String, body: String
) {
    var replayed = Replayed([webhook(format, maxEvents: 1, maxBytes: 1_024)])
    let batches = ["a0/2", "a1/2"].flatMap { replayed.append($0, contentType: contentType) }
    #expect(batches.map(\.text) == [body])
    #expect(batches.map(\.id) == [id("a")])
    #expect(batches.first.map { ($0[0].line, $0[1].line) } ?? (0, 0) == (101, 102))
}

@Test(arguments: [
    (Webhook.Format.ndjson, "application/json", ["new 1,2", "new 3"]),
    (.single, "application/json", ["new 1", "new 2", "new 3"]),
    (.json, "application/cloudevents-batch+json; charset=UTF-8", ["new 1,2", "new 3"]),
])
func `events of a batch in another format go into new batches by today's limits`(
    format: Webhook.Format, contentType: String, expected: [String]
) {
    var replayed = Replayed([webhook(format, maxEvents: 2)])
    let full = ["a0/3", "a1/3", "a2/3"].flatMap { replayed.append($0, contentType: contentType) }
    #expect((full + replayed.reassembly.cutAll()).map(\.short) == expected)
}

@Test func `new batches also keep to max_bytes`() {
    // Two events of 12 bytes in one array are 27 bytes.
    for (limit, expected) in [(27, ["new 1,2", "new 3"]), (26, ["new 1", "new 2", "new 3"])] {
        var replayed = Replayed([webhook(.json, maxBytes: limit)])
        let full = ["a0/3", "a1/3", "a2/3"].flatMap { replayed.append($0, contentType: "application/x-ndjson") }
        #expect((full + replayed.reassembly.cutAll()).map(\.short) == expected)
    }
}

@Test func `batches of two webhooks never mix, even under one id`() {
    var replayed = Replayed([webhook(), webhook()])
    let batches = [("a0/2", 0), ("a0/2", 1), ("a1/2", 1), ("a1/2", 0)].flatMap { replayed.append($0, webhook: $1) }
    #expect(batches.map(\.short) == ["a 2,3", "a 1,4"])
    #expect(batches.map(\.webhook) == [1, 0])
}

@Test func `parts of batches go out when they fill the memory`() {
    var replayed = Replayed(memory: 1)
    #expect(replayed.reassembly.cutForMemory().isEmpty)
    _ = replayed.append("a0/2")
    #expect(replayed.reassembly.cutForMemory().map(\.short) == ["new 1"])
    #expect(replayed.append("a1/2").isEmpty)
}

@Test func `new batches hold events of one lane alone, and halves stay in it`() throws {
    var reassembly = Reassembly(webhooks: [webhook()], topics: ["t"], memory: MemoryAccount(limit: 1 << 30))
    for place in 0..<6 {
        let piece = Reassembly.Piece(
            webhook: 0, lane: place % 2, batchID: id("a"), contentType: "application/x-ndjson", size: 6, index: place,
            line: place, topic: 0, place: place)
        unsafe Array("{}".utf8).withUnsafeBytes {
            let full = unsafe reassembly.append(
                $0, Event(topic: .init(start: 0, count: 0, hasEscapes: false)), piece,
                now: ContinuousClock().systemEpoch)
            #expect(full.isEmpty)
        }
    }
    let batches = reassembly.cutAll()
    #expect(batches.map(\.lane) == [0, 1])
    #expect(batches.map(\.places) == [[0, 2, 4], [1, 3, 5]])
    let (first, second) = try #require(batches.last).halves()
    #expect([first.lane, second.lane] == [1, 1])
}

@Test func `halves know which lines their events are`() throws {
    var replayed = Replayed()
    let whole = try #require((0..<5).flatMap { replayed.append("a\($0)/5") }.first)
    let (first, second) = whole.halves()
    #expect([first.places, second.places] == [[1, 2, 3], [4, 5]])
}
