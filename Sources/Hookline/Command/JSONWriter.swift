import FoundationEssentials

/// Writes one JSON value into bytes, member by member, in the order of the calls.
///
/// Foundation's encoder can't keep the order of keys, nor embed an event's own bytes; summary and dead letters need both.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    /// Whether the next member or element needs a comma before it.
    private var needsComma = false

    package init() {}

    package mutating func object(_ key: String? = nil, _ members: (inout JSONWriter) -> Void) {
        open(key, "{")
        members(&self)
        close("}")
    }

    package mutating func array(_ key: String? = nil, _ elements: (inout JSONWriter) -> Void) {
        open(key, "[")
        elements(&self)
        close("]")
    }

    package mutating func string(_ key: String? = nil, _ value: String?) {
        begin(key)
        if let value { quote(value) } else { bytes += "null".utf8 }
    }

    package mutating func number(_ key: String? = nil, _ value: Int?) {
        begin(key)
        bytes += (value.map { "\($0)" } ?? "null").utf8
    }

    package mutating func boolean(_ key: String? = nil, _ value: Bool) {
        begin(key)
        bytes += (value ? "true" : "false").utf8
    }

    /// Embeds bytes that are a JSON value already.
    package mutating func raw(_ key: String? = nil, _ value: UnsafeRawBufferPointer) {
        begin(key)
        unsafe bytes.append(contentsOf: value)
    }

    /// Embeds a text that is a JSON value already.
    package mutating func raw(_ key: String? = nil, _ value: String) {
        begin(key)
        bytes += value.utf8
    }

    /// Bytes as text under one key, or, where they are no UTF-8, in base64 (RFC 4648 section 4) under the other.
    package mutating func text(_ key: String, orBase64 base64Key: String, _ value: UnsafeRawBufferPointer) {
        if let text = unsafe String(validating: value, as: UTF8.self) {
            string(key, text)
        } else {
            string(base64Key, unsafe Data(value).base64EncodedString())
        }
    }

    /// Ends a line: the next value stands alone.
    package mutating func newline() {
        bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }

    /// Forgets what was written and keeps the room.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    private mutating func open(_ key: String?, _ bracket: Unicode.Scalar) {
        begin(key)
        bytes.append(UInt8(ascii: bracket))
        needsComma = false
    }

    private mutating func close(_ bracket: Unicode.Scalar) {
        bytes.append(UInt8(ascii: bracket))
        needsComma = true
    }

    private mutating func begin(_ key: String?) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
        guard let key else { return }
        quote(key)
        bytes.append(UInt8(ascii: ":"))
    }

    /// RFC 8259 section 7: quote, backslash and controls are escaped, all else stands as it is.
    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): bytes += "\\n".utf8
            case UInt8(ascii: "\r"): bytes += "\\r".utf8
            case UInt8(ascii: "\t"): bytes += "\\t".utf8
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                bytes += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
