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
    }

    private struct Lane {
        var ready = FIFO<Batch>()
        let concurrency: Int
        var underWay = 0
        /// No request before then: the receiver said so (Retry-After).
        var heldUntil: ContinuousClock.Instant?
        var closure: Closure?
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
        if case .unavailable(let until) = closure, until <= now { return nil }
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
        timers.insert(.retry(batch), due: due)
    }

    /// Sends nothing to a webhook before that time.
    package mutating func hold(_ webhook: Int, until: ContinuousClock.Instant) {
        if let current = lanes[webhook].heldUntil, current >= until { return }
        lanes[webhook].heldUntil = until
        timers.insert(.release(webhook: webhook), due: until)
    }

    /// Gives back every batch of a webhook that is not under way; `closure(of:now:)` speaks for the later ones.
    package mutating func close(_ webhook: Int, _ closure: Closure) -> [Batch] {
        lanes[webhook].closure = closure
        let waiting = timers.removeAll { timer in
            if case .retry(let batch) = timer { batch.webhook == webhook } else { false }
        }
        let batches = waiting.compactMap(Self.batch) + lanes[webhook].ready.removeAll()
        held -= batches.count
        return batches
    }

    /// Takes the next batch that may be sent now; it counts as under way until `ended`.
    package mutating func next(_ now: ContinuousClock.Instant) -> Batch? {
        while let timer = timers.pop(dueAt: now) {
            switch timer {
            case .retry(let batch):
                // It is older than what is ready.
                lanes[batch.webhook].ready.prepend(batch)
                queue(batch.webhook)
            case .release(let webhook):
                if let until = lanes[webhook].heldUntil, until <= now { lanes[webhook].heldUntil = nil }
                queue(webhook)
            }
        }
        guard underWay < maxUnderWay else { return nil }
        while let webhook = turns.popFirst() {
            lanes[webhook].isQueued = false
            guard maySend(webhook), let batch = lanes[webhook].ready.popFirst() else { continue }
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
        held = 0
        turns = FIFO()
        let waiting = timers.removeAll().compactMap(Self.batch)
        var batches = waiting
        for index in lanes.indices {
            lanes[index].isQueued = false
            batches += lanes[index].ready.removeAll()
        }
        return batches
    }

    /// Gives back the batches that can't be sent before that time: their backoff or their webhook's Retry-After ends later.
    package mutating func removeUnreachable(before stop: ContinuousClock.Instant) -> [Batch] {
        var batches: [Batch] = []
        for timer in timers.removeAll(dueFrom: stop) {
            if case .retry(let batch) = timer { batches.append(batch) }
        }
        for index in lanes.indices where (lanes[index].heldUntil ?? stop - .seconds(1)) >= stop {
            batches += lanes[index].ready.removeAll()
        }
        held -= batches.count
        return batches
    }

    private static func batch(_ timer: Timer) -> Batch? {
        if case .retry(let batch) = timer { batch } else { nil }
    }

    private func maySend(_ webhook: Int) -> Bool {
        let lane = lanes[webhook]
        return !lane.ready.isEmpty && lane.underWay < lane.concurrency && lane.heldUntil == nil
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

    package mutating func prepend(_ element: Element) {
        if head == 0 {
            elements.insert(element, at: 0)
        } else {
            head -= 1
            elements[head] = element
        }
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
