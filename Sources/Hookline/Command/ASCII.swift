/// Kinds of ASCII characters, by their bytes.
extension UInt8 {
    /// `A` to `Z`, `a` to `z`, `0` to `9`.
    var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    /// 0 to 31, and 127: what the value of an HTTP header may not hold (RFC 9110 section 5.5).
    var isControl: Bool { self < 0x20 || self == 0x7f }
}
