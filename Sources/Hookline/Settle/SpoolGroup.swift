import Glibc

/// One file of the spool: the items that were made durable together.
package struct SpoolGroup {
    /// An item as its line says, and where the line starts in the file.
    package struct Item: Equatable, Sendable {
        package var header: SpoolHeader
        package var offset: Int
        /// Of the line, with its line feed.
        package var lineBytes: Int
    }

    package var items: [Item]
    /// Whether the file goes on with something that is no item.
    package var isDamaged = false
    /// The version of its format if that is another one: then it has no items that can be read. A run writes one version.
    package var otherVersion: Int?
    /// In bytes.
    package var size: Int

    /// A header is no longer than this: it holds names of topics at most.
    private static let longestLine = 1 << 24

    /// Reads the lines of a file, and leaves out the bodies.
    /// - Returns: nil if there is no such file any more.
    /// - Throws: when it can't be read.
    package static func read(_ path: String) throws(SpoolError) -> SpoolGroup? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0 {
            if errno == ENOENT { return nil }
            throw .failed(path: path, errno: errno)
        }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        if size < 0 { throw .failed(path: path, errno: errno) }
        var group = SpoolGroup(items: [], size: size)
        var offset = 0
        while offset < size {
            let line = try line(descriptor, at: offset, path)
            guard let line, let header = SpoolHeader.read(line), offset + line.count + 1 + header.rest <= size else {
                if offset == 0, let line { group.otherVersion = SpoolHeader.otherVersion(line) }
                if group.otherVersion != nil { return group }
                group.isDamaged = true
                break
            }
            group.items.append(Item(header: header, offset: offset, lineBytes: line.count + 1))
            offset += line.count + 1 + header.rest
        }
        return group
    }

    /// What there is to say of the file; nil: all of it can be read. `areWhole`: whether no item is known to be damaged.
    func finding(_ path: String, areWhole: Bool) -> SpoolFinding? {
        if let otherVersion { return .otherVersion(path: path, otherVersion) }
        return isDamaged || !areWhole ? .damaged(path: path) : nil
    }

    /// Whether an item has the bytes that its checksum was made of. One that went meanwhile is not called damaged.
    static func isWhole(_ path: String, _ item: Item) throws(SpoolError) -> Bool {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0 {
            if errno == ENOENT { return true }
            throw .failed(path: path, errno: errno)
        }
        defer { close(descriptor) }
        guard let line = try line(descriptor, at: item.offset, path), line.count + 1 > SpoolHeader.endingCount else {
            return false
        }
        var checksum = Checksum()
        checksum.update(Array(line[..<(line.count + 1 - SpoolHeader.endingCount)]))
        var offset = item.offset + line.count + 1
        // The line feed after the body holds nothing.
        let end = offset + item.header.rest - 1
        while offset < end {
            var chunk = [UInt8](repeating: 0, count: min(end - offset, 1 << 16))
            let isFilled = try unsafe chunk.withUnsafeMutableBufferPointer { buffer throws(SpoolError) in
                unsafe try fill(UnsafeMutableRawBufferPointer(buffer), descriptor, at: offset, path)
            }
            guard isFilled else { return false }
            checksum.update(chunk)
            offset += chunk.count
        }
        return checksum.finishHex() == item.header.checksum
    }

    /// The line that starts there, without its line feed; nil: there is none.
    private static func line(_ descriptor: Int32, at offset: Int, _ path: String) throws(SpoolError) -> [UInt8]? {
        var line: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 10)
        while line.count < longestLine {
            let count = unsafe pread(descriptor, &chunk, chunk.count, offset + line.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw .failed(path: path, errno: errno)
            }
            if count == 0 { return nil }
            if let end = chunk[..<count].firstIndex(of: UInt8(ascii: "\n")) { return line + chunk[..<end] }
            line += chunk[..<count]
        }
        return nil
    }

    /// Reads one item as the batch that it was, and holds its checksum against what was read.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - offset: where its line starts.
    ///   - webhook: the place of its webhook in the configuration.
    ///   - lane: its place among the webhook's lanes of today.
    ///   - memory: what the batch is booked on.
    ///   - opened: when it was taken up.
    ///   - topic: gives a topic's place in the list that batches count topics by.
    /// - Returns: the batch and its line; nil: it is damaged.
    /// - Throws: when the file can't be read.
    package static func load(
        _ path: String, at offset: Int, webhook: Int, lane: Int, memory: MemoryAccount, opened: ContinuousClock.Instant,
        topic: (String) -> Int
    ) throws(SpoolError) -> (batch: Batch, header: SpoolHeader)? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0 { throw .failed(path: path, errno: errno) }
        defer { close(descriptor) }
        guard let line = try line(descriptor, at: offset, path), let header = SpoolHeader.read(line),
            let format = Webhook.Format(rawValue: header.format), line.count + 1 > SpoolHeader.endingCount
        else { return nil }
        var checksum = Checksum()
        checksum.update(Array(line[..<(line.count + 1 - SpoolHeader.endingCount)]))
        var records = [UInt8](repeating: 0, count: header.count * SpoolHeader.entryBytes)
        let start = offset + line.count + 1
        let hasRecords = try unsafe records.withUnsafeMutableBufferPointer { buffer throws(SpoolError) in
            unsafe try fill(UnsafeMutableRawBufferPointer(buffer), descriptor, at: start, path)
        }
        guard hasRecords else { return nil }
        checksum.update(records)
        let topics = header.topics.map(topic)
        guard let entries = entries(records, topics: topics, bodyCount: header.bytes) else { return nil }
        var isWhole = false
        let batch = try unsafe Batch(
            webhook: webhook, lane: lane, format: format, id: header.webhookID, bodyCount: header.bytes,
            entries: entries,
            opened: opened, memory: memory
        ) { body throws(SpoolError) in
            unsafe isWhole = try fill(body, descriptor, at: start + records.count, path)
            unsafe checksum.update(UnsafeRawBufferPointer(body))
        }
        guard isWhole, checksum.finishHex() == header.checksum else { return nil }
        batch.attempts = header.attempts
        batch.firstAttempt = header.firstAttempt.map { WallTime(milliseconds: $0) }
        batch.lastAttempt = header.lastAttempt.map { WallTime(milliseconds: $0) }
        return (batch, header)
    }

    /// - Returns: whether the file had as much.
    private static func fill(
        _ buffer: UnsafeMutableRawBufferPointer, _ descriptor: Int32, at offset: Int, _ path: String
    ) throws(SpoolError) -> Bool {
        var filled = 0
        while filled < buffer.count {
            let count = unsafe pread(
                descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled, offset + filled)
            if count == 0 { return false }
            if count > 0 {
                filled += count
            } else if errno != EINTR {
                throw .failed(path: path, errno: errno)
            }
        }
        return true
    }

    /// - Returns: nil if one says what can't be.
    private static func entries(_ records: [UInt8], topics: [Int], bodyCount: Int) -> [Batch.Entry]? {
        var entries: [Batch.Entry] = []
        entries.reserveCapacity(records.count / SpoolHeader.entryBytes)
        for base in stride(from: 0, to: records.count, by: SpoolHeader.entryBytes) {
            func number(_ offset: Int, _ bytes: Int) -> Int {
                (0..<bytes).reduce(0) { $0 | Int(truncatingIfNeeded: records[base + offset + $1]) << ($1 * 8) }
            }
            let entry = Batch.Entry(start: number(0, 4), count: number(4, 4), line: number(8, 8), topic: number(16, 4))
            guard entry.start + entry.count <= bodyCount, topics.indices.contains(entry.topic) else { return nil }
            entries.append(entry)
            entries[entries.count - 1].topic = topics[entry.topic]
        }
        return entries
    }
}

/// Writes a batch as one item of a group.
struct SpoolItemWriter {
    /// Where an event's topic stands among the item's own, by its place in the run's list; -1: nowhere yet.
    private var places: [Int] = []
    private var records: [UInt8] = []

    /// - Parameters:
    ///   - batch: what is written.
    ///   - names: the run's topics.
    ///   - header: makes the line, given the names of the batch's topics.
    ///   - write: takes what stands around the body.
    ///   - body: takes the body.
    /// - Returns: the item's size.
    /// - Throws: what `write` and `body` throw.
    mutating func write(
        _ batch: Batch, topics names: [String], header: ([String]) -> SpoolHeader,
        to write: ([UInt8]) throws(SpoolError) -> Void, body: (UnsafeRawBufferPointer) throws(SpoolError) -> Void
    ) throws(SpoolError) -> Int {
        var topics: [String] = []
        places = Array(repeating: -1, count: names.count)
        records.removeAll(keepingCapacity: true)
        records.reserveCapacity(batch.count * SpoolHeader.entryBytes)
        for index in 0..<batch.count {
            let entry = batch[index]
            if places[entry.topic] < 0 {
                places[entry.topic] = topics.count
                topics.append(names[entry.topic])
            }
            append(UInt32(truncatingIfNeeded: entry.start))
            append(UInt32(truncatingIfNeeded: entry.count))
            append(UInt64(truncatingIfNeeded: entry.line))
            append(UInt32(truncatingIfNeeded: places[entry.topic]))
        }
        let opening = header(topics).opening
        var checksum = Checksum()
        checksum.update(opening)
        checksum.update(records)
        unsafe checksum.update(batch.body)
        var head = opening
        head += SpoolHeader.ending(checksum.finishHex())
        head += records
        try write(head)
        unsafe try body(batch.body)
        try write([UInt8(ascii: "\n")])
        return head.count + batch.bodyCount + 1
    }

    private mutating func append(_ number: some FixedWidthInteger) {
        unsafe withUnsafeBytes(of: number.littleEndian) { unsafe records.append(contentsOf: $0) }
    }
}
