/// The second half of the loop: what happens to a batch from the moment that it is cut.
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
            console.debug("\(webhook.name): \(batch.id): attempt \(batch.attempts) with \(batch.count) events")
            let request = Request(
                webhook, trust: trusts[batch.webhook], signer: signers[batch.webhook], proxy: proxy, batch,
                at: now.wall, token: token)
            multi.start(request, for: .batch(batch))
        }
        while let client = tokens.nextFetch(now.monotonic) {
            let first = tokens.clients[client].webhooks[0]
            console.debug("\(config.webhooks[first].name): asks for an access token")
            let request = Request(tokenFor: client, config.webhooks[first], trust: trusts[first], proxy: proxy)
            multi.start(request, for: .token(client: client))
        }
    }

    // MARK: Memory

    /// While memory is full and a webhook has nothing to do, what waits for those that hold most goes to the disk, down
    /// to half of the memory. While all are busy nothing does: then reading waits for them.
    mutating func makeRoom(_ now: Moment) {
        hungryFrom = nil
        guard ended == nil, memory.isFull, !overflowFailed,
            let from = schedule.hungryFrom(now.monotonic, enough: memory.limit / 8)
        else { return }
        hungryFrom = from
        guard from <= now.monotonic else { return }
        do {
            try schedule.setAside(in: overflow, memory, downTo: memory.limit / 2)
        } catch {
            overflowFailed = true
            console.warning(
                "no room on the disk for what waits: \(systemReason(error.errno)); slow webhooks delay the others",
                hint: "set TMPDIR to a folder with room; \(overflow.folder) has none")
        }
        // What could be done was done: only an answer, or new memory, is a reason to look again.
        hungryFrom = nil
    }

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
                console.error("\(name): \(batch.count) events of \(batch.id), set aside on the disk, are lost")
            }
            fail(OutputError(path: overflow.folder, errno: error.errno), .now)
            return false
        }
    }

    // MARK: Settle

    mutating func settle() {
        // Taken out one by one, so that a batch that was split is gone before the next one's halves are made.
        var completions = Array(multi.perform().reversed())
        while !completions.isEmpty {
            let completion = completions.removeLast()
            switch completion.purpose {
            case .batch(let batch): settle(batch, completion, .now)
            case .token(let client): settle(client, completion, .now)
            }
        }
    }

    mutating func settle(_ batch: Batch, _ completion: Completion, _ now: Moment) {
        let webhook = config.webhooks[batch.webhook]
        let aftermath = schedule.ended(batch, completion.outcome.evidence, now.monotonic)
        books.webhooks[batch.webhook].record(completion, at: now.wall)
        console.debug("\(webhook.name): \(batch.id): \(completion.outcome.text)")
        if let change = aftermath.breaker { note(change, of: batch.webhook, completion.outcome) }
        let settlement = Settlement(
            completion.outcome,
            // What was taken up has one attempt in a run; the spool's schedule has the next one.
            attempts: batch.source?.isResumed == true
                ? max(batch.attempts, webhook.retry.maxAttempts) : batch.attempts,
            retry: webhook.retry, jitter: .random(in: 0...1), now: now,
            stop: stop, mayRenewToken: tokens.mayRenew(batch), maySplit: bisection.maySplit(batch))
        if completion.outcome.isTooLarge { batcher.wasTooLarge(batch) }
        switch settlement {
        case .delivered:
            books.webhooks[batch.webhook].delivered += batch.count
            replay?.files?.deliver(batch.places)
            tokens.accepted(batch)
            settled(batch, isDead: false, now)
        case .renewToken:
            tokens.refused(batch)
            takeBack(batch, now) { $0.putBack([batch]) }
        case .retry(let due, let holdUntil):
            if let holdUntil { hold(batch.webhook, until: holdUntil, now) }
            takeBack(batch, now) { $0.retry(batch, at: due) }
        case .split: split(batch, now)
        case .deadLetter(let reason, let consequence):
            bury([batch], reason, because: completion.outcome, until: consequence.until)
            apply(consequence, to: batch.webhook, now)
            if completion.outcome.refusesContent, bisection.refused(batch) {
                console.warning(
                    "\(webhook.name): every event of \(Bisection.patience) batches was refused, so no more are split",
                    hint: "check the webhook's format and what its receiver takes")
            }
        }
        // After the batch itself, which is older.
        heed(aftermath, of: batch.webhook, completion.outcome)
    }

    /// The webhook's breaker opened, closed, or stays open.
    mutating func note(_ change: Breaker.Change, of webhook: Int, _ outcome: Outcome) {
        let (name, breaker) = (config.webhooks[webhook].name, config.webhooks[webhook].breaker)
        switch change {
        case .opened:
            books.webhooks[webhook].breakerOpened += 1
            console.warning(
                "\(name): left alone after \(breaker.failures) failed requests in a row: \(outcome.text)",
                hint: "one request tries it every \(Quantity.text(breaker.probeAfter)), as its breaker says")
        case .closed: console.info("\(name): it answers again")
        case .reopened: console.debug("\(name): it still fails: \(outcome.text)")
        }
    }

    /// Buries what an open breaker leaves no attempt or, before the end of the run, no time.
    mutating func heed(_ aftermath: Schedule.Aftermath, of webhook: Int, _ outcome: Outcome) {
        // Their last attempt was this one, else the spool's schedule would count from one of an earlier run.
        for batch in aftermath.usedUp where batch.lastAttempt != nil { batch.lastAttempt = .now }
        bury(aftermath.usedUp, DeadLetterReason(outcome), because: outcome)
        guard let stop, aftermath.breaker != nil else { return }
        bury(schedule.removeUnreachable(of: webhook, before: stop), signal == nil ? .deadline : .stopped)
    }

    /// A receiver asked for time: no webhook sends to its origin before then.
    mutating func hold(_ webhook: Int, until: ContinuousClock.Instant, _ now: Moment) {
        bury(schedule.hold(webhook, until: until, now: now.monotonic, stop: stop), .unavailable)
    }

    /// Sends a batch that was refused once more, as two halves, before all others of its webhook.
    mutating func split(_ batch: Batch, _ now: Moment) {
        if let reason = refusal(of: batch.webhook, now) { return bury([batch], reason) }
        let (first, second) = batch.halves()
        first.id = WebhookID.part(of: batch.id, first: 0, count: first.count)
        second.id = WebhookID.part(of: batch.id, first: first.count, count: second.count)
        books.webhooks[batch.webhook].bisections += 1
        console.debug(
            "\(config.webhooks[batch.webhook].name): \(batch.id): split into \(first.id) and \(second.id)")
        schedule.putBack([first, second])
    }

    /// Puts a batch in line again, unless its webhook was closed meanwhile.
    mutating func takeBack(_ batch: Batch, _ now: Moment, _ add: (inout Schedule) -> Void) {
        if let reason = refusal(of: batch.webhook, now) {
            bury([batch], reason)
        } else {
            add(&schedule)
        }
    }

    /// An OAuth client got a token, or none.
    mutating func settle(_ client: Int, _ completion: Completion, _ now: Moment) {
        let webhooks = tokens.clients[client].webhooks
        let answer = TokenAnswer(completion.outcome, body: completion.body)
        if case .failure(let failure) = answer {
            console.debug("\(config.webhooks[webhooks[0]].name): \(failure.detail)")
            for webhook in webhooks { books.webhooks[webhook].record(failure, at: now.wall) }
        }
        let settlement = TokenSettlement(
            answer, attempts: tokens.clients[client].attempts, retry: config.webhooks[webhooks[0]].retry,
            jitter: .random(in: 0...1), now: now, stop: stop)
        switch settlement {
        case .issued(let token, let lifetime):
            tokens.received(token, lifetime: lifetime, for: client, asked: now.monotonic - completion.elapsed)
            for webhook in webhooks { schedule.resume(webhook) }
        case .retry(_, let due): tokens.retry(client, at: due)
        case .giveUp(let failure, let until):
            guard tokens.failed(client, failure, until: until, now.monotonic) else { return }
            for webhook in webhooks {
                schedule.resume(webhook)
                giveUp(webhook, failure, until: until)
            }
        }
    }

    /// Buries a webhook's batches, these first, because there is no access token before that time.
    mutating func giveUp(
        _ webhook: Int, _ failure: DeliveryFailure, until: ContinuousClock.Instant, _ batches: [Batch] = []
    ) {
        let waiting = schedule.close(webhook, .noToken(failure.kind, until: until))
        bury(batches + waiting, .failure(failure.kind), because: .failure(failure))
    }

    mutating func apply(_ consequence: Settlement.Consequence, to webhook: Int, _ now: Moment) {
        switch consequence {
        case .none: break
        case .hold(let until), .unavailable(let until): hold(webhook, until: until, now)
        case .switchOff:
            books.webhooks[webhook].switchedOff = books.webhooks[webhook].switchedOff ?? "410 at \(now.wall.text)"
            bury(schedule.close(webhook, .switchedOff), .switchedOff)
        }
    }

    /// Batches that can't be delivered now: into the spool, where there is one and the reason may pass, else to the
    /// dead letters. `until`: when the receiver may be asked again, if it said so.
    mutating func bury(
        _ batches: [Batch], _ reason: DeadLetterReason, because outcome: Outcome? = nil,
        until: ContinuousClock.Instant? = nil
    ) {
        var deferred: [Batch] = []
        for batch in batches where recall(batch) {
            guard postpone(batch, reason, until: until, .now) else {
                buryForGood(batch, reason, because: outcome)
                continue
            }
            deferred.append(batch)
            // What was set aside must not all be in memory at once.
            if memory.isFull { keep(.now) }
        }
        // Once a batch waits in the spool, the later ones of its lane follow it there.
        for batch in deferred where isBehind(batch) { bury(schedule.removeLane(of: batch), .behind) }
    }

    /// Whether an earlier batch of its lane waits in the spool, or was taken up.
    func isBehind(_ batch: Batch) -> Bool {
        spooling?.takeUp.isBehind(batch.webhook, lane: batch.lane) ?? false
    }

    /// Writes a batch to the dead letters; what can't be written goes into the spool, or is lost, and said to be.
    mutating func buryForGood(_ batch: Batch, _ reason: DeadLetterReason, because outcome: Outcome? = nil) {
        defer { batch.empty() }
        let name = spooling?.spool.names[batch.webhook] ?? config.webhooks[batch.webhook].name
        do {
            // What is read from files stays in them.
            if replay?.files == nil { try deadLetters.append(batch, webhook: name, reason: reason) }
            books[batch.webhook].deadLettered += batch.count
            settled(batch, isDead: true, .now)
            guard logged.insert("\(name) \(reason.name)").inserted else { return }
            let fate = replay?.files == nil ? "became dead letters" : "failed again"
            console.warning(
                "\(name): a batch of \(batch.count) \(fate): \(outcome?.text ?? reason.sentence)",
                hint: outcome?.hint(for: config.webhooks[batch.webhook]))
        } catch {
            if !rescue(batch, name, reason, .now) {
                books[batch.webhook].lost += batch.count
                console.error("\(name): \(batch.count) events of \(batch.id) are lost")
            }
            fail(error, .now)
        }
    }

    /// An output can't be written: no more is read, what was read is still delivered.
    mutating func fail(_ error: any UserFacing, _ now: Moment) {
        if !outputFailed { console.error(error) }
        outputFailed = true
        end(.outputFailed, now)
    }
}
