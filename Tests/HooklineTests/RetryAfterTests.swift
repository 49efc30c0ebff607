import Hookline
import Testing

/// 1994-11-06T08:49:37Z, the moment that RFC 9110 writes in all three forms.
private let example = 784_111_777

@Test(arguments: [("0", 0), ("1", 1), ("120", 120), ("0005", 5), ("86400", 86_400)])
func `digits are seconds, whatever the time is`(value: String, seconds: Int) {
    for now in [0, example, 4_000_000_000] { #expect(RetryAfter.wait(value, now: now) == .seconds(seconds)) }
}

@Test(arguments: [
    "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
])
func `each form of an HTTP date is a wait until then, and none when it is past`(date: String) {
    #expect(RetryAfter.wait(date, now: example - 90) == .seconds(90))
    #expect(RetryAfter.wait(date, now: example) == .zero)
    #expect(RetryAfter.wait(date, now: example + 1) == .zero)
}

@Test(arguments: [
    "", " ", "soon", "-1", "-120", "+5", "1.5", "5s", "1e3", "0x10", "five", "Sun, 31 Foo 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 25:49:37 GMT", "٥",
])
func `what is neither asks for nothing`(value: String) {
    #expect(RetryAfter.wait(value, now: example) == nil)
}

@Test(arguments: ["9999999999", "99999999999999999999", String(repeating: "9", count: 5_000)])
func `more seconds than a number holds are still a wait of centuries`(value: String) throws {
    let wait = try #require(RetryAfter.wait(value, now: example))
    #expect(wait >= .seconds(100 * 365 * 86_400))
}

@Test func `leading zeros don't shorten a wait`() {
    #expect(RetryAfter.wait("000000000000120", now: example) == .seconds(120))
}
