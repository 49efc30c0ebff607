/// Times on the Internet (RFC 3339).
enum RFC3339 {
    /// Whether a text is a `date-time` of section 5.6, to the letter: a day that the calendar has, `T` and `Z` in either
    /// case, an offset of hours and minutes. A second 60 may stand in the last minute of a day in UTC alone, where leap
    /// seconds are.
    static func isDateTime(_ text: UnsafeRawBufferPointer) -> Bool {
        var rest = unsafe Reader(bytes: text)
        guard let year = rest.number(4), rest.take("-"), let month = rest.number(2), 1...12 ~= month, rest.take("-"),
            let day = rest.number(2), 1...days(in: month, of: year) ~= day, rest.take("T") || rest.take("t"),
            let hour = rest.number(2), hour < 24, rest.take(":"), let minute = rest.number(2), minute < 60,
            rest.take(":"), let second = rest.number(2), second <= 60
        else { return false }
        if rest.take(".") {
            guard rest.number(1) != nil else { return false }
            while rest.number(1) != nil {}
        }
        var offset = 0
        if !rest.take("Z"), !rest.take("z") {
            let isAhead = rest.take("+")
            guard isAhead || rest.take("-"), let hours = rest.number(2), hours < 24, rest.take(":"),
                let minutes = rest.number(2), minutes < 60
            else { return false }
            offset = (hours * 60 + minutes) * (isAhead ? 1 : -1)
        }
        let minutesOfDay = 24 * 60
        let isLastMinute = (hour * 60 + minute - offset + minutesOfDay) % minutesOfDay == minutesOfDay - 1
        return rest.isAtEnd && (second < 60 || isLastMinute)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    @safe private struct Reader {
        let bytes: UnsafeRawBufferPointer
        var at = 0

        var isAtEnd: Bool { unsafe at == bytes.count }

        /// Passes this character, or nothing if another one comes.
        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard unsafe at < bytes.count, unsafe bytes[at] == UInt8(ascii: character) else { return false }
            at += 1
            return true
        }

        /// Passes that many digits, or nothing if there are fewer.
        mutating func number(_ digits: Int) -> Int? {
            guard unsafe bytes.count - at >= digits else { return nil }
            var value = 0
            for index in at..<at + digits {
                let digit = unsafe bytes[index] &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                value = value * 10 + Int(digit)
            }
            at += digits
            return value
        }
    }
}
