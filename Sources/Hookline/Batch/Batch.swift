import Glibc

/// Events on their way to one webhook in one request: the body that is sent, and where each event stands in it.
///
/// A class, since libcurl reads the body in place while the batch waits for its answer: its address must not change.
@safe package final class Batch {
    /// Where one event stands.
    package struct Entry: Equatable, Sendable {
        /// In the body.
        package var start: Int
        package var count: Int
        /// The line of the input that it came from, from 1.
        package var line: Int
        /// Its place among the declared topics.
        package var topic: Int
    }

    /// The place of its webhook in the configuration.
    package let webhook: Int
    /// When its first event came.
    package let opened: ContinuousClock.Instant
    /// The `webhook-id`: set once, when the batch is cut.
    package var id = ""
    /// Requests that were sent for it.
    package var attempts = 0
    package var firstAttempt: WallTime?
    package var lastAttempt: WallTime?
    /// The number of the access token that its last attempt carried; 0: none.
    package var token = 0
    /// Whether it was sent again because its receiver refused a token.
    package var hadTokenRefused = false

    private let payload: Payload
    private let memory: MemoryAccount
    private var bytes: UnsafeMutableRawPointer
    private var byteCount = 0
    private var byteCapacity: Int
    private var entries: UnsafeMutablePointer<Entry>
    private var entryCapacity: Int
    package private(set) var count = 0

    /// An empty batch. `expectedBytes` and `expectedEvents` say how large it will most likely become: a guess that
    /// saves growing.
    package init(
        webhook: Int, payload: Payload, opened: ContinuousClock.Instant, memory: MemoryAccount, expectedBytes: Int,
        expectedEvents: Int
    ) {
        self.webhook = webhook
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

    deinit {
        memory.give(footprint)
        unsafe free(bytes)
        unsafe free(entries)
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

    /// What is sent. Valid as long as the batch lives and nothing is appended.
    package var body: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: bytes, count: bodyCount)
    }

    package subscript(index: Int) -> Entry {
        precondition(index < count)
        return unsafe entries[index]
    }

    /// An event's own bytes.
    package func event(_ index: Int) -> UnsafeRawBufferPointer {
        let entry = self[index]
        return unsafe UnsafeRawBufferPointer(start: bytes + entry.start, count: entry.count)
    }

    /// Whether one more event of this size keeps within a limit on the body. An event alone always fits.
    package func fits(_ eventBytes: Int, within limit: Int) -> Bool {
        count == 0 || bodyCount + eventBytes + (payload.separator == nil ? 0 : 1) <= limit
    }

    /// Appends one event: the one time that its bytes are copied.
    package func append(_ event: UnsafeRawBufferPointer, line: Int, topic: Int) {
        // Room for the byte before and the closing byte after.
        reserve(event.count + 2)
        if let byte = count == 0 ? payload.opening : payload.separator {
            unsafe bytes.storeBytes(of: byte, toByteOffset: byteCount, as: UInt8.self)
            byteCount += 1
        }
        if let source = event.baseAddress {
            unsafe (bytes + byteCount).copyMemory(from: source, byteCount: event.count)
        }
        unsafe (entries + count).initialize(to: Entry(start: byteCount, count: event.count, line: line, topic: topic))
        count += 1
        byteCount += event.count
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
