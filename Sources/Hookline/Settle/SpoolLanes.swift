/// The spool's items of one webhook that keeps an order: each lane gives its first one, when that is due, and no other one
/// until it is settled (SPEC section 9).
package struct SpoolLanes {
    /// The first item of a lane, and when it may be taken.
    package struct Head: Equatable, Sendable {
        package var item: SpoolItem
        package var due: ContinuousClock.Instant
    }

    private struct Lane {
        /// In their order; those before `first` are gone.
        var items: [Head] = []
        var first = 0
        /// Whether one was taken and did not end.
        var isOut = false
        /// Batches on their way into the spool.
        var coming = 0
        /// Whether something waits there that this run may not take up.
        var isBlocked = false

        var head: Head? { isOut || isBlocked || first == items.count ? nil : items[first] }
        var isBusy: Bool { isOut || isBlocked || coming > 0 || first < items.count }

        mutating func insert(_ item: Head) {
            var (low, high) = (first, items.count)
            while low < high {
                let middle = (low + high) / 2
                if item.item.place.rank < items[middle].item.place.rank { high = middle } else { low = middle + 1 }
            }
            items.insert(item, at: low)
        }

        mutating func removeFirst() {
            first += 1
            if first * 2 > items.count {
                items.removeFirst(first)
                first = 0
            }
        }
    }

    private var lanes: [Lane]
    /// Whether some items were cut for another number of lanes: then all are one lane, until none is left.
    private var isMixed = false

    package init(count: Int) { lanes = Array(repeating: Lane(), count: count) }

    /// Whether a batch of that lane has to go into the spool, behind what is there.
    package func isBusy(_ lane: Int) -> Bool { lanes[place(lane)].isBusy }

    /// - Returns: what its lane waits for now; nil: for the one that was taken.
    package mutating func add(_ item: SpoolItem, due: ContinuousClock.Instant) -> Head? {
        if item.place.lanes != lanes.count { mix() }
        let lane = place(item.place.lane)
        lanes[lane].insert(Head(item: item, due: due))
        return lanes[lane].head
    }

    /// A lane, one of so many, holds from now on what this run may not take up.
    package mutating func block(_ lane: Int, of count: Int) {
        if count != lanes.count { mix() }
        lanes[place(lane)].isBlocked = true
    }

    /// Takes an item, if it is the first of its lane and due.
    package mutating func take(_ item: SpoolItem, _ now: ContinuousClock.Instant) -> Bool {
        let lane = place(item.place.lane)
        guard let head = lanes[lane].head, head.item.place == item.place, head.due <= now else { return false }
        lanes[lane].removeFirst()
        lanes[lane].isOut = true
        return true
    }

    /// The item that was taken is settled, or in the spool again.
    /// - Returns: what its lane waits for next.
    package mutating func ended(_ lane: Int) -> Head? {
        lanes[place(lane)].isOut = false
        defer { separate() }
        return lanes[place(lane)].head
    }

    /// So many batches are on their way into the spool, or, below zero, came there or failed to.
    package mutating func expect(_ batches: Int, in lane: Int) {
        lanes[place(lane)].coming += batches
        separate()
    }

    private mutating func separate() { if isMixed, !lanes[0].isBusy { isMixed = false } }

    private mutating func mix() {
        if isMixed { return }
        isMixed = true
        for index in lanes.indices.dropFirst() {
            for head in lanes[index].items[lanes[index].first...] { lanes[0].insert(head) }
            lanes[0].isOut = lanes[0].isOut || lanes[index].isOut
            lanes[0].isBlocked = lanes[0].isBlocked || lanes[index].isBlocked
            lanes[0].coming += lanes[index].coming
            lanes[index] = Lane()
        }
    }

    private func place(_ lane: Int) -> Int { isMixed ? 0 : lane }
}
