import Hookline
import Testing

/// Random histories of a schedule, each told by its seed, beside a model of what was put in and must come out.
@Suite struct ScheduleHistoryTests {
    /// 10,000 in all.
    @Test(arguments: 0..<10)
    func `in whatever history, lanes keep their order, rests are kept, and nothing is lost or stuck`(part: UInt64)
        throws
    {
        for number in 0..<1_000 {
            let seed = part * 1_000 + UInt64(number)
            var history = History(seed: seed)
            for _ in 0..<40 { try history.step() }
            try history.drain()
            guard history.complaints.isEmpty else {
                Issue.record("seed \(seed): \(history.complaints[0])")
                return
            }
        }
    }
}

private struct History {
    /// What a webhook has shown so far.
    private struct Seen {
        /// Unsettled batches of each lane, oldest first.
        var lanes: [[Batch]]
        /// When its requests started.
        var starts: [ContinuousClock.Instant] = []
        var openUntil: ContinuousClock.Instant?
        var isPaused = false
    }

    private static let hosts = ["a.example", "b.example", "c.example"]

    private var random: SeededNumbers
    private let webhooks: [Webhook]
    private let limit: Int
    private var schedule: Schedule
    private var now = ContinuousClock().systemEpoch
    private var seen: [Seen]
    /// By host.
    private var heldUntil: [String: ContinuousClock.Instant] = [:]
    private var underWay: [Batch] = []
    /// Batches in their backoff, by identity.
    private var backoffs: [ObjectIdentifier: ContinuousClock.Instant] = [:]
    private var added = 0
    private(set) var complaints: [String] = []

    init(seed: UInt64) {
        var random = SeededNumbers(state: seed)
        webhooks = (0..<Int.random(in: 1...4, using: &random)).map { Self.webhook($0, &random) }
        limit = .random(in: 1...6, using: &random)
        schedule = Schedule(webhooks, maxUnderWay: limit)
        seen = webhooks.map { Seen(lanes: Array(repeating: [], count: $0.laneCount)) }
        self.random = random
    }

    private static func webhook(_ number: Int, _ random: inout SeededNumbers) -> Webhook {
        let host = hosts.randomElement(using: &random) ?? hosts[0]
        var webhook = Webhook(
            name: "\(number)", url: .value(WebhookURL(text: "https://\(host)/", host: host, port: 443)), topics: [.all])
        webhook.concurrency = .random(in: 1...4, using: &random)
        webhook.order = [.none, .strict, .key(JSONPointer(tokens: ["id"]))].randomElement(using: &random) ?? .none
        if Bool.random(using: &random) {
            webhook.rateLimit = .init(requests: .random(in: 1...5, using: &random), period: .seconds(1))
        }
        webhook.breaker.failures = [1, 2, .max].randomElement(using: &random) ?? 1
        webhook.breaker.probeAfter = .seconds(3)
        webhook.retry.maxAttempts = 1_000
        webhook.retry.maxRetryAfter = .seconds([2, 100].randomElement(using: &random) ?? 2)
        return webhook
    }

    /// Does one thing or another.
    mutating func step() throws {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<6: add()
        case 6..<11: sendAll()
        case 11..<16: endOne()
        case 16: hold()
        case 17: resume()
        case 18: giveUpSome()
        default: break
        }
        if Bool.random(using: &random) { now += .milliseconds(Int.random(in: 0...2_000, using: &random)) }
    }

    /// From here on all goes well, and it must come to an end.
    mutating func drain() throws {
        for webhook in webhooks.indices where seen[webhook].isPaused {
            seen[webhook].isPaused = false
            schedule.resume(webhook)
        }
        for _ in 0..<10_000 {
            sendAll(mayPause: false)
            if let batch = underWay.popLast() {
                settle(batch)
                note(schedule.ended(batch, .alive, now), of: batch.webhook)
            } else if let due = schedule.nextDue {
                now = max(now, due)
            } else {
                break
            }
        }
        if !schedule.isEmpty { complaints.append("something is stuck") }
        if seen.contains(where: { $0.lanes.contains { !$0.isEmpty } }) { complaints.append("something is lost") }
    }

    // MARK: What may happen

    private mutating func add() {
        let webhook = Int.random(in: webhooks.indices, using: &random)
        let lane = Int.random(in: 0..<webhooks[webhook].laneCount, using: &random)
        let batch = batch(webhook, lane)
        // As the run does: what comes for a closed webhook is refused.
        if schedule.closure(of: webhook, now: now) != nil { return }
        seen[webhook].lanes[lane].append(batch)
        schedule.add(batch)
    }

    private mutating func batch(_ webhook: Int, _ lane: Int) -> Batch {
        let batch = Batch(
            webhook: webhook, lane: lane, payload: Payload(.json), opened: now, memory: MemoryAccount(limit: 1),
            expectedBytes: 0, expectedEvents: 1)
        added += 1
        batch.id = "\(added)"
        return batch
    }

    private mutating func sendAll(mayPause: Bool = true) {
        while let batch = schedule.next(now) {
            check(batch)
            if mayPause, Int.random(in: 0..<12, using: &random) == 0 {
                seen[batch.webhook].isPaused = true
                schedule.pause(for: batch, now)
            } else {
                seen[batch.webhook].starts.append(now)
                underWay.append(batch)
            }
        }
        if schedule.underWay != underWay.count { complaints.append("under way are \(schedule.underWay)") }
        if underWay.count > limit { complaints.append("more are under way than may be") }
        // Until the time that it names, it must have nothing.
        let due = schedule.nextDue ?? now + .seconds(1_000)
        if due <= now { return complaints.append("nextDue is over") }
        var copy = schedule
        let early = now + (due - now) * Double.random(in: 0..<1, using: &random)
        if let batch = copy.next(max(now, min(early, due - .nanoseconds(1)))) {
            complaints.append("\(batch.id) could have been sent before nextDue")
        }
    }

    private mutating func endOne() {
        guard !underWay.isEmpty else { return }
        let batch = underWay.remove(at: .random(in: underWay.indices, using: &random))
        let isClosed = schedule.closure(of: batch.webhook, now: now) != nil
        switch Int.random(in: 0..<8, using: &random) {
        case 0..<2:
            settle(batch)
            note(schedule.ended(batch, .alive, now), of: batch.webhook)
        case 2..<6:
            note(schedule.ended(batch, .failing, now), of: batch.webhook)
            if isClosed { return settle(batch) }
            let due = now + .milliseconds(Int.random(in: 0...5_000, using: &random))
            backoffs[ObjectIdentifier(batch)] = due
            schedule.retry(batch, at: due)
        case 6:
            note(schedule.ended(batch, .alive, now), of: batch.webhook)
            if isClosed { return settle(batch) }
            let halves = [self.batch(batch.webhook, batch.lane), self.batch(batch.webhook, batch.lane)]
            replace(batch, by: halves)
            schedule.putBack(halves)
        default:
            note(schedule.ended(batch, .none, now), of: batch.webhook)
            if isClosed { return settle(batch) }
            schedule.putBack([batch])
        }
    }

    private mutating func hold() {
        let webhook = Int.random(in: webhooks.indices, using: &random)
        let host = host(of: webhook)
        let until = now + .milliseconds(Int.random(in: 0...4_000, using: &random))
        heldUntil[host] = max(heldUntil[host] ?? until, until)
        for batch in schedule.hold(webhook, until: until, now: now, stop: nil) {
            if self.host(of: batch.webhook) != host { complaints.append("another origin was closed") }
            if until - now <= webhooks[batch.webhook].retry.maxRetryAfter { complaints.append("it waits so long") }
            settle(batch)
        }
    }

    private mutating func resume() {
        let webhook = Int.random(in: webhooks.indices, using: &random)
        seen[webhook].isPaused = false
        schedule.resume(webhook)
    }

    private mutating func giveUpSome() {
        let stop = now + .seconds(2)
        for batch in schedule.removeUnreachable(before: stop) { settle(batch) }
    }

    // MARK: What must be

    private mutating func check(_ batch: Batch) {
        let (webhook, settings) = (batch.webhook, webhooks[batch.webhook])
        func complain(_ text: String, _ complaints: inout [String]) { complaints.append("\(batch.id): \(text)") }
        if settings.order != .none {
            if seen[webhook].lanes[batch.lane].first !== batch { complain("overtakes in its lane", &complaints) }
            if underWay.contains(where: { $0.webhook == webhook && $0.lane == batch.lane }) {
                complain("is the second of its lane", &complaints)
            }
        } else if !seen[webhook].lanes[0].contains(where: { $0 === batch }) {
            complain("is not there any more", &complaints)
        }
        if let due = backoffs.removeValue(forKey: ObjectIdentifier(batch)), due > now {
            complain("has not waited for its backoff", &complaints)
        }
        if underWay.count(where: { $0.webhook == webhook }) >= settings.concurrency {
            complain("is one more than concurrency", &complaints)
        }
        if seen[webhook].isPaused { complain("is of a paused webhook", &complaints) }
        if let until = heldUntil[host(of: webhook)], until > now { complain("is of a held origin", &complaints) }
        if let until = seen[webhook].openUntil, until > now { complain("passes an open breaker", &complaints) }
        if let rate = settings.rateLimit {
            let interval = rate.period / rate.requests
            let starts = seen[webhook].starts
            // A burst is one second's requests; more than that must have waited for each one beyond it.
            for (place, start) in starts.enumerated() where starts.count - place >= rate.requests {
                let least = interval * (starts.count - place - rate.requests + 1)
                if now - start < least { complain("is too fast", &complaints) }
            }
        }
    }

    private mutating func note(_ aftermath: Schedule.Aftermath, of webhook: Int) {
        switch aftermath.breaker {
        case .opened, .reopened: seen[webhook].openUntil = now + webhooks[webhook].breaker.probeAfter
        case .closed: seen[webhook].openUntil = nil
        case nil: break
        }
    }

    private mutating func settle(_ batch: Batch) { replace(batch, by: []) }

    private mutating func replace(_ batch: Batch, by others: [Batch]) {
        backoffs[ObjectIdentifier(batch)] = nil
        guard let place = seen[batch.webhook].lanes[batch.lane].firstIndex(where: { $0 === batch }) else {
            return complaints.append("\(batch.id) came out twice")
        }
        seen[batch.webhook].lanes[batch.lane].replaceSubrange(place...place, with: others)
    }

    private func host(of webhook: Int) -> String { webhooks[webhook].url.value?.host ?? "" }
}
