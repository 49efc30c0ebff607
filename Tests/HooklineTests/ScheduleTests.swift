import Hookline
import Testing

/// An arbitrary time that tests count from.
private let start = ContinuousClock().systemEpoch

private func second(_ count: Double) -> ContinuousClock.Instant { start + .seconds(count) }

/// A batch of no events that goes by its id.
private func batch(_ id: String, _ webhook: Int = 0) -> Batch {
    let batch = Batch(
        webhook: webhook, payload: Payload(.json), opened: start, memory: MemoryAccount(limit: 1 << 20),
        expectedBytes: 0, expectedEvents: 1)
    batch.id = id
    return batch
}

extension Schedule {
    /// Webhooks of different origins, without a rate limit or order.
    fileprivate init(concurrency: [Int], maxUnderWay: Int) {
        let webhooks = concurrency.enumerated().map { index, concurrency in
            let url = WebhookURL(text: "https://\(index).example/", host: "\(index).example", port: 443)
            var webhook = Webhook(name: "\(index)", url: .value(url), topics: [.all])
            webhook.concurrency = concurrency
            webhook.retry.maxRetryAfter = .seconds(1_000_000)
            return webhook
        }
        self.init(webhooks, maxUnderWay: maxUnderWay)
    }

    fileprivate mutating func ended(_ webhook: Int) { ended(batch("", webhook), .alive, start) }

    fileprivate mutating func hold(_ webhook: Int, until: ContinuousClock.Instant) {
        #expect(hold(webhook, until: until, now: start, stop: nil).isEmpty)
    }

    fileprivate mutating func add(_ ids: [String], to webhook: Int = 0) {
        for id in ids { add(batch(id, webhook)) }
    }

    /// Takes the next batch, and pauses its webhook instead of sending it.
    fileprivate mutating func pauseNext() {
        if let batch = next(start) { pause(for: batch) } else { Issue.record("nothing to send") }
    }

    /// The ids of all that may be sent now, in order.
    fileprivate mutating func sent(at now: ContinuousClock.Instant = start) -> [String] {
        var ids: [String] = []
        while let batch = next(now) { ids.append(batch.id) }
        return ids
    }
}

@Test func `a schedule without batches is empty and waits for nothing`() {
    var schedule = Schedule(concurrency: [1], maxUnderWay: 1)
    #expect(schedule.isEmpty)
    #expect(schedule.nextDue == nil)
    #expect(schedule.sent() == [])
}

@Test func `a webhook's batches are sent in the order in which they came`() {
    var schedule = Schedule(concurrency: [100], maxUnderWay: 100)
    let ids = (0..<50).map { "\($0)" }
    schedule.add(ids)
    #expect(schedule.sent() == ids)
}

@Test(arguments: [(1, 9, 1), (3, 9, 3), (9, 2, 2), (9, 9, 5)])
func `no more requests are under way than both limits permit`(concurrency: Int, maxUnderWay: Int, expected: Int) {
    var schedule = Schedule(concurrency: [concurrency], maxUnderWay: maxUnderWay)
    schedule.add(["a", "b", "c", "d", "e"])
    #expect(schedule.sent().count == expected)
    #expect(schedule.underWay == expected)
}

@Test func `the limit over all webhooks holds for all together`() {
    var schedule = Schedule(concurrency: [2, 2], maxUnderWay: 3)
    schedule.add(["a1", "a2", "a3"], to: 0)
    schedule.add(["b1", "b2", "b3"], to: 1)
    #expect(schedule.sent() == ["a1", "b1", "a2"])
    schedule.ended(0)
    #expect(schedule.sent() == ["b2"])
    schedule.ended(1)
    #expect(schedule.sent() == ["a3"])
}

@Test func `a request that ended makes room for the next`() {
    var schedule = Schedule(concurrency: [1], maxUnderWay: 9)
    schedule.add(["a", "b"])
    #expect(schedule.sent() == ["a"])
    schedule.ended(0)
    #expect(schedule.sent() == ["b"])
    #expect(!schedule.isEmpty)
    schedule.ended(0)
    #expect(schedule.isEmpty)
}

@Test func `webhooks take turns however many batches one has`() {
    var schedule = Schedule(concurrency: [9, 9, 9], maxUnderWay: 99)
    schedule.add(["a1", "a2", "a3", "a4"], to: 0)
    schedule.add(["b1"], to: 1)
    schedule.add(["c1", "c2"], to: 2)
    #expect(schedule.sent() == ["a1", "b1", "c1", "a2", "c2", "a3", "a4"])
}

@Test func `a webhook whose requests all hang does not delay another`() {
    var schedule = Schedule(concurrency: [1, 1], maxUnderWay: 9)
    schedule.add(["a1", "a2"], to: 0)
    schedule.add(["b1", "b2"], to: 1)
    #expect(schedule.sent() == ["a1", "b1"])
    schedule.ended(1)
    #expect(schedule.sent() == ["b2"])
}

@Test func `a retry is sent when its backoff is over, before what is ready`() {
    var schedule = Schedule(concurrency: [1], maxUnderWay: 9)
    schedule.add(["failed"])
    #expect(schedule.sent() == ["failed"])
    schedule.add(["ready 1", "ready 2", "ready 3"])
    schedule.ended(0)
    schedule.retry(batch("failed"), at: second(2))
    #expect(schedule.nextDue == second(2))
    #expect(schedule.sent(at: second(1)) == ["ready 1"])
    schedule.ended(0)
    #expect(schedule.sent(at: second(2)) == ["failed"])
    #expect(schedule.nextDue == nil)
    schedule.ended(0)
    #expect(schedule.sent(at: second(2)) == ["ready 2"])
}

@Test func `a batch that waits for its retry keeps the schedule from being empty`() {
    var schedule = Schedule(concurrency: [1], maxUnderWay: 1)
    schedule.retry(batch("a"), at: second(5))
    #expect(!schedule.isEmpty)
    #expect(schedule.sent(at: second(4.999)) == [])
    #expect(schedule.sent(at: second(5)) == ["a"])
}

@Test func `the earliest time is the next one, in whatever order they were set`() {
    var schedule = Schedule(concurrency: [9], maxUnderWay: 9)
    var dues: [ContinuousClock.Instant?] = []
    for delay in [5.0, 3, 7, 1, 4] {
        schedule.retry(batch("\(delay)"), at: second(delay))
        dues.append(schedule.nextDue)
    }
    #expect(dues == [second(5), second(3), second(3), second(1), second(1)])
    #expect(
        (1...7).map { schedule.sent(at: second(Double($0))) } == [["1.0"], [], ["3.0"], ["4.0"], ["5.0"], [], ["7.0"]])
}

@Test func `a hold keeps back new and failed batches of its webhook alone`() {
    var schedule = Schedule(concurrency: [9, 9], maxUnderWay: 9)
    schedule.hold(0, until: second(10))
    schedule.add(["a1"], to: 0)
    schedule.add(["b1"], to: 1)
    schedule.retry(batch("a0", 0), at: second(3))
    #expect(schedule.sent() == ["b1"])
    #expect(schedule.sent(at: second(9.999)) == [])
    #expect(schedule.nextDue == second(10))
    #expect(schedule.sent(at: second(10)) == ["a0", "a1"])
}

@Test(arguments: [(10.0, 5.0), (5.0, 10.0), (10.0, 10.0)])
func `the later of two holds stands`(first: Double, then: Double) {
    var schedule = Schedule(concurrency: [1], maxUnderWay: 1)
    schedule.hold(0, until: second(first))
    schedule.hold(0, until: second(then))
    schedule.add(["a"])
    #expect(schedule.sent(at: second(5)) == [])
    #expect(schedule.sent(at: second(10)) == ["a"])
}

@Test func `closing a webhook gives back what waits for it and nothing else`() {
    var schedule = Schedule(concurrency: [1, 1], maxUnderWay: 9)
    schedule.add(["a1", "a2", "a3"], to: 0)
    schedule.add(["b1", "b2"], to: 1)
    #expect(schedule.sent() == ["a1", "b1"])
    schedule.retry(batch("a0", 0), at: second(4))
    schedule.retry(batch("b0", 1), at: second(4))
    #expect(schedule.close(0, .switchedOff).map(\.id) == ["a0", "a2", "a3"])
    schedule.ended(0)
    schedule.ended(1)
    #expect(schedule.sent(at: second(4)) == ["b0"])
    schedule.ended(1)
    #expect(schedule.sent(at: second(4)) == ["b2"])
    schedule.ended(1)
    #expect(schedule.isEmpty)
}

@Test func `a webhook that was switched off stays so, and the others do not`() {
    var schedule = Schedule(concurrency: [1, 1], maxUnderWay: 9)
    #expect(schedule.closure(of: 0, now: start) == nil)
    _ = schedule.close(0, .switchedOff)
    #expect(schedule.closure(of: 0, now: second(1_000_000)) == .switchedOff)
    #expect(schedule.closure(of: 1, now: start) == nil)
}

@Test func `a webhook that asked for time is closed until then`() {
    var schedule = Schedule(concurrency: [1], maxUnderWay: 9)
    let closure = Schedule.Closure.unavailable(until: second(60))
    _ = schedule.close(0, closure)
    #expect(schedule.closure(of: 0, now: second(59.999)) == closure)
    #expect(schedule.closure(of: 0, now: second(60)) == nil)
    schedule.add(["a"])
    #expect(schedule.sent(at: second(60)) == ["a"])
}

@Test func `what can't be sent before the end is given back, the rest is sent`() {
    var schedule = Schedule(concurrency: [9, 9], maxUnderWay: 9)
    schedule.retry(batch("a early", 0), at: second(9.999))
    schedule.retry(batch("a late", 0), at: second(10))
    schedule.hold(1, until: second(10))
    schedule.add(["b ready"], to: 1)
    schedule.add(["a ready"], to: 0)
    #expect(schedule.removeUnreachable(before: second(10)).map(\.id) == ["a late", "b ready"])
    #expect(schedule.sent() == ["a ready"])
    #expect(schedule.sent(at: second(9.999)) == ["a early"])
    schedule.ended(0)
    schedule.ended(0)
    #expect(schedule.isEmpty)
}

@Test func `a hold that ends before the end makes nothing unreachable`() {
    var schedule = Schedule(concurrency: [9], maxUnderWay: 9)
    schedule.hold(0, until: second(9))
    schedule.add(["a"])
    #expect(schedule.removeUnreachable(before: second(10)).isEmpty)
    #expect(schedule.sent(at: second(9)) == ["a"])
}

@Test func `emptying gives back all but what is under way`() {
    var schedule = Schedule(concurrency: [1, 1], maxUnderWay: 9)
    schedule.add(["a1", "a2"], to: 0)
    #expect(schedule.sent() == ["a1"])
    schedule.add(["b1"], to: 1)
    schedule.retry(batch("b0", 1), at: second(3))
    #expect(schedule.removeAll().map(\.id) == ["a2", "b0", "b1"])
    #expect(!schedule.isEmpty)
    schedule.ended(0)
    #expect(schedule.isEmpty)
    #expect(schedule.sent(at: second(3)) == [])
}

@Test func `a webhook that is switched off stays so when it asks for time afterwards`() {
    var schedule = Schedule(concurrency: [2], maxUnderWay: 2)
    _ = schedule.close(0, .switchedOff)
    _ = schedule.close(0, .unavailable(until: second(60)))
    #expect(schedule.closure(of: 0, now: second(61)) == .switchedOff)
}

@Test func `of two times that a webhook asks for the later one holds`() {
    var schedule = Schedule(concurrency: [2], maxUnderWay: 2)
    _ = schedule.close(0, .unavailable(until: second(60)))
    _ = schedule.close(0, .unavailable(until: second(30)))
    #expect(schedule.closure(of: 0, now: second(59)) == .unavailable(until: second(60)))
}

@Test func `a retry that ends before the stop can't be sent either while its webhook is held beyond it`() {
    var schedule = Schedule(concurrency: [1], maxUnderWay: 1)
    schedule.retry(batch("soon"), at: second(1))
    schedule.hold(0, until: second(60))
    #expect(schedule.removeUnreachable(before: second(10)).map(\.id) == ["soon"])
    #expect(schedule.isEmpty)
}

@Test func `retries that are due together are sent in the order in which they fell due`() {
    var schedule = Schedule(concurrency: [9], maxUnderWay: 9)
    schedule.add(["new"])
    schedule.retry(batch("second"), at: second(2))
    schedule.retry(batch("first"), at: second(1))
    #expect(schedule.sent(at: second(3)) == ["first", "second", "new"])
}

@Test func `a webhook that is paused gets nothing until it is resumed, and other webhooks go on`() {
    var schedule = Schedule(concurrency: [2, 1], maxUnderWay: 9)
    schedule.add(["a1", "a2", "a3"], to: 0)
    schedule.add(["b1"], to: 1)
    schedule.pauseNext()
    #expect(schedule.underWay == 0)
    #expect(schedule.sent() == ["b1"])
    schedule.add(["a4"], to: 0)
    schedule.retry(batch("a0"), at: second(1))
    #expect(schedule.sent(at: second(2)) == [])
    #expect(!schedule.isEmpty)
    schedule.resume(0)
    #expect(schedule.sent(at: second(2)) == ["a1", "a0"])
    for _ in 0..<2 { schedule.ended(0) }
    #expect(schedule.sent(at: second(2)) == ["a2", "a3"])
}

@Test func `a batch that is given back goes before all others`() {
    var schedule = Schedule(concurrency: [1], maxUnderWay: 9)
    schedule.add(["a", "b"])
    #expect(schedule.sent() == ["a"])
    schedule.ended(0)
    schedule.giveBack(batch("a"))
    schedule.giveBack(batch("z"))
    for id in ["z", "a", "b"] {
        #expect(schedule.sent() == [id])
        schedule.ended(0)
    }
    #expect(schedule.isEmpty)
}

@Test func `batches of a paused webhook are given back when it is closed or the time is over`() {
    var schedule = Schedule(concurrency: [1, 1], maxUnderWay: 9)
    schedule.add(["a1", "a2"], to: 0)
    schedule.add(["b1"], to: 1)
    for _ in 0..<2 { schedule.pauseNext() }
    let closure = Schedule.Closure.noToken(.tokenFailed, until: second(5))
    let given = schedule.close(0, closure)
    #expect(given.map(\.id) == ["a1", "a2"])
    #expect(schedule.closure(of: 0, now: second(4.999)) == closure)
    #expect(schedule.closure(of: 0, now: second(5)) == nil)
    let rest = schedule.removeAll()
    #expect(rest.map(\.id) == ["b1"])
    #expect(schedule.isEmpty)
}

@Test func `elements put before others come first, whether some were taken before or not`() {
    var queue = FIFO<Int>()
    queue.prepend(1)
    for element in 2...9 { queue.append(element) }
    #expect(queue.popFirst() == 1)
    #expect(queue.popFirst() == 2)
    queue.prepend(0)
    queue.prepend(-1)
    queue.prepend(-2)
    #expect(queue.removeAll() == [-2, -1, 0, 3, 4, 5, 6, 7, 8, 9])
}
