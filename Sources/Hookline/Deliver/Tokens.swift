/// The OAuth access tokens of a run: who shares one, when it is fetched, renewed and given up (RFC 6749 section 4.4).
///
/// Pure: time comes as a parameter. A token is fetched when the first batch wants it, and renewed shortly before it ends,
/// while deliveries go on with the old one; or when a receiver answers 401 to it.
package struct Tokens {
    /// What a batch may be sent with.
    package enum Use: Equatable {
        /// Its webhook has no OAuth.
        case notNeeded
        /// The token, and its number, from 1.
        case token(Secret, number: Int)
        /// A token is on the way, or will be.
        case wait
        /// None can be had before that time; for that reason.
        case refused(DeliveryFailure, until: ContinuousClock.Instant)
    }

    /// Webhooks with equal OAuth and TLS settings.
    package struct Client {
        /// In the order of the configuration. The first one's settings are the token requests'.
        package fileprivate(set) var webhooks: [Int]
        /// Requests for the token at hand that failed.
        package fileprivate(set) var attempts = 0
        fileprivate var token: Secret?
        /// Of the last token that came.
        fileprivate var number = 0
        /// When to renew it; nil: not before a 401.
        fileprivate var renewAt: ContinuousClock.Instant?
        /// When it is no longer good; nil: unknown.
        fileprivate var endsAt: ContinuousClock.Instant?
        /// Whether no batch was sent with it: the first one is, even if the token is so short-lived that it has ended.
        fileprivate var isNew = false
        fileprivate var isFetching = false
        fileprivate var isWanted = false
        /// No request before then.
        fileprivate var restsUntil: ContinuousClock.Instant?
        /// Why the last request was given up; nil: it was not, or another one has begun.
        fileprivate var failure: DeliveryFailure?
        /// Whether it was fetched because of a 401, and no receiver has taken it or a later one.
        fileprivate var isDoubtful = false
    }

    package private(set) var clients: [Client]
    /// By webhook; nil: no OAuth.
    private let clientOf: [Int?]
    /// By webhook: whether it caused a renewal and has taken no token since.
    private var isDoubtful: [Bool]

    /// - Parameters:
    ///   - webhooks: those of the configuration.
    ///   - takesPart: by webhook: whether it takes part in the run.
    package init(_ webhooks: [Webhook], takesPart: [Bool]) {
        var clients: [Client] = []
        var known: [String: [Int]] = [:]
        clientOf = webhooks.enumerated().map { index, webhook in
            guard takesPart[index], case .oauth2(let oauth) = webhook.auth, let url = oauth.tokenURL.value?.text else {
                return nil
            }
            let same = known[url, default: []].first { client in
                let other = webhooks[clients[client].webhooks[0]]
                return other.auth == webhook.auth && other.tls == webhook.tls
            }
            if let same {
                clients[same].webhooks.append(index)
                return same
            }
            known[url, default: []].append(clients.count)
            clients.append(Client(webhooks: [index]))
            return clients.count - 1
        }
        self.clients = clients
        isDoubtful = Array(repeating: false, count: webhooks.count)
    }

    /// What to send a webhook's batch with. Where that is `wait`, or the token ends soon, `nextFetch` will name the client.
    package mutating func use(for webhook: Int, _ now: ContinuousClock.Instant) -> Use {
        guard let index = clientOf[webhook] else { return .notNeeded }
        if let endsAt = clients[index].endsAt, endsAt <= now, !clients[index].isNew { clients[index].token = nil }
        let client = clients[index]
        guard let token = client.token else {
            // Else batches would wait for the end of a rest that the token server may set as long as it likes.
            if let failure = client.failure, let until = client.restsUntil, until > now {
                return .refused(failure, until: until)
            }
            clients[index].isWanted = true
            return .wait
        }
        clients[index].isNew = false
        // One that has ended already is replaced when the next batch comes.
        if let renewAt = client.renewAt, let endsAt = client.endsAt, renewAt <= now, now < endsAt {
            clients[index].isWanted = true
        }
        return .token(token, number: client.number)
    }

    /// The next client whose token is to be fetched now; it counts as being fetched until `received` or `failed`.
    package mutating func nextFetch(_ now: ContinuousClock.Instant) -> Int? {
        let index = clients.indices.first { index in
            let client = clients[index]
            return client.isWanted && !client.isFetching && client.restsUntil.map { $0 <= now } ?? true
        }
        guard let index else { return nil }
        clients[index].isWanted = false
        clients[index].isFetching = true
        clients[index].restsUntil = nil
        clients[index].failure = nil
        clients[index].attempts += 1
        return index
    }

    /// When `nextFetch` may have a client that it has not now; nil: no earlier than something else happens.
    package var nextDue: ContinuousClock.Instant? {
        clients.compactMap { $0.isWanted && !$0.isFetching ? $0.restsUntil : nil }.min()
    }

    /// Webhooks that have no token, and for which none is asked before that time.
    package func resting(until stop: ContinuousClock.Instant) -> [Int] {
        clients.filter { client in
            client.token == nil && !client.isFetching && client.restsUntil.map { $0 >= stop } ?? false
        }.flatMap(\.webhooks)
    }

    /// A token came.
    ///
    /// - Parameters:
    ///   - token: it.
    ///   - lifetime: `expires_in`; nil: the server did not say.
    ///   - client: whose it is.
    ///   - asked: when it was asked for.
    package mutating func received(
        _ token: Secret, lifetime: Duration?, for client: Int, asked: ContinuousClock.Instant
    ) {
        clients[client].isFetching = false
        // Batches that came meanwhile wanted this one.
        clients[client].isWanted = false
        clients[client].attempts = 0
        clients[client].token = token
        clients[client].number += 1
        clients[client].isNew = true
        clients[client].endsAt = lifetime.map { asked + $0 }
        clients[client].renewAt = lifetime.map { asked + $0 - min(.seconds(30), $0 / 10) }
    }

    /// A token request failed; the next one is made at that time.
    package mutating func retry(_ client: Int, at due: ContinuousClock.Instant) {
        clients[client].isFetching = false
        clients[client].isWanted = true
        clients[client].restsUntil = due
    }

    /// No token can be had before that time, for that reason. One that is still good serves until it ends.
    /// - Returns: whether the client has none.
    package mutating func failed(
        _ client: Int, _ failure: DeliveryFailure, until: ContinuousClock.Instant, _ now: ContinuousClock.Instant
    ) -> Bool {
        clients[client].isFetching = false
        // Batches that came meanwhile wanted this one.
        clients[client].isWanted = false
        clients[client].attempts = 0
        clients[client].restsUntil = until
        clients[client].failure = failure
        return clients[client].token == nil || clients[client].endsAt.map { $0 <= now } ?? false
    }

    /// Whether a 401 to a batch may be the token's fault. Not the second time; and not where a token that was fetched
    /// because of a 401, or for this webhook's sake, was never taken itself: a receiver that refuses every token must not
    /// cause a renewal with each batch.
    package func mayRenew(_ batch: Batch) -> Bool {
        guard let index = clientOf[batch.webhook], batch.token > 0, !batch.hadTokenRefused else { return false }
        // Others with the same old token have had it renewed already.
        let isOld = batch.token < clients[index].number || clients[index].token == nil
        return isOld || !(clients[index].isDoubtful || isDoubtful[batch.webhook])
    }

    /// A receiver answered 401 to a batch that `mayRenew` allows another token for.
    package mutating func refused(_ batch: Batch) {
        batch.hadTokenRefused = true
        guard let index = clientOf[batch.webhook], batch.token == clients[index].number, clients[index].token != nil
        else { return }
        clients[index].token = nil
        clients[index].isDoubtful = true
        isDoubtful[batch.webhook] = true
    }

    /// A receiver took a batch's token.
    package mutating func accepted(_ batch: Batch) {
        guard let index = clientOf[batch.webhook], batch.token == clients[index].number else { return }
        clients[index].isDoubtful = false
        isDoubtful[batch.webhook] = false
    }
}
