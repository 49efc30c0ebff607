/// A place in a line, and the tokens of JSON (RFC 8259) that may stand there. Each method validates every byte it passes.
///
/// Methods that are inlined keep the cursor in registers; the others take and return a pointer, because a cursor that is
/// passed by reference would live in memory.
@safe struct JSONCursor {
    let start: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>
    var at: UnsafePointer<UInt8>
    /// The line's marks of `StringStops`.
    private let stops: UnsafePointer<UInt8>

    /// At the start of a line, whose stops were marked.
    @inline(__always)
    init(_ line: UnsafeRawBufferPointer, _ base: UnsafeRawPointer, stops: UnsafePointer<UInt8>) {
        unsafe start = base.assumingMemoryBound(to: UInt8.self)
        unsafe end = start + line.count
        unsafe at = start
        unsafe self.stops = stops
    }

    var offset: Int {
        @inline(__always) get { unsafe at - start }
    }

    /// The next byte that is no white space, not yet passed.
    /// - Throws: `notJSON` at the end of the line, or at a control character.
    @inline(__always)
    mutating func peek() throws(EventError) -> UInt8 {
        if unsafe at < end {
            let byte = unsafe at.pointee
            if byte > 0x20 { return byte }
        }
        unsafe at = try Self.afterSpace(self)
        return unsafe at.pointee
    }

    /// Passes white space. Out of line, since most events have none.
    @inline(never)
    private static func afterSpace(_ cursor: JSONCursor) throws(EventError) -> UnsafePointer<UInt8> {
        var at = unsafe cursor.at
        while unsafe at < cursor.end {
            let byte = unsafe at.pointee
            if byte > 0x20 { return unsafe at }
            guard isSpace(byte) else { break }
            unsafe at += 1
        }
        throw unsafe .notJSON(at: at - cursor.start)
    }

    /// Passes this byte and white space before it.
    @inline(__always)
    mutating func pass(_ byte: UInt8) throws(EventError) {
        guard try peek() == byte else { throw .notJSON(at: offset) }
        unsafe at += 1
    }

    /// Passes white space up to the end of the line.
    mutating func passEnd() throws(EventError) {
        while unsafe at < end {
            guard unsafe Self.isSpace(at.pointee) else { throw .notJSON(at: offset) }
            unsafe at += 1
        }
    }

    @inline(__always)
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0A ~= byte || byte == 0x0D }

    /// Passes a string, from its opening quote to after its closing one.
    @inline(__always)
    mutating func string() throws(EventError) -> Event.Text {
        let first = offset + 1
        let hasEscapes = try passString()
        return Event.Text(start: first, count: offset - 1 - first, hasEscapes: hasEscapes)
    }

    /// The same where nobody asks what it says.
    /// - Returns: whether it has escapes.
    @discardableResult
    @inline(__always)
    mutating func passString() throws(EventError) -> Bool {
        unsafe at += 1
        let ahead = stopsAhead
        let stop = unsafe at + ahead.trailingZeroBitCount
        if unsafe ahead != 0 && stop.pointee == UInt8(ascii: "\"") {
            unsafe at = stop + 1
            return false
        }
        // Out of line, so that this place stays small: the call is paid by long strings, and by those that hold more
        // than plain characters.
        let hasEscapes: Bool
        unsafe (at, hasEscapes) = try Self.afterString(self)
        return hasEscapes
    }

    /// A mark for each of the next 57 bytes or more, this one lowest.
    private var stopsAhead: UInt64 {
        @inline(__always) get {
            let passed = offset
            let word = unsafe UnsafeRawPointer(stops + passed >> 3).loadUnaligned(as: UInt64.self)
            return UInt64(littleEndian: word) &>> UInt64(truncatingIfNeeded: passed & 7)
        }
    }

    /// Passes a string's content and its closing quote.
    @inline(never)
    private static func afterString(
        _ cursor: JSONCursor
    ) throws(EventError) -> (at: UnsafePointer<UInt8>, hasEscapes: Bool) {
        var cursor = cursor
        var hasEscapes = false
        while true {
            cursor.passPlain()
            guard unsafe cursor.at < cursor.end else { throw .notJSON(at: cursor.offset) }
            let byte = unsafe cursor.at.pointee
            if byte == UInt8(ascii: "\"") {
                return unsafe (cursor.at + 1, hasEscapes)
            } else if byte >= 0x80 {
                unsafe cursor.at = try passUTF8(from: cursor.at, cursor)
            } else if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                unsafe cursor.at = try passEscape(from: cursor.at, cursor)
            } else {
                throw .notJSON(at: cursor.offset)
            }
        }
    }

    /// Passes plain characters of a string, up to where they stop or the line ends.
    @inline(__always)
    private mutating func passPlain() {
        while unsafe at < end {
            let ahead = stopsAhead
            if ahead != 0 { return unsafe at += ahead.trailingZeroBitCount }
            unsafe at += min(64 - offset & 7, end - at)
        }
    }

    /// Passes a backslash and what it escapes. Surrogates need no partner: the grammar asks for four digits alone.
    @inline(never)
    private static func passEscape(
        from backslash: UnsafePointer<UInt8>, _ cursor: JSONCursor
    ) throws(EventError) -> UnsafePointer<UInt8> {
        var cursor = cursor
        unsafe cursor.at = backslash + 1
        guard unsafe cursor.at < cursor.end else { throw .notJSON(at: cursor.offset) }
        switch unsafe cursor.at.pointee {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return unsafe cursor.at + 1
        case UInt8(ascii: "u"):
            for _ in 0..<4 {
                unsafe cursor.at += 1
                guard unsafe cursor.at < cursor.end else { throw .notJSON(at: cursor.offset) }
                let byte = unsafe cursor.at.pointee
                guard isDigit(byte) || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte | 0x20 else {
                    throw .notJSON(at: cursor.offset)
                }
            }
            return unsafe cursor.at + 1
        default:
            throw .notJSON(at: cursor.offset)
        }
    }

    /// Passes characters that are not ASCII, as Unicode's table 3-7 of well-formed sequences has them.
    @inline(never)
    private static func passUTF8(
        from first: UnsafePointer<UInt8>, _ cursor: JSONCursor
    ) throws(EventError) -> UnsafePointer<UInt8> {
        var cursor = cursor
        unsafe cursor.at = first
        while unsafe cursor.at < cursor.end, unsafe cursor.at.pointee >= 0x80 {
            let following: Int
            var allowed: ClosedRange<UInt8> = 0x80...0xBF
            switch unsafe cursor.at.pointee {
            case 0xC2...0xDF: following = 1
            case 0xE0: (following, allowed) = (2, 0xA0...0xBF)
            case 0xED: (following, allowed) = (2, 0x80...0x9F)
            case 0xE1...0xEF: following = 2
            case 0xF0: (following, allowed) = (3, 0x90...0xBF)
            case 0xF1...0xF3: following = 3
            case 0xF4: (following, allowed) = (3, 0x80...0x8F)
            default: throw .invalidUTF8(at: cursor.offset)
            }
            for _ in 0..<following {
                unsafe cursor.at += 1
                guard unsafe cursor.at < cursor.end, unsafe allowed ~= cursor.at.pointee else {
                    throw .invalidUTF8(at: cursor.offset)
                }
                allowed = 0x80...0xBF
            }
            unsafe cursor.at += 1
        }
        return unsafe cursor.at
    }

    /// Passes a number, from its sign or first digit.
    @inline(__always)
    mutating func number() throws(EventError) {
        if unsafe at.pointee == UInt8(ascii: "-") { unsafe at += 1 }
        if unsafe at < end, unsafe at.pointee == UInt8(ascii: "0") {
            unsafe at += 1
        } else {
            try digits()
        }
        guard unsafe at < end else { return }
        if unsafe at.pointee == UInt8(ascii: ".") {
            unsafe at += 1
            try digits()
            guard unsafe at < end else { return }
        }
        if unsafe at.pointee | 0x20 == UInt8(ascii: "e") {
            unsafe at += 1
            if unsafe at < end, unsafe at.pointee == UInt8(ascii: "+") || at.pointee == UInt8(ascii: "-") {
                unsafe at += 1
            }
            try digits()
        }
    }

    /// Passes one digit or more.
    @inline(__always)
    private mutating func digits() throws(EventError) {
        guard unsafe at < end, unsafe Self.isDigit(at.pointee) else { throw .notJSON(at: offset) }
        repeat { unsafe at += 1 } while unsafe at < end && Self.isDigit(at.pointee)
    }

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// Passes `true`, `false` or `null`.
    @inline(__always)
    mutating func literal(_ name: StaticString) throws(EventError) {
        for position in 0..<name.utf8CodeUnitCount {
            guard unsafe at < end, unsafe at.pointee == name.utf8Start[position] else { throw .notJSON(at: offset) }
            unsafe at += 1
        }
    }
}

extension JSONCursor {
    /// Passes an array or object in which nobody looks for anything, from its opening bracket to after its closing one.
    ///
    /// Most bytes of most events are passed here, so it keeps as little as it can.
    /// - Parameter depth: of the arrays and objects around it.
    /// - Throws: the error that comes first in it.
    @inline(__always)
    mutating func passContainer(depth: Int) throws(EventError) {
        unsafe at = try Self.afterContainer(self, depth: depth)
    }

    @inline(never)
    private static func afterContainer(
        _ cursor: JSONCursor, depth outer: Int
    ) throws(EventError) -> UnsafePointer<UInt8> {
        var cursor = cursor
        var depth = outer
        // As in the scanner: one bit for each open bracket of those passed here.
        var objects: UInt128 = 0
        value: while true {
            if objects & 1 == 1 {
                guard try cursor.peek() == UInt8(ascii: "\"") else { throw .notJSON(at: cursor.offset) }
                try cursor.passString()
                try cursor.pass(UInt8(ascii: ":"))
            }
            let byte = try cursor.peek()
            switch byte {
            case UInt8(ascii: "\""): try cursor.passString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth < JSONScanner.maxDepth else { throw .tooDeep(at: cursor.offset) }
                depth += 1
                objects = objects &<< 1 | (byte == UInt8(ascii: "{") ? 1 : 0)
                unsafe cursor.at += 1
                // `{` and `}`, `[` and `]` are two apart in ASCII.
                if try cursor.peek() != byte + 2 { continue value }
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try cursor.number()
            case UInt8(ascii: "t"): try cursor.literal("true")
            case UInt8(ascii: "f"): try cursor.literal("false")
            case UInt8(ascii: "n"): try cursor.literal("null")
            default: throw .notJSON(at: cursor.offset)
            }
            repeat {
                let byte = try cursor.peek()
                if byte == UInt8(ascii: ",") {
                    unsafe cursor.at += 1
                    continue value
                }
                let closing = objects & 1 == 1 ? UInt8(ascii: "}") : UInt8(ascii: "]")
                guard byte == closing else { throw .notJSON(at: cursor.offset) }
                unsafe cursor.at += 1
                depth -= 1
                objects &>>= 1
            } while depth > outer
            return unsafe cursor.at
        }
    }
}
