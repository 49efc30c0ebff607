/// Why a webhook does not simply get its batches, as far as its own receiver is the reason.
package enum Trouble: Equatable, Sendable {
    /// For the rest of the run: its receiver said 410.
    case switchedOff
    /// There is no access token to be had.
    case noToken
    /// Its receiver asked for more time than the run waits.
    case unavailable
    /// Its breaker is open: one request tries it from time to time.
    case leftAlone
    /// Its receiver, or another one of its origin, asked for time (`Retry-After`).
    case held
    /// That many of its batches wait for another attempt.
    case retrying(Int)

    /// For a person: lower case, follows the webhook's name.
    package var text: String {
        switch self {
        case .switchedOff: "switched off"
        case .noToken: "no access token"
        case .unavailable: "not available in this run"
        case .leftAlone: "left alone, tried from time to time"
        case .held: "waits as Retry-After says"
        case .retrying(let batches): "\(counted(batches, "batch", "batches")) retrying"
        }
    }

    /// 0: its events are given up; 1: they wait for long; 2: they wait.
    package var rank: Int {
        switch self {
        case .switchedOff, .noToken, .unavailable: 0
        case .leftAlone: 1
        case .held, .retrying: 2
        }
    }
}

extension Schedule {
    /// Batches of all webhooks that wait for another attempt.
    package var retrying: Int { lines.reduce(0) { $0 + $1.lanes.backoffCount } }

    /// What keeps a webhook's batches waiting or from being sent; nil: nothing, or nothing but its own settings.
    package func trouble(of webhook: Int, _ now: ContinuousClock.Instant) -> Trouble? {
        switch closure(of: webhook, now: now) {
        case .switchedOff: return .switchedOff
        case .noToken: return .noToken
        case .unavailable: return .unavailable
        case nil: break
        }
        let line = lines[webhook]
        if line.breaker.openUntil != nil || line.breaker.isHalfOpen { return .leftAlone }
        if line.hasTraffic, let until = origins.until(webhook), until > now { return .held }
        return line.lanes.backoffCount > 0 ? .retrying(line.lanes.backoffCount) : nil
    }
}
