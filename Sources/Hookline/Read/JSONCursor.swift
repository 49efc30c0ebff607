/// A place in a line, and the tokens of JSON (RFC 8259) that may stand there. Each method validates every byte it passes.
///
/// Methods that are inlined keep the cursor in registers; the others take and return a pointer, because a cursor that is
/// passed by reference would live in memory.
@safe struct JSONCursor {
    let start: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>
    var at: UnsafePointer<UInt8>

    var offset: Int {
        @inline(__always) get { unsafe at - start }
    }

    /// The next byte that is no white space, not yet passed.
    /// - Throws: `notJSON` at the end of the line, or at a control character.
    @inline(__always)
    mutating func peek() throws(EventError) -> UInt8 {
        while unsafe at < end {
            let byte = unsafe at.pointee
            if byte > 0x20 { return byte }
            guard Self.isSpace(byte) else { break }
            unsafe at += 1
        }
        throw .notJSON(at: offset)
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
        unsafe at += 1
        let first = offset
        var hasEscapes = false
        while true {
            if unsafe end - at >= 8 {
                let word = unsafe UInt64(littleEndian: UnsafeRawPointer(at).loadUnaligned(as: UInt64.self))
                let stops = Self.stops(word)
                if stops == 0 {
                    unsafe at += 8
                    continue
                }
                unsafe at += stops.trailingZeroBitCount >> 3
            } else if unsafe at == end {
                throw .notJSON(at: offset)
            }
            let byte = unsafe at.pointee
            if byte == UInt8(ascii: "\"") {
                let text = Event.Text(start: first, count: offset - first, hasEscapes: hasEscapes)
                unsafe at += 1
                return text
            } else if byte >= 0x80 {
                unsafe at = try Self.passUTF8(from: at, self)
            } else if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                unsafe at = try Self.passEscape(from: at, self)
            } else if byte < 0x20 {
                throw .notJSON(at: offset)
            } else {
                unsafe at += 1
            }
        }
    }

    /// Marks (top bit of each byte) where plain characters of a string stop: at a quote, a backslash, a control
    /// character, or a byte that is not ASCII. Bytes above the lowest mark may be marked wrongly.
    @inline(__always)
    private static func stops(_ word: UInt64) -> UInt64 {
        let each: UInt64 = 0x0101_0101_0101_0101
        let quotes = (word ^ (each &* 0x22)) &- each
        let backslashes = (word ^ (each &* 0x5C)) &- each
        let controls = word &- (each &* 0x20)
        return (quotes | backslashes | controls | word) & (each &* 0x80)
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
