/// What the end of a token request means for its OAuth client: as for deliveries, but that nothing is delivered. Pure.
package enum TokenSettlement: Equatable {
    /// With its lifetime, if the server said it.
    case issued(Secret, lifetime: Duration?)
    case retry(DeliveryFailure, at: ContinuousClock.Instant)
    /// No token before then: what waits for it becomes dead letters.
    case giveUp(DeliveryFailure, until: ContinuousClock.Instant)

    /// - Parameters:
    ///   - answer: what came.
    ///   - attempts: requests for this token, this one among them.
    ///   - retry: of the client's first webhook.
    ///   - jitter: a random number of 0 to 1.
    ///   - now: when the request ended.
    ///   - stop: when the run ends whatever happens; nil: it does not.
    package init(
        _ answer: TokenAnswer, attempts: Int, retry: Webhook.Retry, jitter: Double, now: Moment,
        stop: ContinuousClock.Instant?
    ) {
        switch answer {
        case .token(let token, let lifetime): self = .issued(token, lifetime: lifetime)
        case .failure(let failure):
            let rest = now.monotonic + retry.maxBackoff
            switch Settlement(
                .failure(failure), attempts: attempts, retry: retry, jitter: jitter, now: now, stop: stop)
            {
            case .retry(let due, _): self = .retry(failure, at: due)
            case .deadLetter(_, .unavailable(let until)), .deadLetter(_, .hold(let until)):
                self = .giveUp(failure, until: max(rest, until))
            default: self = .giveUp(failure, until: rest)
            }
        }
    }
}
