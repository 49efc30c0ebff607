import Glibc

/// Counts the events of a body while it arrives in pieces; it looks at structure only and checks nothing.
///
/// By content type: a JSON array has as many as it has elements, any other JSON text one; `application/x-ndjson` has one
/// per line that isn't blank; all else is one. An empty body has none.
struct EventCounter {
    private enum Kind { case json, lines, other }

    private let kind: Kind
    private(set) var count = 0
    /// Open brackets and braces, for JSON.
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// Whether the current line or array element has begun.
    private var hasBegun = false
    /// Whether the outermost JSON value is an array; nil before its first byte.
    private var isArray: Bool?

    /// - Parameter contentType: the header's value, parameters included; nil where there is none.
    init(contentType: String?) {
        let mediaType = contentType?.prefix { $0 != ";" }.lowercased() ?? ""
        let trimmed = mediaType.filter { $0 != " " && $0 != "\t" }
        if trimmed == "application/json" || trimmed.hasSuffix("+json") {
            kind = .json
        } else if trimmed == "application/x-ndjson" {
            kind = .lines
        } else {
            kind = .other
        }
    }

    /// Takes the next piece of the body.
    mutating func consume(_ bytes: UnsafeRawBufferPointer) {
        switch kind {
        case .json: unsafe consumeJSON(bytes)
        case .lines: unsafe consumeLines(bytes)
        case .other: if unsafe !bytes.isEmpty { count = 1 }
        }
    }

    private mutating func consumeJSON(_ bytes: UnsafeRawBufferPointer) {
        // Copies of the fields: the optimizer keeps locals in registers, but not fields behind self.
        var (depth, isInString, isEscaped, hasBegun, count) = (depth, isInString, isEscaped, hasBegun, count)
        for index in 0..<bytes.count {
            let byte = unsafe bytes[index]
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            if byte <= 0x20 { continue }
            if isArray == nil {
                isArray = byte == UInt8(ascii: "[")
                if isArray == false { count = 1 }
                depth = 1
                isInString = byte == UInt8(ascii: "\"")
                continue
            }
            if !hasBegun, isArray == true, byte != UInt8(ascii: "]"), depth == 1 {
                hasBegun = true
                count += 1
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: ","): if depth == 1 { hasBegun = false }
            default: break
            }
        }
        (self.depth, self.isInString, self.isEscaped, self.hasBegun, self.count) =
            (depth, isInString, isEscaped, hasBegun, count)
    }

    private mutating func consumeLines(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        var index = 0
        while index < bytes.count {
            if hasBegun {
                guard let end = unsafe memchr(base + index, 10, bytes.count - index) else { return }
                index = unsafe UnsafeRawPointer(end) - base + 1
                hasBegun = false
                continue
            }
            if unsafe bytes[index] > 0x20 {
                hasBegun = true
                count += 1
            }
            index += 1
        }
    }
}
