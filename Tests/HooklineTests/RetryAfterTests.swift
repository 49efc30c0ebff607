import Hookline
import Testing

/// 2023-11-14T22:13:20Z.
private let now = 1_700_000_000

@Test(arguments: [
    ("0", 0), ("1", 1), ("007", 7), ("120", 120), ("86400", 86_400), ("9999999999", 9_999_999_999),
])
func `Retry-After of digits is seconds`(value: String, seconds: Int) {
    #expect(RetryAfter.wait(value, now: now) == .seconds(seconds))
}

// RFC 9110 section 5.6.7: IMF-fixdate, and the obsolete forms of RFC 850 and of asctime.
@Test(arguments: ["Tue, 14 Nov 2023 22:13:50 GMT", "Tuesday, 14-Nov-23 22:13:50 GMT", "Tue Nov 14 22:13:50 2023"])
func `Retry-After in each form of HTTP date is the time until then`(value: String) {
    #expect(RetryAfter.wait(value, now: now) == .seconds(30))
}

@Test(arguments: ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
func `a date in the past is no wait`(value: String) {
    #expect(RetryAfter.wait(value, now: now) == .zero)
}

@Test(arguments: ["99999999999", "9223372036854775807", "9223372036854775808", String(repeating: "9", count: 200)])
func `a huge number of seconds is centuries, not an overflow`(value: String) throws {
    let wait = try #require(RetryAfter.wait(value, now: now))
    #expect(wait >= .seconds(9_000_000_000))
}

@Test(arguments: [
    "", " ", "soon", "-1", "-120", "+5", "1.5", "1e3", "5s", "0x10", "５", "5,6", "NaN", "Tue, 14 Nov", "32 Foo 2023",
    "Tue, 99 Nov 2023 22:13:50 GMT", "Tue, 14 Nov 2023 25:13:50 GMT",
])
func `anything else is no Retry-After`(value: String) {
    #expect(RetryAfter.wait(value, now: now) == nil)
}
