import FoundationEssentials
import Glibc

/// The loop's part that takes up what earlier runs left in the spool, and what this one puts there (SPEC section 9).
extension Run {
    /// Looks for what earlier runs left.
    mutating func openSpool(_ now: Moment) throws(SpoolError) {
        guard let spool = spooling?.spool else { return }
        let holder = SpoolLock.Holder(
            pid: Int(getpid()), run: runID, host: ProcessInfo.processInfo.hostName, since: started.wall.text)
        if case .held(let other) = try spool.takeLock(holder) {
            console.warning(
                "the spool \(spool.directory) is being worked on by \(other?.text ?? "another process")",
                hint: "this run goes on and leaves what waits there to it")
        }
        var findings: [SpoolFinding] = []
        let items = try spool.waiting { findings.append($0) }
        for lane in spool.lanesElsewhere { spooling?.takeUp.block(lane.webhook, lane: lane.lane, of: lane.lanes) }
        if spool.lock != nil { spooling?.watch = SpoolWatch(now.monotonic) }
        admit(items, findings, now)
        try spool.removeOldNotes(before: now.wall + (.zero - (spooling?.maxAge ?? .zero)))
    }

    func warnOfResting(_ items: [SpoolItem]) {
        guard let spooling else { return }
        var events: [Int: Int] = [:]
        for item in items where spooling.takeUp.standing(item.webhook) == .resting {
            events[item.webhook, default: 0] += item.count
        }
        for (webhook, count) in events.sorted(by: { $0.key < $1.key }) {
            let name = spooling.spool.names[webhook]
            let why =
                !config.webhooks.indices.contains(webhook)
                ? "which the configuration lacks" : selected[webhook] ? "which is inactive" : "which --only leaves out"
            console.warning(
                "\(counted(count, "event waits", "events wait")) in the spool for \(name), \(why)",
                hint: "`hookline spool drop --webhook NAME` drops them; past max_age they become dead letters")
        }
    }

    /// Reads what is due from the disk, as far as there is room, and puts it in line.
    mutating func takeUp(_ now: Moment) {
        watchSpool(now)
        if signal != nil || stop.map({ $0 <= now.monotonic }) == true { spooling?.takeUp.close() }
        // Some at once: signals and answers come in between.
        for _ in 0..<Self.mostAtOnce {
            guard mayTakeUp, let (item, isExpired) = spooling?.takeUp.next(now) else { return }
            if !isExpired, let until = absence(of: item.webhook, now) {
                spooling?.takeUp.postpone(item, until: until)
                spooling?.takeUp.ended(item.webhook, lane: item.place.lane)
            } else {
                load(item, isExpired: isExpired, now)
            }
        }
    }

    private static var mostAtOnce: Int { 64 }

    /// Also without memory when nothing is under way and what was cut waits for room in the spool: only what is taken up
    /// and settled makes some then.
    private var mayTakeUp: Bool { hasMemory || (schedule.isEmpty && spooling?.ahead.awaitsRoom == true) }

    /// How long a webhook's items stay in the spool, since it takes nothing now; nil: it does.
    private func absence(of webhook: Int, _ now: Moment) -> ContinuousClock.Instant? {
        if refusal(of: webhook, now) != nil {
            return schedule.closure(of: webhook, now: now.monotonic)?.until ?? .never(after: now)
        }
        // By failing, the probe would cost each item that waits for it a step of its schedule, and the run would last
        // as long as there are items.
        return schedule.probeWait(webhook, now.monotonic)
    }

    private mutating func load(_ item: SpoolItem, isExpired: Bool, _ now: Moment) {
        guard let spool = spooling?.spool else { return }
        let name = spool.names[item.webhook]
        let isKnown = config.webhooks.indices.contains(item.webhook)
        // With another number of lanes its webhook sends one batch at a time, so that any will do.
        let lane = isKnown && config.webhooks[item.webhook].laneCount == item.place.lanes ? item.place.lane : 0
        do throws(SpoolError) {
            guard let (batch, header) = try spool.load(item, lane: lane, memory: memory, opened: now.monotonic) else {
                let file = spool.file(of: item)
                console.warning(
                    "\(name): a damaged batch of \(counted(item.count, "event")) can't be sent: it stays in \(file)",
                    hint: "`\(options.spoolListLine)` says what to do")
                if !isExpired { spooling?.takeUp.ended(item.webhook, lane: lane) }
                return
            }
            if item.place.folder == 0 {
                books[item.webhook].deferred -= item.count
            } else {
                books[item.webhook].resumed += item.count
            }
            console.debug("\(name): \(batch.id): taken up with \(counted(batch.count, "event"))")
            if isExpired {
                // It took no webhook's place.
                batch.spooled?.isResumed = false
                buryForGood(batch, DeadLetterReason(name: header.reason, status: header.status) ?? .expired)
            } else {
                schedule.retry(batch, at: now.monotonic)
            }
        } catch {
            // It stays for a later run.
            spooling?.takeUp.postpone(item, until: .never(after: now))
            if !isExpired { spooling?.takeUp.ended(item.webhook, lane: lane) }
            fail(error, now)
        }
    }
}

extension ContinuousClock.Instant {
    /// A time that no run lives to see.
    static func never(after now: Moment) -> Self { now.monotonic + .seconds(365 * 86_400) }
}
