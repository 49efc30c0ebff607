/// What an outcome means for its batch and its webhook: SPEC section 8's table, pure.
package enum Settlement: Equatable, Sendable {
    case delivered
    /// Try again at `at`; with `holdUntil`, no other request to the webhook before that.
    case retry(at: ContinuousClock.Instant, holdUntil: ContinuousClock.Instant?)
    case deadLetter(DeadLetterReason, consequence: Consequence)
    /// Send it again with another access token.
    case renewToken
    /// Send it again as two halves.
    case split

    /// What else a failure means for its webhook.
    package enum Consequence: Equatable, Sendable {
        case none
        /// 410: for the rest of the run.
        case switchOff
        /// Its receiver asked for more time than the run waits.
        case unavailable(until: ContinuousClock.Instant)
        /// Attempts are used up, but Retry-After still holds for the webhook's other batches.
        case hold(until: ContinuousClock.Instant)

        /// When the receiver may be asked again; nil: it did not say.
        package var until: ContinuousClock.Instant? {
            switch self {
            case .none, .switchOff: nil
            case .unavailable(let until), .hold(let until): until
            }
        }
    }

    /// - Parameters:
    ///   - outcome: how the attempt ended.
    ///   - attempts: how many the batch has had, this one among them.
    ///   - retry: the webhook's.
    ///   - jitter: a random number of 0 to 1, drawn only where one is needed.
    ///   - now: when the attempt ended.
    ///   - stop: when the run ends whatever happens; nil: it does not.
    ///   - mayRenewToken: whether another access token may do better, see `Tokens.mayRenew`.
    ///   - maySplit: whether parts of the batch may do better, see `Bisection.maySplit`.
    package init(
        _ outcome: Outcome, attempts: Int, retry: Webhook.Retry, jitter: @autoclosure () -> Double, now: Moment,
        stop: ContinuousClock.Instant?, mayRenewToken: Bool = false, maySplit: Bool = false
    ) {
        let reason: DeadLetterReason
        var retryAfter: Duration?
        switch outcome {
        case .response(let response):
            switch response.status {
            case 200..<300:
                self = .delivered
                return
            case 401 where mayRenewToken:
                self = .renewToken
                return
            case _ where maySplit && response.refusesContent:
                self = .split
                return
            case 410:
                self = .deadLetter(.status(410), consequence: .switchOff)
                return
            case _ where response.isRetried:
                reason = .status(response.status)
                retryAfter = response.retryAfter.flatMap { RetryAfter.wait($0, now: now.wall.seconds) }
            default:
                self = .deadLetter(.status(response.status), consequence: .none)
                return
            }
        case .failure(let failure):
            reason = .failure(failure.kind)
            retryAfter = failure.retryAfter.flatMap { RetryAfter.wait($0, now: now.wall.seconds) }
            guard failure.isRetried else {
                self = .deadLetter(reason, consequence: .none)
                return
            }
        }
        self = Self.later(
            reason, after: retryAfter, attempts: attempts, retry: retry, jitter: jitter(), now: now.monotonic,
            stop: stop)
    }

    private static func later(
        _ reason: DeadLetterReason, after retryAfter: Duration?, attempts: Int, retry: Webhook.Retry, jitter: Double,
        now: ContinuousClock.Instant, stop: ContinuousClock.Instant?
    ) -> Settlement {
        let asked = retryAfter.map { now + $0 }
        func isTooLate(_ time: ContinuousClock.Instant) -> Bool { stop.map { time >= $0 } ?? false }
        if let retryAfter, let asked, retryAfter > retry.maxRetryAfter || isTooLate(asked) {
            return .deadLetter(reason, consequence: .unavailable(until: asked))
        }
        let due = max(now + backoff(attempts: attempts, retry: retry, jitter: jitter), asked ?? now)
        if attempts >= retry.maxAttempts || isTooLate(due) {
            return .deadLetter(reason, consequence: asked.map { .hold(until: $0) } ?? .none)
        }
        return .retry(at: due, holdUntil: asked)
    }

    /// Exponential backoff with full jitter: evenly from 0 to `initial_backoff` · 2^(attempts − 1), at most `max_backoff`.
    package static func backoff(attempts: Int, retry: Webhook.Retry, jitter: Double) -> Duration {
        // 2^30 times the smallest backoff is beyond every maximum.
        let doubled = retry.initialBackoff * (1 << min(max(0, attempts - 1), 30))
        return min(doubled, retry.maxBackoff) * jitter
    }
}

/// Why an event became a dead letter.
package enum DeadLetterReason: Equatable, Sendable {
    /// The last answer's status.
    case status(Int)
    /// The last attempt got no answer.
    case failure(DeliveryFailure.Kind)
    /// Its webhook answered 410 to another batch.
    case switchedOff
    /// Its webhook asked, by Retry-After, for more time than the run waits.
    case unavailable
    /// The run's `--deadline` came first.
    case deadline
    /// A signal stopped the run.
    case stopped
    /// Standard input failed before the batch was full, in a run with an id.
    case inputFailed
    /// It waited in the spool for `spool.max_age`, and had no attempt.
    case expired
    /// An earlier batch of its lane waits in the spool, and the spool could not take it.
    case behind

    /// Why batches of a closed webhook become dead letters.
    package init(_ closure: Schedule.Closure) {
        switch closure {
        case .switchedOff: self = .switchedOff
        case .unavailable: self = .unavailable
        case .noToken(let kind, _): self = .failure(kind)
        }
    }

    /// That the last attempt ended so.
    package init(_ outcome: Outcome) {
        switch outcome {
        case .response(let response): self = .status(response.status)
        case .failure(let failure): self = .failure(failure.kind)
        }
    }

    /// Its name in dead letters and in the summary.
    package var name: String {
        switch self {
        case .status: "status"
        case .failure(let kind): kind.rawValue
        case .switchedOff: "switched_off"
        case .unavailable: "retry_after"
        case .deadline: "deadline"
        case .stopped: "stopped"
        case .inputFailed: "input_failed"
        case .expired: "expired"
        case .behind: "behind"
        }
    }

    /// The names of all reasons.
    package static let names =
        [status(0), switchedOff, unavailable, deadline, stopped, inputFailed, expired, behind].map(\.name)
        + DeliveryFailure.Kind.allCases.map(\.rawValue)

    /// In words, for logs.
    package var sentence: String {
        switch self {
        case .status(let status): "the receiver answered \(status)"
        case .failure(.tokenRefused), .failure(.tokenFailed): "there is no access token for it"
        case .failure(let kind): kind.rawValue
        case .switchedOff: "the webhook was switched off by a 410"
        case .unavailable: "the receiver asked for more time than max_retry_after or the deadline leaves"
        case .deadline: "the deadline came first"
        case .stopped: "the run was stopped by a signal"
        case .inputFailed: "standard input failed before the batch was full"
        case .expired: "it waited in the spool for max_age"
        case .behind: "an earlier batch of its lane waits in the spool"
        }
    }

    package var status: Int? { if case .status(let status) = self { status } else { nil } }
}
