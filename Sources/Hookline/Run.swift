/// One run, from standard input to the summary: the loop that joins the stages, and the only place that sees them all.
///
/// One loop, one wait for requests, standard input, signals and timers. Back-pressure is not reading.
package struct Run: ~Copyable {
    let options: Options
    let config: Config
    let console: Console
    /// By webhook: whether `--only` leaves it in.
    let selected: [Bool]
    let started: Moment
    let runID: String

    let interrupt: Interrupt
    var reader: LineReader
    var scanner: JSONScanner
    let orderKeys: OrderKeys
    var router: Router
    let memory: MemoryAccount
    /// Takes what waits for slow webhooks when memory is full and others could go on.
    let overflow: Overflow
    /// While the disk had no room for it: when it is asked again.
    var overflowFrom: ContinuousClock.Instant?
    /// While memory is full: when a webhook will have nothing to do that has something now.
    var hungryFrom: ContinuousClock.Instant?
    var batcher: Batcher
    var schedule: Schedule
    let network: Network
    var tokens: Tokens
    var bisection: Bisection
    /// By webhook; nil: it takes no part.
    let trusts: [Trust?]
    /// By webhook; nil: it takes no part, or its requests are not signed.
    let signers: [Signer?]
    var deadLetters: DeadLetters
    var rejects: Rejects
    var books: Books
    /// What is sent again instead of events of standard input; nil: these are.
    let replay: Replay?
    /// What is shown instead of sending anything; nil: all is sent.
    var plan: PlanReport?
    /// Whether batches are cut by the input alone, not by time or memory.
    let cutsByInputAlone: Bool
    /// nil: there is no spool.
    var spooling: Spooling?

    /// The event that still goes to some webhooks, when memory was full in the middle of them.
    var fanOut = FanOut.none
    /// Why reading ended; nil: it goes on.
    var ended: Summary.Ended?
    /// Events of the batches that were open when it did.
    var eventsCutShort = 0
    /// A little before the deadline, so that what was read can still be sent.
    var readUntil: ContinuousClock.Instant?
    /// When the network must rest, whatever is undelivered.
    var stop: ContinuousClock.Instant?
    var signal: Int32?
    var outputFailed = false
    /// nil: how far the run is, is not shown.
    var progress: RunProgress?
    /// Whether a batch became dead letters because an earlier one of its lane waits in the spool.
    var buriesBehind = false
    /// Failures that were logged: each reason once per webhook, the rest is counted.
    var logged: Set<String> = []

    /// Goes on until everything that was read is settled, then prints the summary.
    mutating func perform() -> ExitCode {
        while !isFinished {
            let now = Moment.now
            heed(now)
            read(now)
            cut(now)
            commitAhead(now)
            takeUp(now)
            settle()
            // After settling: an answer makes room for its webhook's next batch, and nothing else would end the wait.
            send(.now)
            let mayRead = ended == nil
            keep(.now)
            makeRoom(.now)
            showProgress()
            // An output that failed ends the reading, and what was cut by that is still to be sent.
            if mayRead == (ended == nil) { wait() }
        }
        return report()
    }

    private var isFinished: Bool {
        ended != nil && schedule.isEmpty && spooling?.holdsBatches != true && spooling?.takeUp.isDue(.now) != true
    }

    // MARK: Stop

    /// Signals and the deadline: both end reading, and set the time by which the network must rest.
    private mutating func heed(_ now: Moment) {
        // A second signal means at once; two that come together, as systemd's SIGTERM and SIGHUP, are one.
        let grace = signal == nil ? options.shutdownGrace : .zero
        while let received = interrupt.next() {
            let isFirst = signal == nil
            signal = signal ?? received
            let latest = now.monotonic + grace
            stop = min(stop ?? latest, latest)
            end(.signal, now)
            bury(schedule.removeUnreachable(before: latest), .stopped)
            for webhook in tokens.resting(until: latest) {
                bury(schedule.close(webhook, .noToken(.tokenFailed, until: latest)), .stopped)
            }
            if isFirst, !schedule.isEmpty, grace > .zero {
                console.info(
                    "stopping: nothing more is read, and what was may be delivered for \(Quantity.text(grace)) more",
                    hint: "a second signal ends it at once")
            }
        }
        if let readUntil, readUntil <= now.monotonic { end(.deadline, now) }
        guard let stop, stop <= now.monotonic else { return }
        // Answers that are there already still count.
        settle()
        let reason: DeadLetterReason = signal == nil ? .deadline : .stopped
        let underWay = network.abort()
        for batch in underWay {
            schedule.ended(batch, .none, now.monotonic)
            books.webhooks[batch.webhook].failures[reason.name, default: 0] += 1
        }
        bury(underWay + schedule.removeAll(), reason)
    }

    /// Ends reading: what was read is cut into batches.
    mutating func end(_ reason: Summary.Ended, _ now: Moment) {
        guard ended == nil else { return }
        ended = reason
        finishFanOut(now, evenIfFull: true)
        let cutShort = batcher.cutAll() + (replay?.reassembly.cutAll() ?? [])
        eventsCutShort = cutShort.reduce(0) { $0 + $1.count }
        if options.runID != nil || replay != nil, plan == nil, let unsent = reason.reasonToHoldBack {
            for batch in cutShort { name(batch) }
            // Not into the spool either: it would send them, and so would the repeat, under another id.
            for batch in cutShort { buryForGood(batch, unsent) }
        } else {
            for batch in cutShort { dispatch(batch, now) }
        }
    }

    // MARK: Read, route, batch

    /// Reads once if there is room, and takes lines as long as there is.
    private mutating func read(_ now: Moment) {
        guard ended == nil, takeLines(now), hasRoom, reader.isReadable else { return }
        let filled: LineReader.Fill
        do {
            filled = try reader.fill()
        } catch {
            console.error(error)
            return end(.inputFailed, now)
        }
        guard filled != .wouldBlock, takeLines(now), filled == .endOfInput, !openNext(now) else { return }
        books.input.complete = true
        end(.endOfInput, now)
    }

    /// Whether more events may come: into memory and, where they are written ahead, into the spool.
    var hasRoom: Bool { hasMemory && spooling?.ahead.awaitsRoom != true }

    var hasMemory: Bool { memory.held - uncutMemory < memory.limit }

    /// What open batches take beyond `--memory`, where none is cut for memory: they must not keep each other, or one that
    /// waits for a slow webhook, from ever being full.
    var uncutMemory: Int { cutsByInputAlone ? batcher.openFootprint : 0 }

    /// - Returns: whether no line is left that was read but not taken.
    private mutating func takeLines(_ now: Moment) -> Bool {
        guard finishFanOut(now, evenIfFull: false) else { return false }
        while ended == nil, hasRoom {
            guard let line = reader.next() else { return true }
            switch line {
            case .blank: books.input.blank += 1
            case .tooLarge: unsafe refuse(nil, .tooLarge, now)
            case .event(let bytes):
                do throws(EventError) {
                    if let replay {
                        unsafe try resend(bytes, of: replay, now)
                        continue
                    }
                    let event = unsafe try scanner.scan(bytes)
                    books.input.events += 1
                    unsafe route(event, bytes, now)
                } catch {
                    unsafe refuse(bytes, error, now)
                }
            }
        }
        return false
    }

    private mutating func route(_ event: Event, _ line: UnsafeRawBufferPointer, _ now: Moment) {
        let topic =
            event.topic.hasEscapes
            ? unsafe event.topic.decode(in: line).withUnsafeBytes { unsafe router.topic(named: $0) }
            : unsafe router.topic(named: event.topic.raw(in: line))
        guard let topic else {
            books.input.unknownTopic += 1
            if options.strict { end(.strict, now) }
            return
        }
        books.topics[topic] += 1
        let targets = unsafe router.targets(ofTopic: topic, scanner.leaves, in: line)
        if targets.isEmpty { books.input.unmatched += 1 }
        fanOut = unsafe FanOut(event: line, found: event, line: reader.number, topic: topic, targets: targets)
        finishFanOut(now, evenIfFull: false)
    }

    /// Adds the event at hand to the webhooks that have not got it yet.
    /// - Returns: whether they all have it now.
    @discardableResult
    private mutating func finishFanOut(_ now: Moment, evenIfFull: Bool) -> Bool {
        while !fanOut.isFinished {
            guard hasRoom || evenIfFull else { return false }
            // Taken off first: an output that fails below ends the reading, which finishes the rest of this event.
            let webhook = router.webhook(at: fanOut.next())
            books.webhooks[webhook].matched += 1
            let full = unsafe batcher.append(
                fanOut.event, fanOut.found, line: fanOut.line, topic: fanOut.topic, to: webhook,
                lane: orderKeys.lane(of: webhook, scanner), now: now.monotonic)
            if let full { dispatch(full, now) }
        }
        return true
    }

    private mutating func refuse(_ line: UnsafeRawBufferPointer?, _ error: EventError, _ now: Moment) {
        let number = (replay?.linesBefore ?? 0) + reader.number
        books.refuse(
            line: number, error, place: replay?.files.map { "line \(reader.number) of \(printable(path: $0.path))" })
        do {
            unsafe try rejects.append(line, number: number, error: error)
        } catch {
            fail(error, now)
        }
        if options.strict { end(.strict, now) }
    }

    /// Cuts what has waited long enough, and everything when open batches are what fills the memory.
    private mutating func cut(_ now: Moment) {
        for batch in batcher.cutDue(now.monotonic) + batcher.cutForMemory() { dispatch(batch, now) }
        for batch in replay?.reassembly.cutForMemory() ?? [] { dispatch(batch, now) }
    }

    // MARK: Wait

    private func wait() {
        var watched = [interrupt.descriptor]
        if ended == nil, hasRoom {
            // What was read and had no room is nothing that a descriptor tells of.
            if !fanOut.isFinished || !reader.isDrained || reader.isReadable { return }
            watched.append(reader.descriptor)
        }
        if isFinished || spooling?.isBusy == true { return }
        // Without anything under way nothing ends the wait for room in the spool.
        if schedule.isEmpty, spooling?.ahead.awaitsRoom == true { return }
        // A settled item makes room for the next one of its webhook.
        if hasMemory, spooling?.takeUp.mayGive(.now) == true { return }
        let due = [
            batcher.nextDue, schedule.nextDue, tokens.nextDue, ended == nil ? readUntil : nil, stop,
            // Without room nothing is taken up: then what is due must not keep the loop awake.
            hasMemory ? spooling?.takeUp.nextDue : nil, spooling?.settled.due, hungryFrom,
            progress?.due,
            ended == nil ? spooling?.watch?.due : nil,
        ].compactMap { $0 }.min()
        // Nothing is due and nothing under way: then only a descriptor can end the wait.
        let timeout = due.map { max(.zero, $0 - .now) } ?? .seconds(60)
        network.wait(for: watched, atMost: timeout)
    }
}
