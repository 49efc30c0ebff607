/// What a run does with its batches when it only shows what it would send.
extension Run {
    /// Where a run's events come from, and what becomes of them.
    package enum Purpose {
        /// Standard input is delivered.
        case deliver
        /// Dead letters are delivered instead of events.
        case replay(ReplaySource)
        /// Standard input is shown, and not delivered.
        case plan(PlanReport)
    }

    /// Counts a named batch as what a run that delivers all would send, and shows it where that is wanted.
    mutating func show(_ batch: Batch, _ now: Moment) {
        plan?.add(batch)
        books.webhooks[batch.webhook].requests += 1
        books.webhooks[batch.webhook].bytesSent += batch.bodyCount
        books.webhooks[batch.webhook].delivered += batch.count
        guard plan?.showsRequests == true, !outputFailed else { return }
        let request = PlannedRequest(config.webhooks[batch.webhook], batch, hasLastingID: options.runID != nil)
        do {
            try StandardOutput.write(Array(request.text.utf8))
        } catch {
            fail(error, now)
        }
    }
}
