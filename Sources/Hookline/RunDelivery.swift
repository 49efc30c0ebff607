/// The second half of the loop: the way of a batch from the moment that it is cut to its request.
extension Run {
    // MARK: Deliver

    /// Gives a batch that was cut its `webhook-id`, unless it has the one that it failed with.
    func name(_ batch: Batch) {
        guard batch.id.isEmpty else { return }
        let webhook = config.webhooks[batch.webhook]
        batch.id =
            options.runID.map {
                unsafe WebhookID.derived(
                    runID: $0, webhook: webhook.name, firstLine: batch[0].line,
                    lane: webhook.hasKeyLanes ? batch.lane : nil, body: batch.body)
            } ?? WebhookID.random()
    }

    /// Names a batch that was cut and puts it in line.
    mutating func dispatch(_ batch: Batch, _ now: Moment) {
        name(batch)
        if plan != nil { return show(batch, now) }
        if skip(batch) { return }
        if spooling?.ahead.takesBatches == true, refusal(of: batch.webhook, now) == nil {
            writeAhead(batch, now)
        } else {
            enter(batch, now)
        }
    }

    /// Puts a named batch in line.
    mutating func enter(_ batch: Batch, _ now: Moment) {
        if let reason = refusal(of: batch.webhook, now) {
            bury([batch], reason)
        } else if isBehind(batch) {
            bury([batch], .behind)
        } else {
            schedule.add(batch)
        }
    }

    /// Why a webhook's batches can't be sent any more in this run; nil: they can.
    func refusal(of webhook: Int, _ now: Moment) -> DeadLetterReason? {
        if let closure = schedule.closure(of: webhook, now: now.monotonic) { return DeadLetterReason(closure) }
        guard let stop, schedule.isHeld(webhook, until: stop) else { return nil }
        return signal == nil ? .deadline : .stopped
    }

    mutating func send(_ now: Moment) {
        // What became durable only now is given up in the loop's next turn.
        if let stop, stop <= now.monotonic { return }
        let proxy = config.network.proxy?.value
        while let batch = schedule.next(now.monotonic) {
            guard schedule.hasPlace(batch, memory: memory.limit) else {
                schedule.crowd(for: batch, now.monotonic)
                continue
            }
            guard recall(batch) else {
                schedule.ended(batch, .none, now.monotonic)
                continue
            }
            let webhook = config.webhooks[batch.webhook]
            var token: Secret?
            switch tokens.use(for: batch.webhook, now.monotonic) {
            case .notNeeded: break
            case .token(let secret, let number): (token, batch.token) = (secret, number)
            case .wait:
                schedule.pause(for: batch, now.monotonic)
                continue
            case .refused(let failure, let until):
                schedule.ended(batch, .none, now.monotonic)
                giveUp(batch.webhook, failure, until: until, [batch])
                continue
            }
            // By its first request, not by its attempts: a failed probe counts as one of these.
            if batch.firstAttempt != nil { books.webhooks[batch.webhook].retries += 1 }
            batch.attempts += 1
            batch.firstAttempt = batch.firstAttempt ?? now.wall
            batch.lastAttempt = now.wall
            books.webhooks[batch.webhook].requests += 1
            console.debug(
                "\(webhook.name): \(batch.id): attempt \(batch.attempts) with \(counted(batch.count, "event"))")
            let request = Request(
                webhook, trust: trusts[batch.webhook], signer: signers[batch.webhook], proxy: proxy, batch,
                at: now.wall, token: token)
            network.start(request, for: .batch(batch))
        }
        while let client = tokens.nextFetch(now.monotonic) {
            let first = tokens.clients[client].webhooks[0]
            console.debug("\(config.webhooks[first].name): asks for an access token")
            let request = Request(tokenFor: client, config.webhooks[first], trust: trusts[first], proxy: proxy)
            network.start(request, for: .token(client: client))
        }
    }

    // MARK: Memory

    /// While memory is full and a webhook has nothing to do, what waits for those that hold most goes to the disk, down
    /// to half of the memory. While all are busy nothing does: then reading waits for them.
    mutating func makeRoom(_ now: Moment) {
        hungryFrom = nil
        guard !hasMemory, let from = hungryFrom(now) else { return }
        hungryFrom = from
        guard from <= now.monotonic else { return }
        do {
            overflow.keepsFree = roomForDeadLetters
            try schedule.setAside(in: overflow, memory, downTo: memory.limit / 2 + uncutMemory)
        } catch {
            overflowFrom = now.monotonic + Self.overflowPause
            hungryFrom = overflowFrom
            guard logged.insert("overflow").inserted else { return }
            console.warning(
                "no room on the disk for what waits: \(systemReason(error.errno)); slow webhooks delay the others",
                hint: "set TMPDIR to a folder with room; \(overflow.folder) has none to spare")
            return
        }
        // What could be done was done: only an answer, or new memory, is a reason to look again.
        hungryFrom = nil
        // Each batch takes a little memory even when its body is on the disk.
        guard !hasMemory, let webhook = schedule.largestBacklog, logged.insert("memory").inserted else { return }
        console.warning(
            "\(config.webhooks[webhook].name): its waiting requests fill the memory, so reading waits for it",
            hint: "raise --memory, or send more events in a request: batch.max_events, and a format other than single")
    }

    /// When others must not be kept waiting for memory any longer: neither for events, nor for what is due in the spool.
    private func hungryFrom(_ now: Moment) -> ContinuousClock.Instant? {
        let ofInput = ended == nil ? schedule.hungryFrom(now.monotonic, enough: memory.limit / 8) : nil
        let ofSpool = spooling?.takeUp.mayGive(now) == true ? now.monotonic : nil
        guard let earliest = [ofInput, ofSpool].compactMap({ $0 }).min() else { return nil }
        return max(earliest, overflowFrom ?? earliest)
    }

    /// How long the disk is left alone that had no room.
    private static var overflowPause: Duration { .seconds(5) }

    /// Bytes of the disk that what is set aside must leave free: should nothing of all that was read be delivered, its
    /// events become dead letters, perhaps on the same disk, and each takes more there than it does here.
    private var roomForDeadLetters: Int { memory.limit + books.total(\.unsettled) * DeadLetters.frame }

    /// Gets the body of a batch back into memory.
    /// - Returns: false when it can't be read; then the batch stays in the spool, or is lost.
    mutating func recall(_ batch: Batch) -> Bool {
        do {
            try batch.recall(from: overflow)
            return true
        } catch {
            if !leaveInSpool(batch, .now) {
                books.webhooks[batch.webhook].lost += batch.count
                let name = config.webhooks[batch.webhook].name
                console.error("\(name): lost: \(counted(batch.count, "event")) of \(batch.id), set aside on the disk")
            }
            fail(OutputError(path: overflow.folder, errno: error.errno), .now)
            return false
        }
    }
}
