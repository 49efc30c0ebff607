/// Which batch is sent next: each lane in its order, webhooks in turn, none sooner than its receiver bears.
///
/// Pure: time comes as a parameter. It holds every batch between the Batcher and its settlement but those under way.
package struct Schedule {
    /// Why a webhook's batches are not sent any more, but given back at once.
    package enum Closure: Equatable, Sendable {
        /// For the rest of the run.
        case switchedOff
        /// Until then; a receiver asked for more time than the run waits.
        case unavailable(until: ContinuousClock.Instant)
        /// Until then; for that reason there is no access token.
        case noToken(DeliveryFailure.Kind, until: ContinuousClock.Instant)

        /// When it ends; nil: not in this run.
        package var until: ContinuousClock.Instant? {
            switch self {
            case .switchedOff: nil
            case .unavailable(let until), .noToken(_, let until): until
            }
        }
    }

    /// What the end of a request means for others.
    package struct Aftermath {
        package var breaker: Breaker.Change?
        /// Given back, since the failed probe was their last attempt; earliest first.
        package var usedUp: [Batch] = []
    }

    struct Line {
        var lanes: Lanes
        var rate: RateLimit?
        var breaker: Breaker
        /// The request by which an open breaker finds out.
        var probe: Batch?
        let maxAttempts: Int
        /// Whether it ever had a batch.
        var hasTraffic = false
        var closure: Closure?
        /// No request until `resume`: its access token is on the way.
        var isPaused = false
        /// No request until one of its own ends: the bodies of more have no place in memory.
        var isCrowded = false
        /// Whether it stands in `turns`, and in `borrowers`.
        var isQueued = false
        var isBorrower = false
        /// The earliest of its times in `wakes`.
        var wake: ContinuousClock.Instant?
    }

    var lines: [Line]
    var origins: OriginHolds
    var shares: ConnectionShares
    /// Webhooks to look at again at that time.
    private var wakes = TimerHeap<Int>()
    /// Webhooks that may have something to send within their share of the connections, each once, in turn.
    private var turns = FIFO<Int>()
    /// The same for those that would need more than their share.
    private var borrowers = FIFO<Int>()
    private var held = 0
    var bytes: MemoryShares

    /// - Parameters:
    ///   - webhooks: all, with their URLs resolved if they take part.
    ///   - takesPart: whether anything may be sent to each; nil: to all.
    ///   - maxUnderWay: requests under way at once over all webhooks.
    package init(_ webhooks: [Webhook], takesPart: [Bool]? = nil, maxUnderWay: Int) {
        lines = webhooks.map {
            Line(
                lanes: Lanes($0.order, count: $0.laneCount), rate: $0.rateLimit.map { RateLimit($0) },
                breaker: Breaker($0.breaker), maxAttempts: $0.retry.maxAttempts)
        }
        origins = OriginHolds(webhooks)
        bytes = MemoryShares(webhooks: webhooks.count)
        shares = ConnectionShares(webhooks, takesPart: takesPart ?? webhooks.map { _ in true }, limit: maxUnderWay)
    }

    /// Whether no batch is ready, waiting or under way.
    package var isEmpty: Bool { held == 0 && underWay == 0 }

    package var underWay: Int { shares.total }

    /// When `next` may have something that it has not now; nil: no earlier than an attempt ends.
    package var nextDue: ContinuousClock.Instant? { wakes.nextDue }

    // MARK: Batches come

    /// Takes a new batch, behind all others of its lane.
    package mutating func add(_ batch: Batch) {
        book(batch)
        lines[batch.webhook].hasTraffic = true
        lines[batch.webhook].lanes.add(batch)
        queue(batch.webhook)
    }

    /// Takes back a batch whose attempt failed, for another one at that time. Its lane, if serial, waits with it.
    package mutating func retry(_ batch: Batch, at due: ContinuousClock.Instant) {
        book(batch)
        lines[batch.webhook].lanes.retry(batch, at: due)
        wake(batch.webhook, due)
    }

    /// Takes batches of one lane, in this order, to be sent before all others of it: one whose attempt does not count,
    /// or what one was split into.
    package mutating func putBack(_ batches: [Batch]) {
        guard let first = batches.first else { return }
        for batch in batches { book(batch) }
        lines[first.webhook].lanes.putBack(batches)
        queue(first.webhook)
    }

    /// Takes back a batch that `next` gave and nobody sent, and sends nothing to its webhook until `resume`.
    package mutating func pause(for batch: Batch, _ now: ContinuousClock.Instant) {
        lines[batch.webhook].isPaused = true
        lines[batch.webhook].rate?.giveBack()
        ended(batch, .none, now)
        putBack([batch])
    }

    /// Takes back a batch that `next` gave and that has no place in memory, and sends nothing to its webhook until one of
    /// its other requests ends.
    package mutating func crowd(for batch: Batch, _ now: ContinuousClock.Instant) {
        lines[batch.webhook].rate?.giveBack()
        ended(batch, .none, now)
        lines[batch.webhook].isCrowded = true
        putBack([batch])
    }

    /// Sends to a webhook again.
    package mutating func resume(_ webhook: Int) {
        lines[webhook].isPaused = false
        queue(webhook)
    }

    // MARK: Batches go

    /// Takes the next batch that may be sent now; it counts as under way until `ended`.
    package mutating func next(_ now: ContinuousClock.Instant) -> Batch? {
        while let webhook = wakes.pop(dueAt: now) {
            if let wake = lines[webhook].wake, wake <= now { lines[webhook].wake = nil }
            lines[webhook].lanes.endBackoffs(now)
            if let due = lines[webhook].lanes.nextDue { wake(webhook, due) }
            queue(webhook)
        }
        guard shares.hasFree else { return nil }
        while let webhook = turns.popFirst() {
            lines[webhook].isQueued = false
            // Its share was used up meanwhile, or never held: then it is a borrower now.
            guard shares.isGuaranteed(webhook) else {
                queue(webhook)
                continue
            }
            if let batch = take(webhook, now) { return batch }
        }
        while shares.hasLoan, let webhook = borrowers.popFirst() {
            lines[webhook].isBorrower = false
            if let batch = take(webhook, now) { return batch }
        }
        return nil
    }

    /// A batch that `next` gave is no longer under way: it was settled, comes back by `retry` or `putBack`, or is
    /// given up.
    ///
    /// - Parameters:
    ///   - batch: it; its lane, if serial, goes on with the next one unless it comes back.
    ///   - evidence: what the end of its request says about the receiver.
    ///   - now: when it ended.
    /// - Returns: what that means for the webhook's breaker, and for what waits.
    @discardableResult
    package mutating func ended(
        _ batch: Batch, _ evidence: Breaker.Evidence, _ now: ContinuousClock.Instant
    ) -> Aftermath {
        let webhook = batch.webhook
        shares.end(webhook)
        lines[webhook].lanes.ended(batch)
        lines[webhook].isCrowded = false
        bytes.end(batch)
        let isProbe = lines[webhook].probe === batch
        if isProbe { lines[webhook].probe = nil }
        var aftermath = Aftermath()
        aftermath.breaker = lines[webhook].breaker.ended(evidence, isProbe: isProbe, now)
        if aftermath.breaker == .reopened { aftermath.usedUp = countAttempt(webhook) }
        queue(webhook)
        return aftermath
    }

    private mutating func take(_ webhook: Int, _ now: ContinuousClock.Instant) -> Batch? {
        guard maySend(webhook) else { return nil }
        if let rest = rest(webhook), rest > now {
            wake(webhook, rest)
            return nil
        }
        guard let batch = lines[webhook].lanes.next() else { return nil }
        bookOut(batch)
        bytes.start(batch)
        shares.start(webhook)
        lines[webhook].rate?.take(now)
        if lines[webhook].breaker.start() { lines[webhook].probe = batch }
        queue(webhook)
        return batch
    }

    // MARK: Batches wait

    /// Whether a webhook must be left alone until then, or longer.
    package func isHeld(_ webhook: Int, until stop: ContinuousClock.Instant) -> Bool {
        rest(webhook).map { $0 >= stop } ?? false
    }

    /// While a webhook's breaker lets nothing pass but a probe: when to ask again whether one more batch is of use, as the
    /// probe. nil: now. Any other batch would only lose an attempt if the probe fails.
    package func probeWait(_ webhook: Int, _ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let breaker = lines[webhook].breaker
        if let until = breaker.openUntil, until > now { return until }
        let hasProbe = breaker.isHalfOpen || (breaker.openUntil != nil && bytes.waiting(for: webhook) > 0)
        return hasProbe ? now + Self.probeInterval : nil
    }

    private static let probeInterval = Duration.seconds(1)

    /// Sends nothing to the webhook's origin before `until`: its receiver said so (Retry-After).
    ///
    /// - Parameters:
    ///   - webhook: who was told.
    ///   - until: when requests may go there again.
    ///   - now: when it was told.
    ///   - stop: when the run ends whatever happens; nil: it does not.
    /// - Returns: the batches of those webhooks of the origin that don't wait that long; `closure(of:now:)` speaks for
    ///   their later ones.
    package mutating func hold(
        _ webhook: Int, until: ContinuousClock.Instant, now: ContinuousClock.Instant, stop: ContinuousClock.Instant?
    ) -> [Batch] {
        origins.hold(webhook, until: until, now: now, stop: stop).flatMap { close($0, .unavailable(until: until)) }
    }

    /// Why a webhook's batches are not sent at this time; nil: they are.
    package func closure(of webhook: Int, now: ContinuousClock.Instant) -> Closure? {
        guard let closure = lines[webhook].closure else { return nil }
        if let until = closure.until, until <= now { return nil }
        return closure
    }

    /// Gives back every batch of a webhook that is not under way; `closure(of:now:)` speaks for the later ones.
    /// Of two closures the longer one stays.
    package mutating func close(_ webhook: Int, _ closure: Closure) -> [Batch] {
        let isShorter =
            lines[webhook].closure.map { before in
                before.until.map { before in closure.until.map { before > $0 } ?? false } ?? true
            } ?? false
        if !isShorter { lines[webhook].closure = closure }
        return takeAll(webhook)
    }

    // MARK: Books

    private mutating func book(_ batch: Batch) {
        held += 1
        bytes.add(batch)
    }

    private mutating func bookOut(_ batch: Batch) {
        held -= 1
        bytes.remove(batch)
    }

    // MARK: Batches are given up

    /// Gives back every batch that is not under way.
    package mutating func removeAll() -> [Batch] { lines.indices.flatMap { takeAll($0) } }

    /// Gives back the batches that can't be sent before that time: their backoff ends later, or their webhook is held,
    /// by Retry-After, rate limit or breaker.
    package mutating func removeUnreachable(before stop: ContinuousClock.Instant) -> [Batch] {
        lines.indices.flatMap { removeUnreachable(of: $0, before: stop) }
    }

    /// Those of one webhook.
    package mutating func removeUnreachable(of webhook: Int, before stop: ContinuousClock.Instant) -> [Batch] {
        isHeld(webhook, until: stop)
            ? takeAll(webhook) : give(lines[webhook].lanes.removeBackoffs(from: stop), of: webhook)
    }

    /// Gives back what waits in the lane of a batch.
    package mutating func removeLane(of batch: Batch) -> [Batch] {
        give(lines[batch.webhook].lanes.removeAll(of: batch.lane), of: batch.webhook)
    }

    /// A failed probe counts as an attempt for every batch that waits for its webhook.
    /// - Returns: those whose attempts are used up.
    private mutating func countAttempt(_ webhook: Int) -> [Batch] {
        let limit = lines[webhook].maxAttempts
        let usedUp = lines[webhook].lanes.removeAll { batch in
            batch.attempts += 1
            return batch.attempts >= limit
        }
        return give(usedUp, of: webhook)
    }

    private mutating func takeAll(_ webhook: Int) -> [Batch] { give(lines[webhook].lanes.removeAll(), of: webhook) }

    /// Books out batches that go back to the caller; others of their lanes may go on.
    private mutating func give(_ batches: [Batch], of webhook: Int) -> [Batch] {
        for batch in batches { bookOut(batch) }
        queue(webhook)
        return batches
    }

    // MARK: Turns

    /// No request of the webhook before then; nil or past: at once, as far as that goes.
    func rest(_ webhook: Int) -> ContinuousClock.Instant? {
        later(later(origins.until(webhook), lines[webhook].rate?.nextDue), lines[webhook].breaker.openUntil)
    }

    func later(
        _ one: ContinuousClock.Instant?, _ other: ContinuousClock.Instant?
    ) -> ContinuousClock.Instant? {
        guard let one, let other else { return one ?? other }
        return max(one, other)
    }

    private func maySend(_ webhook: Int) -> Bool {
        lines[webhook].lanes.mayHaveNext && !lines[webhook].isPaused && !lines[webhook].isCrowded
            && !lines[webhook].breaker.isHalfOpen && shares.mayHaveMore(webhook)
    }

    private mutating func queue(_ webhook: Int) {
        guard maySend(webhook) else { return }
        if shares.isGuaranteed(webhook) {
            if lines[webhook].isQueued { return }
            lines[webhook].isQueued = true
            turns.append(webhook)
        } else {
            if lines[webhook].isBorrower { return }
            lines[webhook].isBorrower = true
            borrowers.append(webhook)
        }
    }

    /// Looks at the webhook again at that time.
    private mutating func wake(_ webhook: Int, _ due: ContinuousClock.Instant) {
        if let wake = lines[webhook].wake, wake <= due { return }
        lines[webhook].wake = due
        wakes.insert(webhook, due: due)
    }
}
