/// Gathers events into batches, one open batch per lane of a webhook, and decides when each is cut (SPEC sections 3 and 7).
///
/// Pure: time comes as a parameter, what is cut goes back to the caller.
package struct Batcher {
    private let webhooks: [Webhook]
    private let payloads: [Payload]
    private let cloudEventTexts: CloudEventTexts
    private let memory: MemoryAccount
    /// With a run id, batch boundaries depend on the input alone: not on time, nor on memory.
    private let cutsByInputAlone: Bool
    /// The batch that is being filled, by lane: those of one webhook after those of the webhook before.
    private var open: [Batch?]
    /// Bytes of memory that open batches take.
    package private(set) var openFootprint = 0
    /// By webhook: the place of its first lane in `open`.
    private let firstLane: [Int]
    /// The longest body, by webhook: `max_bytes` until the receiver says that this is too much.
    private var maxBytes: [Int]
    /// Size of the last batch, by webhook: the guess for the next one.
    private var expected: [(bytes: Int, events: Int)]
    /// When each lane's open batch is due: at most one entry a lane, which may be a former batch's. Empty where
    /// batches are cut by the input alone.
    private var timers = TimerHeap<Int>()
    private var hasTimer: [Bool]

    /// `topics` are the declared topics' names, as events count them.
    package init(webhooks: [Webhook], topics: [String], memory: MemoryAccount, cutsByInputAlone: Bool) {
        self.webhooks = webhooks
        self.memory = memory
        self.cutsByInputAlone = cutsByInputAlone
        payloads = webhooks.map { Payload($0.format) }
        cloudEventTexts = CloudEventTexts(webhooks: webhooks, topics: topics)
        maxBytes = webhooks.map(\.batch.maxBytes)
        var lanes = 0
        firstLane = webhooks.map { webhook in
            defer { lanes += webhook.laneCount }
            return lanes
        }
        open = Array(repeating: nil, count: lanes)
        hasTimer = Array(repeating: false, count: lanes)
        expected = webhooks.map { webhook in
            let events = min(webhook.maxEvents, 16)
            return (min(webhook.batch.maxBytes, events * 512), events)
        }
    }

    /// Adds an event to the open batch of a webhook's lane. `found` says what stands where in it.
    /// - Returns: the batch that is full now: the one before, if the event did not fit, or the one that the event filled.
    package mutating func append(
        _ event: UnsafeRawBufferPointer, _ found: Event, line: Int, topic: Int, to webhook: Int,
        lane: Int = 0, now: ContinuousClock.Instant
    ) -> Batch? {
        let place = firstLane[webhook] + lane
        let head: CloudEventHead? =
            payloads[webhook].wrapsEvents && !found.isCloudEvent
            ? unsafe cloudEventTexts.head(of: event, found, webhook: webhook, topic: topic) : nil
        // Taken out and put back: a second reference would have to be counted, atomically, for each event.
        var taken = open[place].take()
        var full: Batch?
        if let batch = taken, !batch.fits(event.count, head, within: maxBytes[webhook]) {
            full = cut(batch)
            taken = nil
        }
        let batch = taken ?? begin(webhook, lane, now)
        taken = nil
        let before = batch.footprint
        unsafe batch.append(event, head, line: line, topic: topic)
        openFootprint += batch.footprint - before
        if batch.count >= webhooks[webhook].maxEvents { return cut(batch) }
        open[place] = batch
        return full
    }

    /// A receiver said that a batch of several events is too large (413): later bodies of its webhook are at most half as
    /// long, unless one event alone is longer. Not where batches are cut by the input alone.
    package mutating func wasTooLarge(_ batch: Batch) {
        guard batch.count > 1, !cutsByInputAlone else { return }
        maxBytes[batch.webhook] = min(maxBytes[batch.webhook], (batch.bodyCount + 1) / 2)
    }

    /// Cuts the batches whose first event has waited `max_wait`.
    package mutating func cutDue(_ now: ContinuousClock.Instant) -> [Batch] {
        var batches: [Batch] = []
        while let place = timers.pop(dueAt: now) {
            hasTimer[place] = false
            guard let batch = open[place] else { continue }
            if due(batch) > now {
                setTimer(batch)
            } else {
                open[place] = nil
                batches.append(cut(batch))
            }
        }
        return batches
    }

    /// When to look for batches that are due; nil: never as things are. There may be none at that time.
    package var nextDue: ContinuousClock.Instant? { timers.nextDue }

    /// Cuts every open batch when they are what fills the memory; else waiting for those under way is enough.
    package mutating func cutForMemory() -> [Batch] {
        guard memory.isFull, !cutsByInputAlone else { return [] }
        return openFootprint * 2 >= memory.limit ? cutAll() : []
    }

    /// Cuts every open batch: at the end of the input, or when the run is stopped.
    package mutating func cutAll() -> [Batch] {
        open.indices.compactMap { place in open[place].take().map { cut($0) } }
    }

    private mutating func begin(_ webhook: Int, _ lane: Int, _ now: ContinuousClock.Instant) -> Batch {
        let batch = Batch(
            webhook: webhook, lane: lane, payload: payloads[webhook], opened: now, memory: memory,
            expectedBytes: expected[webhook].bytes, expectedEvents: expected[webhook].events)
        openFootprint += batch.footprint
        setTimer(batch)
        return batch
    }

    private func due(_ batch: Batch) -> ContinuousClock.Instant { batch.opened + webhooks[batch.webhook].batch.maxWait }

    private mutating func setTimer(_ batch: Batch) {
        let place = firstLane[batch.webhook] + batch.lane
        if hasTimer[place] || cutsByInputAlone { return }
        hasTimer[place] = true
        timers.insert(place, due: due(batch))
    }

    /// `batch` is no more among the open ones.
    private mutating func cut(_ batch: Batch) -> Batch {
        openFootprint -= batch.footprint
        // A little over the last size, so that a batch of nearly the same size need not grow.
        expected[batch.webhook] = (batch.bodyCount + batch.bodyCount / 16 + 64, batch.count)
        return batch
    }
}
