/// The lanes of one webhook: in which order its batches are sent.
///
/// A serial lane has at most one batch under way or in its backoff, and the others wait behind it. Webhooks with
/// `order: none` have one lane whose batches may overtake each other.
package struct Lanes {
    private struct Lane {
        /// Batches that go before those that are ready: they are older.
        var returned = FIFO<Batch>()
        var ready = FIFO<Batch>()
        /// Batches that were taken and neither ended nor came back.
        var out = 0
        /// Whether it stands in `turns`.
        var isQueued = false

        var isEmpty: Bool { returned.isEmpty && ready.isEmpty }
    }

    private let areSerial: Bool
    private var lanes: [Lane]
    /// Lanes that may give a batch, each once, in turn; and some that did no longer when they were asked again.
    private var turns = FIFO<Int>()
    private var backoffs = TimerHeap<Batch>()
    /// How many batches are in it.
    package private(set) var backoffCount = 0

    package init(_ order: Webhook.Order, count: Int) {
        areSerial = order != .none
        lanes = Array(repeating: Lane(), count: count)
    }

    /// Whether it is worth asking `next`: it may have nothing even so, but has nothing for certain if not.
    package var mayHaveNext: Bool { !turns.isEmpty }

    /// Takes a new batch, behind all others of its lane.
    package mutating func add(_ batch: Batch) {
        lanes[batch.lane].ready.append(batch)
        queue(batch.lane)
    }

    /// Takes back batches of one lane, to be sent before all others of it, in this order.
    package mutating func putBack(_ batches: [Batch]) {
        for batch in batches.reversed() {
            lanes[batch.lane].returned.prepend(batch)
            queue(batch.lane)
        }
    }

    /// Gives the next batch. Its lane, if serial, gives no other one until `ended`.
    package mutating func next() -> Batch? {
        while let lane = turns.popFirst() {
            lanes[lane].isQueued = false
            guard mayGive(lane) else { continue }
            guard let batch = lanes[lane].returned.popFirst() ?? lanes[lane].ready.popFirst() else { continue }
            lanes[lane].out += 1
            queue(lane)
            return batch
        }
        return nil
    }

    /// A batch that `next` gave is no longer under way.
    package mutating func ended(_ batch: Batch) {
        lanes[batch.lane].out -= 1
        queue(batch.lane)
    }

    /// Takes back a batch that `next` gave and that ended, to give it again at that time. Its lane, if serial, waits
    /// with it.
    package mutating func retry(_ batch: Batch, at due: ContinuousClock.Instant) {
        lanes[batch.lane].out += 1
        backoffs.insert(batch, due: due)
        backoffCount += 1
    }

    /// When the next backoff is over.
    package var nextDue: ContinuousClock.Instant? { backoffs.nextDue }

    /// Puts the batches in line whose backoff is over.
    package mutating func endBackoffs(_ now: ContinuousClock.Instant) {
        while let batch = backoffs.pop(dueAt: now) {
            backoffCount -= 1
            lanes[batch.lane].out -= 1
            if areSerial {
                lanes[batch.lane].returned.prepend(batch)
            } else {
                // Behind those whose backoff was over earlier.
                lanes[batch.lane].returned.append(batch)
            }
            queue(batch.lane)
        }
    }

    /// Whether a new batch would have to wait for another one of its lane.
    package var areBlocked: Bool { areSerial && lanes.allSatisfy { $0.out > 0 } }

    /// Looks at all that wait, as long as the answer is yes; what will be sent last comes first, as far as that can be
    /// known.
    package func visitLatestFirst(_ goesOn: (Batch) -> Bool) {
        for lane in lanes where !lane.ready.visitLastFirst(goesOn) { return }
        for lane in lanes where !lane.returned.visitLastFirst(goesOn) { return }
        for batch in backoffs.all where !goesOn(batch) { return }
    }

    /// Takes all that wait: those in their backoff first.
    package mutating func removeAll() -> [Batch] {
        var batches = removeBackoffs { _, _ in true }
        for lane in lanes.indices where !lanes[lane].isEmpty {
            batches += lanes[lane].returned.removeAll() + lanes[lane].ready.removeAll()
        }
        return batches
    }

    /// Takes all that wait in one lane: the one in its backoff first.
    package mutating func removeAll(of lane: Int) -> [Batch] {
        removeBackoffs { batch, _ in batch.lane == lane } + lanes[lane].returned.removeAll()
            + lanes[lane].ready.removeAll()
    }

    /// Takes those that answer to the description, which is asked once for each that waits.
    package mutating func removeAll(where isWanted: (Batch) -> Bool) -> [Batch] {
        var batches = removeBackoffs { batch, _ in isWanted(batch) }
        for lane in lanes.indices where !lanes[lane].isEmpty {
            batches += lanes[lane].returned.removeAll(where: isWanted) + lanes[lane].ready.removeAll(where: isWanted)
        }
        return batches
    }

    /// Takes those whose backoff ends at that time or later. Their lanes go on without them.
    package mutating func removeBackoffs(from due: ContinuousClock.Instant) -> [Batch] {
        removeBackoffs { $1 >= due }
    }

    private mutating func removeBackoffs(where isWanted: (Batch, ContinuousClock.Instant) -> Bool) -> [Batch] {
        if backoffCount == 0 { return [] }
        let taken = backoffs.removeAll(where: isWanted)
        backoffCount -= taken.count
        for batch in taken { ended(batch) }
        return taken
    }

    private func mayGive(_ lane: Int) -> Bool { !lanes[lane].isEmpty && !(areSerial && lanes[lane].out > 0) }

    private mutating func queue(_ lane: Int) {
        guard !lanes[lane].isQueued, mayGive(lane) else { return }
        lanes[lane].isQueued = true
        turns.append(lane)
    }
}
