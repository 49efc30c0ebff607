import Glibc
import Hookline
import TestKit
import Testing

/// What a slow webhook may take of the memory, and what goes to the disk so that the others go on.
@Suite struct ScheduleMemoryTests {
    private static let start = ContinuousClock().systemEpoch
    private let start = ScheduleMemoryTests.start
    private let memory = MemoryAccount(limit: 1 << 20)

    private func second(_ count: Int) -> ContinuousClock.Instant { start + .seconds(count) }

    private func schedule(
        _ webhooks: Int, concurrency: Int = 4, maxUnderWay: Int = 100, _ change: (inout Webhook) -> Void = { _ in }
    ) -> Schedule {
        let webhooks = (0..<webhooks).map { index in
            let url = WebhookURL(text: "https://\(index).example/", host: "\(index).example", port: 443)
            var webhook = Webhook(name: "\(index)", url: .value(url), topics: [.all])
            webhook.concurrency = concurrency
            webhook.retry.maxRetryAfter = .seconds(1_000)
            change(&webhook)
            return webhook
        }
        return Schedule(webhooks, maxUnderWay: maxUnderWay)
    }

    /// A batch with a body of about so many bytes.
    private func batch(_ id: String, of webhook: Int = 0, bytes: Int = 1_000) -> Batch {
        let batch = Batch(
            webhook: webhook, payload: Payload(.json), opened: start, memory: memory, expectedBytes: bytes + 8,
            expectedEvents: 1)
        let event = Array("\"\(String(repeating: "x", count: bytes))\"".utf8)
        unsafe event.withUnsafeBytes { unsafe batch.append($0, line: 1, topic: 0) }
        batch.id = id
        return batch
    }

    private func next(_ schedule: inout Schedule, _ now: ContinuousClock.Instant? = nil) throws -> Batch {
        let batch = schedule.next(now ?? start)
        return try #require(batch)
    }

    /// The ids of all that may be sent now, in order.
    private func sent(_ schedule: inout Schedule) -> [String] {
        var ids: [String] = []
        while let batch = schedule.next(start) { ids.append(batch.id) }
        return ids
    }

    private func hungry(_ schedule: Schedule, enough: Int = 1 << 16) -> ContinuousClock.Instant? {
        schedule.hungryFrom(start, enough: enough)
    }

    @Test func `a webhook that never had an event waits for nothing`() {
        var schedule = schedule(2)
        #expect(hungry(schedule) == nil)
        schedule.add(batch("a"))
        #expect(hungry(schedule) == nil)
    }

    @Test func `a webhook that has sent all it had must not wait for memory`() throws {
        var schedule = schedule(2)
        schedule.add(batch("a"))
        let first = try next(&schedule)
        // One of four requests: it could send more.
        #expect(hungry(schedule) == start)
        schedule.ended(first, .alive, start)
        #expect(hungry(schedule) == start)
        schedule.add(batch("b"))
        #expect(hungry(schedule) == nil)
    }

    @Test func `a webhook that waits for its own answers is not held up by memory`() throws {
        var schedule = schedule(1, concurrency: 1)
        schedule.add(batch("a"))
        let first = try next(&schedule)
        #expect(hungry(schedule) == nil)
        schedule.ended(first, .alive, start)
        #expect(hungry(schedule) == start)
    }

    @Test func `while no connection is free nobody waits for memory`() throws {
        var schedule = schedule(2, maxUnderWay: 1)
        schedule.add(batch("a", of: 0))
        let first = try next(&schedule)
        #expect(hungry(schedule) == nil)
        schedule.ended(first, .alive, start)
        #expect(hungry(schedule) == start)
    }

    @Test func `a webhook that is held waits for memory only when it may send again`() throws {
        var schedule = schedule(1)
        schedule.add(batch("a"))
        let first = try next(&schedule)
        schedule.ended(first, .alive, start)
        _ = schedule.hold(0, until: second(9), now: start, stop: nil)
        #expect(hungry(schedule) == second(9))
    }

    @Test func `a webhook that is switched off or paused does not wait for memory`() throws {
        var off = schedule(1)
        off.add(batch("a"))
        _ = off.close(0, .switchedOff)
        #expect(hungry(off) == nil)
        var paused = schedule(1)
        paused.add(batch("b"))
        paused.pause(for: try next(&paused), start)
        #expect(hungry(paused) == nil)
    }

    @Test func `a webhook with an open breaker waits for memory when the probe is due, and not during it`() throws {
        var schedule = schedule(1) { ($0.breaker.failures, $0.breaker.probeAfter) = (1, .seconds(10)) }
        schedule.add(batch("a"))
        schedule.ended(try next(&schedule), .failing, start)
        #expect(hungry(schedule) == second(10))
        schedule.add(batch("b"))
        let probe = try next(&schedule, second(10))
        #expect(schedule.hungryFrom(second(10), enough: 1 << 16) == nil)
        schedule.ended(probe, .alive, second(10))
        #expect(schedule.hungryFrom(second(10), enough: 1 << 16) == second(10))
    }

    @Test func `while a breaker is open one batch is of use, as the probe when that is due, and no second one`() throws
    {
        var schedule = schedule(1) { ($0.breaker.failures, $0.breaker.probeAfter) = (1, .seconds(10)) }
        #expect(schedule.probeWait(0, start) == nil)
        schedule.add(batch("a"))
        schedule.ended(try next(&schedule), .failing, start)
        #expect(schedule.probeWait(0, second(9)) == second(10))
        #expect(schedule.probeWait(0, second(10)) == nil)
        schedule.add(batch("b"))
        #expect(schedule.probeWait(0, second(10)) == second(11))
        let probe = try next(&schedule, second(10))
        #expect(schedule.probeWait(0, second(12)) == second(13))
        schedule.ended(probe, .alive, second(14))
        #expect(schedule.probeWait(0, second(14)) == nil)
    }

    @Test func `a webhook with enough in its backoff has something to send`() throws {
        var schedule = schedule(1)
        schedule.add(batch("a", bytes: 5_000))
        let first = try next(&schedule)
        schedule.ended(first, .alive, start)
        schedule.retry(first, at: second(5))
        #expect(hungry(schedule, enough: 5_000) == nil)
        #expect(hungry(schedule, enough: 6_000) == start)
    }

    @Test func `a serial lane that waits for its answer needs no more batches`() throws {
        var schedule = schedule(1) { $0.order = .strict }
        schedule.add(batch("a"))
        _ = try next(&schedule)
        #expect(hungry(schedule) == nil)
    }

    @Test func `one webhook's first batch is always sent, however large, and the next only within a quarter`() throws {
        var schedule = schedule(2)
        for id in ["a", "b"] { schedule.add(batch(id, bytes: 30_000)) }
        schedule.add(batch("c", of: 1, bytes: 90_000))
        let a = try next(&schedule)
        #expect(schedule.hasPlace(a, memory: 1_000))
        let c = try next(&schedule)
        #expect(c.id == "c" && schedule.hasPlace(c, memory: 1_000))
        let b = try next(&schedule)
        #expect(b.id == "b")
        // 60 kB of its own, 150 kB in all.
        #expect(!schedule.hasPlace(b, memory: 239_000))
        #expect(!schedule.hasPlace(b, memory: 299_000))
        #expect(schedule.hasPlace(b, memory: 301_000))
    }

    @Test func `a batch without a place goes first when a request of its webhook has ended`() throws {
        var schedule = schedule(1)
        for id in ["a", "b", "c"] { schedule.add(batch(id)) }
        let a = try next(&schedule)
        let b = try next(&schedule)
        schedule.crowd(for: b, start)
        #expect(sent(&schedule) == [])
        #expect(schedule.underWay == 1 && hungry(schedule) == nil)
        schedule.ended(a, .alive, start)
        #expect(sent(&schedule) == ["b", "c"])
    }

    @Test
    func `what waits for the webhook with most goes to the disk, the last batches first, and no more than needed`()
        throws
    {
        let directory = try TemporaryDirectory()
        let overflow = Overflow(folders: [directory.path])
        var schedule = schedule(2)
        let slow = (0..<10).map { batch("s\($0)", of: 0, bytes: 20_000) }
        let fast = (0..<2).map { batch("f\($0)", of: 1, bytes: 20_000) }
        for batch in slow + fast { schedule.add(batch) }
        let before = memory.held
        try schedule.setAside(in: overflow, memory, downTo: before - 70_000)
        #expect(slow.map(\.isAside) == Array(repeating: false, count: 6) + Array(repeating: true, count: 4))
        #expect(fast.allSatisfy { !$0.isAside })
        #expect(memory.held <= before - 70_000)
        // Again: those that are there already are passed over.
        try schedule.setAside(in: overflow, memory, downTo: before - 130_000)
        #expect(slow.map(\.isAside) == Array(repeating: false, count: 3) + Array(repeating: true, count: 7))
        // Down to nothing: the other one's, too.
        try schedule.setAside(in: overflow, memory, downTo: 0)
        #expect((slow + fast).allSatisfy { $0.isAside })
        // They are given in their order all the same.
        #expect(sent(&schedule) == ["s0", "f0", "s1", "f1", "s2", "s3"])
    }

    @Test func `where nothing can be set aside all batches stay as they were`() throws {
        let directory = try TemporaryDirectory()
        let overflow = Overflow(folders: [directory.file("missing"), directory.file("neither")])
        var schedule = schedule(1)
        let batches = (0..<3).map { batch("\($0)") }
        for batch in batches { schedule.add(batch) }
        var failure: SystemError?
        do throws(SystemError) { try schedule.setAside(in: overflow, memory, downTo: 0) } catch { failure = error }
        #expect(failure?.errno == ENOENT)
        #expect(batches.allSatisfy { !$0.isAside })
        #expect(sent(&schedule) == ["0", "1", "2"])
    }
}
