/// What a run that has a spool keeps of it.
struct Spooling {
    let spool: Spool
    let maxAge: Duration
    var takeUp: TakeUp
    var ahead: WriteAhead
    var settled = SettledItems()
    /// Batches that are to be written into the spool before the loop waits again.
    var deferring: [SpoolEntry] = []

    var isBusy: Bool { !ahead.isEmpty || !deferring.isEmpty }
}

/// The loop's part that deals with the spool (SPEC section 9).
extension Run {
    // MARK: Write ahead

    /// Whether a batch that was just named is no more this run's: a run with the same id settled it, or left it in the
    /// spool.
    mutating func skip(_ batch: Batch) -> Bool {
        guard let spooling, spooling.spool.isKnown(batch.id) else { return false }
        books.webhooks[batch.webhook].skipped += batch.count
        return true
    }

    /// Writes a named batch into the spool, if there is room, to be put in line when it is durable.
    mutating func writeAhead(_ batch: Batch, _ now: Moment) {
        spooling?.ahead.add(batch)
        guard spooling?.ahead.isOn == true else { return }
        let name = config.webhooks[batch.webhook].name
        do throws(SpoolError) {
            let entry = SpoolEntry(
                batch: batch, webhook: name, lanes: config.webhooks[batch.webhook].laneCount, step: 0, next: now.wall,
                reason: nil)
            _ = try spooling?.spool.append(entry, now: now.wall)
        } catch {
            stopWritingAhead(error, now)
        }
    }

    /// Makes the batches durable that were cut, and puts them in line.
    mutating func commitAhead(_ now: Moment) {
        let mayGrow = ended == nil && !memory.isFull && (!reader.isDrained || reader.isReadable)
        var durable: [Batch] = []
        do throws(SpoolError) {
            switch spooling?.ahead.step(mayGrow: mayGrow) {
            case nil, .none?: return
            case .rotate?:
                durable = spooling?.ahead.rotate() ?? []
                try spooling?.spool.seal()
            case .finish?:
                durable = spooling?.ahead.finish() ?? []
                try spooling?.spool.commit()
            }
        } catch {
            stopWritingAhead(error, now)
        }
        for batch in durable { enter(batch, now) }
    }

    /// What was cut is sent all the same: a batch that is delivered needs no spool.
    private mutating func stopWritingAhead(_ error: SpoolError, _ now: Moment) {
        spooling?.ahead.turnOff()
        fail(error, now)
    }

    // MARK: Defer

    /// Puts a batch that can't be delivered now into the spool, if it may pass.
    /// - Returns: whether it stays; else it is a dead letter.
    mutating func postpone(
        _ batch: Batch, _ reason: DeadLetterReason, until: ContinuousClock.Instant?, _ now: Moment
    ) -> Bool {
        guard let spooling else { return false }
        let until = until ?? schedule.closure(of: batch.webhook, now: now.monotonic)?.until
        let deferral = Deferral(
            reason, place: batch.spooled, whole: batch.origin?.spooled, attempts: batch.attempts,
            lastAttempt: batch.lastAttempt,
            notBefore: until.map { now.wall + ($0 - now.monotonic) }, maxAge: spooling.maxAge, now: now.wall)
        let name = config.webhooks[batch.webhook].name
        switch deferral {
        case .giveUp: return false
        case .untouched:
            // It was taken up from this run's own items, or from another run's.
            if batch.spooled?.folder == 0 {
                books[batch.webhook].deferred += batch.count
            } else {
                books[batch.webhook].resumed -= batch.count
            }
            rest(batch, until: until ?? .never(after: now), now)
            self.spooling?.takeUp.ended(batch.webhook, lane: batch.lane)
        case .stays:
            books[batch.webhook].deferred += batch.count
            rest(batch, until: now.monotonic, now)
        case .spool(let step, let next):
            let lanes = config.webhooks[batch.webhook].laneCount
            self.spooling?.deferring.append(
                SpoolEntry(batch: batch, webhook: name, lanes: lanes, step: step, next: next, reason: reason))
            self.spooling?.takeUp.expect(1, of: batch.webhook, lane: batch.lane)
        }
        return true
    }

    /// A batch stays in the spool as it is, and is taken up at that time.
    private mutating func rest(_ batch: Batch, until: ContinuousClock.Instant, _ now: Moment) {
        guard var place = batch.spooled else { return }
        place.isResumed = place.folder > 0
        let item = SpoolItem(place: place, webhook: batch.webhook, count: batch.count, next: now.wall)
        spooling?.takeUp.postpone(item, until: until)
    }

    /// Writes into the spool what is to wait there, all at once; what it can't take becomes dead letters.
    mutating func keep(_ now: Moment) {
        while let entries = spooling?.deferring, !entries.isEmpty {
            spooling?.deferring.removeAll()
            var group: [SpoolEntry] = []
            var bytes = 0
            for (index, entry) in entries.enumerated() {
                group.append(entry)
                bytes += entry.batch.bodyCount
                guard bytes >= WriteAhead.largestGroup || index == entries.count - 1 else { continue }
                keep(group, now)
                (group, bytes) = ([], 0)
            }
        }
        note(now, atOnce: false)
    }

    private mutating func keep(_ entries: [SpoolEntry], _ now: Moment) {
        guard let spool = spooling?.spool else { return }
        var kept: [(entry: SpoolEntry, item: SpoolItem, before: SpoolPlace?)] = []
        var failure: SpoolError?
        for entry in entries {
            do throws(SpoolError) {
                kept.append((entry, try spool.append(entry, now: now.wall), entry.batch.spooled))
            } catch {
                failure = error
                giveUp(entry)
            }
        }
        do throws(SpoolError) {
            try spool.commit()
        } catch {
            failure = error
            for (entry, _, _) in kept { giveUp(entry) }
            kept = []
        }
        for (entry, item, before) in kept {
            let batch = entry.batch
            spooling?.takeUp.add([item], now: now)
            // Only now, when it is there anew, the old one may go.
            if let before { spooling?.settled.add(before, now: now.monotonic) }
            endPart(batch, now)
            books[batch.webhook].deferred += batch.count
            if before?.isResumed == true { spooling?.takeUp.ended(batch.webhook, lane: batch.lane) }
            batch.empty()
            guard let reason = entry.reason, logged.insert("\(entry.webhook) deferred \(reason.name)").inserted else {
                continue
            }
            console.warning(
                "\(entry.webhook): a batch of \(batch.count) waits in the spool until \(entry.next.text): "
                    + reason.sentence)
        }
        for entry in entries { spooling?.takeUp.expect(-1, of: entry.batch.webhook, lane: entry.batch.lane) }
        if let failure { stopWritingAhead(failure, now) }
    }

    private mutating func giveUp(_ entry: SpoolEntry) { buryForGood(entry.batch, entry.reason ?? .stopped) }

    /// Dead letters could not be written: their batch goes into the spool, or stays there.
    /// - Returns: whether it is kept.
    mutating func rescue(_ batch: Batch, _ name: String, _ reason: DeadLetterReason, _ now: Moment) -> Bool {
        guard let spool = spooling?.spool else { return false }
        if batch.spooled == nil {
            let isKnown = config.webhooks.indices.contains(batch.webhook)
            let entry = SpoolEntry(
                batch: batch, webhook: name, lanes: isKnown ? config.webhooks[batch.webhook].laneCount : 1,
                step: Deferral.decided, next: now.wall,
                reason: reason)
            do throws(SpoolError) {
                _ = try spool.append(entry, now: now.wall)
                try spool.commit()
            } catch {
                stopWritingAhead(error, now)
                return false
            }
            endPart(batch, now)
        } else if batch.spooled?.isResumed == true {
            spooling?.takeUp.ended(batch.webhook, lane: batch.lane)
        }
        books[batch.webhook].deferred += batch.count
        return true
    }

    /// The body of a batch that was set aside can't be read back: what lies in the spool stays there.
    /// - Returns: whether it does.
    mutating func leaveInSpool(_ batch: Batch, _ now: Moment) -> Bool {
        guard let place = batch.source else { return false }
        books[batch.webhook].deferred += batch.count
        if batch.spooled == nil {
            batch.origin?.stays = true
            endPart(batch, now)
        } else {
            rest(batch, until: .never(after: now), now)
            if place.isResumed { spooling?.takeUp.ended(batch.webhook, lane: batch.lane) }
        }
        return true
    }

    // MARK: Settle

    /// A batch was delivered, or is a dead letter: the spool may forget it.
    mutating func settled(_ batch: Batch, isDead: Bool, _ now: Moment) {
        guard spooling != nil else { return }
        if isDead, let origin = batch.origin, origin.spooled != nil {
            origin.hasDead = true
            spooling?.settled.addDead(batch)
        }
        endPart(batch, now)
        guard let place = batch.spooled else { return }
        spooling?.settled.add(batch, isDead: isDead, now: now.monotonic)
        if place.isResumed { spooling?.takeUp.ended(batch.webhook, lane: batch.lane) }
    }

    /// The whole batch stays in the spool until all its parts are settled, or lie there themselves.
    private mutating func endPart(_ batch: Batch, _ now: Moment) {
        guard let origin = batch.origin, let place = origin.spooled else { return }
        origin.open -= batch.count
        guard origin.open == 0 else { return }
        if !origin.stays { spooling?.settled.add(origin, now: now.monotonic) }
        if place.isResumed { spooling?.takeUp.ended(batch.webhook, lane: batch.lane) }
    }

    /// Tells the spool what was settled, when there is enough of it.
    mutating func note(_ now: Moment, atOnce: Bool) {
        guard let group = spooling?.settled, let due = group.due, atOnce || due <= now.monotonic else { return }
        spooling?.settled.removeAll()
        var (notes, places) = (group.gone.notes, group.gone.places)
        do {
            if !group.deadLettered.isEmpty { try deadLetters.flush() }
            notes += group.dead.notes
            places += group.dead.places
        } catch {
            // They stay in the spool, so they are no dead letters.
            for (webhook, events) in group.deadLettered {
                books[webhook].deadLettered -= events
                books[webhook].deferred += events
            }
            fail(error, now)
        }
        do throws(SpoolError) {
            try spooling?.spool.note(notes)
            try spooling?.spool.finish(places)
        } catch {
            fail(error, now)
        }
    }

    /// Ends the use of the spool, and counts what was left.
    mutating func closeSpool(_ now: Moment) {
        keep(now)
        note(now, atOnce: true)
        guard let spooling else { return }
        for (webhook, events) in spooling.takeUp.waiting.enumerated() { books[webhook].waiting += events }
        let events = books.total(\.deferred) + books.total(\.waiting)
        spooling.spool.close()
        if events > 0 {
            console.warning(
                "\(counted(events, "event waits", "events wait")) in the spool \(spooling.spool.directory)",
                hint: "`\(options.spoolListLine)` shows what; the next run sends what is due")
        }
    }
}
