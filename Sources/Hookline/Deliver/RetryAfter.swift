/// The `Retry-After` header (RFC 9110 section 10.2.3): seconds, or an HTTP date.
package enum RetryAfter {
    /// How long to wait; nil: the value is neither.
    /// - Parameter now: unix seconds, for dates. A date in the past is no wait.
    package static func wait(_ value: String, now: Int) -> Duration? {
        if !value.isEmpty, value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            // Ten digits are three centuries already; more would overflow.
            return .seconds(Int(value.prefix(10)) ?? 0)
        }
        return CurlMulti.parse(date: value).map { .seconds(max(0, $0 - now)) }
    }
}
