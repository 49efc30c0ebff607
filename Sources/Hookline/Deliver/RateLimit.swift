/// How soon a webhook's next request may start: `rate_limit`, with a burst of what one second permits, at least one.
///
/// The generic cell rate algorithm (ITU-T I.371): it keeps one time instead of a bucket that must be filled.
package struct RateLimit: Sendable {
    /// Between two requests, on average.
    private let interval: Duration
    /// How much sooner than the average a request may start.
    private let tolerance: Duration
    /// When the next request would start if all kept the interval; nil: there was none yet.
    private var expected: ContinuousClock.Instant?

    package init(_ rate: Webhook.Rate) {
        interval = rate.period / rate.requests
        let burst = max(1, Int(Duration.seconds(rate.requests) / rate.period))
        tolerance = interval * (burst - 1)
    }

    /// The earliest time of the next request; nil: at once.
    package var nextDue: ContinuousClock.Instant? { expected.map { $0 - tolerance } }

    /// A request starts.
    package mutating func take(_ now: ContinuousClock.Instant) {
        expected = max(expected ?? now, now) + interval
    }

    /// The request that was just counted did not start after all.
    package mutating func giveBack() {
        expected = expected.map { $0 - interval }
    }
}
