import Hookline
import Testing

private let start = ContinuousClock().systemEpoch
private let now = Moment(monotonic: start, wall: WallTime(milliseconds: 1_700_000_000_000))

private func answer(_ status: Int, _ body: String, retryAfter: String? = nil) -> TokenAnswer {
    TokenAnswer(.response(.init(status: status, retryAfter: retryAfter)), body: Array(body.utf8))
}

private func failure(_ answer: TokenAnswer) -> DeliveryFailure? {
    if case .failure(let failure) = answer { failure } else { nil }
}

@Test(
    arguments: [
        (#"{"access_token":"a.b-c","token_type":"Bearer","expires_in":3600}"#, Duration.seconds(3600)),
        (#"{"access_token":"a.b-c","token_type":"bearer"}"#, nil),
        (#"{"access_token":"a.b-c","token_type":"BEARER","expires_in":"60","scope":"x","more":[1]}"#, .seconds(60)),
        (#"{"access_token":"a.b-c","token_type":"Bearer","expires_in":null}"#, nil),
        (#"{"access_token":"a.b-c","token_type":"Bearer","expires_in":0}"#, nil),
        (#"{"access_token":"a.b-c","token_type":"Bearer","expires_in":-5}"#, nil),
        (#"{"access_token":"a.b-c","token_type":"Bearer","expires_in":true}"#, nil),
        (#"{"access_token":"a.b-c","token_type":"Bearer","expires_in":1e300}"#, .seconds(315_360_000)),
    ] as [(String, Duration?)])
func `a grant is the token and how long it lives`(body: String, lifetime: Duration?) {
    #expect(answer(200, body) == .token(Secret("a.b-c"), lifetime: lifetime))
}

@Test(arguments: [
    "", "[]", "{", #"{"access_token":"a"}"#, #"{"token_type":"Bearer"}"#, #"{"access_token":7,"token_type":"Bearer"}"#,
    #"{"access_token":"","token_type":"Bearer"}"#, #"{"access_token":"a\r\nX: y","token_type":"Bearer"}"#,
    #"{"access_token":"a b","token_type":"Bearer"}"#, #"{"access_token":"ä","token_type":"Bearer"}"#,
    #"{"access_token":"s3cret","token_type":"mac"}"#,
])
func `a grant that is none is a failure that may pass, and tells nothing of itself`(body: String) {
    let failure = failure(answer(200, body))
    #expect(failure?.kind == .tokenFailed)
    #expect(failure?.isRetried == true)
    #expect(failure?.detail.contains("s3cret") == false)
}

@Test func `a grant beyond 64 KiB is none`() {
    #expect(failure(TokenAnswer(.response(.init(status: 200)), body: nil))?.detail.contains("64 KiB") == true)
}

@Test(arguments: [
    (401, #"{"error":"invalid_client","error_description":"s3cret"}"#, " with invalid_client"),
    (400, #"{"error":"invalid_scope"}"#, " with invalid_scope"), (400, #"{"error":"s3cret"}"#, ""), (403, "s3cret", ""),
    (404, "", ""),
])
func `a 4xx is a refusal, told by its registered code alone`(status: Int, body: String, code: String) {
    let failure = failure(answer(status, body))
    #expect(failure?.kind == .tokenRefused)
    #expect(failure?.isRetried == false)
    #expect(failure?.detail == "the token server answered \(status)\(code)")
}

@Test(arguments: [408, 425, 429, 500, 503])
func `a status that may change is a failure with its Retry-After`(status: Int) {
    let failure = failure(answer(status, "s3cret", retryAfter: "7"))
    #expect(failure?.kind == .tokenFailed)
    #expect(failure?.isRetried == true)
    #expect(failure?.retryAfter == "7")
}

@Test(arguments: [(DeliveryFailure.Kind.timeout, true), (.connectFailed, true), (.certificateInvalid, false)])
func `a token server that can't be reached is token_failed, retried as such failures are`(
    kind: DeliveryFailure.Kind, isRetried: Bool
) {
    let failure = failure(TokenAnswer(.failure(DeliveryFailure(kind, detail: "why")), body: []))
    #expect(failure?.kind == .tokenFailed)
    #expect(failure?.detail == "token server: why")
    #expect(failure?.isRetried == isRetried)
}

@Test func `a redirect of the token server is not followed and not retried`() {
    let redirect = Outcome.Response(status: 302, redirectOrigin: "https://o.example")
    let failure = failure(TokenAnswer(.response(redirect), body: []))
    #expect(failure?.kind == .tokenFailed)
    #expect(failure?.isRetried == false)
    #expect(failure?.hint?.contains("https://o.example is right, write it into token_url") == true)
}

private func settle(_ failure: DeliveryFailure, attempts: Int = 1) -> TokenSettlement {
    TokenSettlement(
        .failure(failure), attempts: attempts, retry: Webhook.Retry(), jitter: 1, now: now, stop: start + .seconds(9999)
    )
}

@Test func `a grant is issued`() {
    let settlement = TokenSettlement(
        .token(Secret("a"), lifetime: .seconds(7)), attempts: 9, retry: Webhook.Retry(), jitter: 1, now: now,
        stop: start)
    #expect(settlement == .issued(Secret("a"), lifetime: .seconds(7)))
}

@Test func `a token server is asked again after the backoff or its Retry-After, up to max_attempts`() {
    var failed = DeliveryFailure(.tokenFailed, detail: "")
    #expect(settle(failed) == .retry(failed, at: start + .milliseconds(500)))
    #expect(settle(failed, attempts: 4) == .giveUp(failed, until: start + .seconds(30)))
    failed.retryAfter = "200"
    #expect(settle(failed) == .retry(failed, at: start + .seconds(200)))
    #expect(settle(failed, attempts: 4) == .giveUp(failed, until: start + .seconds(200)))
    failed.retryAfter = "301"
    #expect(settle(failed) == .giveUp(failed, until: start + .seconds(301)))
    failed.retryAfter = "1"
    #expect(settle(failed, attempts: 4) == .giveUp(failed, until: start + .seconds(30)))
}

@Test func `a client that was refused rests for max_backoff`() {
    let refused = DeliveryFailure(.tokenRefused, detail: "")
    #expect(settle(refused) == .giveUp(refused, until: start + .seconds(30)))
}
