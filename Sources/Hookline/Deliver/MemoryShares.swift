/// How many bytes the batches of each webhook take: those under way, and those that wait, in memory or set aside.
///
/// Beyond its first request a webhook has at most a quarter of the memory for bodies under way, and all have at most half,
/// so that receivers that hang leave some to the others. Pure.
struct MemoryShares {
    private struct Share {
        /// Of bodies.
        var underWay = 0
        var waiting = 0
        /// Bytes of memory that waiting batches take that are not aside.
        var footprint = 0
    }

    private var shares: [Share]
    private var underWay = 0

    init(webhooks: Int) { shares = Array(repeating: Share(), count: webhooks) }

    /// A batch waits.
    mutating func add(_ batch: Batch) {
        shares[batch.webhook].waiting += batch.bodyCount
        if !batch.isAside { shares[batch.webhook].footprint += batch.footprint }
    }

    /// A batch waits no more.
    mutating func remove(_ batch: Batch) {
        shares[batch.webhook].waiting -= batch.bodyCount
        if !batch.isAside { shares[batch.webhook].footprint -= batch.footprint }
    }

    mutating func start(_ batch: Batch) {
        shares[batch.webhook].underWay += batch.bodyCount
        underWay += batch.bodyCount
    }

    mutating func end(_ batch: Batch) {
        shares[batch.webhook].underWay -= batch.bodyCount
        underWay -= batch.bodyCount
    }

    /// Whether a batch that has started may be under way together with the others. `limit`: the memory, in bytes.
    func hasPlace(_ batch: Batch, of limit: Int) -> Bool {
        let own = shares[batch.webhook].underWay
        return own == batch.bodyCount || (own <= limit / 4 && underWay <= limit / 2)
    }

    /// Bytes of bodies that wait for a webhook.
    func waiting(for webhook: Int) -> Int { shares[webhook].waiting }

    /// Bytes of memory that a webhook's waiting batches take.
    func footprint(of webhook: Int) -> Int { shares[webhook].footprint }

    /// Webhooks whose waiting batches take memory, those that take most first.
    var largestFirst: [Int] {
        shares.indices.filter { shares[$0].footprint > 0 }.sorted { shares[$0].footprint > shares[$1].footprint }
    }

    /// Batches of a webhook that wait were set aside, which took so much memory.
    mutating func setAside(_ bytes: Int, of webhook: Int) { shares[webhook].footprint -= bytes }
}
