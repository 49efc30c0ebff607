/// Which item of the spool is taken up next (SPEC section 9): those that are due, a few of each webhook at once, so that
/// their events are read from the disk when there is a request for them, and not before.
///
/// Pure: time comes as a parameter.
package struct TakeUp {
    /// Whether a webhook's items can be sent in this run.
    package enum Standing: Equatable, Sendable {
        /// As many at once as that.
        case open(atOnce: Int)
        /// In order: of each lane one at once, so many lanes.
        case serial(lanes: Int)
        /// They stay, until they are too old to be kept.
        case resting
    }

    private let standings: [Standing]
    private let maxAge: Duration
    private var timers = TimerHeap<SpoolItem>()
    private var due: [FIFO<SpoolItem>] = []
    /// By webhook; nil: it keeps no order.
    private var lanes: [SpoolLanes?]
    private var expired = FIFO<SpoolItem>()
    private var underWay: [Int]
    /// Webhooks that may have something due, each once.
    private var turns = FIFO<Int>()
    private var isQueued: [Bool]
    private var isClosed = false
    /// Events that other runs left and this one has not taken up, by webhook as `Spool.names` counts them.
    package private(set) var waiting: [Int] = []

    /// - Parameters:
    ///   - standings: by webhook of the configuration; any other webhook's items rest.
    ///   - maxAge: how long after an item first came into the spool it is given up.
    package init(_ standings: [Standing], maxAge: Duration) {
        self.standings = standings
        self.maxAge = maxAge
        due = standings.map { _ in FIFO() }
        lanes = standings.map { if case .serial(let count) = $0 { SpoolLanes(count: count) } else { nil } }
        underWay = standings.map { _ in 0 }
        isQueued = standings.map { _ in false }
        waiting = standings.map { _ in 0 }
    }

    package func standing(_ webhook: Int) -> Standing {
        standings.indices.contains(webhook) ? standings[webhook] : .resting
    }

    /// Items that lie in the spool, those of this run or of others.
    package mutating func add(_ items: [SpoolItem], now: Moment) {
        // Items that are due at once keep the order in which they became due.
        for item in items.sorted(by: { $0.next < $1.next }) {
            count(item, 1)
            let expiry = item.isDecided ? now.wall : item.place.created + maxAge
            let next = standing(item.webhook) == .resting ? expiry : min(item.next, expiry)
            schedule(item, at: next, now)
        }
    }

    /// An item is left alone until then.
    package mutating func postpone(_ item: SpoolItem, until: ContinuousClock.Instant) {
        count(item, 1)
        insert(item, due: until)
    }

    /// Whether a batch must go into the spool, because an earlier one of its lane is there.
    package func isBehind(_ webhook: Int, lane: Int) -> Bool { lanes[webhook]?.isBusy(lane) ?? false }

    /// A lane, one of so many, holds what this run may not take up: as long as it lives, later batches wait behind that.
    package mutating func block(_ webhook: Int, lane: Int, of count: Int) {
        if isOrdered(webhook) { lanes[webhook]?.block(lane, of: count) }
    }

    /// So many batches of a lane are on their way into the spool, or, below zero, came there or failed to.
    package mutating func expect(_ batches: Int, of webhook: Int, lane: Int) {
        lanes[webhook]?.expect(batches, in: lane)
    }

    /// Takes the next item that is due; its place is taken until `ended`, except if it is too old to be kept.
    package mutating func next(_ now: Moment) -> (item: SpoolItem, isExpired: Bool)? {
        if isClosed { return nil }
        sort(now)
        if let item = expired.popFirst() {
            count(item, -1)
            if isOrdered(item.webhook), let head = lanes[item.webhook]?.ended(item.place.lane) {
                timers.insert(head.item, due: head.due)
            }
            return (item, true)
        }
        while let webhook = turns.popFirst() {
            isQueued[webhook] = false
            guard let item = take(webhook) else { continue }
            queue(webhook)
            return (item, false)
        }
        return nil
    }

    /// A batch that was taken up is settled, or in the spool again.
    package mutating func ended(_ webhook: Int, lane: Int = 0) {
        guard underWay.indices.contains(webhook) else { return }
        underWay[webhook] -= 1
        if let head = lanes[webhook]?.ended(lane) { timers.insert(head.item, due: head.due) }
        queue(webhook)
    }

    /// Whether a run that has nothing else to do must go on.
    package func isDue(_ now: Moment) -> Bool {
        if isClosed { return false }
        let isSoon = timers.nextDue.map { $0 <= now.monotonic } ?? false
        return isSoon || !expired.isEmpty || due.contains { !$0.isEmpty }
    }

    /// Whether `next` would give something at this time: then the loop must not sleep. Unlike `isDue` it leaves out what
    /// is due but waits for a place that its webhook's other items have.
    package func mayGive(_ now: Moment) -> Bool {
        if isClosed { return false }
        let isSoon = timers.nextDue.map { $0 <= now.monotonic } ?? false
        return isSoon || !expired.isEmpty || !turns.isEmpty
    }

    /// When an item becomes due that is not yet; nil: none does.
    package var nextDue: ContinuousClock.Instant? { isClosed ? nil : timers.nextDue }

    /// Nothing more is taken up in this run.
    package mutating func close() { isClosed = true }

    private mutating func schedule(_ item: SpoolItem, at time: WallTime, _ now: Moment) {
        let wait = max(0, time.milliseconds - now.wall.milliseconds)
        insert(item, due: now.monotonic + .milliseconds(wait))
    }

    /// Of a lane that keeps an order only the first item has a timer.
    private mutating func insert(_ item: SpoolItem, due: ContinuousClock.Instant) {
        if !isOrdered(item.webhook) {
            timers.insert(item, due: due)
        } else if let head = lanes[item.webhook]?.add(item, due: due), head.item == item {
            timers.insert(item, due: due)
        }
    }

    private mutating func sort(_ now: Moment) {
        while let item = timers.pop(dueAt: now.monotonic) {
            // An earlier one of its lane came meanwhile.
            if isOrdered(item.webhook), lanes[item.webhook]?.take(item, now.monotonic) == false { continue }
            if item.isDecided || item.place.created + maxAge <= now.wall {
                expired.append(item)
            } else if standing(item.webhook) != .resting {
                due[item.webhook].append(item)
                queue(item.webhook)
            } else {
                // The wall clock was set back meanwhile.
                timers.insert(item, due: now.monotonic + maxAge)
            }
        }
    }

    private func isOrdered(_ webhook: Int) -> Bool { lanes.indices.contains(webhook) && lanes[webhook] != nil }

    /// How many items of a webhook may be under way.
    private func places(_ webhook: Int) -> Int {
        switch standing(webhook) {
        case .open(let count), .serial(let count): count
        case .resting: 0
        }
    }

    private mutating func take(_ webhook: Int) -> SpoolItem? {
        guard underWay[webhook] < places(webhook),
            let item = due[webhook].popFirst()
        else { return nil }
        underWay[webhook] += 1
        count(item, -1)
        return item
    }

    private mutating func queue(_ webhook: Int) {
        guard !isQueued[webhook], !due[webhook].isEmpty, underWay[webhook] < places(webhook)
        else { return }
        isQueued[webhook] = true
        turns.append(webhook)
    }

    /// What this run put into the spool itself is in its books as deferred.
    private mutating func count(_ item: SpoolItem, _ sign: Int) {
        if item.place.folder == 0 { return }
        while waiting.count <= item.webhook { waiting.append(0) }
        waiting[item.webhook] += sign * item.count
    }
}
