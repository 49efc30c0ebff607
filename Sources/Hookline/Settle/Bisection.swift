/// Whether batches that a receiver refuses are split to find their bad events (SPEC section 8).
///
/// A receiver that takes nothing at all would cost two requests an event. So after some batches in which every event was
/// refused, a webhook's batches are no longer split. Pure.
package struct Bisection {
    /// Batches in which every event was refused, until no more are split.
    package static let patience = 3

    private let isWanted: [Bool]
    /// By webhook: batches that were split in vain.
    private var inVain: [Int]

    package init(_ webhooks: [Webhook]) {
        isWanted = webhooks.map { $0.onReject == .bisect }
        inVain = webhooks.map { _ in 0 }
    }

    /// Whether a batch is split if it is refused.
    package func maySplit(_ batch: Batch) -> Bool {
        batch.count > 1 && isWanted[batch.webhook] && inVain[batch.webhook] < Self.patience
    }

    /// Counts a batch that was refused and is not split.
    /// - Returns: whether this was the one after which no more of its webhook are split.
    package mutating func refused(_ batch: Batch) -> Bool {
        guard let origin = batch.origin else { return false }
        origin.refused += batch.count
        guard origin.refused == origin.count else { return false }
        inVain[batch.webhook] += 1
        return inVain[batch.webhook] == Self.patience
    }
}
