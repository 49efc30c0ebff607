/// Whether one more request of a webhook leaves enough connections to the others.
///
/// Each webhook has a guaranteed share of the connections: as many as all can have at once, at most its `concurrency`
/// and at least one. More it may borrow, up to its `concurrency`, but only from those that nobody has a guarantee of. So
/// as long as there are no more webhooks than connections, each can have its share at any time, even while all others
/// hang. With more webhooks than that, half of the connections are never lent.
package struct ConnectionShares {
    private let limit: Int
    /// By webhook; 0: it takes no part.
    private let guaranteed: [Int]
    /// By webhook.
    private let concurrency: [Int]
    private var underWay: [Int]
    package private(set) var total = 0
    /// Of what is guaranteed, how much is not under way.
    private var unused: Int
    /// Never lent, as long as so much is unused.
    private let reserve: Int

    /// - Parameters:
    ///   - webhooks: all.
    ///   - takesPart: by webhook.
    ///   - limit: requests under way at once over all webhooks.
    package init(_ webhooks: [Webhook], takesPart: [Bool], limit: Int) {
        self.limit = limit
        concurrency = webhooks.map(\.concurrency)
        let even = limit / max(1, takesPart.count { $0 })
        guaranteed = zip(webhooks, takesPart).map { $1 ? max(1, min($0.concurrency, even)) : 0 }
        underWay = Array(repeating: 0, count: webhooks.count)
        unused = guaranteed.reduce(0, +)
        reserve = unused <= limit ? unused : limit / 2
    }

    /// Whether a connection is free.
    package var hasFree: Bool { total < limit }

    /// Whether a connection is free that may be lent.
    package var hasLoan: Bool { limit - total > min(unused, reserve) }

    /// Whether one more request of the webhook is within its guaranteed share.
    package func isGuaranteed(_ webhook: Int) -> Bool { underWay[webhook] < guaranteed[webhook] }

    /// Whether the webhook may have one more request at all.
    package func mayHaveMore(_ webhook: Int) -> Bool { underWay[webhook] < concurrency[webhook] }

    package mutating func start(_ webhook: Int) {
        if isGuaranteed(webhook) { unused -= 1 }
        underWay[webhook] += 1
        total += 1
    }

    package mutating func end(_ webhook: Int) {
        underWay[webhook] -= 1
        total -= 1
        if isGuaranteed(webhook) { unused += 1 }
    }
}
