import Hookline
import Testing

private func latency(_ durations: [Duration]) -> Latency {
    var latency = Latency()
    for duration in durations { latency.record(duration) }
    return latency
}

/// Whole milliseconds, rounded up.
private func milliseconds(_ microseconds: Int) -> Int { (microseconds + 999) / 1_000 }

@Test func `without a request every time is 0`() {
    #expect([0.5, 0.9, 0.99].map { latency([]).milliseconds(share: $0) } == [0, 0, 0])
    #expect(latency([]).maximum == 0)
}

@Test(arguments: [
    (Duration.zero, 0), (.microseconds(1), 1), (.microseconds(999), 1), (.microseconds(1_000), 1),
    (.microseconds(1_001), 2), (.milliseconds(17), 17), (.seconds(15), 15_000), (.seconds(3_600), 3_600_000),
    (.seconds(-1), 0),
])
func `one request is every percentile and the maximum`(duration: Duration, expected: Int) {
    let latency = latency([duration])
    #expect([0.01, 0.5, 0.9, 0.99, 1].map { latency.milliseconds(share: $0) } == Array(repeating: expected, count: 5))
    #expect(latency.maximum == expected)
}

// Steps in µs, so that the values reach over the ranges of narrow and of wide buckets.
@Test(arguments: [1, 7, 1_000, 12_345, 1_000_003], [0.5, 0.9, 0.99, 1])
func `a percentile is never too low, and at most a sixteenth too high`(step: Int, share: Double) {
    let values = (1...1_000).map { $0 * step }
    // A fixed order other than the rising one.
    let latency = latency(values.indices.map { .microseconds(values[$0 * 617 % 1_000]) })
    let exact = values[Int((1_000 * share).rounded(.up)) - 1]
    let found = latency.milliseconds(share: share)
    #expect(found >= milliseconds(exact))
    #expect(found <= milliseconds(exact + exact / 16))
}

@Test func `the maximum is exact, and no percentile exceeds it`() {
    let latency = latency([.milliseconds(3), .microseconds(1_048_577), .milliseconds(8)])
    #expect(latency.maximum == 1_049)
    #expect(latency.milliseconds(share: 1) == 1_049)
}

@Test func `a time beyond the last bucket is counted, not lost`() {
    let latency = latency([.seconds(100_000_000), .microseconds(900)])
    #expect(latency.maximum == 100_000_000_000)
    #expect(latency.milliseconds(share: 0.5) == 1)
    #expect(latency.milliseconds(share: 0.99) > 1)
}
