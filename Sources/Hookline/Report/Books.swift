/// What became of every line and every event: each ends in exactly one state per webhook (SPEC section 10).
package struct Books: Equatable, Sendable {
    package struct Input: Equatable, Sendable {
        /// Whether all of the input was read.
        package var complete = false
        package var bytes = 0
        /// Also the number of the last one.
        package var lines = 0
        package var blank = 0
        package var events = 0
        /// By reason.
        package var refused: [String: Int] = [:]
        package var unknownTopic = 0
        /// Events that no webhook took.
        package var unmatched = 0
        /// The first few, for the eye.
        package var samples: [Sample] = []

        package var refusedTotal: Int { refused.values.reduce(0, +) }
        /// What to say of refused lines at the end of a run; nil: there are none.
        ///
        /// - Parameter rejects: the file that keeps them, if there is one.
        /// - Returns: a message, and what to try.
        package func warning(rejects: String?) -> (message: String, hint: String?)? {
            guard refusedTotal > 0, let first = samples.first else { return nil }
            let error = first.error
            let reason = error.reason + (error.offset.map { " at byte \($0)" } ?? "")
            let message =
                refusedTotal == 1
                ? "\(first.place) was refused: \(reason)"
                : "\(refusedTotal) lines were refused, the first is \(first.place): \(reason)"
            if events == 0, first.error == .notADeadLetter {
                return (message, "replay takes what runs wrote as dead letters; events are sent by hookline < FILE")
            }
            return rejects.map { ("\(message); see \($0)", nil) } ?? (message, "--rejects FILE keeps them")
        }

        package var balanced: Bool { lines == blank + events + refusedTotal }
    }

    package struct Sample: Equatable, Sendable {
        /// Over all files, where several are read.
        package var line: Int
        package var error: EventError
        /// What a person calls the line.
        package var place: String
    }

    package struct Account: Equatable, Sendable {
        package var matched = 0
        package var filtered = 0
        package var resumed = 0
        package var delivered = 0
        package var skipped = 0
        package var deadLettered = 0
        package var deferred = 0
        package var lost = 0
        /// Events that were left as they are: in the spool by other runs and this one too, or as dead letters whose
        /// webhook takes no part.
        package var waiting = 0

        package var requests = 0
        package var retries = 0
        /// Batches that were split in two.
        package var bisections = 0
        /// How often its breaker opened; a probe that failed opens it no further time.
        package var breakerOpened = 0
        package var bytesSent = 0
        /// Answers by status.
        package var statuses: [Int: Int] = [:]
        /// Attempts without an answer by kind.
        package var failures: [String: Int] = [:]
        package var latency = Latency()
        package var switchedOff: String?
        package var lastFailure: Failure?

        /// Counts an attempt that ended.
        package mutating func record(_ completion: Completion, at now: WallTime) {
            bytesSent += completion.bytesSent
            latency.record(completion.elapsed)
            switch completion.outcome {
            case .response(let response):
                statuses[response.status, default: 0] += 1
                if (200..<300).contains(response.status) { return }
                lastFailure = Failure(
                    reason: "status", status: response.status, detail: completion.outcome.text, at: now)
            case .failure(let failure): record(failure, at: now)
            }
        }

        /// Counts an attempt, or a request for an access token, that got no answer of use.
        package mutating func record(_ failure: DeliveryFailure, at now: WallTime) {
            failures[failure.kind.rawValue, default: 0] += 1
            lastFailure = Failure(reason: failure.kind.rawValue, detail: failure.detail, at: now)
        }

        /// Events that are in no state yet; 0 at the end of a run.
        package var unsettled: Int { matched + resumed - delivered - skipped - deadLettered - deferred - lost }

        package var balanced: Bool { unsettled == 0 }
    }

    package struct Failure: Equatable, Sendable {
        package var reason: String
        package var status: Int?
        package var detail: String
        package var at: WallTime
    }

    /// Samples of refused lines that the summary shows.
    package static let sampleLimit = 10

    package var input = Input()
    /// Events by declared topic.
    package var topics: [Int]
    package var webhooks: [Account]
    /// Of webhooks that the configuration lacks, and of which spool or dead letters still have events.
    package var gone = Account()

    package init(topics: Int, webhooks: Int) {
        self.topics = Array(repeating: 0, count: topics)
        self.webhooks = Array(repeating: Account(), count: webhooks)
    }

    /// Counts a line that is no event, and keeps the first of them.
    ///
    /// - Parameters:
    ///   - line: its number, over all files.
    ///   - error: why.
    ///   - place: what a person calls it; nil: by that number.
    package mutating func refuse(line: Int, _ error: EventError, place: String? = nil) {
        input.refused[error.reason, default: 0] += 1
        guard input.samples.count < Self.sampleLimit else { return }
        input.samples.append(Sample(line: line, error: error, place: place ?? "line \(line)"))
    }

    /// Dead letters that may not have reached the disk are no dead letters.
    /// - Returns: how many there are.
    package mutating func lose(_ events: [Int: Int]) -> Int {
        for (webhook, count) in events {
            self[webhook].lost += count
            self[webhook].deadLettered -= count
        }
        return events.values.reduce(0, +)
    }

    package func total(_ part: KeyPath<Account, Int>) -> Int {
        webhooks.reduce(gone[keyPath: part]) { $0 + $1[keyPath: part] }
    }

    package var balanced: Bool { input.balanced && webhooks.allSatisfy(\.balanced) && gone.balanced }

    /// The account of a webhook by its place; beyond the configuration's it is `gone`.
    package subscript(webhook: Int) -> Account {
        get { webhooks.indices.contains(webhook) ? webhooks[webhook] : gone }
        set {
            if webhooks.indices.contains(webhook) { webhooks[webhook] = newValue } else { gone = newValue }
        }
    }
}
