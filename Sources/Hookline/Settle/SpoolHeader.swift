import FoundationEssentials

/// The first line of an item in the spool: all of a batch but its events, and what is to become of it.
///
/// After the line come `count` records of `entryBytes` bytes that say where each event stands, and the body's `bytes`.
/// The line ends with a checksum of all that stands before it and after it.
package struct SpoolHeader: Codable, Equatable, Sendable {
    /// Of the format; a file with another one is left alone.
    package static let version = 2
    /// One record: start and count in the body (UInt32), line (UInt64), place in `topics` (UInt32), little-endian.
    package static let entryBytes = 20

    package var spool = SpoolHeader.version
    package var webhook: String
    package var webhookID: String
    /// A webhook's `format`.
    package var format: String
    package var contentType: String
    /// Events.
    package var count: Int
    /// Of the body.
    package var bytes: Int
    /// Names of the topics that its events have.
    package var topics: [String]
    /// When it first came into the spool, in milliseconds since 1970, as are the other times.
    package var created: Int
    package var firstAttempt: Int?
    package var lastAttempt: Int?
    /// Requests that were sent for it, in all runs.
    package var attempts: Int
    /// How many places of the schedule it has used up.
    package var step: Int
    /// Not to be sent before then.
    package var next: Int
    /// Why it waits: a dead letter's reason; nil: it had no attempt yet.
    package var reason: String?
    /// The last answer's status.
    package var status: Int?
    /// Which of its webhook's lanes it belongs to, and how many there were: events of one key are in one lane.
    package var lane: Int
    package var lanes: Int
    /// When the run that cut it began to use the spool, and the line of its first event: batches of a lane keep that order.
    package var began: Int
    package var line: Int
    /// The id of the run that cut it.
    package var run: String
    /// Whether that id was given, so that a repeated run cuts the same batch again.
    package var isRepeatable: Bool
    /// Lower-case hex; empty: not known yet.
    package var checksum = ""

    private enum CodingKeys: String, CodingKey {
        case spool, webhook, format, count, bytes, topics, created, attempts, step, next, reason, status, lane, lanes
        case began, line, run, checksum
        case webhookID = "webhook_id"
        case contentType = "content_type"
        case firstAttempt = "first_attempt"
        case lastAttempt = "last_attempt"
        case isRepeatable = "repeatable"
    }

    package init(
        webhook: String, webhookID: String, format: Webhook.Format, contentType: String, count: Int, bytes: Int,
        topics: [String], created: WallTime, firstAttempt: WallTime?, lastAttempt: WallTime?, attempts: Int, step: Int,
        next: WallTime, reason: DeadLetterReason?, lane: Int, lanes: Int, rank: SpoolPlace.Rank, run: String,
        isRepeatable: Bool
    ) {
        self.webhook = webhook
        self.webhookID = webhookID
        self.format = format.rawValue
        self.contentType = contentType
        self.count = count
        self.bytes = bytes
        self.topics = topics
        self.created = created.milliseconds
        self.firstAttempt = firstAttempt?.milliseconds
        self.lastAttempt = lastAttempt?.milliseconds
        self.attempts = attempts
        self.step = step
        self.next = next.milliseconds
        self.reason = reason?.name
        status = reason?.status
        self.lane = lane
        self.lanes = lanes
        (began, line) = (rank.began, rank.line)
        self.run = run
        self.isRepeatable = isRepeatable
    }

    /// About what a batch will take in the spool, its line included.
    package static func size(of batch: Batch) -> Int { 512 + batch.count * entryBytes + batch.bodyCount }

    /// Batches of a lane keep this order.
    package var rank: SpoolPlace.Rank { SpoolPlace.Rank(began: began, line: line) }

    /// Bytes that follow the line, the line feed after the body included.
    package var rest: Int { count * Self.entryBytes + bytes + 1 }

    /// The line up to its checksum.
    package var opening: [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.number("spool", spool)
            $0.string("webhook", webhook)
            $0.string("webhook_id", webhookID)
            $0.string("format", format)
            $0.string("content_type", contentType)
            $0.number("count", count)
            $0.number("bytes", bytes)
            $0.array("topics") { list in for topic in topics { list.string(nil, topic) } }
            $0.number("created", created)
            $0.number("first_attempt", firstAttempt)
            $0.number("last_attempt", lastAttempt)
            $0.number("attempts", attempts)
            $0.number("step", step)
            $0.number("next", next)
            $0.string("reason", reason)
            $0.number("status", status)
            $0.number("lane", lane)
            $0.number("lanes", lanes)
            $0.number("began", began)
            $0.number("line", line)
            $0.string("run", run)
            $0.boolean("repeatable", isRepeatable)
        }
        return json.bytes.dropLast()
    }

    /// The rest of the line, with its line feed.
    package static func ending(_ checksum: String) -> [UInt8] { Array(",\"checksum\":\"\(checksum)\"}\n".utf8) }
    /// Its length.
    package static let endingCount = 13 + Checksum.digits + 3

    /// The version of the format that a line names, if that is another one; nil: it is this one, or it names none.
    package static func otherVersion(_ line: [UInt8]) -> Int? {
        struct Named: Decodable { var spool: Int }
        let named = (try? JSONDecoder().decode(Named.self, from: Data(line)))?.spool
        return named == version ? nil : named
    }

    /// Reads a line, without its line feed.
    /// - Returns: nil if it is none of this version, or says what can't be.
    package static func read(_ line: [UInt8]) -> SpoolHeader? {
        guard let header = try? JSONDecoder().decode(SpoolHeader.self, from: Data(line)) else { return nil }
        let limit = 1 << 31
        // A run's id becomes the name of a file.
        let isSound =
            header.spool == version && (1..<limit).contains(header.count) && (0..<limit).contains(header.bytes)
            && header.checksum.utf8.count == Checksum.digits && Webhook.Format(rawValue: header.format) != nil
            && ValueFormat.runID.parse(header.run) != nil && header.step >= 0 && header.lanes > 0
            && (0..<header.lanes).contains(header.lane) && header.attempts >= 0
        return isSound ? header : nil
    }
}
