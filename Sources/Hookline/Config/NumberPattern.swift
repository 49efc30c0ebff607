/// Regular expressions (ECMA-262) for whole numbers in a range, and for quantities made of them: what a JSON Schema can
/// say of `500ms` and `64KiB`.
enum NumberPattern {
    /// A duration in the range, in any of its units.
    static func duration(_ range: ClosedRange<Duration>) -> String {
        let milliseconds = Int(range.lowerBound / .milliseconds(1))...Int(range.upperBound / .milliseconds(1))
        return anchored(quantity(milliseconds, Quantity.durationUnits))
    }

    /// A size in the range, with a unit or as bare bytes.
    static func size(_ range: ClosedRange<Int>) -> String { anchored(quantity(range, Quantity.sizeUnits)) }

    /// A rate of so many requests.
    static func rate(_ range: ClosedRange<Int>) -> String {
        let units = Quantity.rateUnits.map { "/" + $0.name }.joined(separator: "|")
        return anchored(["0*(?:\(number(in: range)))(?:\(units))"])
    }

    private static func anchored(_ choices: [String]) -> String { "^(?:\(choices.joined(separator: "|")))$" }

    /// A choice for each unit in which a whole number lies in the range.
    private static func quantity(_ range: ClosedRange<Int>, _ units: [(name: String, factor: Int)]) -> [String] {
        units.compactMap { unit in
            let lower = (range.lowerBound + unit.factor - 1) / unit.factor
            let upper = range.upperBound / unit.factor
            return lower > upper ? nil : "0*(?:\(number(in: lower...upper)))\(unit.name)"
        }
    }

    /// The decimal digits of each number of the range, which has no negative ones, without leading zeros.
    static func number(in range: ClosedRange<Int>) -> String {
        var choices: [String] = []
        var lower = range.lowerBound
        while lower <= range.upperBound {
            // The longest stretch of numbers from here that differ in their last digits only, in all ways.
            var upper = lower
            var step = 1
            while lower % (step * 10) == 0, lower + step * 10 - 1 <= range.upperBound, lower > 0 { step *= 10 }
            let digit = lower / step % 10
            while upper + step <= range.upperBound - (step - 1), (upper / step) % 10 < 9 { upper += step }
            let head = lower / step / 10
            let last = digit + (upper - lower) / step
            let tail = String(step).utf8.count - 1
            choices.append(
                (head > 0 ? "\(head)" : "") + (digit == last ? "\(digit)" : "[\(digit)-\(last)]")
                    + (tail == 0 ? "" : tail == 1 ? "[0-9]" : "[0-9]{\(tail)}"))
            lower = upper + step
        }
        return choices.joined(separator: "|")
    }
}
