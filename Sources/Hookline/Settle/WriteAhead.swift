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
    /// Cut, but for the time being the spool has no room for them: neither written nor in line, oldest first.
    private var held = FIFO<Batch>()

    /// `memory`: how much all batches may hold; two groups take half of it at most.
    package init(isOn: Bool, memory: Int) {
        self.isOn = isOn
        groupBytes = min(Self.largestGroup, memory / 4)
    }

    package var isEmpty: Bool { isWritten && held.isEmpty }

    /// Whether nothing waits for the disk.
    package var isWritten: Bool { older.isEmpty && newer.isEmpty }

    /// Whether batches wait until others have left the spool: then no more events are read.
    package var awaitsRoom: Bool { !held.isEmpty }

    /// Whether a batch that was cut is added: to be written, or since it must not overtake those that were.
    package var takesBatches: Bool { isOn || !isEmpty }

    package mutating func add(_ batch: Batch) {
        newer.append(batch)
        bytes += batch.bodyCount
    }

    /// A batch waits for room in the spool, behind those that do.
    package mutating func hold(_ batch: Batch) { held.append(batch) }

    /// The first of those that wait for room, to be tried again; `hold(again:)` takes it back.
    package mutating func nextHeld() -> Batch? { held.popFirst() }

    package mutating func hold(again batch: Batch) { held.prepend(batch) }

    /// `mayGrow`: there is more to read, and room for it.
    package func step(mayGrow: Bool) -> Step {
        if isWritten { return .none }
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
