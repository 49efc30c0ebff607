/// The `Retry-After` header (RFC 9110 section 10.2.3): seconds, or an HTTP date.
package enum RetryAfter {
    /// How long a header's value asks to wait. `now` is unix seconds, for dates; a date in the past is no wait.
    /// - Returns: nil if the value is neither.
    package static func wait(_ value: String, now: Int) -> Duration? {
        if Quantity.isDigits(value) {
            // Ten digits are three centuries already; more would overflow. No digit is left of a zero.
            return .seconds(Int(value.drop { $0 == "0" }.prefix(10)) ?? 0)
        }
        return CurlMulti.parse(date: value).map { .seconds(max(0, $0 - now)) }
    }

    /// The value in a header line that is this header's, without the blanks around it; nil: it is another header's.
    package static func value(inHeader line: String) -> String? {
        guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == "retry-after" else { return nil }
        let value = line[line.index(after: colon)...].drop(while: \.isWhitespace)
        return String(value.reversed().drop(while: \.isWhitespace).reversed())
    }
}
