/// A batch on its way into the spool.
package struct SpoolEntry {
    package var batch: Batch
    /// Its webhook's name.
    package var webhook: String
    /// How many lanes its webhook has.
    package var lanes: Int
    /// How many places of the schedule it will have used up.
    package var step: Int
    /// Not to be sent before then.
    package var next: WallTime
    /// Why it waits; nil: it had no attempt yet.
    package var reason: DeadLetterReason?

    package init(batch: Batch, webhook: String, lanes: Int, step: Int, next: WallTime, reason: DeadLetterReason?) {
        self.batch = batch
        self.webhook = webhook
        self.lanes = lanes
        self.step = step
        self.next = next
        self.reason = reason
    }
}

/// An item that waits in the spool: enough to know when its turn is, but not its events.
package struct SpoolItem: Equatable, Sendable {
    package var place: SpoolPlace
    /// Place of its webhook's name in `Spool.names`.
    package var webhook: Int
    package var count: Int
    package var next: WallTime

    /// Whether it was given up, and only waits until its dead letters can be written.
    package var isDecided: Bool { place.step >= Deferral.decided }

    package init(place: SpoolPlace, webhook: Int, count: Int, next: WallTime) {
        self.place = place
        self.webhook = webhook
        self.count = count
        self.next = next
    }
}
