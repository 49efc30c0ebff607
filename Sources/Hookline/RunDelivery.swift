/// The second half of the loop: what happens to a batch from the moment that it is cut.
extension Run {
    // MARK: Deliver

    /// Gives a batch that was cut its `webhook-id`.
    func name(_ batch: Batch) {
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
        if let reason = refusal(of: batch.webhook, now) {
            bury([batch], reason)
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
        let proxy = config.network.proxy?.value
        while let batch = schedule.next(now.monotonic) {
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

    /// While memory is full and a webhook has nothing to do, what waits for the one that holds most goes to the disk, down
    /// to half of the memory. While all are busy nothing does: then reading waits for them.
    mutating func makeRoom(_ now: Moment) {
        guard ended == nil, memory.isFull, !overflowFailed, schedule.isAnyHungry(now.monotonic) else { return }
        for batch in schedule.largestQueue() where memory.held > memory.limit / 2 {
            do {
                try batch.setAside(in: overflow)
            } catch {
                overflowFailed = true
                console.warning(
                    "no room on the disk for what waits: \(systemReason(error.errno)); slow webhooks delay the others")
                return
            }
        }
    }

    /// Gets the body of a batch back into memory.
    /// - Returns: false when it can't be read; then the batch is lost.
    mutating func recall(_ batch: Batch) -> Bool {
        do {
            try batch.recall(from: overflow)
            return true
        } catch {
            books.webhooks[batch.webhook].lost += batch.count
            let name = config.webhooks[batch.webhook].name
            console.error("\(name): \(batch.count) events of \(batch.id), set aside on the disk, are lost")
            fail(OutputError(path: overflow.folder, errno: error.errno), .now)
            return false
        }
    }

    // MARK: Settle

    mutating func settle() {
        for completion in multi.perform() {
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
        let settlement = Settlement(
            completion.outcome, attempts: batch.attempts, retry: webhook.retry, jitter: .random(in: 0...1), now: now,
            stop: stop, mayRenewToken: tokens.mayRenew(batch))
        switch settlement {
        case .delivered:
            books.webhooks[batch.webhook].delivered += batch.count
            tokens.accepted(batch)
        case .renewToken:
            tokens.refused(batch)
            takeBack(batch, now) { $0.putBack([batch]) }
        case .retry(let due, let holdUntil):
            if let holdUntil { hold(batch.webhook, until: holdUntil, now) }
            takeBack(batch, now) { $0.retry(batch, at: due) }
        case .deadLetter(let reason, let consequence):
            bury([batch], reason, because: completion.outcome)
            apply(consequence, to: batch.webhook, now)
        }
        heed(aftermath, of: batch.webhook, completion.outcome)
    }

    /// The webhook's breaker opened, closed, or found it still failing, which used up the attempts of what waits.
    mutating func heed(_ aftermath: Schedule.Aftermath, of webhook: Int, _ outcome: Outcome) {
        let name = config.webhooks[webhook].name
        switch aftermath.breaker {
        case .opened:
            books.webhooks[webhook].breakerOpened += 1
            let breaker = config.webhooks[webhook].breaker
            console.warning(
                "\(name): \(breaker.failures) requests failed one after the other: it is left alone",
                hint: "one request tries it every \(Quantity.text(breaker.probeAfter)); \(outcome.text)")
        case .closed: console.warning("\(name): it answers again")
        case .reopened: console.debug("\(name): it still fails: \(outcome.text)")
        case nil: break
        }
        bury(aftermath.usedUp, DeadLetterReason(outcome), because: outcome)
    }

    /// A receiver asked for time: no webhook sends to its origin before then.
    mutating func hold(_ webhook: Int, until: ContinuousClock.Instant, _ now: Moment) {
        bury(schedule.hold(webhook, until: until, now: now.monotonic, stop: stop), .unavailable)
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
            guard tokens.failed(client, until: until, now.monotonic) else { return }
            for webhook in webhooks {
                schedule.resume(webhook)
                let waiting = schedule.close(webhook, .noToken(failure.kind, until: until))
                bury(waiting, .failure(failure.kind), because: .failure(failure))
            }
        }
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

    /// Writes batches to the dead letters; what can't be written is lost, and said to be.
    mutating func bury(_ batches: [Batch], _ reason: DeadLetterReason, because outcome: Outcome? = nil) {
        for batch in batches where recall(batch) {
            defer { batch.empty() }
            let name = config.webhooks[batch.webhook].name
            do {
                try deadLetters.append(batch, webhook: name, reason: reason)
                books.webhooks[batch.webhook].deadLettered += batch.count
                guard logged.insert("\(name) \(reason.name)").inserted else { continue }
                console.warning(
                    "\(name): a batch of \(batch.count) became dead letters: \(outcome?.text ?? reason.sentence)",
                    hint: outcome?.hint)
            } catch {
                books.webhooks[batch.webhook].lost += batch.count
                console.error("\(name): \(batch.count) events of \(batch.id) are lost")
                fail(error, .now)
            }
        }
    }

    /// An output can't be written: no more is read, what was read is still delivered.
    mutating func fail(_ error: OutputError, _ now: Moment) {
        if !outputFailed { console.error(error) }
        outputFailed = true
        end(.outputFailed, now)
    }
}
