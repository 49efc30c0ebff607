import Glibc

/// A number as JSON writes it (RFC 8259 section 6).
///
/// Two are equal if they are written alike, or if both are exactly representable as doubles (IEEE 754 binary64) and
/// their values are equal: `300` is `3e2`, but `0.1` is not `0.10`, and 2^53 + 1 is not 2^53.
package struct JSONNumber: Sendable {
    package let text: String
    /// The nearest double; infinite beyond the doubles' range.
    package let value: Double
    /// Whether a double has exactly its value.
    package let isExact: Bool

    /// Nil if the text is no number of JSON.
    package init?(_ text: String) {
        guard Self.isNumber(text.utf8), let value = Double(text) else { return nil }
        self.text = text
        self.value = value
        isExact = unsafe Array(text.utf8).withUnsafeBytes { unsafe Self.isExact(Decimal($0)) }
    }

    /// Whether two numbers as written have one value, digit by digit.
    package static func haveOneValue(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        unsafe Decimal(left).hasValue(of: Decimal(right))
    }

    /// The same for all ways to write a value.
    package static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 { unsafe Decimal(bytes).hash }

    /// The double nearest to a number that the scanner passed. Behind it stands a byte that no number holds.
    package static func double(_ bytes: UnsafeRawBufferPointer) -> Double {
        if bytes.count <= 15, let short = unsafe wholeNumber(bytes) { return short }
        guard let start = unsafe bytes.bindMemory(to: CChar.self).baseAddress else { return 0 }
        return unsafe strtod(start, nil)
    }

    private static func wholeNumber(_ bytes: UnsafeRawBufferPointer) -> Double? {
        var value: Int64 = 0
        var isNegative = false
        for index in 0..<bytes.count {
            let byte = unsafe bytes[index]
            if byte &- UInt8(ascii: "0") < 10 {
                value = value &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
            } else if byte == UInt8(ascii: "-") {
                isNegative = true
            } else {
                return nil
            }
        }
        return isNegative ? -Double(value) : Double(value)
    }

    /// A number for each double, in the doubles' order. Both zeros have one.
    package static func order(_ value: Double) -> UInt64 {
        let bits = (value == 0 ? 0 : value).bitPattern
        return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }

    private static func isNumber(_ text: String.UTF8View) -> Bool {
        var rest = text[...]
        func digits() -> Bool {
            let count = rest.prefix { $0 &- UInt8(ascii: "0") < 10 }.count
            rest = rest.dropFirst(count)
            return count > 0
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        if rest.first == UInt8(ascii: "0") { rest = rest.dropFirst() } else if !digits() { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            if !digits() { return false }
        }
        if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            if !digits() { return false }
        }
        return rest.isEmpty
    }

    /// Whether a double has the value: odd part below 2^53, and powers of two in range.
    private static func isExact(_ decimal: Decimal) -> Bool {
        if decimal.isZero { return true }
        // No double has more digits.
        guard decimal.count <= 767, -1_100...330 ~= decimal.exponent else { return false }
        var limbs: [UInt32] = []
        func multiply(by factor: UInt32, adding digit: UInt32) {
            var carry = UInt64(digit)
            for index in limbs.indices {
                carry += UInt64(limbs[index]) * UInt64(factor)
                limbs[index] = UInt32(truncatingIfNeeded: carry)
                carry >>= 32
            }
            if carry > 0 { limbs.append(UInt32(carry)) }
        }
        decimal.forEachDigit { multiply(by: 10, adding: UInt32($0)) }
        // 10^e is 5^e * 2^e.
        for _ in 0..<max(0, decimal.exponent) { multiply(by: 5, adding: 0) }
        for _ in 0..<max(0, -decimal.exponent) {
            var rest: UInt64 = 0
            for index in limbs.indices.reversed() {
                rest = rest << 32 | UInt64(limbs[index])
                limbs[index] = UInt32(rest / 5)
                rest %= 5
            }
            if rest > 0 { return false }
            if limbs.last == 0 { limbs.removeLast() }
        }
        guard let first = limbs.firstIndex(where: { $0 != 0 }), let top = limbs.last else { return false }
        let low = first * 32 + limbs[first].trailingZeroBitCount
        let high = limbs.count * 32 - 1 - top.leadingZeroBitCount
        return high - low <= 52 && high + decimal.exponent <= 1_023 && low + decimal.exponent >= -1_074
    }
}

extension JSONNumber: Equatable {
    /// Whether they are written alike.
    package static func == (left: JSONNumber, right: JSONNumber) -> Bool { left.text == right.text }
}

/// The digits of a JSON number without zeros at either end, and the power of ten of the last one.
@safe private struct Decimal {
    private let bytes: UnsafeRawBufferPointer
    private var first = 0
    private var last = -1
    private var isNegative = false
    /// How many.
    private(set) var count = 0
    /// Kept within a billion, which is beyond all doubles.
    private(set) var exponent = 0

    var isZero: Bool { last < 0 }

    init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = bytes
        var place = 0
        var firstPlace = 0
        var lastPlace = 0
        var wholeDigits: Int?
        var index = 0
        if unsafe bytes.first == UInt8(ascii: "-") {
            isNegative = true
            index = 1
        }
        var power = 0
        while index < bytes.count {
            let byte = unsafe bytes[index]
            if byte == UInt8(ascii: ".") {
                wholeDigits = place
            } else if byte | 0x20 == UInt8(ascii: "e") {
                power = unsafe Self.power(bytes, from: index + 1)
                break
            } else {
                if byte != UInt8(ascii: "0") {
                    if last < 0 {
                        first = index
                        firstPlace = place
                    }
                    last = index
                    lastPlace = place
                }
                place += 1
            }
            index += 1
        }
        if isZero { return }
        count = lastPlace - firstPlace + 1
        exponent = (wholeDigits ?? place) - 1 - lastPlace + power
    }

    private static func power(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var power = 0
        for index in start..<bytes.count {
            let byte = unsafe bytes[index]
            if byte &- UInt8(ascii: "0") >= 10 { continue }
            power = min(power * 10 + Int(byte &- UInt8(ascii: "0")), 1_000_000_000)
        }
        return unsafe bytes[start] == UInt8(ascii: "-") ? -power : power
    }

    func forEachDigit(_ body: (UInt8) -> Void) {
        if isZero { return }
        for index in first...last {
            let digit = unsafe bytes[index] &- UInt8(ascii: "0")
            if digit < 10 { body(digit) }
        }
    }

    var hash: UInt64 {
        if isZero { return 0 }
        var state: UInt64 = isNegative ? 0x9E37_79B9_7F4A_7C15 : 0xcbf2_9ce4_8422_2325
        for index in first...last {
            let digit = unsafe bytes[index] &- UInt8(ascii: "0")
            if digit < 10 { state = (state ^ UInt64(digit)) &* 0x100_0000_01b3 }
        }
        return (state ^ UInt64(bitPattern: Int64(exponent))) &* 0x9E37_79B9_7F4A_7C15
    }

    func hasValue(of other: Decimal) -> Bool {
        if isZero || other.isZero { return isZero && other.isZero }
        guard isNegative == other.isNegative, count == other.count, exponent == other.exponent else { return false }
        var place = other.first
        for index in first...last {
            let byte = unsafe bytes[index]
            if byte == UInt8(ascii: ".") { continue }
            if unsafe other.bytes[place] == UInt8(ascii: ".") { place += 1 }
            if unsafe other.bytes[place] != byte { return false }
            place += 1
        }
        return true
    }
}
