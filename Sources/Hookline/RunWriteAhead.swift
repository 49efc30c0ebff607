/// The loop's part that keeps each batch on the disk before its first attempt (SPEC section 9).
extension Run {
    /// Whether a batch that was just named is no more this run's: a run with the same id settled it, or left it in the
    /// spool.
    mutating func skip(_ batch: Batch) -> Bool {
        guard let spooling, spooling.spool.isKnown(batch.id) else { return false }
        spooling.spool.skipped(batch.id)
        books.webhooks[batch.webhook].skipped += batch.count
        return true
    }

    /// Writes a named batch into the spool, to be put in line when it is durable. While the spool is full it waits until
    /// others have left.
    mutating func writeAhead(_ batch: Batch, _ now: Moment) {
        if spooling?.ahead.awaitsRoom == true || !append(batch, now) { spooling?.ahead.hold(batch) }
    }

    /// - Returns: false if there is no room, but will be.
    private mutating func append(_ batch: Batch, _ now: Moment) -> Bool {
        guard spooling?.ahead.isOn == true else {
            spooling?.ahead.add(batch)
            return true
        }
        let webhook = config.webhooks[batch.webhook]
        let entry = SpoolEntry(
            batch: batch, webhook: webhook.name, lanes: webhook.laneCount, step: 0, next: now.wall, reason: nil)
        do throws(SpoolError) {
            _ = try spooling?.spool.append(entry, now: now.wall)
            spooling?.ahead.add(batch)
        } catch {
            if case .full = error, spoolWillHaveRoom(now) { return false }
            // Before the reading ends, which cuts batches that are younger.
            spooling?.ahead.add(batch)
            stopWritingAhead(error, now)
        }
        return true
    }

    /// Whether something in it is this run's to settle.
    private func spoolWillHaveRoom(_ now: Moment) -> Bool {
        guard let spooling else { return false }
        return !schedule.isEmpty || !spooling.settled.isEmpty || !spooling.ahead.isWritten
            || spooling.takeUp.mayGive(now)
    }

    /// Writes batches that waited for room, when some was made.
    private mutating func writeHeld(_ now: Moment) {
        guard spooling?.hasNewRoom == true || !spoolWillHaveRoom(now) else { return }
        spooling?.hasNewRoom = false
        while let batch = spooling?.ahead.nextHeld() {
            guard append(batch, now) else {
                spooling?.ahead.hold(again: batch)
                return
            }
        }
    }

    /// Makes the batches durable that were cut, and puts them in line.
    mutating func commitAhead(_ now: Moment) {
        if spooling?.ahead.awaitsRoom == true { writeHeld(now) }
        let mayGrow = ended == nil && hasRoom && (!reader.isDrained || reader.isReadable)
        var durable: [Batch] = []
        var failure: SpoolError?
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
            failure = error
        }
        for batch in durable { enter(batch, now) }
        // After they are in line: it ends the reading, and what is cut then is younger.
        if let failure { stopWritingAhead(failure, now) }
    }

    /// What was cut is sent all the same: a batch that is delivered needs no spool.
    mutating func stopWritingAhead(_ error: SpoolError, _ now: Moment) {
        spooling?.ahead.turnOff()
        fail(error, now)
    }
}
