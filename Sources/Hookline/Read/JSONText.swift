/// The text of a JSON string's content, byte by byte in UTF-8: escapes decoded (RFC 8259 section 7).
///
/// The content must have passed the scanner. `\uXXXX` pairs of surrogates become one character; a surrogate without its
/// partner, which the grammar permits and UTF-8 can't hold, becomes U+FFFD.
@safe struct JSONText: IteratorProtocol, Sequence {
    private var at: Int
    private let end: Int
    private let line: UnsafeRawBufferPointer
    /// UTF-8 bytes of an escaped character that are still to come, the next one lowest, and their number.
    private var pending: UInt32 = 0
    private var pendingCount = 0

    init(_ text: Event.Text, in line: UnsafeRawBufferPointer) {
        unsafe self.line = line
        at = text.start
        end = text.start + text.count
    }

    mutating func next() -> UInt8? {
        if pendingCount > 0 { return takePending() }
        guard at < end else { return nil }
        let byte = unsafe line[at]
        at += 1
        guard byte == UInt8(ascii: "\\") else { return byte }
        let escaped = unsafe line[at]
        at += 1
        switch escaped {
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"): break
        default: return escaped
        }
        encode(character())
        return takePending()
    }

    /// The character of one `\uXXXX`, or of two that are a pair; `at` is at the first digit.
    private mutating func character() -> Unicode.Scalar {
        let first = hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, end - at >= 6, unsafe line[at] == UInt8(ascii: "\\"),
            unsafe line[at + 1] == UInt8(ascii: "u")
        else { return "\u{FFFD}" }
        let afterFirst = at
        at += 2
        let second = hexadecimal()
        if 0xDC00...0xDFFF ~= second {
            return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
        }
        at = afterFirst
        return "\u{FFFD}"
    }

    private mutating func hexadecimal() -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let digit = unsafe line[at]
            value = value << 4 | UInt32(digit <= UInt8(ascii: "9") ? digit & 0x0F : (digit & 0x0F) + 9)
            at += 1
        }
        return value
    }

    private mutating func encode(_ scalar: Unicode.Scalar) {
        for byte in UTF8.encode(scalar)?.reversed() ?? [] {
            pending = pending << 8 | UInt32(byte)
            pendingCount += 1
        }
    }

    private mutating func takePending() -> UInt8 {
        let byte = UInt8(truncatingIfNeeded: pending)
        pending >>= 8
        pendingCount -= 1
        return byte
    }
}

extension Event.Text {
    /// The bytes as written, escapes and all. They live as long as the line's.
    package func raw(in line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: line[start..<start + count])
    }

    /// The text in UTF-8, escapes decoded; half of a surrogate pair becomes U+FFFD. Allocates: use it where
    /// `hasEscapes`, and `raw(in:)` elsewhere.
    package func decode(in line: UnsafeRawBufferPointer) -> [UInt8] {
        unsafe Array(JSONText(self, in: line))
    }
}
