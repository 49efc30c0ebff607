/// Durations, sizes and rates as users write them: `500ms 5s 2m 1h`, `4096 64KiB 1MiB 10MB`, `50/s 600/min` (SPEC
/// section 3).
package enum Quantity {
    /// In milliseconds.
    package static let durationUnits: [(name: String, factor: Int)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000),
    ]
    /// In bytes; without a name: a bare number.
    package static let sizeUnits: [(name: String, factor: Int)] = [
        ("", 1), ("B", 1), ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("KiB", 1 << 10), ("MiB", 1 << 20),
        ("GiB", 1 << 30),
    ]
    package static let rateUnits: [(name: String, period: Duration)] = [
        ("s", .seconds(1)), ("min", .seconds(60)), ("h", .seconds(3_600)),
    ]

    /// Parses a duration: a whole number with one of the units `ms`, `s`, `m`, `h`. A bare number is no duration.
    package static func duration(_ text: String) -> Duration? {
        product(text, durationUnits).map { .milliseconds($0) }
    }

    /// Parses a size in bytes: a whole number, bare or with one of `B KB MB GB` (powers of 1000) or
    /// `KiB MiB GiB` (powers of 1024).
    package static func size(_ text: String) -> Int? {
        product(text, sizeUnits)
    }

    /// Parses a rate: a whole number, and after a `/` one of the units `s`, `min`, `h`.
    package static func rate(_ text: String) -> (count: Int, period: Duration)? {
        guard let (number, rest) = split(text) else { return nil }
        return rateUnits.first { rest == "/" + $0.name }.map { (number, $0.period) }
    }

    /// Writes a duration the way a user would: the largest unit that divides it (`1500ms`, `15s`, `2m`, `1h`).
    package static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = Int(attoseconds / 1_000_000_000_000_000)
        if milliseconds != 0 { return "\(Int(seconds) * 1_000 + milliseconds)ms" }
        if seconds == 0 || seconds % 60 != 0 { return "\(seconds)s" }
        return seconds % 3_600 == 0 ? "\(seconds / 3_600)h" : "\(seconds / 60)m"
    }

    /// Writes a size the way a user would: the largest binary unit that divides it (`4096` is `4KiB`).
    package static func text(bytes: Int) -> String {
        for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")] where bytes > 0 && bytes % (1 << shift) == 0 {
            return "\(bytes >> shift)\(unit)"
        }
        return "\(bytes)"
    }

    /// `10ms to 1h`.
    package static func text(_ range: ClosedRange<Duration>) -> String {
        "\(text(range.lowerBound)) to \(text(range.upperBound))"
    }

    /// `1KiB to 64MiB`.
    package static func text(bytes range: ClosedRange<Int>) -> String {
        "\(text(bytes: range.lowerBound)) to \(text(bytes: range.upperBound))"
    }

    /// `1 to 256`.
    package static func text<Number>(_ range: ClosedRange<Number>) -> String where Number: FixedWidthInteger {
        "\(range.lowerBound) to \(range.upperBound)"
    }

    /// Whether a text is one decimal digit or more and nothing else.
    package static func isDigits(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func product(_ text: String, _ units: [(name: String, factor: Int)]) -> Int? {
        guard let (number, name) = split(text), let unit = units.first(where: { $0.name == name }) else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.factor)
        return overflow ? nil : product
    }

    private static func split(_ text: String) -> (number: Int, unit: Substring)? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits) else { return nil }
        return (number, text.dropFirst(digits.count))
    }
}

/// `1 event`, `2 events`. `many` is what stands for several, where that is not the word with an `s`.
func counted(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(number) \(number == 1 ? one : many ?? one + "s")"
}

/// A number with a comma between groups of three digits: `1,234,567`.
func grouped(_ number: Int) -> String {
    var groups: [Substring] = []
    var digits = "\(number.magnitude)"[...]
    while digits.count > 3 {
        groups.append(digits.suffix(3))
        digits = digits.dropLast(3)
    }
    groups.append(digits)
    return (number < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
}
