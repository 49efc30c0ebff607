import Hookline
import Testing

private let start = ContinuousClock().systemEpoch

/// How many of requests that come as early as they may start within so many seconds.
private func started(_ rate: Webhook.Rate, within seconds: Double) -> Int {
    var limit = RateLimit(rate)
    var now = start
    var count = 0
    while true {
        now = max(now, limit.nextDue ?? now)
        if now > start + .seconds(seconds) { return count }
        limit.take(now)
        count += 1
    }
}

@Test(arguments: [
    // A burst of one second's requests, then one after the other.
    (50, 1, 0.0, 50), (50, 1, 0.019, 50), (50, 1, 0.02, 51), (50, 1, 1, 100), (50, 1, 10, 550),
    (600, 60, 0, 10), (600, 60, 0.1, 11), (600, 60, 60, 610),
    // Less than one in a second: no burst.
    (6, 60, 0, 1), (6, 60, 9.99, 1), (6, 60, 10, 2), (1, 3_600, 3_599, 1), (1, 3_600, 3_600, 2),
    (1, 1, 0, 1), (1, 1, 1, 2),
])
func `as many requests start as the rate permits, and no more`(
    requests: Int, seconds: Int, within: Double, expected: Int
) {
    #expect(started(.init(requests: requests, period: .seconds(seconds)), within: within) == expected)
}

@Test func `a pause earns one burst and no more`() {
    var limit = RateLimit(.init(requests: 2, period: .seconds(1)))
    for _ in 0..<2 { limit.take(start) }
    let later = start + .seconds(1_000)
    for _ in 0..<2 {
        #expect(limit.nextDue.map { $0 <= later } ?? true)
        limit.take(later)
    }
    #expect(limit.nextDue == later + .seconds(0.5))
}

@Test func `a request that did not start is not counted`() {
    var limit = RateLimit(.init(requests: 1, period: .seconds(1)))
    limit.take(start)
    limit.giveBack()
    #expect(limit.nextDue == start)
}
