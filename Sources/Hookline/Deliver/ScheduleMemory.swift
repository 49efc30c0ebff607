/// The schedule's part that keeps a slow webhook from filling the memory of all: who may have bodies under way, who goes
/// hungry, and what is put on the disk for him.
extension Schedule {
    /// Whether a batch that `next` gave may be under way together with the others; else `crowd` takes it back.
    package func hasPlace(_ batch: Batch, memory limit: Int) -> Bool { bytes.hasPlace(batch, of: limit) }

    /// When others must not keep some webhook waiting for memory any longer: it gets events, could send, but has nothing
    /// to send. A webhook for which `enough` bytes wait has, even if they are in their backoff.
    /// - Returns: that time, which may be past; nil: not as things are.
    package func hungryFrom(_ now: ContinuousClock.Instant, enough: Int) -> ContinuousClock.Instant? {
        guard shares.hasFree else { return nil }
        var earliest: ContinuousClock.Instant?
        for webhook in lines.indices where isIdle(webhook, enough) && lines[webhook].closure != .switchedOff {
            let from = later(rest(webhook), lines[webhook].closure?.until) ?? now
            if from <= now { return from }
            earliest = min(earliest ?? from, from)
        }
        return earliest
    }

    private func isIdle(_ webhook: Int, _ enough: Int) -> Bool {
        lines[webhook].hasTraffic && !lines[webhook].lanes.mayHaveNext && bytes.waiting(for: webhook) < enough
            && shares.isGuaranteed(webhook) && !lines[webhook].lanes.areBlocked && !lines[webhook].isPaused
            && !lines[webhook].isCrowded && !lines[webhook].breaker.isHalfOpen
    }

    /// Puts batches that wait on the disk, until memory holds no more than that: first of the webhook whose batches take
    /// the most of it, and of each what will be sent last.
    /// - Throws: when one can't be written; it is as it was, and so are those that would have come after it.
    package mutating func setAside(
        in overflow: Overflow, _ memory: MemoryAccount, downTo goal: Int
    ) throws(SystemError) {
        for webhook in bytes.largestFirst {
            var (freed, failure) = (0, SystemError?.none)
            lines[webhook].lanes.visitLatestFirst { batch in
                if freed == bytes.footprint(of: webhook) || memory.held <= goal { return false }
                if batch.isAside { return true }
                let footprint = batch.footprint
                do throws(SystemError) {
                    try batch.setAside(in: overflow)
                    freed += footprint
                } catch {
                    failure = error
                }
                return failure == nil
            }
            bytes.setAside(freed, of: webhook)
            if let failure { throw failure }
            if memory.held <= goal { return }
        }
    }

    /// The webhook for which most bytes wait, in memory or set aside; nil: nothing waits.
    package var largestBacklog: Int? {
        lines.indices.filter { bytes.waiting(for: $0) > 0 }.max { bytes.waiting(for: $0) < bytes.waiting(for: $1) }
    }
}
