import Foundation
import Hookline
import Testing

private func webhook(_ onReject: Webhook.OnReject = .bisect) -> Webhook {
    let url = WebhookURL(text: "https://a.example/", host: "a.example", port: 443)
    var webhook = Webhook(name: "a", url: .value(url), topics: [.all])
    webhook.onReject = onReject
    return webhook
}

/// A batch of these events, from lines 3, 4, … and of topics 0, 1, 0, ….
private func batch(
    _ events: [String], format: Webhook.Format = .json, webhook: Int = 0,
    memory: MemoryAccount = MemoryAccount(limit: 1 << 30)
) -> Batch {
    let batch = Batch(
        webhook: webhook, payload: Payload(format), opened: ContinuousClock().systemEpoch, memory: memory,
        expectedBytes: 0, expectedEvents: 1)
    for (index, event) in events.enumerated() {
        unsafe Array(event.utf8).withUnsafeBytes { unsafe batch.append($0, line: index + 3, topic: index % 2) }
    }
    batch.id = "msg_1"
    return batch
}

private func events(_ count: Int) -> [String] {
    (0..<count).map { #"{ "n":\#($0),"é":"\#(String(repeating: "x", count: $0 % 13))"}"# }
}

extension Batch {
    fileprivate var text: String { unsafe String(decoding: body, as: UTF8.self) }
    fileprivate var events: [String] { (0..<count).map { unsafe String(decoding: event($0), as: UTF8.self) } }
}

// MARK: Halves

@Test(arguments: [Webhook.Format.json, .ndjson], [2, 3, 4, 5, 31, 100])
func `the halves of a batch are the batches that their events alone would have become`(
    format: Webhook.Format, count: Int
) {
    let events = events(count)
    let whole = batch(events, format: format)
    let (first, second) = whole.halves()
    let middle = (count + 1) / 2
    #expect(first.text == batch(Array(events[..<middle]), format: format).text)
    #expect(second.text == batch(Array(events[middle...]), format: format).text)
    #expect(first.events + second.events == events)
    #expect((0..<second.count).map { second[$0].line } == (middle..<count).map { $0 + 3 })
    #expect((0..<second.count).map { second[$0].topic } == (middle..<count).map { $0 % 2 })
    #expect([first.contentType, second.contentType] == [whole.contentType, whole.contentType])
}

@Test(arguments: [Webhook.Format.json, .ndjson])
func `halves of halves down to single events hold every event once and in order`(format: Webhook.Format) {
    let events = events(37)
    func leaves(_ batch: Batch) -> [Batch] {
        if batch.count == 1 { return [batch] }
        let (first, second) = batch.halves()
        return leaves(first) + leaves(second)
    }
    let single = leaves(batch(events, format: format))
    #expect(single.map(\.text) == events.map { batch([$0], format: format).text })
    #expect(single.map { $0[0].line } == (3..<40).map { $0 })
}

@Test func `a half has had no attempt, whatever its parent had`() {
    let parent = batch(events(4))
    parent.attempts = 3
    parent.firstAttempt = WallTime(milliseconds: 1)
    parent.token = 2
    parent.hadTokenRefused = true
    let (first, second) = parent.halves()
    for half in [first, second] {
        #expect(half.attempts == 0 && half.firstAttempt == nil && half.token == 0 && !half.hadTokenRefused)
    }
}

@Test func `halves hold memory of their own, and their parent's is given back when it goes`() {
    let memory = MemoryAccount(limit: 1 << 30)
    func halves() -> (Batch, Batch) { batch(events(50), memory: memory).halves() }
    let (first, second) = halves()
    #expect(memory.held == first.footprint + second.footprint)
    #expect(first.footprint >= first.bodyCount && second.footprint >= second.bodyCount)
}

@Test func `wrapped events keep in the halves the ids that were made of their first batch's id`() throws {
    var scanner = JSONScanner(input: .init(), findsCloudEvents: true)
    var cloudEvents = webhook()
    cloudEvents.format = .cloudevents
    var batcher = Batcher(
        webhooks: [cloudEvents], topics: ["t"], memory: MemoryAccount(limit: 1 << 30), cutsByInputAlone: true)
    let lines = [
        #"{"topic":"t"}"#, #"{"topic":"t","id":"own"}"#, #"{"topic":"t","n":{}}"#,
        #"{"specversion":"1.0","id":"whole","source":"/","type":"a","topic":"t"}"#, #"{"topic":"t","n":4}"#,
    ]
    for (number, line) in lines.enumerated() {
        try unsafe Array(line.utf8).withUnsafeBytes { bytes in
            let event = try unsafe scanner.scan(bytes)
            let full = unsafe batcher.append(
                bytes, event, line: number, topic: 0, to: 0, now: ContinuousClock().systemEpoch)
            #expect(full == nil)
        }
    }
    let whole = try #require(batcher.cutAll().first)
    whole.id = WebhookID.random()
    let (first, second) = whole.halves()
    (first.id, second.id) = (WebhookID.random(), WebhookID.random())
    #expect(first.text.dropLast() + "," + second.text.dropFirst() == whole.text)
    #expect(second.text.contains(#""id":"\#(whole.id)-4""#))
    #expect(first.events + second.events == lines)
}

@Test func `a part's id depends on its parent and its place, and has the form of every id`() {
    let parent = "msg_0123456789abcdef0123456789abcdef"
    let ids = [
        WebhookID.part(of: parent, first: 0, count: 50), WebhookID.part(of: parent, first: 50, count: 50),
        WebhookID.part(of: parent, first: 0, count: 5), WebhookID.part(of: "msg_1", first: 0, count: 50),
    ]
    #expect(Set(ids).count == 4)
    #expect(ids.allSatisfy { $0.wholeMatch(of: /msg_[0-9a-f]{32}/) != nil })
    #expect(WebhookID.part(of: parent, first: 0, count: 50) == ids[0])
}

// MARK: How many requests

/// Requests for a batch whose refused parts are split as `Batch.halves` does.
private func requests(_ bad: ArraySlice<Int>, from start: Int, count: Int) -> Int {
    if bad.isEmpty || count == 1 { return 1 }
    let middle = Batch.middle(of: count)
    let border = bad.firstIndex { $0 >= start + middle } ?? bad.endIndex
    return 1 + requests(bad[..<border], from: start, count: middle)
        + requests(bad[border...], from: start + middle, count: count - middle)
}

private func bound(_ count: Int) -> Double { 2 * log2(Double(count)) + 2 }

@Test func `one bad event among up to 600 costs at most 2 log2 n + 2 further requests, wherever it is`() {
    for count in 1...600 {
        let most = (0..<count).map { requests([$0], from: 0, count: count) }.max() ?? 0
        #expect(Double(most - 1) <= bound(count), "\(count) events")
    }
}

@Test(arguments: 1...200)
func `several bad events cost at most 2 log2 n + 2 further requests each`(seed: UInt64) {
    var state = seed
    func random(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }
    let count = 2 + random(599)
    let bad = Set((0...random(count)).map { _ in random(count) }).sorted()
    #expect(Double(requests(bad[...], from: 0, count: count) - 1) <= bound(count) * Double(bad.count))
    #expect(requests(bad[...], from: 0, count: count) <= 2 * count - 1)
}

@Test(arguments: [[7], [0, 99], [3, 4, 5], Array(0..<100)])
func `splitting real batches takes the simulated number of requests and finds the bad events alone`(bad: [Int]) {
    var bisection = Bisection([webhook()])
    var line = [batch(events(100))]
    var (sent, alone): (Int, [Int]) = (0, [])
    while let next = line.popLast() {
        sent += 1
        guard (0..<next.count).contains(where: { bad.contains(next[$0].line - 3) }) else { continue }
        if bisection.maySplit(next) {
            let (first, second) = next.halves()
            line += [second, first]
        } else {
            #expect(next.count == 1)
            alone.append(next[0].line - 3)
            _ = bisection.refused(next)
        }
    }
    #expect(alone == bad)
    #expect(sent == requests(bad[...], from: 0, count: 100))
}

// MARK: When it ends

/// Splits a batch and refuses that many of its events for good.
/// - Returns: whether its webhook's batches are not split any more since then.
private func refuse(_ refused: Int, of count: Int, webhook: Int = 0, _ bisection: inout Bisection) -> Bool {
    var (line, left, ended) = ([batch(events(count), webhook: webhook)], refused, false)
    while left > 0, let next = line.popLast() {
        if next.count == 1 {
            left -= 1
            ended = bisection.refused(next) || ended
        } else {
            let (first, second) = next.halves()
            line += [second, first]
        }
    }
    return ended
}

@Test func `after three batches in which every event was refused no more are split, and that is said once`() {
    var bisection = Bisection([webhook(), webhook()])
    let said = [4, 2, 7, 5].map { refuse($0, of: $0, &bisection) }
    #expect(said == [false, false, true, false])
    #expect(!bisection.maySplit(batch(events(2))))
    #expect(bisection.maySplit(batch(events(2), webhook: 1)))
}

@Test(arguments: [(3, 4), (1, 2), (99, 100)])
func `a batch of which one event was not refused never ends the splitting`(refused: Int, count: Int) {
    var bisection = Bisection([webhook()])
    let ended = (0..<10).map { _ in refuse(refused, of: count, &bisection) }
    #expect(!ended.contains(true))
    #expect(bisection.maySplit(batch(events(2))))
}

@Test func `a single event that is refused says nothing about batches`() {
    var bisection = Bisection([webhook()])
    let ended = (0..<10).map { _ in bisection.refused(batch(events(1))) }
    #expect(!ended.contains(true))
    #expect(bisection.maySplit(batch(events(2))))
}

@Test(arguments: [(Webhook.OnReject.bisect, 1, false), (.bisect, 2, true), (.deadLetter, 2, false)])
func `batches of several events are split where on_reject says so`(
    onReject: Webhook.OnReject, count: Int, isSplit: Bool
) {
    #expect(Bisection([webhook(onReject)]).maySplit(batch(events(count))) == isSplit)
}
