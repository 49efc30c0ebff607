/// The loop's part that settles batches: what becomes of each answer, and of what can't be sent.
extension Run {
    mutating func settle() {
        // Taken out one by one, so that a batch that was split is gone before the next one's halves are made.
        var completions = Array(network.perform().reversed())
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
            settled(batch, now)
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
        for batch in batches {
            guard postpone(batch, reason, until: until, .now) else {
                if recall(batch) { buryForGood(batch, reason, because: outcome) }
                continue
            }
            deferred.append(batch)
            // What was set aside must not all be in memory at once.
            if !hasMemory { keep(.now) }
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
            if reason == .behind { buriesBehind = true }
            settled(batch, dead: reason, .now)
            guard logged.insert("\(name) \(reason.name)").inserted else { return }
            let dead = batch.count == 1 ? "became a dead letter" : "became dead letters"
            let fate = replay?.files == nil ? dead : "failed again"
            console.warning(
                "\(name): a batch of \(counted(batch.count, "event")) \(fate): \(outcome?.text ?? reason.sentence)",
                hint: outcome?.hint(for: config.webhooks[batch.webhook]))
        } catch {
            // A part of a batch that lies in the spool comes again with it.
            if !rescue(batch, name, reason, .now), !leaveInSpool(batch, .now) {
                books[batch.webhook].lost += batch.count
                batch.origin?.stays = true
                endPart(batch, .now)
                console.error("\(name): lost: \(counted(batch.count, "event")) of \(batch.id)")
            }
            fail(error, .now)
        }
    }

    /// An output can't be written: no more is read, what was read is still delivered.
    mutating func fail(_ error: any UserFacing, _ now: Moment) {
        if logged.insert(error.message).inserted { console.error(error) }
        outputFailed = true
        end(.outputFailed, now)
    }
}
