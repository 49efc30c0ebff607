/// The loop's part that heeds what other runs have in the spool (SPEC section 9).
extension Run {
    /// Looks now and then whether other runs left something since this one began. At the end of the input it does not:
    /// that is for the next run.
    mutating func watchSpool(_ now: Moment) {
        guard ended == nil, spooling?.watch?.looks(now.monotonic) == true, let spool = spooling?.spool else { return }
        var findings: [SpoolFinding] = []
        do throws(SpoolError) {
            let items = try spool.newlyWaiting { findings.append($0) }
            admit(items, findings, now)
        } catch {
            fail(error, now)
        }
    }

    /// Makes items that other runs left this run's business.
    mutating func admit(_ items: [SpoolItem], _ findings: [SpoolFinding], _ now: Moment) {
        for finding in findings { console.warning(finding.message, hint: finding.hint) }
        spooling?.takeUp.add(items, now: now)
        warnOfResting(items)
    }

    /// Counts what lies at the end where this run could not take it up.
    mutating func countOthers(_ now: Moment) {
        guard let spool = spooling?.spool else { return }
        do throws(SpoolError) {
            for (webhook, events) in try spool.left() { books[webhook].waiting += events }
        } catch {
            fail(error, now)
        }
    }
}
