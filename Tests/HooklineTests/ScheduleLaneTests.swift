import Hookline
import Testing

/// An arbitrary time that tests count from.
private let start = ContinuousClock().systemEpoch

private func second(_ count: Double) -> ContinuousClock.Instant { start + .seconds(count) }

private func batch(_ id: String, _ webhook: Int = 0, lane: Int = 0) -> Batch {
    let batch = Batch(
        webhook: webhook, lane: lane, payload: Payload(.json), opened: start, memory: MemoryAccount(limit: 1 << 20),
        expectedBytes: 0, expectedEvents: 1)
    batch.id = id
    return batch
}

private func webhook(
    _ order: Webhook.Order = .none, host: String = "a.example", _ change: (inout Webhook) -> Void = { _ in }
) -> Webhook {
    let url = WebhookURL(text: "https://\(host)/", host: host, port: 443)
    var webhook = Webhook(name: "a", url: .value(url), topics: [.all])
    webhook.order = order
    change(&webhook)
    return webhook
}

private let byKey = Webhook.Order.key(JSONPointer(tokens: ["id"]))

extension Schedule {
    fileprivate mutating func add(_ ids: [String], _ webhook: Int = 0, lane: Int = 0) {
        for id in ids { add(batch(id, webhook, lane: lane)) }
    }

    /// All that may be sent now, in order.
    fileprivate mutating func sent(at now: ContinuousClock.Instant = start) -> [Batch] {
        var batches: [Batch] = []
        while let batch = next(now) { batches.append(batch) }
        return batches
    }
}

extension [Batch] {
    fileprivate var ids: [String] { map(\.id) }
}

// MARK: Order

@Test func `a strict webhook has one batch under way, and the next goes when it ended`() {
    var schedule = Schedule([webhook(.strict)], maxUnderWay: 9)
    schedule.add(["1", "2", "3"])
    for expected in ["1", "2", "3"] {
        let sent = schedule.sent()
        #expect(sent.ids == [expected])
        for batch in sent { schedule.ended(batch, .alive, start) }
    }
    #expect(schedule.isEmpty)
}

@Test func `while a batch of a strict webhook waits for its retry no other one goes`() {
    var schedule = Schedule([webhook(.strict)], maxUnderWay: 9)
    schedule.add(["1", "2"])
    let first = schedule.sent()[0]
    schedule.ended(first, .failing, start)
    schedule.retry(first, at: second(5))
    schedule.add(["3"])
    #expect(schedule.sent(at: second(4.999)).isEmpty)
    #expect(schedule.nextDue == second(5))
    #expect(schedule.sent(at: second(5)).ids == ["1"])
    schedule.ended(first, .alive, second(5))
    #expect(schedule.sent(at: second(5)).ids == ["2"])
}

@Test func `lanes of one webhook go on without each other`() {
    var schedule = Schedule([webhook(byKey) { $0.concurrency = 3 }], maxUnderWay: 9)
    schedule.add(["a1", "a2"], lane: 0)
    schedule.add(["b1", "b2"], lane: 1)
    schedule.add(["c1"], lane: 2)
    let sent = schedule.sent()
    #expect(sent.ids == ["a1", "b1", "c1"])
    schedule.ended(sent[0], .failing, start)
    schedule.retry(sent[0], at: second(9))
    schedule.ended(sent[1], .alive, start)
    #expect(schedule.sent().ids == ["b2"])
    #expect(schedule.sent(at: second(9)).ids == ["a1"])
}

@Test(arguments: [Webhook.Order.strict, .none])
func `what a batch was split into goes before all that is newer, in its order`(order: Webhook.Order) {
    var schedule = Schedule([webhook(order) { $0.concurrency = 1 }], maxUnderWay: 9)
    schedule.add(["whole", "newer"])
    let whole = schedule.sent()[0]
    schedule.ended(whole, .alive, start)
    schedule.putBack([batch("first half"), batch("second half")])
    for expected in ["first half", "second half", "newer"] {
        let sent = schedule.sent()
        #expect(sent.ids == [expected])
        for batch in sent { schedule.ended(batch, .alive, start) }
    }
    #expect(schedule.isEmpty)
}

@Test func `a batch in its backoff that is given up lets its lane go on`() {
    var schedule = Schedule([webhook(.strict)], maxUnderWay: 9)
    schedule.add(["1", "2"])
    let first = schedule.sent()[0]
    schedule.ended(first, .failing, start)
    schedule.retry(first, at: second(60))
    #expect(schedule.removeUnreachable(before: second(10)).ids == ["1"])
    #expect(schedule.sent().ids == ["2"])
}

@Test func `a pause for a token keeps the order and takes nothing from the rate`() {
    let limited = webhook(.strict) { $0.rateLimit = .init(requests: 1, period: .seconds(1)) }
    var schedule = Schedule([limited], maxUnderWay: 9)
    schedule.add(["1", "2"])
    schedule.pause(for: schedule.sent()[0], start)
    #expect(schedule.sent().isEmpty)
    schedule.resume(0)
    #expect(schedule.sent().ids == ["1"])
}

// MARK: Rate

@Test func `the rate limit holds for retries too, and the schedule says when it lets the next one pass`() {
    let limited = webhook { $0.rateLimit = .init(requests: 60, period: .seconds(60)) }
    var schedule = Schedule([limited], maxUnderWay: 9)
    schedule.add(["1", "2"])
    let first = schedule.sent()
    #expect(first.ids == ["1"])
    schedule.ended(first[0], .failing, start)
    schedule.retry(first[0], at: second(0.5))
    #expect(schedule.sent(at: second(0.5)).isEmpty)
    #expect(schedule.nextDue == second(1))
    #expect(schedule.sent(at: second(1)).ids == ["1"])
    #expect(schedule.sent(at: second(1.999)).isEmpty)
    #expect(schedule.nextDue == second(2))
    #expect(schedule.sent(at: second(2)).ids == ["2"])
}

@Test func `a webhook that waits for its rate does not delay another`() {
    let limited = webhook { $0.rateLimit = .init(requests: 1, period: .seconds(60)) }
    var schedule = Schedule([limited, webhook(host: "b.example")], maxUnderWay: 9)
    schedule.add(["a1", "a2"])
    schedule.add(["b1", "b2"], 1)
    #expect(schedule.sent().ids == ["a1", "b1", "b2"])
}

// MARK: Breaker

/// A schedule whose first webhook's breaker opened at the start, and the batch that failed last.
private func opened(attempts: Int = 4) -> (Schedule, Batch) {
    let failing = webhook {
        $0.breaker.failures = 1
        $0.retry.maxAttempts = attempts
    }
    var schedule = Schedule([failing, webhook(host: "b.example")], maxUnderWay: 9)
    schedule.add(["failed"])
    let batch = schedule.sent()[0]
    batch.attempts += 1
    #expect(schedule.ended(batch, .failing, start).breaker == .opened)
    return (schedule, batch)
}

@Test func `an open breaker lets one batch pass when probe_after is over, and other webhooks at any time`() {
    var (schedule, failed) = opened()
    schedule.retry(failed, at: second(1))
    schedule.add(["new 1", "new 2"])
    schedule.add(["other"], 1)
    #expect(schedule.sent(at: second(9.999)).ids == ["other"])
    #expect(schedule.nextDue == second(10))
    #expect(schedule.sent(at: second(10)).ids == ["failed"])
    #expect(schedule.sent(at: second(1_000)).isEmpty)
    #expect(schedule.ended(failed, .alive, second(1_000)).breaker == .closed)
    #expect(schedule.sent(at: second(1_000)).ids == ["new 1", "new 2"])
}

@Test func `a failed probe is an attempt of each batch that waits, and the last one for some`() {
    var (schedule, failed) = opened(attempts: 3)
    let (old, new) = (batch("old"), batch("new"))
    old.attempts = 2
    schedule.retry(old, at: second(70))
    schedule.retry(failed, at: second(1))
    schedule.add(new)
    #expect(schedule.sent(at: second(10)).ids == ["failed"])
    let aftermath = schedule.ended(failed, .failing, second(12))
    #expect(aftermath.breaker == .reopened)
    #expect(aftermath.usedUp.ids == ["old"])
    #expect(new.attempts == 1)
    #expect(schedule.sent(at: second(21.999)).isEmpty)
    #expect(schedule.sent(at: second(22)).ids == ["new"])
}

@Test func `an open breaker ends a run after as many probes as a batch has attempts`() throws {
    var (schedule, failed) = opened(attempts: 4)
    let ids = (1...100).map { "\($0)" }
    schedule.add(ids)
    schedule.retry(failed, at: second(1))
    var probes = 0
    var given: [Batch] = []
    var now = start
    while !schedule.isEmpty {
        if let probe = schedule.next(now) {
            probes += 1
            probe.attempts += 1
            given += schedule.ended(probe, .failing, now).usedUp
            if probe.attempts < 4 { schedule.retry(probe, at: now) } else { given.append(probe) }
        } else {
            now = try #require(schedule.nextDue)
        }
    }
    #expect(probes == 4)
    #expect(Set(given.ids) == Set(ids + ["failed"]))
    #expect(schedule.isEmpty)
}

@Test func `an open breaker makes unreachable what it would hold beyond the end`() {
    var (schedule, failed) = opened()
    schedule.retry(failed, at: second(1))
    #expect(schedule.isHeld(0, until: second(10)))
    #expect(!schedule.isHeld(0, until: second(10.001)))
    #expect(!schedule.isHeld(1, until: second(1)))
    #expect(schedule.removeUnreachable(before: second(5)).ids == ["failed"])
    #expect(schedule.isEmpty)
}

// MARK: Origins

@Test func `a Retry-After holds all webhooks of its origin and no other`() {
    let webhooks = [webhook(), webhook(), webhook(host: "b.example")]
    var schedule = Schedule(webhooks, maxUnderWay: 9)
    #expect(schedule.hold(0, until: second(10), now: start, stop: nil).isEmpty)
    schedule.add(["told"], 0)
    schedule.add(["same origin"], 1)
    schedule.add(["other origin"], 2)
    #expect(schedule.sent().ids == ["other origin"])
    #expect(schedule.nextDue == second(10))
    #expect(schedule.sent(at: second(10)).ids == ["told", "same origin"])
}

@Test func `a Retry-After gives back what does not wait that long, each webhook by its own max_retry_after`() {
    let webhooks = [5.0, 60, 5].map { wait in webhook { $0.retry.maxRetryAfter = .seconds(wait) } }
    var schedule = Schedule(webhooks, maxUnderWay: 9)
    schedule.add(["a"], 0)
    schedule.add(["b"], 1)
    schedule.add(["c"], 2)
    #expect(schedule.hold(1, until: second(10), now: start, stop: nil).ids == ["a", "c"])
    #expect(schedule.closure(of: 0, now: second(9)) == .unavailable(until: second(10)))
    #expect(schedule.closure(of: 1, now: second(9)) == nil)
    #expect(schedule.sent(at: second(10)).ids == ["b"])
}

@Test func `a Retry-After beyond the end of the run gives back all of its origin`() {
    var schedule = Schedule([webhook(), webhook(), webhook(host: "b.example")], maxUnderWay: 9)
    for index in 0..<3 { schedule.add(["\(index)"], index) }
    #expect(schedule.hold(0, until: second(10), now: start, stop: second(10)).ids == ["0", "1"])
    #expect(schedule.sent().ids == ["2"])
}
