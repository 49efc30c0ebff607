/// What a run that has a spool keeps of it. A class, since a struct would be copied as a whole, for each event that is
/// read, to look at one of its members: it is optional.
final class Spooling {
    let spool: Spool
    let maxAge: Duration
    var takeUp: TakeUp
    var ahead: WriteAhead
    var settled = SettledItems()
    /// Whether something left the spool since a batch found it full.
    var hasNewRoom = false
    /// This run's id, if a repeat of it is to skip what was settled; nil: none was given, or nothing is written ahead.
    let repeatableRun: String?
    /// When this run looks for what others left; nil: it has not the lock.
    var watch: SpoolWatch?
    /// Batches that are to be written into the spool before the loop waits again.
    var deferring: [SpoolEntry] = []

    init(_ spool: Spool, maxAge: Duration, takeUp: TakeUp, ahead: WriteAhead, repeatableRun: String?) {
        self.spool = spool
        self.maxAge = maxAge
        self.takeUp = takeUp
        self.ahead = ahead
        self.repeatableRun = repeatableRun
    }

    /// Whether the loop must not wait.
    var isBusy: Bool { !ahead.isWritten || !deferring.isEmpty }

    /// Whether some batch is neither in line nor in the spool.
    var holdsBatches: Bool { !ahead.isEmpty || !deferring.isEmpty }
}

/// The loop's part that deals with the spool (SPEC section 9).
extension Run {
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
            countAsWaiting(batch)
            rest(batch, until: until ?? .never(after: now), now)
            spooling.takeUp.ended(batch.webhook, lane: batch.lane)
        case .stays:
            books[batch.webhook].deferred += batch.count
            rest(batch, until: now.monotonic, now)
        case .spool(let step, let next):
            // If it can't be read back it is accounted for.
            guard recall(batch) else { return true }
            let lanes = config.webhooks[batch.webhook].laneCount
            spooling.deferring.append(
                SpoolEntry(batch: batch, webhook: name, lanes: lanes, step: step, next: next, reason: reason))
            spooling.takeUp.expect(1, of: batch.webhook, lane: batch.lane)
        }
        return true
    }

    /// A batch that was taken up is as if it had not been: it was one of this run's own items, or another run's.
    private mutating func countAsWaiting(_ batch: Batch) {
        if batch.spooled?.folder == 0 {
            books[batch.webhook].deferred += batch.count
        } else {
            books[batch.webhook].resumed -= batch.count
        }
    }

    /// A batch stays in the spool as it is, and is taken up at that time.
    private mutating func rest(_ batch: Batch, until: ContinuousClock.Instant, _ now: Moment) {
        guard var place = batch.spooled else { return }
        place.isResumed = place.folder > 0
        let item = SpoolItem(place: place, webhook: batch.webhook, count: batch.count, next: now.wall)
        spooling?.takeUp.postpone(item, until: until)
        batch.drop(from: overflow)
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
        // What waits for room needs it when nothing else is under way.
        note(now, atOnce: schedule.isEmpty && spooling?.ahead.awaitsRoom == true)
    }

    private mutating func keep(_ entries: [SpoolEntry], _ now: Moment) {
        guard let spool = spooling?.spool else { return }
        var kept: [(entry: SpoolEntry, item: SpoolItem, before: SpoolPlace?)] = []
        var failed: [SpoolEntry] = []
        var failure: SpoolError?
        for entry in entries {
            do throws(SpoolError) {
                kept.append((entry, try spool.append(entry, now: now.wall), entry.batch.spooled))
            } catch {
                failure = error
                failed.append(entry)
            }
        }
        do throws(SpoolError) {
            try spool.commit()
        } catch {
            failure = error
            failed = kept.map(\.entry) + failed
            kept = []
        }
        // Only now: they may need the spool themselves.
        for entry in failed { buryForGood(entry.batch, entry.reason ?? .stopped) }
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
            let until = reason == .behind ? "" : " until \(entry.next.text)"
            console.warning(
                "\(entry.webhook): a batch of \(counted(batch.count, "event")) waits in the spool\(until): "
                    + reason.sentence)
        }
        for entry in entries { spooling?.takeUp.expect(-1, of: entry.batch.webhook, lane: entry.batch.lane) }
        if let failure { stopWritingAhead(failure, now) }
    }

    /// Dead letters could not be written: their batch goes into the spool, to become dead letters in a later run.
    /// - Returns: whether it is kept.
    mutating func rescue(_ batch: Batch, _ name: String, _ reason: DeadLetterReason, _ now: Moment) -> Bool {
        guard let spool = spooling?.spool else { return false }
        let isKnown = config.webhooks.indices.contains(batch.webhook)
        let entry = SpoolEntry(
            batch: batch, webhook: name, lanes: isKnown ? config.webhooks[batch.webhook].laneCount : 1,
            step: Deferral.decided, next: now.wall, reason: reason)
        let before = batch.spooled
        do throws(SpoolError) {
            _ = try spool.append(entry, now: now.wall)
            try spool.commit()
            if let before { spooling?.settled.add(before, now: now.monotonic) }
            endPart(batch, now)
        } catch {
            stopWritingAhead(error, now)
            // Where it lies in the spool already it stays, though a later run tries it again then.
            guard before != nil else { return false }
        }
        if before?.isResumed == true { spooling?.takeUp.ended(batch.webhook, lane: batch.lane) }
        books[batch.webhook].deferred += batch.count
        return true
    }

    /// The body of a batch that was set aside can't be read back: what lies in the spool stays there.
    /// - Returns: whether it does.
    mutating func leaveInSpool(_ batch: Batch, _ now: Moment) -> Bool {
        guard let place = batch.source else { return false }
        if batch.spooled == nil {
            books[batch.webhook].deferred += batch.count
            batch.origin?.stays = true
            endPart(batch, now)
        } else {
            countAsWaiting(batch)
            rest(batch, until: .never(after: now), now)
            if place.isResumed { spooling?.takeUp.ended(batch.webhook, lane: batch.lane) }
        }
        return true
    }

    // MARK: Settle

    /// A batch was delivered, or is a dead letter: the spool may forget it.
    mutating func settled(_ batch: Batch, dead reason: DeadLetterReason? = nil, _ now: Moment) {
        guard let spooling else { return }
        if reason != nil, let origin = batch.origin {
            origin.hasDead = true
            if origin.spooled != nil { spooling.settled.addDead(batch) }
        }
        endPart(batch, now)
        if let place = batch.spooled {
            spooling.settled.add(batch, dead: reason, now: now.monotonic)
            if place.isResumed { spooling.takeUp.ended(batch.webhook, lane: batch.lane) }
        } else if batch.origin == nil, let run = spooling.repeatableRun {
            spooling.settled.add(batch.id, of: run, isDead: reason != nil, now: now.monotonic)
        }
    }

    /// The whole batch stays in the spool until all its parts are settled, or lie there themselves.
    mutating func endPart(_ batch: Batch, _ now: Moment) {
        guard let origin = batch.origin else { return }
        origin.open -= batch.count
        guard origin.open == 0 else { return }
        if let place = origin.spooled {
            if !origin.stays { spooling?.settled.add(origin, now: now.monotonic) }
            if place.isResumed { spooling?.takeUp.ended(batch.webhook, lane: batch.lane) }
        } else if !origin.stays, let run = spooling?.repeatableRun {
            spooling?.settled.add(origin.id, of: run, isDead: origin.hasDead, now: now.monotonic)
        }
    }

    /// Tells the spool what was settled, when there is enough of it.
    mutating func note(_ now: Moment, atOnce: Bool) {
        guard let group = spooling?.settled, let due = group.due, atOnce || due <= now.monotonic else { return }
        spooling?.settled.removeAll()
        spooling?.hasNewRoom = true
        var (notes, places) = (group.gone.notes, group.gone.places)
        do {
            // Also where the dead letters of a batch are of an earlier group: what failed then fails now.
            if group.hasDead { try deadLetters.flush() }
            notes += group.dead.notes
            places += group.dead.places
        } catch {
            // They stay in the spool, so they are no dead letters.
            for (webhook, events) in group.deadLettered {
                books[webhook].deadLettered -= events
                books[webhook].deferred += events
                deadLetters.disown(events, of: webhook)
            }
            places += redecide(group.whole, now)
            fail(error, now)
        }
        do throws(SpoolError) {
            try spooling?.spool.note(notes)
        } catch {
            fail(error, now)
        }
        // Also what could not be noted: else the next run would send it again, and not only a repeat.
        do throws(SpoolError) {
            try spooling?.spool.finish(places)
        } catch {
            fail(error, now)
        }
    }

    /// Writes batches anew whose dead letters may not be on the disk, so that a later run does not try them once more:
    /// others of their lanes were sent meanwhile.
    /// - Returns: where they lay, if they lie elsewhere now.
    private mutating func redecide(
        _ dead: [(batch: Batch, reason: DeadLetterReason)], _ now: Moment
    ) -> [SpoolPlace] {
        guard let spool = spooling?.spool else { return [] }
        var places: [SpoolPlace] = []
        do throws(SpoolError) {
            for (old, reason) in dead {
                guard let place = old.spooled else { continue }
                let item = SpoolItem(place: place, webhook: old.webhook, count: old.count, next: now.wall)
                guard let (batch, header) = try spool.load(item, memory: memory, opened: now.monotonic) else {
                    continue
                }
                (batch.attempts, batch.firstAttempt) = (old.attempts, old.firstAttempt)
                batch.lastAttempt = old.lastAttempt
                let entry = SpoolEntry(
                    batch: batch, webhook: header.webhook, lanes: header.lanes, step: Deferral.decided, next: now.wall,
                    reason: reason)
                _ = try spool.append(entry, now: now.wall)
                places.append(place)
            }
            try spool.commit()
            return places
        } catch {
            // They stay as they are.
            fail(error, now)
            return []
        }
    }

    /// Ends the use of the spool, and counts what was left.
    mutating func closeSpool(_ now: Moment) {
        keep(now)
        note(now, atOnce: true)
        guard let spooling else { return }
        for (webhook, events) in spooling.takeUp.waiting.enumerated() { books[webhook].waiting += events }
        countOthers(now)
        spooling.spool.close()
    }
}
