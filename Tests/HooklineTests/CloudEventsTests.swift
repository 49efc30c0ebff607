import Foundation
import Hookline
import Testing

private let batchID = "msg_0123456789abcdef0123456789abcdef"

private func webhook(_ format: Webhook.Format = .cloudevents, name: String = "a", source: String? = nil) -> Webhook {
    let url = WebhookURL(text: "https://a.example/", host: "a.example", port: 443)
    var webhook = Webhook(name: name, url: .value(url), topics: [.all])
    webhook.format = format
    webhook.cloudEventsSource = source
    return webhook
}

/// The batches that these lines become, cut by number and size alone; without ids.
private func batches(
    of lines: [String], for webhook: Webhook, topics: [String] = ["t"], input: Config.Input = .init()
) throws -> [Batch] {
    var scanner = JSONScanner(input: input, findsCloudEvents: true)
    var batcher = Batcher(
        webhooks: [webhook], topics: topics, memory: MemoryAccount(limit: 1 << 30), cutsByInputAlone: true)
    var batches: [Batch] = []
    for (number, line) in lines.enumerated() {
        let full = try unsafe Array(line.utf8).withUnsafeBytes { bytes in
            let event = try unsafe scanner.scan(bytes)
            let name = unsafe String(decoding: event.topic.decode(in: bytes), as: UTF8.self)
            let topic = try #require(topics.firstIndex(of: name))
            return unsafe batcher.append(
                bytes, event, line: number + 1, topic: topic, to: 0, now: ContinuousClock().systemEpoch)
        }
        if let full { batches.append(full) }
    }
    return batches + batcher.cutAll()
}

extension Batch {
    fileprivate var text: String { unsafe String(decoding: body, as: UTF8.self) }

    fileprivate func eventText(_ index: Int) -> String { unsafe String(decoding: event(index), as: UTF8.self) }

    fileprivate func elementText(_ index: Int) -> String {
        let range = element(index)
        return unsafe String(decoding: body[range], as: UTF8.self)
    }
}

/// The one request that a line alone becomes.
private func body(
    of line: String, for webhook: Webhook = webhook(.cloudeventsSingle), topics: [String] = ["t"]
) throws -> String {
    let batches = try batches(of: [line], for: webhook, topics: topics)
    try #require(batches.count == 1)
    batches[0].id = batchID
    #expect(batches[0].eventText(0) == line)
    return batches[0].text
}

/// What wraps a line, with these members between `specversion` and `datacontenttype`.
private func wrapped(_ members: String, _ line: String) -> String {
    #"{"specversion":"1.0",\#(members),"datacontenttype":"application/json","data":\#(line)}"#
}

private let rest = #""source":"urn:hookline:a","type":"t""#

@Test(arguments: [
    (#""id":"e-1","#, "e-1"), (#""id":"\u0065\"\\é","#, #"\u0065\"\\é"#), (#""id": " ","#, " "),
    // No text, or an empty one.
    ("", batchID + "-0"), (#""id":"","#, batchID + "-0"), (#""id":7,"#, batchID + "-0"),
    (#""id":null,"#, batchID + "-0"), (#""id":["e-1"],"#, batchID + "-0"),
])
func `a wrapped event has its own id as written, else the batch's with its index`(member: String, id: String) throws {
    let line = #"{\#(member)"topic":"t"}"#
    #expect(try body(of: line) == wrapped(#""id":"\#(id)",\#(rest)"#, line))
}

@Test(arguments: [
    ("2026-11-24T08:00:00Z", true), ("2026-11-24t08:00:00.5+01:00", true), ("2026-11-24 08:00:00Z", false),
    ("2026-02-29T08:00:00Z", false), ("", false), (#"2026-11-24T08:00:00\u005a"#, false),
])
func `a wrapped event has its time where that is one of RFC 3339`(time: String, isTime: Bool) throws {
    let line = #"{"topic":"t","id":"1","timestamp":"\#(time)"}"#
    #expect(try body(of: line) == wrapped(#""id":"1",\#(rest)"# + (isTime ? #","time":"\#(time)""# : ""), line))
}

@Test(arguments: [
    (nil, "a", "urn:hookline:a"), (nil, "Invoicing 2.0_a-b c", "urn:hookline:Invoicing%202.0_a-b%20c"),
    ("/orders", "a", "/orders"), ("https://a.example/?b=c#d", "a", "https://a.example/?b=c#d"),
])
func `a wrapped event's source is the configured one, else made of the webhook's name`(
    source: String?, name: String, expected: String
) throws {
    let line = #"{"topic":"t","id":"1"}"#
    let webhook = webhook(.cloudeventsSingle, name: name, source: source)
    #expect(try body(of: line, for: webhook) == wrapped(#""id":"1","source":"\#(expected)","type":"t""#, line))
}

@Test(arguments: [
    ("object.created", "object.created", "object.created"), (#"a "b"\c"#, #"a \"b\"\\c"#, #"a \"b\"\\c"#),
    ("é", #"\u00e9"#, "é"), ("a/b", #"a\/b"#, "a/b"),
])
func `a wrapped event's type is its topic, escaped where JSON asks for it`(
    topic: String, inLine: String, expected: String
) throws {
    let line = #"{"topic":"\#(inLine)","id":"1"}"#
    let members = #""id":"1","source":"urn:hookline:a","type":"\#(expected)""#
    #expect(try body(of: line, topics: ["other", topic, "more"]) == wrapped(members, line))
}

@Test func `an event that is a CloudEvent passes as it is, between others that are wrapped`() throws {
    let own = #"{ "specversion":"1.0","type":"x", "topic":"t","id":"1","source":"s"}"#
    let plain = #"{"topic":"t","specversion":"1.0"}"#
    let batch = try #require(try batches(of: [own, plain, own], for: webhook()).first)
    batch.id = batchID
    let second = wrapped(#""id":"\#(batchID)-1",\#(rest)"#, plain)
    #expect(batch.text == "[\(own),\(second),\(own)]")
    #expect(batch.contentType == "application/cloudevents-batch+json; charset=UTF-8")
    #expect((0..<3).map(batch.elementText) == [own, second, own])
    #expect((0..<3).map(batch.eventText) == [own, plain, own])
}

@Test func `the single format sends each event alone, as it is or wrapped`() throws {
    let own = #"{"specversion":"1.0","type":"x","topic":"t","id":"1","source":"s"}"#
    let batches = try batches(of: [own, #"{"topic":"t"}"#], for: webhook(.cloudeventsSingle))
    for batch in batches { batch.id = batchID }
    #expect(batches.map(\.text) == [own, wrapped(#""id":"\#(batchID)-0",\#(rest)"#, #"{"topic":"t"}"#)])
    #expect(batches.map { $0.elementText(0) } == batches.map(\.text))
    #expect(batches.allSatisfy { $0.contentType == "application/cloudevents+json; charset=UTF-8" })
}

@Test(arguments: [Webhook.Format.json, .ndjson, .single])
func `the other formats wrap nothing`(format: Webhook.Format) throws {
    let line = #"{"topic":"t","id":"1"}"#
    let batch = try #require(try batches(of: [line], for: webhook(format)).first)
    batch.id = batchID
    #expect(batch.elementText(0) == line)
    #expect(batch.text.utf8.count <= line.utf8.count + 2)
}

@Test func `ids are filled in at their places whatever the index, and every other batch counts from 0`() throws {
    var webhook = webhook()
    webhook.batch.maxEvents = 1_001
    let lines = (0..<1_500).map { $0 % 7 == 3 ? #"{"topic":"t","id":"own"}"# : #"{"topic":"t"}"# }
    let batches = try batches(of: lines, for: webhook)
    #expect(batches.map(\.count) == [1_001, 499])
    for (number, batch) in batches.enumerated() {
        let id = String(batchID.dropLast()) + "\(number)"
        #expect(!batch.text.contains(id))
        batch.id = id
        let expected = (0..<batch.count).map { index in
            let line = lines[number * 1_001 + index]
            return wrapped(line.contains("own") ? #""id":"own",\#(rest)"# : #""id":"\#(id)-\#(index)",\#(rest)"#, line)
        }
        #expect(batch.text == "[" + expected.joined(separator: ",") + "]")
        #expect((0..<batch.count).map(batch.elementText) == expected)
    }
}

@Test func `a webhook-id has the length that is kept for it`() {
    for _ in 0..<3 { #expect(WebhookID.random().utf8.count == batchID.utf8.count) }
}

@Test func `a derived id depends on what is sent alone, and goes into the events that have none`() throws {
    func send(_ lines: [String]) throws -> (id: String, body: String) {
        let batch = try #require(try batches(of: lines, for: webhook()).first)
        batch.id = unsafe WebhookID.derived(runID: "r", webhook: "a", firstLine: batch[0].line, body: batch.body)
        return (batch.id, batch.text)
    }
    let lines = (0..<12).map { #"{"topic":"t","n":\#($0)}"# }
    let (first, second) = (try send(lines), try send(lines))
    #expect(first == second)
    #expect(first.body.contains(#""id":"\#(first.id)-11""#))
    let other = try send(Array(lines.dropLast()))
    #expect(other.id != first.id)
}

// The wrapper of an event without id takes 155 bytes at a one-digit index and 156 at a two-digit one.
@Test func `max_bytes counts the wrapper and its index's digits`() throws {
    let line = #"{"topic":"t"}"#
    var webhook = webhook()
    webhook.batch.maxBytes = 1 << 20
    let whole = try #require(try batches(of: Array(repeating: line, count: 11), for: webhook).first)
    #expect(whole.count == 11)
    for (limit, counts) in [(whole.bodyCount, [11]), (whole.bodyCount - 1, [10, 1])] {
        webhook.batch.maxBytes = limit
        let cut = try batches(of: Array(repeating: line, count: 11), for: webhook)
        #expect(cut.map(\.count) == counts)
        #expect(cut.allSatisfy { $0.bodyCount <= limit })
    }
    #expect(whole.element(10).count == whole.element(9).count + 1)
    // Alone it always fits.
    webhook.batch.maxBytes = 20
    let alone = try batches(of: [line, line], for: webhook)
    #expect(alone.map(\.count) == [1, 1])
    for batch in alone {
        batch.id = batchID
        #expect(batch.text == "[" + wrapped(#""id":"\#(batchID)-0",\#(rest)"#, line) + "]")
    }
}

/// Lines with members of every kind, in any order; some are CloudEvents.
private func randomLine(_ generator: inout some RandomNumberGenerator, topics: [String]) -> String {
    let values = [
        #""1.0""#, #""x""#, #""""#, "7", "null", #"{"id":"in","z":[1,2]}"#, #"["}","]"]"#, #""2026-11-24T08:00:00Z""#,
        #""\u00e9\n\"\\""#, #""é😀""#, #""}""#,
    ]
    var members: [String] = []
    for key in ["specversion", "id", "source", "type", "timestamp", "data", "}", "é"]
    where Bool.random(using: &generator) {
        // Often what makes a CloudEvent, so that there are enough of them.
        let value = Bool.random(using: &generator) ? #""1.0""# : values.randomElement(using: &generator) ?? "1"
        members.append(#""\#(key)":\#(value)"#)
    }
    let topic = topics.randomElement(using: &generator) ?? ""
    members.append(#""topic":"\#(topic.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))""#)
    return "{ " + members.shuffled(using: &generator).joined(separator: " , ") + "\t}"
}

/// A linear congruential generator: the same numbers in every run.
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}

@Test(arguments: 1...10)
func `every body is JSON whose elements are CloudEvents, with the event itself as data`(seed: Int) throws {
    var generator = SeededNumbers(state: UInt64(seed))
    let topics = ["object.created", #"a "b" \c"#, "é}"]
    let lines = (0..<200).map { _ in randomLine(&generator, topics: topics) }
    var webhook = webhook()
    webhook.batch.maxEvents = Int.random(in: 1...120, using: &generator)
    webhook.batch.maxBytes = Int.random(in: 200...20_000, using: &generator)
    let batches = try batches(of: lines, for: webhook, topics: topics)
    var passed = 0
    for batch in batches {
        batch.id = WebhookID.random()
        let body = unsafe Data(batch.body)
        let events = try #require(try JSONSerialization.jsonObject(with: body) as? [NSDictionary])
        #expect(events.count == batch.count)
        for (index, event) in events.enumerated() {
            let line = lines[batch[index].line - 1]
            #expect(batch.eventText(index) == line)
            let element = try JSONSerialization.jsonObject(with: Data(batch.elementText(index).utf8)) as? NSDictionary
            #expect(element == event)
            let own = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? NSDictionary)
            #expect(event["specversion"] as? String == "1.0")
            for key in ["id", "source", "type"] { #expect((event[key] as? String)?.isEmpty == false) }
            if event["datacontenttype"] == nil {
                #expect(event == own)
                passed += 1
                continue
            }
            #expect(event["data"] as? NSDictionary == own)
            #expect(event["type"] as? String == own["topic"] as? String)
            if event["time"] != nil { #expect(event["time"] as? String == own["timestamp"] as? String) }
            let id = own["id"] as? String ?? ""
            #expect(event["id"] as? String == (id.isEmpty ? "\(batch.id)-\(index)" : id))
        }
    }
    #expect(batches.reduce(0) { $0 + $1.count } == lines.count)
    // Neither kind alone would test the other.
    #expect(passed > 0)
    #expect(passed < lines.count)
}
