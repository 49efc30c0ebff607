import Hookline
import Testing

@Test(arguments: [
    ("500ms", Duration.milliseconds(500)), ("5s", .seconds(5)), ("2m", .seconds(120)), ("1h", .seconds(3600)),
    ("0s", .zero),
])
func `a duration is a whole number and a unit`(text: String, expected: Duration) {
    #expect(Quantity.duration(text) == expected)
}

@Test(arguments: ["5", "", "s", "1.5s", "-1s", "5 s", "5S", "5d", "99999999999999999999h", "9223372036854775807h"])
func `anything else is no duration`(text: String) {
    #expect(Quantity.duration(text) == nil)
}

@Test(arguments: [
    ("4096", 4096), ("64KiB", 65_536), ("1MiB", 1_048_576), ("10MB", 10_000_000), ("1GiB", 1_073_741_824), ("7B", 7),
])
func `a size is a number of bytes with or without a unit`(text: String, expected: Int) {
    #expect(Quantity.size(text) == expected)
}

@Test(arguments: ["", "MiB", "1.5MiB", "1mib", "-1", "1 MiB", "9223372036854775807KiB"])
func `anything else is no size`(text: String) {
    #expect(Quantity.size(text) == nil)
}

@Test(arguments: [("max_evnts", "max_events"), ("tiemout", "timeout"), ("topic", "topics")])
func `a mistyped name finds the one it meant`(word: String, expected: String) {
    #expect(nearestName(to: word, among: ["max_events", "timeout", "topics", "url"]) == expected)
}

@Test func `a name like none of the known ones finds nothing`() {
    #expect(nearestName(to: "colour", among: ["max_events", "timeout", "topics", "url"]) == nil)
}

@Test(arguments: [
    ("50/s", 50, Duration.seconds(1)), ("600/min", 600, .seconds(60)), ("1000/h", 1_000, .seconds(3_600)),
    ("0/s", 0, .seconds(1)),
])
func `a rate is a whole number, a slash and a unit`(text: String, count: Int, period: Duration) throws {
    let rate = try #require(Quantity.rate(text))
    #expect(rate.count == count && rate.period == period)
}

@Test(arguments: [
    "", "/s", "50", "50/", "50/m", "50 /s", "50/ s", "5.5/s", "-5/s", "50/S", "50/sec", "99999999999999999999/s",
])
func `anything else is no rate`(text: String) {
    #expect(Quantity.rate(text) == nil)
}

@Test(arguments: [
    ("7d", "168h"), ("2 weeks", "336h"), ("10 sec", "10s"), ("5min", "5m"), ("1.5h", "90m"), ("0.5s", "500ms"),
    ("5S", "5s"), ("1500msec", "1500ms"), ("30d", nil), ("7", nil), ("soon", nil), ("1.2.3s", nil), ("0d", nil),
])
func `a duration in other units is told in those that are known, if it is in range`(text: String, expected: String?) {
    let meant = Quantity.durationMeant(by: text, within: .milliseconds(1)...(.seconds(400 * 3_600)))
    #expect(meant == expected)
    #expect(meant.map { Quantity.duration($0) != nil } ?? true)
    #expect(Quantity.durationMeant(by: text, within: .seconds(0)...(.milliseconds(1))) == nil)
}

@Test(arguments: [
    ("5 GB", "5GB"), ("10mb", "10MB"), ("10M", "10MB"), ("64kib", "64KiB"), ("0.5GiB", "512MiB"),
    ("1.5 gb", "1500000000"),
    ("5TB", nil), ("1e3", nil), ("lots", nil),
])
func `a size in other units is told in those that are known, if it is in range`(text: String, expected: String?) {
    #expect(Quantity.sizeMeant(by: text, within: 1...(8 << 30)) == expected)
    #expect(Quantity.sizeMeant(by: text, within: 1...2) == nil)
}

@Test(arguments: [
    ("50/sec", "50/s"), ("50 per second", "50/s"), ("50rps", "50/s"), ("600/minute", "600/min"), ("600/m", "600/min"),
    ("50 /s", "50/s"), ("5 requests/s", "5/s"), ("10 per day", nil), ("fast", nil), ("1.5/s", nil),
])
func `a rate in other units is told in those that are known`(text: String, expected: String?) {
    #expect(Quantity.rateMeant(by: text) == expected)
}
