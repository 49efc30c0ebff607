/// What becomes of a batch that can't be delivered now where there is a spool (SPEC section 9), pure.
package enum Deferral: Equatable, Sendable {
    /// It was taken up and not tried: it stays in the spool as it is.
    case untouched
    /// It lies in the spool ahead of its first attempt, and no attempt was made: it stays.
    case stays
    /// It goes into the spool, not to be sent before `next`; `step` places of the schedule are used up then.
    case spool(step: Int, next: WallTime)
    /// No later attempt is due: a dead letter.
    case giveUp

    /// How long after an attempt the next one is made, in seconds: one place for each time that it was taken up.
    package static let schedule = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]

    /// As many places used up as that say that a batch is given up: it only waits until its dead letters can be written.
    package static let decided = schedule.count + 1

    /// - Parameters:
    ///   - reason: why it can't be delivered now.
    ///   - place: where it lies in the spool; nil: it does not.
    ///   - whole: where the batch lies that it is a part of; nil: it is whole, or that does not.
    ///   - attempts: how many it has had, in all runs.
    ///   - lastAttempt: when the last one began.
    ///   - notBefore: until when its receiver wants to be left alone; nil: it did not say.
    ///   - maxAge: how long after it first came into the spool it is given up.
    ///   - now: the time.
    package init(
        _ reason: DeadLetterReason, place: SpoolPlace?, whole: SpoolPlace? = nil, attempts: Int, lastAttempt: WallTime?,
        notBefore: WallTime?,
        maxAge: Duration, now: WallTime
    ) {
        let isUntried = attempts == (place?.attempts ?? 0)
        if let place, place.isResumed, isUntried {
            self = .untouched
            return
        }
        guard reason.mayPass else {
            self = .giveUp
            return
        }
        if place != nil, isUntried, notBefore == nil {
            self = .stays
            return
        }
        let used = (place ?? whole)?.step ?? 0
        var next = now
        if !isUntried {
            guard used < Self.schedule.count else {
                self = .giveUp
                return
            }
            next = (lastAttempt ?? now) + .seconds(Self.schedule[used])
        }
        let created = (place ?? whole)?.created ?? now
        if let notBefore { next = max(next, notBefore) }
        self = created + maxAge <= now ? .giveUp : .spool(step: isUntried ? used : used + 1, next: next)
    }
}

extension DeadLetterReason {
    /// Whether a later run may do better, so that a spool keeps what failed for it.
    package var mayPass: Bool {
        switch self {
        case .status(let status): [408, 425, 429].contains(status) || (500..<600).contains(status)
        case .failure(let kind): kind.isRetried
        case .unavailable, .deadline, .stopped, .behind: true
        case .switchedOff, .inputFailed, .expired: false
        }
    }

    /// A reason as the spool names it; nil: it names none, or one of another version.
    package init?(name: String?, status: Int?) {
        let named: [DeadLetterReason] = [
            .switchedOff, .unavailable, .deadline, .stopped, .inputFailed, .expired, .behind,
        ]
        if name == "status", let status {
            self = .status(status)
        } else if let kind = name.flatMap(DeliveryFailure.Kind.init) {
            self = .failure(kind)
        } else if let reason = named.first(where: { $0.name == name }) {
            self = reason
        } else {
            return nil
        }
    }
}

extension WallTime {
    package static func + (time: WallTime, duration: Duration) -> WallTime {
        // Whole numbers: a quotient of durations is a Double, and may lie a little below.
        let (seconds, attoseconds) = duration.components
        let milliseconds = Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
        return WallTime(milliseconds: time.milliseconds + milliseconds)
    }
}
