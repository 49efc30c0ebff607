/// Items of the spool that were settled and wait to be noted together.
package struct SettledItems {
    /// They are noted when there are so many, or when the first has waited so long. Notes for repeats wait for the disk,
    /// so that they are made for more at once.
    package static let limit = 64
    package static let limitWithNotes = 512
    package static let maxWait = Duration.milliseconds(500)

    /// What the spool is told of some of them.
    package struct Group {
        package fileprivate(set) var places: [SpoolPlace] = []
        /// For repeats of the runs that cut them.
        package fileprivate(set) var notes: [(run: String, id: String)] = []

        fileprivate mutating func add(_ place: SpoolPlace, _ id: String) {
            places.append(place)
            if let run = place.repeatableRun { notes.append((run, id)) }
        }
    }

    /// They were delivered, or lie in the spool anew.
    package private(set) var gone = Group()
    /// They are dead letters now, in part at least, whose file must be on the disk before the spool forgets them.
    package private(set) var dead = Group()
    /// Those of them that are dead letters as a whole.
    package private(set) var whole: [(batch: Batch, reason: DeadLetterReason)] = []
    /// Events that are dead letters now, by webhook.
    package private(set) var deadLettered: [Int: Int] = [:]
    private var first: ContinuousClock.Instant?

    package init() {}

    package var isEmpty: Bool { first == nil }

    /// Whether it needs the dead letters on the disk.
    package var hasDead: Bool { !dead.places.isEmpty || !dead.notes.isEmpty || !deadLettered.isEmpty }

    /// A batch of the spool was delivered or, for that reason, became dead letters.
    package mutating func add(_ batch: Batch, dead reason: DeadLetterReason?, now: ContinuousClock.Instant) {
        guard let place = batch.spooled else { return }
        if let reason {
            dead.add(place, batch.id)
            whole.append((batch, reason))
            deadLettered[batch.webhook, default: 0] += batch.count
        } else {
            gone.add(place, batch.id)
        }
        first = first ?? now
    }

    /// A whole batch that never lay in the spool was delivered, or became dead letters: a repeat of `run` is told so.
    package mutating func add(_ id: String, of run: String, isDead: Bool, now: ContinuousClock.Instant) {
        if isDead { dead.notes.append((run, id)) } else { gone.notes.append((run, id)) }
        first = first ?? now
    }

    /// A part of a batch of the spool, which was split, became dead letters.
    package mutating func addDead(_ part: Batch) { deadLettered[part.webhook, default: 0] += part.count }

    /// All parts of a batch of the spool, which was split, were settled or lie in the spool themselves.
    package mutating func add(_ origin: Batch.Origin, now: ContinuousClock.Instant) {
        guard let place = origin.spooled else { return }
        if origin.hasDead { dead.add(place, origin.id) } else { gone.add(place, origin.id) }
        first = first ?? now
    }

    /// An item that lies in the spool anew.
    package mutating func add(_ place: SpoolPlace, now: ContinuousClock.Instant) {
        gone.places.append(place)
        first = first ?? now
    }

    /// When they are to be noted; nil: there are none.
    package var due: ContinuousClock.Instant? {
        let limit = gone.notes.isEmpty && dead.notes.isEmpty ? Self.limit : Self.limitWithNotes
        let count = max(gone.places.count + dead.places.count, gone.notes.count + dead.notes.count)
        return first.map { count >= limit ? $0 : $0 + Self.maxWait }
    }

    package mutating func removeAll() { self = SettledItems() }
}
