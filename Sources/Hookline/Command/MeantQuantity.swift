/// What a text that is no quantity most likely meant, for hints: units as people write them elsewhere.
extension Quantity {
    /// `7d` is `168h`, `10 sec` is `10s`, `1.5h` is `90m`.
    /// - Returns: a duration that `duration` takes and `range` holds; nil: nobody can say.
    package static func durationMeant(by text: String, within range: ClosedRange<Duration>) -> String? {
        guard let (number, unit) = decimal(text), let factor = milliseconds(in: unit),
            let milliseconds = whole(number * factor), range.contains(.milliseconds(milliseconds))
        else { return nil }
        return self.text(.milliseconds(milliseconds))
    }

    /// `50/sec`, `50 per second` and `50 rps` are `50/s`.
    /// - Returns: a rate that `rate` takes; nil: nobody can say.
    package static func rateMeant(by text: String) -> String? {
        guard let (number, rest) = decimal(text), let count = whole(number) else { return nil }
        if rest == "rps" { return "\(count)/s" }
        if rest == "rpm" { return "\(count)/min" }
        let prefix = ["req/", "requests/", "/", "per"].first { rest.hasPrefix($0) }
        guard let prefix else { return nil }
        // A minute is `m` in a duration; after a slash it could be a month as well.
        switch rest.dropFirst(prefix.count).drop(while: { $0 == " " }) {
        case "s", "sec", "secs", "second": return "\(count)/s"
        case "m", "min", "mins", "minute": return "\(count)/min"
        case "h", "hr", "hour": return "\(count)/h"
        default: return nil
        }
    }

    /// `5 GB` is `5GB`, `10mb` and `10M` are `10MB`, `0.5GiB` is `512MiB`.
    /// - Returns: a size that `size` takes and `range` holds; nil: nobody can say.
    package static func sizeMeant(by text: String, within range: ClosedRange<Int>) -> String? {
        guard let (number, unit) = decimal(text) else { return nil }
        let units = [
            "b": "B", "k": "KB", "kb": "KB", "m": "MB", "mb": "MB", "g": "GB", "gb": "GB", "ki": "KiB", "kib": "KiB",
            "mi": "MiB", "mib": "MiB", "gi": "GiB", "gib": "GiB",
        ]
        guard let known = units[unit], let factor = size("1" + known), let bytes = whole(number * Double(factor)),
            range.contains(bytes)
        else { return nil }
        return whole(number).map { "\($0)\(known)" } ?? self.text(bytes: bytes)
    }

    private static func milliseconds(in unit: String) -> Double? {
        switch unit {
        case "ms", "msec", "millis", "millisecond", "milliseconds": 1
        case "s", "sec", "secs", "second", "seconds": 1_000
        case "m", "min", "mins", "minute", "minutes": 60_000
        case "h", "hr", "hrs", "hour", "hours": 3_600_000
        case "d", "day", "days": 86_400_000
        case "w", "week", "weeks": 604_800_000
        default: nil
        }
    }

    /// A number with or without a fraction, and what follows it in lower case, without spaces between the two.
    private static func decimal(_ text: String) -> (number: Double, unit: String)? {
        let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        guard digits.utf8.count <= 12, let number = Double(digits) else { return nil }
        let unit = text.dropFirst(digits.count).drop { $0 == " " || $0 == "_" }
        return unit.isEmpty ? nil : (number, unit.lowercased())
    }

    private static func whole(_ number: Double) -> Int? {
        number > 0 && number < 1e15 && number.rounded() == number ? Int(number) : nil
    }
}
