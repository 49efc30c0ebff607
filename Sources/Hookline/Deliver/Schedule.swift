/// Which batch is sent next: ready ones in order, failed ones when their backoff is over, webhooks in turn.
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

    private struct Lane {
        /// Batches whose backoff is over: they are older than what is ready, and go first.
        var returned = FIFO<Batch>()
        var ready = FIFO<Batch>()
        /// How many of its batches wait for the end of their backoff.
        var waiting = 0
        let concurrency: Int
        var underWay = 0
        /// No request before then: the receiver said so (Retry-After).
        var heldUntil: ContinuousClock.Instant?
        var closure: Closure?
        /// No request until `resume`: its access token is on the way.
        var isPaused = false
        /// Whether it stands in `turns`.
        var isQueued = false
    }

    /// What happens at a later time.
    private enum Timer {
        case retry(Batch)
        case release(webhook: Int)
    }

    private var lanes: [Lane]
    private let maxUnderWay: Int
    private var timers = TimerHeap<Timer>()
    /// Webhooks that have something to send and may, each once, in turn.
    private var turns = FIFO<Int>()
    package private(set) var underWay = 0
    private var held = 0

    /// - Parameters:
    ///   - concurrency: requests under way at once, by webhook.
    ///   - maxUnderWay: the same over all webhooks.
    package init(concurrency: [Int], maxUnderWay: Int) {
        lanes = concurrency.map { Lane(concurrency: $0) }
        self.maxUnderWay = maxUnderWay
    }

    /// Whether no batch is ready, waiting or under way.
    package var isEmpty: Bool { held == 0 && underWay == 0 }

    /// Why a webhook's batches are not sent at this time; nil: they are.
    package func closure(of webhook: Int, now: ContinuousClock.Instant) -> Closure? {
        guard let closure = lanes[webhook].closure else { return nil }
        if let until = closure.until, until <= now { return nil }
        return closure
    }

    /// Takes a new batch.
    package mutating func add(_ batch: Batch) {
        held += 1
        lanes[batch.webhook].ready.append(batch)
        queue(batch.webhook)
    }

    /// Takes back a batch whose attempt failed, for another one at that time.
    package mutating func retry(_ batch: Batch, at due: ContinuousClock.Instant) {
        held += 1
        lanes[batch.webhook].waiting += 1
        timers.insert(.retry(batch), due: due)
    }

    /// Takes back a batch whose attempt does not count, to be sent before all others of its webhook.
    package mutating func giveBack(_ batch: Batch) {
        held += 1
        lanes[batch.webhook].returned.prepend(batch)
        queue(batch.webhook)
    }

    /// Takes back a batch that `next` gave and nobody sent, and sends nothing to its webhook until `resume`.
    package mutating func pause(for batch: Batch) {
        lanes[batch.webhook].isPaused = true
        ended(batch.webhook)
        giveBack(batch)
    }

    /// Sends to a webhook again.
    package mutating func resume(_ webhook: Int) {
        lanes[webhook].isPaused = false
        queue(webhook)
    }

    /// Whether a webhook must be left alone until then, or longer.
    package func isHeld(_ webhook: Int, until stop: ContinuousClock.Instant) -> Bool {
        lanes[webhook].heldUntil.map { $0 >= stop } ?? false
    }

    /// Sends nothing to a webhook before that time.
    package mutating func hold(_ webhook: Int, until: ContinuousClock.Instant) {
        if let current = lanes[webhook].heldUntil, current >= until { return }
        lanes[webhook].heldUntil = until
        timers.insert(.release(webhook: webhook), due: until)
    }

    /// Gives back every batch of a webhook that is not under way; `closure(of:now:)` speaks for the later ones.
    /// Of two closures the longer one stays.
    package mutating func close(_ webhook: Int, _ closure: Closure) -> [Batch] {
        let isShorter =
            lanes[webhook].closure.map { before in
                before.until.map { before in closure.until.map { before > $0 } ?? false } ?? true
            } ?? false
        if !isShorter { lanes[webhook].closure = closure }
        var batches: [Batch] = []
        // Looking through all timers is worth it only if one of them is this webhook's.
        if lanes[webhook].waiting > 0 {
            batches = takeTimers { batch, _ in batch.webhook == webhook }
        }
        return give(batches + takeReady(webhook))
    }

    /// Takes the next batch that may be sent now; it counts as under way until `ended`.
    package mutating func next(_ now: ContinuousClock.Instant) -> Batch? {
        while let timer = timers.pop(dueAt: now) {
            switch timer {
            case .retry(let batch):
                lanes[batch.webhook].waiting -= 1
                lanes[batch.webhook].returned.append(batch)
                queue(batch.webhook)
            case .release(let webhook):
                if let until = lanes[webhook].heldUntil, until <= now { lanes[webhook].heldUntil = nil }
                queue(webhook)
            }
        }
        guard underWay < maxUnderWay else { return nil }
        while let webhook = turns.popFirst() {
            lanes[webhook].isQueued = false
            guard maySend(webhook) else { continue }
            guard let batch = lanes[webhook].returned.popFirst() ?? lanes[webhook].ready.popFirst() else { continue }
            held -= 1
            underWay += 1
            lanes[webhook].underWay += 1
            queue(webhook)
            return batch
        }
        return nil
    }

    /// A batch of this webhook is no longer under way.
    package mutating func ended(_ webhook: Int) {
        underWay -= 1
        lanes[webhook].underWay -= 1
        queue(webhook)
    }

    /// When `next` may have something that it has not now; nil: no earlier than an attempt ends.
    package var nextDue: ContinuousClock.Instant? { timers.nextDue }

    /// Gives back every batch that is not under way.
    package mutating func removeAll() -> [Batch] {
        turns = FIFO()
        var batches = takeTimers { _, _ in true }
        for webhook in lanes.indices {
            lanes[webhook].isQueued = false
            batches += takeReady(webhook)
        }
        return give(batches)
    }

    /// Gives back the batches that can't be sent before that time: their backoff or their webhook's Retry-After ends later.
    package mutating func removeUnreachable(before stop: ContinuousClock.Instant) -> [Batch] {
        let late = lanes.indices.filter { isHeld($0, until: stop) }
        let isLate = Set(late)
        var batches = takeTimers { batch, due in due >= stop || isLate.contains(batch.webhook) }
        for webhook in late { batches += takeReady(webhook) }
        return give(batches)
    }

    private mutating func takeReady(_ webhook: Int) -> [Batch] {
        lanes[webhook].returned.removeAll() + lanes[webhook].ready.removeAll()
    }

    /// Takes the batches out of their backoff that answer to the description, the one that ends first first.
    private mutating func takeTimers(_ isWanted: (Batch, ContinuousClock.Instant) -> Bool) -> [Batch] {
        let taken = timers.removeAll { timer, due in
            Self.batch(timer).map { isWanted($0, due) } ?? false
        }.compactMap(Self.batch)
        for batch in taken { lanes[batch.webhook].waiting -= 1 }
        return taken
    }

    /// Books out batches that go back to the caller.
    private mutating func give(_ batches: [Batch]) -> [Batch] {
        held -= batches.count
        return batches
    }

    private static func batch(_ timer: Timer) -> Batch? {
        if case .retry(let batch) = timer { batch } else { nil }
    }

    private func maySend(_ webhook: Int) -> Bool {
        let lane = lanes[webhook]
        return !(lane.returned.isEmpty && lane.ready.isEmpty) && lane.underWay < lane.concurrency
            && lane.heldUntil == nil && !lane.isPaused
    }

    private mutating func queue(_ webhook: Int) {
        guard !lanes[webhook].isQueued, maySend(webhook) else { return }
        lanes[webhook].isQueued = true
        turns.append(webhook)
    }
}

/// First in, first out, each at constant cost.
package struct FIFO<Element> {
    private var elements: [Element?] = []
    private var head = 0

    package init() {}

    package var isEmpty: Bool { head == elements.count }

    package mutating func append(_ element: Element) { elements.append(element) }

    /// Puts an element before all others. The only step whose cost may grow with their number.
    package mutating func prepend(_ element: Element) {
        if head == 0 { return elements.insert(element, at: 0) }
        head -= 1
        elements[head] = element
    }

    package mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head]
        elements[head] = nil
        head += 1
        if head * 2 > elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    package mutating func removeAll() -> [Element] {
        defer { self = FIFO() }
        return elements.compactMap { $0 }
    }
}
