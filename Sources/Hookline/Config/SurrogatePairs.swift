/// Makes one escape of two that JSON needs for a character beyond U+FFFF: `\ud83d\ude80` becomes `\U0001F680`, which is
/// how YAML writes it. So JSON can stand in a configuration as it is.
struct SurrogatePairs {
    /// The text with the escapes joined.
    private(set) var bytes: [UInt8] = []
    /// Where joined escapes begin, in characters of the new text. Each is two shorter than what it stands for.
    private(set) var places: [Int] = []

    init(_ text: [UInt8]) {
        var index = 0
        var characters = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "\\") {
                if let first = Self.escaped(text, at: index, 0xD800..<0xDC00),
                    let second = Self.escaped(text, at: index + 6, 0xDC00..<0xE000)
                {
                    let value = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
                    let digits = String(value, radix: 16)
                    bytes += Array("\\U".utf8) + Array(repeating: UInt8(ascii: "0"), count: 8 - digits.utf8.count)
                    bytes += digits.utf8
                    places.append(characters)
                    characters += 10
                    index += 12
                    continue
                }
                // What is escaped, a backslash perhaps, begins no escape.
                bytes.append(text[index])
                characters += 1
                index += 1
                if index == text.count { break }
            }
            bytes.append(text[index])
            if text[index] & 0xC0 != 0x80 { characters += 1 }
            index += 1
        }
    }

    private static func escaped(_ text: [UInt8], at index: Int, _ range: Range<UInt32>) -> UInt32? {
        guard index + 6 <= text.count, text[index] == UInt8(ascii: "\\"), text[index + 1] == UInt8(ascii: "u"),
            text[index + 2].isHexDigit,
            let value = UInt32(String(decoding: text[index + 2..<index + 6], as: UTF8.self), radix: 16)
        else { return nil }
        return range.contains(value) ? value : nil
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool { isDigit || UInt8(ascii: "a")...UInt8(ascii: "f") ~= self | 0x20 }
    private var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
}
