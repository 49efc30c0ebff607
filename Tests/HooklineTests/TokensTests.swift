import Hookline
import Testing

/// An arbitrary time that tests count from.
private let start = ContinuousClock().systemEpoch

private func second(_ count: Double) -> ContinuousClock.Instant { start + .seconds(count) }

private func webhook(_ client: String?, scope: String? = nil, tls: Webhook.TLS.Version = .v1_2) throws -> Webhook {
    let url = try WebhookURL.parse("https://h.example/").get()
    var webhook = Webhook(name: "w", url: .value(url), topics: [.all])
    webhook.tls.minVersion = tls
    if let client {
        webhook.auth = .oauth2(
            .init(
                tokenURL: .value(url), clientID: .value(Secret(client)), clientSecret: .value(Secret("s")),
                scope: scope))
    }
    return webhook
}

/// Tokens of `webhooks` webhooks of one client.
private func tokens(_ webhooks: Int = 1) throws -> Tokens {
    try Tokens((0..<webhooks).map { _ in try webhook("a") }, takesPart: Array(repeating: true, count: webhooks))
}

/// A batch that was sent with that token.
private func batch(token: Int, _ webhook: Int = 0) -> Batch {
    let batch = Batch(
        webhook: webhook, payload: Payload(.json), opened: start, memory: MemoryAccount(limit: 1 << 20),
        expectedBytes: 0, expectedEvents: 1)
    batch.token = token
    return batch
}

private let refusal = DeliveryFailure(.tokenFailed, detail: "the token server answered 429")

extension Tokens {
    fileprivate mutating func receive(
        _ text: String, lifetime: Double? = nil, at now: ContinuousClock.Instant = start
    ) {
        received(Secret(text), lifetime: lifetime.map { .seconds($0) }, for: 0, asked: now)
    }

    /// Has a token fetched, and uses it once.
    fileprivate mutating func begin(lifetime: Double? = nil) {
        _ = use(for: 0, start)
        _ = nextFetch(start)
        receive("t1", lifetime: lifetime)
        _ = use(for: 0, start)
    }
}

@Test func `webhooks with equal OAuth and TLS settings share a client, others don't`() throws {
    let webhooks = try [
        webhook("a"), webhook(nil), webhook("a"), webhook("b"), webhook("a", scope: "x"), webhook("a", tls: .v1_3),
        webhook("b"), webhook("c"),
    ]
    var takesPart = Array(repeating: true, count: webhooks.count)
    takesPart[7] = false
    let tokens = Tokens(webhooks, takesPart: takesPart)
    #expect(tokens.clients.map(\.webhooks) == [[0, 2], [3, 6], [4], [5]])
}

@Test func `a webhook without OAuth needs no token`() throws {
    var tokens = try Tokens([webhook(nil)], takesPart: [true])
    #expect(tokens.use(for: 0, start) == .notNeeded)
    #expect(tokens.nextFetch(start) == nil)
    #expect(!tokens.mayRenew(batch(token: 0)))
}

@Test func `a token is fetched when the first batch wants it, once for all that wait`() throws {
    var tokens = try tokens(2)
    #expect(tokens.nextFetch(start) == nil)
    #expect(tokens.use(for: 1, start) == .wait)
    #expect(tokens.nextFetch(start) == 0)
    #expect(tokens.use(for: 0, start) == .wait)
    #expect(tokens.nextFetch(start) == nil)
    tokens.receive("t1")
    #expect(tokens.use(for: 0, start) == .token(Secret("t1"), number: 1))
    #expect(tokens.use(for: 1, second(1e9)) == .token(Secret("t1"), number: 1))
    #expect(tokens.nextFetch(second(1e9)) == nil)
}

@Test(arguments: [(10.0, 9.0), (300, 270), (600, 570), (3600, 3570)])
func `a token is renewed a tenth of its life or 30 seconds before it ends, and serves until then`(
    lifetime: Double, renewal: Double
) throws {
    var tokens = try tokens()
    tokens.begin(lifetime: lifetime)
    #expect(tokens.use(for: 0, second(renewal - 0.001)) == .token(Secret("t1"), number: 1))
    #expect(tokens.nextFetch(second(renewal - 0.001)) == nil)
    #expect(tokens.use(for: 0, second(renewal)) == .token(Secret("t1"), number: 1))
    #expect(tokens.nextFetch(second(renewal)) == 0)
    #expect(tokens.use(for: 0, second(lifetime - 0.001)) == .token(Secret("t1"), number: 1))
    #expect(tokens.use(for: 0, second(lifetime)) == .wait)
    #expect(tokens.nextFetch(second(lifetime)) == nil)
    tokens.receive("t2", at: second(lifetime))
    #expect(tokens.use(for: 0, second(lifetime)) == .token(Secret("t2"), number: 2))
}

@Test func `a token that has ended when it comes still serves one batch, so that a run goes on`() throws {
    var tokens = try tokens()
    _ = tokens.use(for: 0, start)
    _ = tokens.nextFetch(start)
    tokens.receive("t1", lifetime: 1)
    #expect(tokens.use(for: 0, second(5)) == .token(Secret("t1"), number: 1))
    #expect(tokens.nextFetch(second(5)) == nil)
    #expect(tokens.use(for: 0, second(5)) == .wait)
    #expect(tokens.nextFetch(second(5)) == 0)
}

@Test func `a fetch that failed is repeated at its time, and not before`() throws {
    var tokens = try tokens()
    _ = tokens.use(for: 0, start)
    #expect(tokens.nextFetch(start) == 0)
    #expect(tokens.clients[0].attempts == 1)
    tokens.retry(0, at: second(2))
    #expect(tokens.nextDue == second(2))
    #expect(tokens.use(for: 0, second(1)) == .wait)
    #expect(tokens.resting(until: second(2)) == [0])
    #expect(tokens.resting(until: second(2.001)) == [])
    #expect(tokens.nextFetch(second(1.999)) == nil)
    #expect(tokens.nextFetch(second(2)) == 0)
    #expect(tokens.nextDue == nil)
    #expect(tokens.resting(until: second(2)) == [])
    #expect(tokens.clients[0].attempts == 2)
    tokens.receive("t1")
    #expect(tokens.clients[0].attempts == 0)
}

@Test func `after a failure for good a token may be asked for again when the rest is over`() throws {
    var tokens = try tokens()
    _ = tokens.use(for: 0, start)
    _ = tokens.nextFetch(start)
    #expect(tokens.failed(0, refusal, until: second(30), start) == true)
    #expect(tokens.nextDue == nil)
    #expect(tokens.use(for: 0, second(29)) == .refused(refusal, until: second(30)))
    #expect(tokens.nextFetch(second(29)) == nil)
    #expect(tokens.use(for: 0, second(30)) == .wait)
    #expect(tokens.nextFetch(second(30)) == 0)
    #expect(tokens.clients[0].attempts == 1)
}

@Test func `a renewal that fails takes nothing from a token that is still good`() throws {
    var tokens = try tokens()
    tokens.begin(lifetime: 100)
    _ = tokens.use(for: 0, second(90))
    _ = tokens.nextFetch(second(90))
    #expect(tokens.failed(0, refusal, until: second(95), second(91)) == false)
    #expect(tokens.use(for: 0, second(92)) == .token(Secret("t1"), number: 1))
    #expect(tokens.nextFetch(second(94)) == nil)
    #expect(tokens.nextFetch(second(95)) == 0)
    #expect(tokens.failed(0, refusal, until: second(200), second(100)) == true)
}

@Test(arguments: [true, false])
func `after a renewal that was given up, batches do not wait for the end of a long rest`(isRefused: Bool) throws {
    var tokens = try tokens()
    tokens.begin(lifetime: 100)
    _ = tokens.use(for: 0, second(90))
    _ = tokens.nextFetch(second(90))
    #expect(tokens.failed(0, refusal, until: second(1e6), second(91)) == false)
    #expect(tokens.use(for: 0, second(92)) == .token(Secret("t1"), number: 1))
    if isRefused { tokens.refused(batch(token: 1)) }
    #expect(tokens.use(for: 0, second(isRefused ? 93 : 100)) == .refused(refusal, until: second(1e6)))
    #expect(tokens.use(for: 0, second(1e6)) == .wait)
    #expect(tokens.nextFetch(second(1e6)) == 0)
    #expect(tokens.use(for: 0, second(1e6)) == .wait)
}

@Test func `a 401 drops the token once, however many requests with it are under way`() throws {
    var tokens = try tokens()
    tokens.begin()
    let refused = (0..<3).map { _ in batch(token: 1) }
    #expect(tokens.mayRenew(refused[0]))
    tokens.refused(refused[0])
    #expect(tokens.mayRenew(refused[1]))
    tokens.refused(refused[1])
    #expect(tokens.use(for: 0, start) == .wait)
    #expect(tokens.nextFetch(start) == 0)
    tokens.receive("t2")
    #expect(tokens.mayRenew(refused[2]))
    tokens.refused(refused[2])
    #expect(tokens.use(for: 0, start) == .token(Secret("t2"), number: 2))
    #expect(tokens.nextFetch(start) == nil)
}

@Test func `a second 401 of a batch is final`() throws {
    var tokens = try tokens()
    tokens.begin()
    let batch = batch(token: 1)
    tokens.refused(batch)
    _ = tokens.use(for: 0, start)
    _ = tokens.nextFetch(start)
    tokens.receive("t2")
    batch.token = 2
    #expect(!tokens.mayRenew(batch))
}

@Test func `a token that was fetched because of a 401 is renewed only after a receiver took it`() throws {
    var tokens = try tokens()
    tokens.begin()
    tokens.refused(batch(token: 1))
    _ = tokens.use(for: 0, start)
    _ = tokens.nextFetch(start)
    tokens.receive("t2")
    #expect(!tokens.mayRenew(batch(token: 2)))
    tokens.accepted(batch(token: 1))
    #expect(!tokens.mayRenew(batch(token: 2)))
    tokens.accepted(batch(token: 2))
    #expect(tokens.mayRenew(batch(token: 2)))
}

@Test func `a webhook that refuses every token causes one renewal, though another webhook takes them`() throws {
    var tokens = try tokens(2)
    tokens.begin()
    tokens.accepted(batch(token: 1, 1))
    #expect(tokens.mayRenew(batch(token: 1, 0)))
    tokens.refused(batch(token: 1, 0))
    _ = tokens.use(for: 1, start)
    _ = tokens.nextFetch(start)
    tokens.receive("t2")
    tokens.accepted(batch(token: 2, 1))
    #expect(!tokens.mayRenew(batch(token: 2, 0)))
    #expect(tokens.mayRenew(batch(token: 2, 1)))
}
