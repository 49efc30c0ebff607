/// Writes the events that could not be delivered, one line each, with all that a later delivery needs (SPEC section 9).
package struct DeadLetters: ~Copyable {
    private var file: LineFile
    package let topics: TopicNames
    private var lines = JSONWriter()
    /// Lines are written in pieces of about this size, so that a large batch is not held a second time.
    private static let gathered = 256 << 10
    /// About the most bytes that a line has besides its event: names of usual length, times and numbers.
    package static let frame = 600
    package private(set) var count = 0
    /// Events by webhook whose lines may not be on the disk yet.
    package private(set) var unflushed: [Int: Int] = [:]
    /// Lines that were dead letters already.
    package private(set) var kept = 0

    /// - Parameters:
    ///   - path: the file.
    ///   - topics: names of the declared topics, in the order that batches count them by.
    ///   - opensNow: makes the file at once: a path that the user named should fail before anything was read.
    /// - Throws: when the file can't be made now.
    package init(path: String, topics: [String], opensNow: Bool) throws(OutputError) {
        var file = LineFile(path: path)
        if opensNow { try file.open() }
        self.file = file
        self.topics = TopicNames(topics)
    }

    package var path: String { file.path }

    /// Appends every event of a batch.
    /// - Throws: when they could not be written; then none of them was.
    package mutating func append(_ batch: Batch, webhook: String, reason: DeadLetterReason) throws(OutputError) {
        let start = try file.begin()
        defer { file.finish() }
        let (first, last) = (batch.firstAttempt?.text, batch.lastAttempt?.text)
        for index in 0..<batch.count {
            let entry = batch[index]
            lines.object {
                $0.string("webhook", webhook)
                $0.string("webhook_id", batch.id)
                $0.object("batch") {
                    $0.number("size", batch.count)
                    $0.number("index", index)
                }
                $0.string("content_type", batch.contentType)
                $0.string("reason", reason.name)
                $0.number("status", reason.status)
                $0.number("attempts", batch.attempts)
                $0.string("first_attempt", first)
                $0.string("last_attempt", last)
                $0.number("line", entry.line)
                $0.string("topic", topics.names[entry.topic])
                unsafe $0.raw("event", batch.event(index))
            }
            lines.newline()
            guard lines.bytes.count >= Self.gathered || index == batch.count - 1 else { continue }
            defer { lines.removeAll() }
            try file.append(lines.bytes, since: start)
        }
        count += batch.count
        unflushed[batch.webhook, default: 0] += batch.count
    }

    /// So many of a webhook's events that may not be on the disk are kept elsewhere.
    package mutating func disown(_ events: Int, of webhook: Int) {
        count -= events
        unflushed[webhook, default: 0] -= events
    }

    /// Appends a line that is a dead letter already, without its line ending.
    /// - Throws: when it could not be written.
    package mutating func keep(_ line: UnsafeRawBufferPointer) throws(OutputError) {
        let start = try file.begin()
        defer { file.finish() }
        try unsafe file.append(Array(line) + [UInt8(ascii: "\n")], since: start)
        kept += 1
    }

    /// Waits until every line is on the disk.
    /// - Throws: when some may not be, now or at an earlier time: those of `unflushed`.
    package mutating func flush() throws(OutputError) {
        try file.flush()
        unflushed = [:]
    }
}
