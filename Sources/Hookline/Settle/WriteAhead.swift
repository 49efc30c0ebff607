/// Batches that were cut and wait to be made durable together, before their first attempt: one wait for the disk serves
/// them all.
///
/// Two groups at most: while one is on its way to the disk, the next one is filled.
package struct WriteAhead {
    /// A group has about so many bytes at most.
    package static let largestGroup = 8 << 20

    /// What is to be done now.
    package enum Step: Equatable, Sendable {
        case none
        /// The older group is to be waited for, and the newer one closed.
        case rotate
        /// Both are to be waited for.
        case finish
    }

    /// Whether batches are written ahead at all.
    package private(set) var isOn: Bool
    private let groupBytes: Int
    private var older: [Batch] = []
    private var newer: [Batch] = []
    private var bytes = 0

    /// `memory`: how much all batches may hold; two groups take half of it at most.
    package init(isOn: Bool, memory: Int) {
        self.isOn = isOn
        groupBytes = min(Self.largestGroup, memory / 4)
    }

    package var isEmpty: Bool { older.isEmpty && newer.isEmpty }

    /// Whether a batch that was cut is added: to be written, or since it must not overtake those that were.
    package var takesBatches: Bool { isOn || !isEmpty }

    package mutating func add(_ batch: Batch) {
        newer.append(batch)
        bytes += batch.bodyCount
    }

    /// `mayGrow`: there is more to read, and room for it.
    package func step(mayGrow: Bool) -> Step {
        if isEmpty { return .none }
        if !mayGrow { return .finish }
        return bytes >= groupBytes ? .rotate : .none
    }

    /// Closes the newer group.
    /// - Returns: the older one.
    package mutating func rotate() -> [Batch] {
        defer { (older, newer, bytes) = (newer, [], 0) }
        return older
    }

    /// All batches, oldest first.
    package mutating func finish() -> [Batch] {
        defer { (older, newer, bytes) = ([], [], 0) }
        return older + newer
    }

    /// The spool can't take more: what comes from now on is sent without.
    package mutating func turnOff() { isOn = false }
}

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
    /// Events that are dead letters now, by webhook.
    package private(set) var deadLettered: [Int: Int] = [:]
    private var first: ContinuousClock.Instant?

    package init() {}

    package var isEmpty: Bool { first == nil }

    /// A batch of the spool was delivered, or became dead letters.
    package mutating func add(_ batch: Batch, isDead: Bool, now: ContinuousClock.Instant) {
        guard let place = batch.spooled else { return }
        if isDead {
            dead.add(place, batch.id)
            deadLettered[batch.webhook, default: 0] += batch.count
        } else {
            gone.add(place, batch.id)
        }
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
        return first.map { gone.places.count + dead.places.count >= limit ? $0 : $0 + Self.maxWait }
    }

    package mutating func removeAll() { self = SettledItems() }
}
