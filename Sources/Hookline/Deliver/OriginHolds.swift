/// Until when receivers asked to be left alone: a Retry-After holds for its origin, whichever webhook it was told
/// (SPEC section 8).
package struct OriginHolds {
    /// By webhook.
    private let origins: [Int]
    /// By origin.
    private let webhooks: [[Int]]
    private var heldUntil: [ContinuousClock.Instant?]
    /// The shortest `max_retry_after` of its webhooks, by origin: most often there is none to look for.
    private let shortestWait: [Duration]
    /// By webhook.
    private let longestWaits: [Duration]

    package init(_ webhooks: [Webhook]) {
        var places: [String: Int] = [:]
        var members: [[Int]] = []
        var origins: [Int] = []
        for (index, webhook) in webhooks.enumerated() {
            // An unresolved URL is that of a webhook which takes no part.
            let origin = webhook.url.value?.origin
            let place = origin.flatMap { places[$0] } ?? members.count
            if place == members.count { members.append([]) }
            if let origin { places[origin] = place }
            members[place].append(index)
            origins.append(place)
        }
        self.origins = origins
        self.webhooks = members
        heldUntil = Array(repeating: nil, count: members.count)
        longestWaits = webhooks.map(\.retry.maxRetryAfter)
        shortestWait = members.map { $0.map { webhooks[$0].retry.maxRetryAfter }.min() ?? .zero }
    }

    /// No request of this webhook before then; it may be over.
    package func until(_ webhook: Int) -> ContinuousClock.Instant? { heldUntil[origins[webhook]] }

    /// The webhook's receiver asked for no request before `until`. Of two such times the later one holds.
    ///
    /// - Parameters:
    ///   - webhook: who was told.
    ///   - until: the end of the Retry-After.
    ///   - now: when it was told.
    ///   - stop: when the run ends whatever happens; nil: it does not.
    /// - Returns: the webhooks of the origin that don't wait that long.
    package mutating func hold(
        _ webhook: Int, until: ContinuousClock.Instant, now: ContinuousClock.Instant, stop: ContinuousClock.Instant?
    ) -> [Int] {
        let origin = origins[webhook]
        heldUntil[origin] = max(heldUntil[origin] ?? until, until)
        if let stop, until >= stop { return webhooks[origin] }
        let wait = until - now
        if wait <= shortestWait[origin] { return [] }
        return webhooks[origin].filter { wait > longestWaits[$0] }
    }
}
