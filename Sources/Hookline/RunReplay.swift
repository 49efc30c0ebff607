import Glibc

/// Where `hookline replay` reads dead letters from.
package struct ReplaySource {
    /// Files; none: standard input.
    package var paths: [String]
    /// Whether what was delivered is taken out of the files.
    package var prunes: Bool

    package init(paths: [String], prunes: Bool) {
        self.paths = paths
        self.prunes = prunes
    }
}

/// What a run has besides when it sends dead letters again.
final class Replay {
    /// How much longer than its event the line of a dead letter may be.
    static let letterBytes = 64 << 10

    /// nil: dead letters come from standard input, and what fails again goes to a file of dead letters.
    var files: LetterFiles?
    let prunes: Bool
    var reassembly: Reassembly
    /// The webhooks that take part, by name.
    let webhooks: [String: Int]
    /// By webhook: whether its events are scanned, for their wrappers or their lanes.
    let looksIntoEvents: [Bool]
    /// Bytes of the files before the one at hand.
    var bytesBefore = 0
    /// How many dead letters were left as they are, by the reason why.
    var left: [String: Int] = [:]

    init(_ source: ReplaySource, _ config: Config, _ takesPart: [Bool], _ memory: MemoryAccount) throws(LetterFileError)
    {
        if !source.paths.isEmpty {
            var files = try LetterFiles(source.paths, prunes: source.prunes)
            _ = try files.next(after: 0)
            self.files = files
        }
        prunes = source.prunes
        reassembly = Reassembly(webhooks: config.webhooks, topics: config.topics.map(\.name), memory: memory)
        let taking = config.webhooks.indices.filter { takesPart[$0] }
        webhooks = Dictionary(uniqueKeysWithValues: taking.map { (config.webhooks[$0].name, $0) })
        looksIntoEvents = config.webhooks.map { $0.format.wrapsEvents || $0.hasKeyLanes }
    }

    /// Lines of the files before the one at hand.
    var linesBefore: Int { files?.linesBefore ?? 0 }
}

/// What a replay does otherwise than a run.
extension Run {
    /// Goes on to the next file of dead letters.
    /// - Returns: whether there is one, or it can't be read, which ends the reading.
    mutating func openNext(_ now: Moment) -> Bool {
        guard let replay, replay.files != nil else { return false }
        do throws(LetterFileError) {
            let bytes = reader.bytes
            guard try replay.files?.next(after: reader.number) ?? false else { return false }
            replay.bytesBefore += bytes
        } catch {
            console.error(error)
            end(.inputFailed, now)
            return true
        }
        reader = LineReader(
            descriptor: replay.files?.descriptor ?? STDIN_FILENO,
            maxLineBytes: config.input.maxEventBytes + Replay.letterBytes)
        return true
    }

    /// Takes a line as a dead letter, for the webhook that failed alone.
    mutating func resend(_ line: UnsafeRawBufferPointer, of replay: Replay, _ now: Moment) throws(EventError) {
        let letter = unsafe try Letter(line)
        books.input.events += 1
        let topicName = unsafe letter.topic.decode(in: line)
        let topic = unsafe topicName.withUnsafeBytes { unsafe router.topic(named: $0) }
        if let topic { books.topics[topic] += 1 } else { books.input.unknownTopic += 1 }
        let name = unsafe String(decoding: letter.webhook.decode(in: line), as: UTF8.self)
        guard let webhook = replay.webhooks[name], let topic else {
            let topicText = String(decoding: topicName, as: UTF8.self)
            let account = config.webhooks.firstIndex { $0.name == name } ?? config.webhooks.count
            guard unsafe leave(line, of: replay, now) else {
                books[account].matched += 1
                books[account].lost += 1
                return
            }
            replay.left[reasonToLeave(name, topicText), default: 0] += 1
            books[account].waiting += 1
            return
        }
        books.webhooks[webhook].matched += 1
        let event = unsafe UnsafeRawBufferPointer(rebasing: line[letter.event])
        var found = Event(topic: letter.topic)
        // An event that is none by today's `input` is still sent; it only has no id, time or order.
        if replay.looksIntoEvents[webhook], let scanned = unsafe try? scanner.scan(event) { found = scanned }
        let piece = Reassembly.Piece(
            webhook: webhook, lane: orderKeys.lane(of: webhook, scanner),
            batchID: unsafe String(decoding: letter.webhookID.raw(in: line), as: UTF8.self),
            contentType: unsafe String(decoding: letter.contentType.decode(in: line), as: UTF8.self),
            size: letter.size, index: letter.index, line: letter.line, topic: topic,
            place: replay.linesBefore + reader.number)
        for batch in unsafe replay.reassembly.append(event, found, piece, now: now.monotonic) { dispatch(batch, now) }
    }

    private func reasonToLeave(_ webhook: String, _ topic: String) -> String {
        guard let index = config.webhooks.firstIndex(where: { $0.name == webhook }) else {
            return "no webhook is named `\(webhook)`"
        }
        if !selected[index] { return "--only leaves `\(webhook)` out" }
        return config.webhooks[index].active ? "topic `\(topic)` is not declared" : "`\(webhook)` is inactive"
    }

    /// Leaves a dead letter as it is: in its file, or, where it came from standard input, in the file of dead letters.
    /// - Returns: whether it stays.
    private mutating func leave(_ line: UnsafeRawBufferPointer, of replay: Replay, _ now: Moment) -> Bool {
        if replay.files != nil { return true }
        do {
            try unsafe deadLetters.keep(line)
            return true
        } catch {
            console.error("a dead letter that could not be sent is lost: line \(reader.number)")
            fail(error, now)
            return false
        }
    }

    /// Says what was left, and takes what was delivered out of the files.
    mutating func finish(_ replay: Replay) {
        for (reason, count) in replay.left.sorted(by: { $0.key < $1.key }) {
            let place = replay.files == nil ? " in \(deadLetters.path)" : ""
            console.warning("\(counted(count, "event stays", "events stay"))\(place): \(reason)")
        }
        guard replay.files != nil else { return }
        let failed = books.total(\.deadLettered)
        if failed > 0 {
            console.warning(counted(failed, "event failed again and stays", "events failed again and stay"))
        }
        replay.files?.ended(after: reader.number)
        guard replay.prunes, let files = replay.files else {
            let delivered = books.total(\.delivered)
            if delivered > 0 {
                console.info(
                    "\(counted(delivered, "event was", "events were")) delivered and still in the files",
                    hint: "--prune takes them out, so that the next replay does not send them again")
            }
            return
        }
        for error in files.prune() {
            console.error(error)
            outputFailed = true
        }
    }
}
