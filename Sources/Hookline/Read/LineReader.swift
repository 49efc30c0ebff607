import Glibc

/// Cuts a descriptor's bytes into lines (SPEC section 4).
///
/// A line ends at LF; one CR before it is dropped; the last line needs no LF; one UTF-8 byte order mark at the start is
/// skipped. Call `next()` until it returns nil, then `fill()`. Whoever has no room may stop in between and go on later.
/// Holds at most one line of the largest size and one chunk. The descriptor stays its caller's.
@safe package struct LineReader: ~Copyable {
    /// What one `fill()` came to.
    package enum Fill: Equatable, Sendable {
        /// There are bytes that `next()` has not seen.
        case bytes
        /// The descriptor is non-blocking and has none now: poll it first.
        case wouldBlock
        /// No byte will come any more. `next()` may still return the last line.
        case endOfInput
    }

    /// One line of the input.
    @safe package enum Line {
        /// Neither blank nor too large: its bytes without line ending, valid until the next `fill()`.
        case event(UnsafeRawBufferPointer)
        /// Nothing but spaces, tabs and carriage returns.
        case blank
        /// Longer than the limit; its bytes were not kept.
        case tooLarge
    }

    /// Number of the line returned last, from 1; 0 before the first.
    package private(set) var number = 0
    /// Bytes of the input up to the end of the line returned last, its line ending included.
    package private(set) var bytes = 0

    /// Bytes of memory that hold input: 160 KiB, more once lines need it, at most 256 KiB more than the largest line.
    package private(set) var capacity = chunk + chunk / 4

    package let descriptor: Int32
    private let maxLineBytes: Int
    /// Largest number of bytes that one `fill()` reads.
    private static let chunk = 128 << 10
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private var buffer: UnsafeMutableRawPointer
    /// `buffer[start..<filled]` is not yet returned; `buffer[start..<searched]` holds no LF.
    private var start = 0
    private var searched = 0
    private var filled = 0
    /// Bytes of a line that is too large which were dropped from the buffer so far.
    private var dropped = 0
    private var isPastStart = false
    private var isAtEnd = false
    /// Whether `next()` has returned nil since the last byte arrived.
    package private(set) var isDrained = true

    /// - Parameters:
    ///   - descriptor: a pipe, a file or a terminal, open for reading.
    ///   - maxLineBytes: largest line returned as an event, in bytes without its line ending; 1 or more.
    package init(descriptor: Int32, maxLineBytes: Int) {
        self.descriptor = descriptor
        // A limit that nothing can reach must not overflow sums.
        self.maxLineBytes = min(maxLineBytes, Int.max / 4)
        unsafe buffer = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { unsafe buffer.deallocate() }

    /// Whether read(2) would return at once: with bytes, at the end of the input, or with an error.
    package var isReadable: Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&watched, 1, 0) > 0
    }

    /// Reads once, up to 128 KiB. Lines returned before are no longer valid.
    ///
    /// Reads nothing while there are bytes that `next()` has not seen, so that a caller's order of calls can't make the
    /// buffer grow.
    /// - Throws: `ReadError` when read(2) fails for another reason than an interruption or an empty descriptor.
    package mutating func fill() throws(ReadError) -> Fill {
        if !isDrained { return .bytes }
        if isAtEnd { return .endOfInput }
        makeRoom()
        while true {
            let room = min(Self.chunk, capacity - filled)
            let count = unsafe read(descriptor, buffer + filled, room)
            if count > 0 {
                filled += count
                isDrained = false
                return .bytes
            }
            if count == 0 {
                isAtEnd = true
                isDrained = false
                return .endOfInput
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: throw .inputFailed(errno: errno)
            }
        }
    }

    /// The next line, or nil when it needs more bytes, or when there is none after the end of input.
    package mutating func next() -> Line? {
        if !isPastStart, !passStart() { return wait() }
        guard let lineFeed = unsafe memchr(buffer + searched, 0x0A, filled - searched) else {
            searched = filled
            if isAtEnd, filled - start + dropped > 0 { return take(through: filled, ending: 0) }
            // One more byte than the limit may be the CR before a LF that has not come yet.
            if filled - start + dropped > maxLineBytes + 1 { drop() }
            return wait()
        }
        return take(through: unsafe lineFeed - buffer, ending: 1)
    }

    /// Returns `buffer[start..<end]` as a line and goes on after its ending.
    @inline(__always)
    private mutating func take(through end: Int, ending: Int) -> Line {
        let line = unsafe UnsafeRawBufferPointer(start: buffer + start, count: end - start)
        let isTooLarge = dropped > 0
        number += 1
        bytes += dropped + line.count + ending
        start = end + ending
        searched = start
        dropped = 0
        if isTooLarge { return .tooLarge }
        return unsafe classify(line)
    }

    @inline(__always)
    private func classify(_ line: UnsafeRawBufferPointer) -> Line {
        var line = unsafe line
        if let last = unsafe line.last, last == 0x0D { unsafe line = .init(rebasing: line.dropLast()) }
        if line.count > maxLineBytes { return .tooLarge }
        // Nearly every line starts with its brace.
        if let first = unsafe line.first, first > 0x20 { return unsafe .event(line) }
        let isBlank = unsafe line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        return unsafe isBlank ? .blank : .event(line)
    }

    /// Skips a byte order mark. False when too few bytes are there to tell.
    private mutating func passStart() -> Bool {
        guard filled >= Self.byteOrderMark.count || isAtEnd else { return false }
        isPastStart = true
        let input = unsafe UnsafeRawBufferPointer(start: buffer, count: filled)
        if unsafe input.starts(with: Self.byteOrderMark) {
            start = Self.byteOrderMark.count
            searched = start
            bytes = start
        }
        return true
    }

    private mutating func wait() -> Line? {
        isDrained = true
        return nil
    }

    /// Forgets what is there of a line that is too large.
    private mutating func drop() {
        dropped += filled - start
        (start, searched, filled) = (0, 0, 0)
    }

    /// Moves the unfinished line to the buffer's start; doubles the buffer when less than a quarter chunk is left.
    private mutating func makeRoom() {
        if start > 0 {
            unsafe memmove(buffer, buffer + start, filled - start)
            (start, searched, filled) = (0, searched - start, filled - start)
        }
        guard capacity - filled < Self.chunk / 4 else { return }
        capacity = min(capacity * 2, maxLineBytes + 2 * Self.chunk)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        unsafe larger.copyMemory(from: buffer, byteCount: filled)
        unsafe buffer.deallocate()
        unsafe buffer = larger
    }
}
