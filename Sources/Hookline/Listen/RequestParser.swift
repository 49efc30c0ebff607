import Glibc

/// Takes a connection's bytes in any pieces and gives its requests, one element after the other (RFC 9112).
///
/// Body bytes are not copied: an element names their range in the piece. Line endings must be CR LF, so that a client
/// that is sloppy is found out.
struct RequestParser {
    enum Element: Equatable {
        case head(RequestHead)
        /// A part of the body: never empty, indices of the piece that was given.
        case body(Range<Int>)
        /// The request is complete; the next byte belongs to the next one.
        case end
    }

    /// In bytes.
    struct Limits {
        /// Request line and headers, with trailers and chunk lines counted anew for each.
        var head = 64 << 10
        var body = 256 << 20
    }

    private enum State {
        case requestLine, headerLine
        case body(remaining: Int)
        case chunkLine, chunk(remaining: Int), chunkEnd, trailerLine
        case end
    }

    private let limits: Limits
    private var state = State.requestLine
    /// The line under way, without its LF.
    private var line: [UInt8] = []
    private var requestLine: [UInt8] = []
    private var headers: [RequestHead.Header] = []
    /// Bytes of lines since the head, the chunk or the trailers began.
    private var lineBytes = 0
    private var bodyBytes = 0

    init(limits: Limits = Limits()) { self.limits = limits }

    /// Takes the piece as far as the next element.
    /// - Parameters:
    ///   - piece: what arrived.
    ///   - position: where to go on in it; moved past what was used.
    /// - Returns: the element, or nil when all of the piece is used and more is needed.
    /// - Throws: `HTTPError`; the parser is of no use after that.
    mutating func next(in piece: UnsafeRawBufferPointer, at position: inout Int) throws(HTTPError) -> Element? {
        while true {
            switch state {
            case .body(0), .end:
                begin()
                return .end
            case .body(let remaining):
                guard let range = take(remaining, of: piece.count, at: &position) else { return nil }
                state = .body(remaining: remaining - range.count)
                return .body(range)
            case .chunk(0): state = .chunkEnd
            case .chunk(let remaining):
                guard let range = take(remaining, of: piece.count, at: &position) else { return nil }
                state = .chunk(remaining: remaining - range.count)
                return .body(range)
            case .requestLine, .headerLine, .chunkLine, .chunkEnd, .trailerLine:
                guard try unsafe completeLine(in: piece, at: &position) else { return nil }
                let complete = line
                line.removeAll(keepingCapacity: true)
                if let head = try takeLine(complete) { return .head(head) }
            }
        }
    }

    /// Appends to the line under way. False: its end has not arrived yet.
    private mutating func completeLine(
        in piece: UnsafeRawBufferPointer, at position: inout Int
    ) throws(HTTPError) -> Bool {
        guard position < piece.count, let base = piece.baseAddress else { return false }
        let found = unsafe memchr(base + position, 10, piece.count - position)
        let end = unsafe found.map { unsafe UnsafeRawPointer($0) - base } ?? piece.count
        lineBytes += end - position
        guard lineBytes <= limits.head else { throw .headTooLarge }
        unsafe line.append(contentsOf: piece[position..<end])
        position = end
        guard unsafe found != nil else { return false }
        position += 1
        guard line.popLast() == UInt8(ascii: "\r") else { throw .malformed("a line does not end with CR LF") }
        return true
    }

    private mutating func takeLine(_ line: [UInt8]) throws(HTTPError) -> RequestHead? {
        switch state {
        case .requestLine:
            // RFC 9112 section 2.2: empty lines before a request are skipped.
            guard !line.isEmpty else { return nil }
            requestLine = line
            state = .headerLine
        case .headerLine:
            guard line.isEmpty else {
                headers.append(try RequestHead.Header(line: line))
                return nil
            }
            return try takeHead()
        case .chunkLine: try takeChunkLine(line)
        case .chunkEnd:
            guard line.isEmpty else { throw .malformed("a chunk is longer than its size") }
            lineBytes = 0
            state = .chunkLine
        case .trailerLine:
            if line.isEmpty { state = .end } else { _ = try RequestHead.Header(line: line) }
        case .body, .chunk, .end: break
        }
        return nil
    }

    private mutating func takeHead() throws(HTTPError) -> RequestHead {
        let head = try RequestHead(requestLine: requestLine, headers: headers)
        lineBytes = 0
        switch head.framing {
        case .length(let length):
            guard length <= limits.body else { throw .bodyTooLarge }
            state = .body(remaining: length)
        case .chunked: state = .chunkLine
        }
        return head
    }

    /// A size in hexadecimal, then extensions, which mean nothing here (RFC 9112 section 7.1).
    private mutating func takeChunkLine(_ line: [UInt8]) throws(HTTPError) {
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var digits = line.prefix { $0 != UInt8(ascii: ";") }
        while let last = digits.last, isBlank(last) { digits.removeLast() }
        let isHexadecimal = digits.allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
        guard !digits.isEmpty, isHexadecimal else { throw .malformed("a chunk's size is not hexadecimal") }
        guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size <= limits.body - bodyBytes else {
            throw .bodyTooLarge
        }
        bodyBytes += size
        lineBytes = 0
        state = size == 0 ? .trailerLine : .chunk(remaining: size)
    }

    /// At most `count` bytes from `position`, or nil if none are left.
    private func take(_ count: Int, of total: Int, at position: inout Int) -> Range<Int>? {
        let end = position + min(count, total - position)
        guard end > position else { return nil }
        defer { position = end }
        return position..<end
    }

    /// Makes ready for the next request of the connection.
    private mutating func begin() {
        state = .requestLine
        requestLine = []
        headers = []
        lineBytes = 0
        bodyBytes = 0
    }
}
