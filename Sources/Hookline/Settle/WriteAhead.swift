/// Batches that were cut and wait to be made durable together, before their first attempt: one wait for the disk serves
/// them all.
package struct WriteAhead {
    /// A group is written when it has about this many bytes.
    package static let groupBytes = 8 << 20

    /// Whether batches are written ahead at all.
    package private(set) var isOn: Bool
    private var batches: [Batch] = []
    private var bytes = 0

    package init(isOn: Bool) { self.isOn = isOn }

    package var isEmpty: Bool { batches.isEmpty }

    package mutating func add(_ batch: Batch) {
        batches.append(batch)
        bytes += batch.bodyCount
    }

    /// Whether they are to be written now. `mayGrow`: there is more to read, and room for it.
    package func isDue(mayGrow: Bool) -> Bool { !isEmpty && (!mayGrow || bytes >= Self.groupBytes) }

    /// The group, oldest first.
    package mutating func take() -> [Batch] {
        defer { (batches, bytes) = ([], 0) }
        return batches
    }

    /// The spool can't take more: what comes from now on is sent without.
    package mutating func turnOff() { isOn = false }
}

/// Items of the spool that were settled and wait to be noted together.
package struct SettledItems {
    /// They are noted when there are so many, or when the first has waited so long.
    package static let limit = 512
    package static let maxWait = Duration.milliseconds(500)

    package private(set) var places: [SpoolPlace] = []
    /// For repeats of the runs that cut them.
    package private(set) var notes: [(run: String, id: String)] = []
    /// Events that are dead letters now, by webhook: their file must be on the disk before the spool forgets them.
    package private(set) var deadLettered: [Int: Int] = [:]
    private var first: ContinuousClock.Instant?

    package init() {}

    package var isEmpty: Bool { first == nil }

    /// A batch of the spool was delivered, or became dead letters.
    package mutating func add(_ batch: Batch, isDead: Bool, now: ContinuousClock.Instant) {
        guard let place = batch.spooled else { return }
        add([place], now: now)
        if let run = place.repeatableRun { notes.append((run, batch.id)) }
        if isDead { deadLettered[batch.webhook, default: 0] += batch.count }
    }

    /// Items that lie in the spool anew.
    package mutating func add(_ places: [SpoolPlace], now: ContinuousClock.Instant) {
        if places.isEmpty { return }
        self.places += places
        first = first ?? now
    }

    /// When they are to be noted; nil: there are none.
    package var due: ContinuousClock.Instant? {
        first.map { places.count >= Self.limit ? $0 : $0 + Self.maxWait }
    }

    package mutating func removeAll() { self = SettledItems() }
}
