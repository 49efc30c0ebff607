import Glibc

/// Events on their way to one webhook in one request: the body that is sent, and where each event stands in it.
///
/// A class, since libcurl reads the body in place while the batch waits for its answer: its address must not change.
@safe package final class Batch {
    /// Where one event's own bytes stand.
    package struct Entry: Equatable, Sendable {
        /// In the body.
        package var start: Int
        package var count: Int
        /// The line of the input that it came from, from 1.
        package var line: Int
        /// Its place among the declared topics.
        package var topic: Int
    }

    /// What the parts of a batch that was split share.
    package final class Origin {
        /// Events in the whole batch.
        package let count: Int
        /// The whole batch's.
        package let id: String
        /// Where the whole batch lies in the spool; nil: it does not.
        package let spooled: SpoolPlace?
        /// Those of the events that were refused for good.
        package var refused = 0
        /// Those that are neither settled nor in the spool by themselves.
        package var open: Int
        /// Whether some are dead letters.
        package var hasDead = false
        /// Whether the whole batch stays in the spool: a part can't be read any more.
        package var stays = false

        fileprivate init(_ batch: Batch) {
            count = batch.count
            id = batch.id
            spooled = batch.spooled
            open = batch.count
        }
    }

    /// The place of its webhook in the configuration.
    package let webhook: Int
    /// Its place among the webhook's lanes: batches of one lane keep their order if the webhook has one.
    package let lane: Int
    /// When its first event came.
    package let opened: ContinuousClock.Instant
    /// The `webhook-id`: set once, when the batch is cut. Wrapped events without an id of their own get theirs from it.
    package var id = "" {
        didSet { fillIDs() }
    }
    /// Requests that were sent for it, and probes of its webhook that failed while it waited.
    package var attempts = 0
    package var firstAttempt: WallTime?
    package var lastAttempt: WallTime?
    /// The number of the access token that its last attempt carried; 0: none.
    package var token = 0
    /// Whether it was sent again because its receiver refused a token.
    package var hadTokenRefused = false
    /// Where it lies in the spool; nil: it does not.
    package var spooled: SpoolPlace?

    /// In a replay, which line of the replayed input each event is; else empty.
    package var places: [Int] = []
    /// The batch that it is a part of; nil: it was never split.
    package private(set) var origin: Origin?
    /// Where it, or the whole batch that it is a part of, lies in the spool; nil: nowhere.
    package var source: SpoolPlace? { spooled ?? origin?.spooled }

    private let payload: Payload
    private let memory: MemoryAccount
    private var bytes: UnsafeMutableRawPointer
    // These two are changed for each event, on one thread: the check that nobody else is at it would be paid each time.
    @exclusivity(unchecked) private var uncheckedByteCount = 0
    @exclusivity(unchecked) private var uncheckedCount = 0
    private var byteCount: Int {
        get { unsafe uncheckedByteCount }
        set { unsafe uncheckedByteCount = newValue }
    }
    private var byteCapacity: Int
    private var entries: UnsafeMutablePointer<Entry>
    private var entryCapacity: Int
    /// Where its bytes and entries lie while they are not in memory.
    private var aside: Overflow.Place?
    private var isEmptied = false
    package private(set) var count: Int {
        get { unsafe uncheckedCount }
        set { unsafe uncheckedCount = newValue }
    }
    /// Wrapped events whose id is still open, because it is made of the batch's.
    private var openIDs = 0

    /// An empty batch. `expectedBytes` and `expectedEvents` say how large it will most likely become: a guess that
    /// saves growing.
    package init(
        webhook: Int, lane: Int = 0, payload: Payload, opened: ContinuousClock.Instant, memory: MemoryAccount,
        expectedBytes: Int, expectedEvents: Int
    ) {
        self.webhook = webhook
        self.lane = lane
        self.payload = payload
        self.opened = opened
        self.memory = memory
        byteCapacity = max(64, expectedBytes)
        entryCapacity = max(1, expectedEvents)
        unsafe bytes = Self.resized(nil, to: byteCapacity)
        unsafe entries = Self.resized(nil, to: entryCapacity * MemoryLayout<Entry>.stride)
            .bindMemory(to: Entry.self, capacity: entryCapacity)
        memory.take(footprint)
    }

    /// A batch as it was cut before: `fill` writes its body, byte for byte, and throws when it can't.
    package init<Failure: Error>(
        webhook: Int, lane: Int = 0, format: Webhook.Format, id: String, bodyCount: Int, entries: [Entry],
        opened: ContinuousClock.Instant, memory: MemoryAccount,
        fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        self.webhook = webhook
        self.lane = lane
        payload = Payload(format)
        self.opened = opened
        self.memory = memory
        self.id = id
        byteCapacity = max(64, bodyCount)
        entryCapacity = max(1, entries.count)
        unsafe bytes = Self.resized(nil, to: byteCapacity)
        unsafe self.entries = Self.resized(nil, to: entryCapacity * MemoryLayout<Entry>.stride)
            .bindMemory(to: Entry.self, capacity: entryCapacity)
        for (index, entry) in entries.enumerated() { unsafe (self.entries + index).initialize(to: entry) }
        count = entries.count
        byteCount = bodyCount - (payload.closing == nil ? 0 : 1)
        memory.take(footprint)
        unsafe try fill(UnsafeMutableRawBufferPointer(start: bytes, count: bodyCount))
    }

    deinit {
        memory.give(footprint)
        freeBlocks()
    }

    private func freeBlocks() {
        if byteCapacity > 0 { unsafe free(bytes) }
        if entryCapacity > 0 { unsafe free(entries) }
    }

    /// Stands for a block of no bytes.
    private static var noBlock: UnsafeMutableRawPointer {
        guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: MemoryLayout<Entry>.alignment) else {
            preconditionFailure("an alignment is not zero")
        }
        return unsafe pointer
    }

    /// By realloc, which moves the pages of a large block instead of copying them, so that growing takes no room twice.
    private static func resized(_ block: UnsafeMutableRawPointer?, to count: Int) -> UnsafeMutableRawPointer {
        guard let block = unsafe realloc(block, count) else { fatalError("out of memory") }
        return unsafe block
    }

    /// Bytes of memory that it takes.
    package var footprint: Int { Self.overhead + byteCapacity + entryCapacity * MemoryLayout<Entry>.stride }

    /// About what the object, its id and its place in a queue take, which counts where batches are small.
    private static let overhead = 384

    /// Size of the body with its closing byte.
    package var bodyCount: Int { byteCount + (payload.closing == nil ? 0 : 1) }

    package var contentType: String { payload.contentType }

    package var format: Webhook.Format { payload.format }

    /// What is sent. Valid as long as the batch lives and nothing is appended.
    package var body: UnsafeRawBufferPointer {
        precondition(!isAside && !isEmptied, "the body is not in memory")
        return unsafe UnsafeRawBufferPointer(start: bytes, count: bodyCount)
    }

    package subscript(index: Int) -> Entry {
        precondition(index < count && !isAside && !isEmptied)
        return unsafe entries[index]
    }

    /// Whether its body is on the disk and has to be recalled before anybody may look at it.
    package var isAside: Bool { aside != nil }

    /// Puts body and entries on the disk, and gives their memory back.
    /// - Throws: when they can't be written; then the batch is as it was.
    package func setAside(in overflow: Overflow) throws(SystemError) {
        precondition(aside == nil, "a batch is set aside once")
        let entryBytes = unsafe UnsafeRawBufferPointer(start: entries, count: count * MemoryLayout<Entry>.stride)
        aside = unsafe try overflow.append(UnsafeRawBufferPointer(start: bytes, count: bodyCount), entryBytes)
        resize(byteCapacity: 0, entryCapacity: 0)
    }

    /// Gets body and entries back into memory.
    /// - Throws: when they can't be read; then the batch is as it was.
    package func recall(from overflow: Overflow) throws(SystemError) {
        guard let place = aside else { return }
        resize(byteCapacity: max(64, bodyCount), entryCapacity: max(1, count))
        let body = unsafe UnsafeMutableRawBufferPointer(start: bytes, count: bodyCount)
        do {
            unsafe try overflow.read(
                place, into: body,
                UnsafeMutableRawBufferPointer(start: entries, count: count * MemoryLayout<Entry>.stride))
        } catch {
            resize(byteCapacity: 0, entryCapacity: 0)
            throw error
        }
        overflow.release(place)
        aside = nil
    }

    /// Gives its memory back: its events were written or sent elsewhere.
    package func empty() {
        isEmptied = true
        resize(byteCapacity: 0, entryCapacity: 0)
    }

    /// Gives its memory back, and its room on the disk: its events lie elsewhere.
    package func drop(from overflow: Overflow) {
        if let place = aside { overflow.release(place) }
        aside = nil
        empty()
    }

    /// Other blocks in place of the old ones, whose bytes are lost. Of nothing there is no block: a small one where a large
    /// one was would keep the next batch from that place, and the heap would grow by all that is set aside.
    private func resize(byteCapacity: Int, entryCapacity: Int) {
        memory.give(footprint)
        freeBlocks()
        self.byteCapacity = byteCapacity
        self.entryCapacity = entryCapacity
        unsafe bytes = byteCapacity == 0 ? Self.noBlock : Self.resized(nil, to: byteCapacity)
        unsafe entries =
            (entryCapacity == 0 ? Self.noBlock : Self.resized(nil, to: entryCapacity * MemoryLayout<Entry>.stride))
            .bindMemory(to: Entry.self, capacity: entryCapacity)
        memory.take(footprint)
    }

    /// An event's own bytes.
    package func event(_ index: Int) -> UnsafeRawBufferPointer {
        let entry = self[index]
        return unsafe UnsafeRawBufferPointer(start: bytes + entry.start, count: entry.count)
    }

    /// Where an event stands in the body with all that is wrapped around it, but without what joins it to others.
    package func element(_ index: Int) -> Range<Int> {
        let first = payload.opening == nil ? 0 : 1
        let start = index == 0 ? first : elementEnd(index - 1) + (payload.separator == nil ? 0 : 1)
        return start..<elementEnd(index)
    }

    private func elementEnd(_ index: Int) -> Int {
        let entry = self[index]
        let end = entry.start + entry.count
        // Of all that may follow an event's own bytes, only the end of a wrapper is a brace.
        let isWrapped = unsafe end < byteCount && bytes.load(fromByteOffset: end, as: UInt8.self) == UInt8(ascii: "}")
        return isWrapped ? end + 1 : end
    }

    /// Puts the batch's id into the wrapped events that wait for it.
    private func fillIDs() {
        if openIDs == 0 { return }
        for index in 0..<count {
            let element = element(index)
            let isWrapped = element.count > self[index].count
            guard isWrapped else { continue }
            unsafe CloudEventHead.fillID(in: .init(start: bytes + element.lowerBound, count: element.count), id)
        }
        openIDs = 0
    }

    /// Copies of its two halves, in order: batches that had no attempt, without ids. Events keep their wrappers as they
    /// are, and so the ids that were made of this batch's. The first half has the odd event.
    package func halves() -> (Batch, Batch) {
        precondition(count > 1 && openIDs == 0, "only a batch with an id and several events has halves")
        let middle = Self.middle(of: count)
        let origin = origin ?? Origin(self)
        return (part(0..<middle, of: origin), part(middle..<count, of: origin))
    }

    /// How many events the first half has.
    package static func middle(of count: Int) -> Int { (count + 1) / 2 }

    private func part(_ events: Range<Int>, of origin: Origin) -> Batch {
        let copied = element(events.lowerBound).lowerBound..<elementEnd(events.upperBound - 1)
        let part = Batch(
            webhook: webhook, lane: lane, payload: payload, opened: opened, memory: memory,
            expectedBytes: copied.count + 2,
            expectedEvents: events.count)
        part.origin = origin
        if !places.isEmpty { part.places = Array(places[events]) }
        unsafe part.copy(UnsafeRawBufferPointer(rebasing: body[copied]))
        let shift = copied.lowerBound - (payload.opening == nil ? 0 : 1)
        for index in events {
            var entry = self[index]
            entry.start -= shift
            unsafe (part.entries + part.count).initialize(to: entry)
            part.count += 1
        }
        return part
    }

    /// Fills an empty batch, whose memory is large enough, with joined elements.
    private func copy(_ elements: UnsafeRawBufferPointer) {
        if let byte = payload.opening {
            unsafe bytes.storeBytes(of: byte, as: UInt8.self)
            byteCount = 1
        }
        if let source = elements.baseAddress {
            unsafe (bytes + byteCount).copyMemory(from: source, byteCount: elements.count)
        }
        byteCount += elements.count
        if let closing = payload.closing {
            unsafe bytes.storeBytes(of: closing, toByteOffset: byteCount, as: UInt8.self)
        }
    }

    /// Whether one more event of this size keeps within a limit on the body. An event alone always fits.
    @inline(__always)
    package func fits(_ eventBytes: Int, _ head: CloudEventHead?, within limit: Int) -> Bool {
        if count == 0 { return true }
        let wrapper = head.map { $0.count(index: count) + 1 } ?? 0
        return bodyCount + wrapper + eventBytes + (payload.separator == nil ? 0 : 1) <= limit
    }

    /// Appends one event: the one time that its bytes are copied. With a head it is wrapped.
    @inline(__always)
    package func append(_ event: UnsafeRawBufferPointer, _ head: CloudEventHead? = nil, line: Int, topic: Int) {
        let headCount = head?.count(index: count) ?? 0
        // Room for the byte before, the end of the wrapper and the closing byte after.
        reserve(headCount + event.count + 3)
        if let byte = count == 0 ? payload.opening : payload.separator {
            unsafe bytes.storeBytes(of: byte, toByteOffset: byteCount, as: UInt8.self)
            byteCount += 1
        }
        if let head {
            unsafe head.write(to: bytes + byteCount, index: count)
            byteCount += headCount
            if head.idIsOpen { openIDs += 1 }
        }
        if let source = event.baseAddress {
            unsafe (bytes + byteCount).copyMemory(from: source, byteCount: event.count)
        }
        unsafe (entries + count).initialize(to: Entry(start: byteCount, count: event.count, line: line, topic: topic))
        count += 1
        byteCount += event.count
        if head != nil {
            unsafe bytes.storeBytes(of: UInt8(ascii: "}"), toByteOffset: byteCount, as: UInt8.self)
            byteCount += 1
        }
        if let closing = payload.closing {
            unsafe bytes.storeBytes(of: closing, toByteOffset: byteCount, as: UInt8.self)
        }
    }

    @inline(__always)
    private func reserve(_ more: Int) {
        if byteCount + more > byteCapacity || count == entryCapacity { grow(more) }
    }

    private func grow(_ more: Int) {
        memory.give(footprint)
        if byteCount + more > byteCapacity {
            byteCapacity = max(byteCapacity * 2, byteCount + more)
            unsafe bytes = Self.resized(bytes, to: byteCapacity)
        }
        if count == entryCapacity {
            entryCapacity *= 2
            unsafe entries = Self.resized(entries, to: entryCapacity * MemoryLayout<Entry>.stride)
                .bindMemory(to: Entry.self, capacity: entryCapacity)
        }
        memory.take(footprint)
    }
}
