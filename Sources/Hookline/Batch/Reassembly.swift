/// Puts the batches of dead letters together again (SPEC section 9).
///
/// A batch of which every event comes, in order, is the one that failed, byte for byte, and keeps its id. Its events may
/// have others between them, as long as there is memory. What is left of a batch becomes a batch with a new id, and so
/// do the events of one whose format is not today's.
///
/// Where a webhook keeps an order, what is left of a batch goes before the next event of its lane that belongs to another
/// one, and events of several lanes are no batch: the order counts more than the id. Pure, but for the batches' memory.
package struct Reassembly {
    /// One event of a batch that failed.
    package struct Piece {
        /// The place of its webhook in the configuration.
        package var webhook: Int
        /// Its place among the webhook's lanes.
        package var lane: Int
        package var batchID: String
        package var contentType: String
        /// Events in the batch.
        package var size: Int
        /// Its place in the batch, from 0.
        package var index: Int
        /// The line of the first input that it came from.
        package var line: Int
        /// Its place among the declared topics.
        package var topic: Int
        /// Which line of the replayed input it is: what `Batch.places` gets.
        package var place: Int

        package init(
            webhook: Int, lane: Int = 0, batchID: String, contentType: String, size: Int, index: Int, line: Int,
            topic: Int, place: Int
        ) {
            (self.webhook, self.lane, self.batchID, self.contentType) = (webhook, lane, batchID, contentType)
            (self.size, self.index, self.line) = (size, index, line)
            (self.topic, self.place) = (topic, place)
        }
    }

    private struct Key: Hashable {
        var webhook: Int
        /// nil: events whose batch can't be had again.
        var batchID: String?
        /// Of such events; a batch that is had again goes into the lane of its first event.
        var lane = 0
    }

    private struct Lane: Hashable {
        var webhook: Int
        var lane: Int
    }

    private struct Part {
        let batch: Batch
        let size: Int
        /// Index of its last event.
        var last: Int
    }

    private let webhooks: [Webhook]
    private let payloads: [Payload]
    private let cloudEventTexts: CloudEventTexts
    private let memory: MemoryAccount
    private var parts: [Key: Part] = [:]
    /// Where an order is kept: the part that was begun last in a lane.
    private var latest: [Lane: Key] = [:]

    /// `topics` are the declared topics' names, as events count them.
    package init(webhooks: [Webhook], topics: [String], memory: MemoryAccount) {
        self.webhooks = webhooks
        self.memory = memory
        payloads = webhooks.map { Payload($0.format) }
        cloudEventTexts = CloudEventTexts(webhooks: webhooks, topics: topics)
    }

    /// Adds an event. `found` says what stands where in it, where its webhook's format wraps events.
    /// - Returns: the batches that can go out now, in order; those without an id need a new one.
    package mutating func append(
        _ event: UnsafeRawBufferPointer, _ found: Event, _ piece: Piece, now: ContinuousClock.Instant
    ) -> [Batch] {
        let payload = payloads[piece.webhook]
        let head: CloudEventHead? =
            payload.wrapsEvents && !found.isCloudEvent
            ? unsafe cloudEventTexts.head(of: event, found, webhook: piece.webhook, topic: piece.topic) : nil
        // Without anything to join them a body holds one event, whatever its batch once had.
        let isSame = piece.contentType == payload.contentType && (piece.size == 1 || payload.separator != nil)
        let key = Key(
            webhook: piece.webhook, batchID: isSame ? piece.batchID : nil, lane: isSame ? 0 : piece.lane)
        var batches = cutBefore(key, in: piece)
        if let part = parts[key], !belongs(piece, head, event.count, to: part, isSame) {
            parts[key] = nil
            batches.append(part.batch)
        }
        var part =
            parts[key]
            ?? Part(
                batch: Batch(
                    webhook: piece.webhook, lane: piece.lane, payload: payload, opened: now, memory: memory,
                    expectedBytes: event.count + 2,
                    expectedEvents: min(piece.size, 16)), size: piece.size, last: -1)
        unsafe part.batch.append(event, head, line: piece.line, topic: piece.topic)
        part.batch.places.append(piece.place)
        part.last = piece.index
        parts[key] = part
        guard part.batch.count == (isSame ? part.size : webhooks[piece.webhook].maxEvents) else { return batches }
        parts[key] = nil
        if isSame { part.batch.id = piece.batchID }
        return batches + [part.batch]
    }

    /// Where an order is kept: gives up waiting for the rest of the batch that came before in the event's lane.
    private mutating func cutBefore(_ key: Key, in piece: Piece) -> [Batch] {
        if webhooks[piece.webhook].order == .none { return [] }
        let lane = Lane(webhook: piece.webhook, lane: piece.lane)
        defer { latest[lane] = key }
        guard let before = latest[lane], before != key, let part = parts[before], part.batch.lane == piece.lane else {
            return []
        }
        parts[before] = nil
        return [part.batch]
    }

    private func belongs(_ piece: Piece, _ head: CloudEventHead?, _ bytes: Int, to part: Part, _ isSame: Bool) -> Bool {
        isSame
            ? piece.size == part.size && piece.index > part.last && piece.lane == part.batch.lane
            : part.batch.fits(bytes, head, within: webhooks[piece.webhook].batch.maxBytes)
    }

    /// Gives up waiting for the rest of every batch when such parts are what fills the memory.
    package mutating func cutForMemory() -> [Batch] {
        guard memory.isFull else { return [] }
        return parts.values.reduce(0) { $0 + $1.batch.footprint } * 2 >= memory.limit ? cutAll() : []
    }

    /// Gives up waiting for the rest of every batch: what is there needs a new id.
    package mutating func cutAll() -> [Batch] {
        defer { parts = [:] }
        return parts.values.map(\.batch).sorted { ($0.places.first ?? 0) < ($1.places.first ?? 0) }
    }
}
