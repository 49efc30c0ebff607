import Hookline
import Testing

/// An arbitrary time that tests count from; 1,700,000,000 is 2023-11-14T22:13:20Z.
private let start = ContinuousClock().systemEpoch
private let now = Moment(monotonic: start, wall: WallTime(milliseconds: 1_700_000_000_000))

/// The defaults: 4 attempts, 500 ms doubling up to 30 s, Retry-After up to 300 s.
private let retry = Webhook.Retry()

private func settle(
    _ outcome: Outcome, attempts: Int = 1, jitter: Double = 1, stop: Duration? = nil
) -> Settlement {
    Settlement(
        outcome, attempts: attempts, retry: retry, jitter: jitter, now: now, stop: stop.map { start + $0 })
}

private func answer(_ status: Int, retryAfter: String? = nil) -> Outcome {
    .response(.init(status: status, retryAfter: retryAfter))
}

private func failure(_ kind: DeliveryFailure.Kind) -> Outcome { .failure(DeliveryFailure(kind, detail: "why")) }

private let retriedStatuses = [408, 425, 429, 500, 501, 502, 503, 504, 507, 511, 599]
private let retriedKinds: [DeliveryFailure.Kind] = [
    .timeout, .nameNotResolved, .connectFailed, .tlsFailed, .connectionLost, .badResponse, .other, .proxyRefused,
    .tokenFailed,
]

@Test(arguments: [200, 201, 202, 204, 206, 299], [1, 4])
func `a 2xx is a delivery, at whatever attempt`(status: Int, attempts: Int) {
    #expect(settle(answer(status), attempts: attempts) == .delivered)
    #expect(settle(answer(status, retryAfter: "9999"), attempts: attempts, stop: .zero) == .delivered)
}

@Test(arguments: retriedStatuses)
func `an answer that may change is retried after the backoff`(status: Int) {
    #expect(settle(answer(status)) == .retry(at: start + .milliseconds(500), holdUntil: nil))
}

@Test(arguments: retriedKinds)
func `a failure that may pass is retried after the backoff`(kind: DeliveryFailure.Kind) {
    #expect(settle(failure(kind)) == .retry(at: start + .milliseconds(500), holdUntil: nil))
}

@Test func `an attempt before the last is retried, the last is not`() {
    #expect(settle(answer(503), attempts: 3) == .retry(at: start + .seconds(2), holdUntil: nil))
    for attempts in [4, 5] {
        #expect(settle(answer(503), attempts: attempts) == .deadLetter(.status(503), consequence: .none))
        #expect(
            settle(failure(.timeout), attempts: attempts) == .deadLetter(.failure(.timeout), consequence: .none))
    }
}

@Test(arguments: DeliveryFailure.Kind.allCases.filter { !retriedKinds.contains($0) })
func `a failure that stays is a dead letter at once`(kind: DeliveryFailure.Kind) {
    #expect(settle(failure(kind)) == .deadLetter(.failure(kind), consequence: .none))
}

@Test func `these kinds of failure are not retried, and no others`() {
    let kinds = DeliveryFailure.Kind.allCases.filter { !$0.isRetried }
    #expect(kinds == [.certificateInvalid, .forbiddenAddress, .badURL, .clientCertificateInvalid, .tokenRefused])
}

@Test(arguments: [300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 409, 411, 413, 415, 422, 451, 499, 600])
func `a redirect or another 4xx is a dead letter at once, whatever its Retry-After`(status: Int) {
    #expect(settle(answer(status)) == .deadLetter(.status(status), consequence: .none))
    #expect(settle(answer(status, retryAfter: "1")) == .deadLetter(.status(status), consequence: .none))
}

@Test func `a 410 switches its webhook off`() {
    #expect(settle(answer(410)) == .deadLetter(.status(410), consequence: .switchOff))
}

@Test(arguments: retriedStatuses)
func `Retry-After on a retried answer holds the webhook until then`(status: Int) {
    #expect(settle(answer(status, retryAfter: "7")) == .retry(at: start + .seconds(7), holdUntil: start + .seconds(7)))
}

@Test(arguments: [
    ("Tue, 14 Nov 2023 22:13:30 GMT", 10), ("Tuesday, 14-Nov-23 22:13:21 GMT", 1), ("Tue Nov 14 22:14:20 2023", 60),
])
func `Retry-After as a date is a wait from now`(date: String, seconds: Int) {
    #expect(
        settle(answer(429, retryAfter: date))
            == .retry(at: start + .seconds(seconds), holdUntil: start + .seconds(seconds)))
}

@Test(arguments: ["0", "Tue, 14 Nov 2023 22:13:00 GMT"])
func `a Retry-After that is over leaves the backoff, and holds no other batch`(value: String) {
    #expect(settle(answer(503, retryAfter: value)) == .retry(at: start + .milliseconds(500), holdUntil: start))
}

@Test(arguments: ["", "soon", "-1"])
func `a Retry-After that can't be read counts as none`(value: String) {
    #expect(settle(answer(503, retryAfter: value)) == .retry(at: start + .milliseconds(500), holdUntil: nil))
}

@Test(arguments: [("300", true), ("301", false), ("99999999999999999999", false)])
func `a Retry-After beyond max_retry_after is not waited for`(value: String, isWaitedFor: Bool) {
    let settlement = settle(answer(503, retryAfter: value))
    let asked = start + .seconds(Int(value.prefix(10)) ?? 0)
    #expect(
        settlement
            == (isWaitedFor
                ? .retry(at: asked, holdUntil: asked)
                : .deadLetter(.status(503), consequence: .unavailable(until: asked))))
}

@Test(arguments: [(Duration.seconds(9), false), (.seconds(10), false), (.seconds(11), true)])
func `a Retry-After at or beyond the end of the run is not waited for`(stop: Duration, isWaitedFor: Bool) {
    let asked = start + .seconds(10)
    #expect(
        settle(answer(503, retryAfter: "10"), stop: stop)
            == (isWaitedFor
                ? .retry(at: asked, holdUntil: asked)
                : .deadLetter(.status(503), consequence: .unavailable(until: asked))))
}

@Test func `a Retry-After holds the webhook even when its batch has no attempt left`() {
    #expect(
        settle(answer(503, retryAfter: "10"), attempts: 4)
            == .deadLetter(.status(503), consequence: .hold(until: start + .seconds(10))))
}

@Test func `a long Retry-After closes the webhook even when its batch has no attempt left`() {
    #expect(
        settle(answer(503, retryAfter: "301"), attempts: 4)
            == .deadLetter(.status(503), consequence: .unavailable(until: start + .seconds(301))))
}

@Test(arguments: [(Duration.milliseconds(500), false), (.milliseconds(501), true)])
func `a backoff that ends at or after the end of the run is not waited for`(stop: Duration, isWaitedFor: Bool) {
    #expect(
        settle(failure(.connectFailed), stop: stop)
            == (isWaitedFor
                ? .retry(at: start + .milliseconds(500), holdUntil: nil)
                : .deadLetter(.failure(.connectFailed), consequence: .none)))
}

@Test(arguments: [
    (1, Duration.milliseconds(500)), (2, .seconds(1)), (3, .seconds(2)), (6, .seconds(16)), (7, .seconds(30)),
    (8, .seconds(30)), (1_000_000, .seconds(30)),
])
func `the backoff's bound doubles from initial_backoff up to max_backoff`(attempts: Int, bound: Duration) {
    #expect(Settlement.backoff(attempts: attempts, retry: retry, jitter: 1) == bound)
    #expect(Settlement.backoff(attempts: attempts, retry: retry, jitter: 0.5) == bound / 2)
    #expect(Settlement.backoff(attempts: attempts, retry: retry, jitter: 0) == .zero)
}

@Test(arguments: [0.0, 0.25, 1])
func `jitter never makes a wait shorter than Retry-After`(jitter: Double) {
    let settlement = Settlement(
        answer(503, retryAfter: "3"), attempts: 3, retry: retry, jitter: jitter, now: now, stop: nil)
    #expect(settlement == .retry(at: start + .seconds(3), holdUntil: start + .seconds(3)))
}

@Test(
    arguments: [
        (.status(503), "status", 503), (.failure(.timeout), "timeout", nil),
        (.failure(.certificateInvalid), "certificate_invalid", nil), (.switchedOff, "switched_off", nil),
        (.unavailable, "retry_after", nil), (.deadline, "deadline", nil), (.stopped, "stopped", nil),
    ] as [(DeadLetterReason, String, Int?)])
func `a dead letter's reason has this name and status`(reason: DeadLetterReason, name: String, status: Int?) {
    #expect(reason.name == name)
    #expect(reason.status == status)
}

@Test func `a 401 renews the token where that may help, and is final where not`() {
    func settle(_ status: Int, mayRenewToken: Bool) -> Settlement {
        Settlement(
            answer(status), attempts: 4, retry: retry, jitter: 1, now: now, stop: start, mayRenewToken: mayRenewToken)
    }
    #expect(settle(401, mayRenewToken: true) == .renewToken)
    #expect(settle(401, mayRenewToken: false) == .deadLetter(.status(401), consequence: .none))
    #expect(settle(403, mayRenewToken: true) == .deadLetter(.status(403), consequence: .none))
    #expect(settle(200, mayRenewToken: true) == .delivered)
}

@Test(arguments: [401, 403])
func `the hint of an answer that wants other credentials names auth`(status: Int) {
    #expect(answer(status).hint?.contains("auth") == true)
    #expect(answer(400).hint == nil)
}

@Test(
    arguments: [
        (.switchedOff, .switchedOff), (.unavailable(until: start), .unavailable),
        (.noToken(.tokenRefused, until: start), .failure(.tokenRefused)),
    ] as [(Schedule.Closure, DeadLetterReason)])
func `batches of a closed webhook become dead letters for its reason`(
    closure: Schedule.Closure, reason: DeadLetterReason
) {
    #expect(DeadLetterReason(closure) == reason)
}
