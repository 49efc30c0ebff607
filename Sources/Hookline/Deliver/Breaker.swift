/// Leaves a webhook alone that fails again and again, and tries it with one request from time to time (SPEC section 8).
///
/// Closed, it lets all requests pass. Opened by `failures` of them that failed one after the other, it lets none pass
/// for `probe_after`. Then it is half open: it lets one pass, the probe, whose end opens it again or closes it.
package struct Breaker: Sendable {
    /// What a request that ended says about its receiver.
    package enum Evidence: Equatable, Sendable {
        /// It answered, if only to refuse.
        case alive
        /// It failed in a way that is tried again.
        case failing
        /// Nothing.
        case none
    }

    package enum Change: Equatable, Sendable {
        case opened
        /// The probe failed.
        case reopened
        case closed
    }

    private enum State {
        /// That many requests failed since one did not.
        case closed(failures: Int)
        case open(until: ContinuousClock.Instant)
        case halfOpen
    }

    private let failures: Int
    private let probeAfter: Duration
    private var state = State.closed(failures: 0)

    package init(_ webhook: Webhook.Breaker) {
        failures = webhook.failures
        probeAfter = webhook.probeAfter
    }

    /// Until then it lets nothing pass; nil: it knows no such time.
    package var openUntil: ContinuousClock.Instant? { if case .open(let until) = state { until } else { nil } }

    /// Whether the probe is under way: nothing passes before its end.
    package var isHalfOpen: Bool { if case .halfOpen = state { true } else { false } }

    /// A request starts, no earlier than `openUntil`.
    /// - Returns: whether it is the probe.
    package mutating func start() -> Bool {
        guard openUntil != nil else { return false }
        state = .halfOpen
        return true
    }

    /// A request ended. One that had started before it opened can close it, but says nothing new by failing.
    package mutating func ended(_ evidence: Evidence, isProbe: Bool, _ now: ContinuousClock.Instant) -> Change? {
        switch (state, evidence) {
        case (.closed, .alive):
            state = .closed(failures: 0)
        case (.closed(let before), .failing):
            state = .closed(failures: before + 1)
            guard before + 1 >= failures else { return nil }
            state = .open(until: now + probeAfter)
            return .opened
        case (.open, .alive), (.halfOpen, .alive):
            state = .closed(failures: 0)
            return .closed
        case (.halfOpen, .failing) where isProbe:
            state = .open(until: now + probeAfter)
            return .reopened
        case (.halfOpen, .none) where isProbe:
            // The next one is the probe.
            state = .open(until: now)
        case (.closed, .none), (.open, _), (.halfOpen, _): break
        }
        return nil
    }
}
