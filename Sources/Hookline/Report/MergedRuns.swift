/// Many runs as one: their books added up, webhook by webhook.
struct MergedRuns: Sendable {
    struct Run: Sendable {
        var record: RunRecord
        /// Attempts that got no answer, or another one than 2xx.
        var failedAttempts: Int
    }

    /// Both sides of the books.
    struct Tally: Equatable, Sendable {
        var matched = 0
        var resumed = 0
        var delivered = 0
        var skipped = 0
        var deadLettered = 0
        var deferred = 0
        var lost = 0

        mutating func add(_ other: RunRecord.Tally) {
            matched += other.matched.value
            resumed += other.resumed.value
            delivered += other.delivered.value
            skipped += other.skipped.value
            deadLettered += other.deadLettered.value
            deferred += other.deferred.value
            lost += other.lost.value
        }
    }

    struct Webhook: Sendable {
        var name: String
        /// That of the last run.
        var url: String
        /// Those that it had before, as they came.
        var earlierURLs: [String] = []
        var tally = Tally()
        var filtered = 0
        var requests = 0
        var retries = 0
        var bisections = 0
        var bytesSent = 0
        var breakerOpened = 0
        /// Answers by status.
        var statuses: [String: Int] = [:]
        /// Attempts without an answer, by kind.
        var failures: [String: Int] = [:]
        var latency = Latency()
        /// Of the last run in which it answered 410.
        var switchedOff: String?
        var lastFailure: RunRecord.Failure?

        init(name: String, url: String) { (self.name, self.url) = (name, url) }

        mutating func add(_ record: RunRecord.Webhook) {
            if url != record.url {
                earlierURLs.removeAll { $0 == url || $0 == record.url }
                earlierURLs.append(url)
                url = record.url
            }
            tally.add(record.tally)
            filtered += record.filtered.value
            requests += record.requests.value
            retries += record.retries.value
            bisections += record.bisections.value
            bytesSent += record.bytesSent.value
            breakerOpened += record.breakerOpened.value
            statuses.merge(record.status.mapValues(\.value)) { $0 + $1 }
            failures.merge(record.failures.mapValues(\.value)) { $0 + $1 }
            if let other = record.latencyMs.latency { latency.add(other) }
            switchedOff = record.switchedOff ?? switchedOff
            lastFailure = record.lastFailure ?? lastFailure
        }
    }

    /// What was read.
    struct Input: Sendable {
        var lines = 0
        var bytes = 0
        var blank = 0
        var events = 0
        /// By reason.
        var refused: [String: Int] = [:]
        var unknownTopic = 0
        var unmatched = 0

        var refusedTotal: Int { refused.values.reduce(0, +) }
    }

    /// By their start.
    var runs: [Run] = []
    /// Summaries that came twice, and count once.
    var repeated: [String] = []
    var input = Input()
    var books = Tally()
    /// When the run that ended last did.
    private var lastEnd: WallTime?
    /// Where a webhook of that name stands in `webhooks`.
    private var webhookPlaces: [String: Int] = [:]
    /// The same of `topics`.
    private var topicPlaces: [String: Int] = [:]
    /// Events that waited when the run ended that ended last: those that it deferred, and those that it left untouched.
    var waiting = 0
    /// As they were named first.
    var topics: [(name: String, events: Int)] = []
    /// As they were named first.
    var webhooks: [Webhook] = []

    /// - Parameter records: at least one, in any order.
    init(_ records: [RunRecord]) {
        // Where two started at once, the order is that in which they were given.
        let ordered = records.enumerated().sorted {
            let (left, right) = ($0.element.run.startedAt.wall, $1.element.run.startedAt.wall)
            return left == right ? $0.offset < $1.offset : left < right
        }
        // A run with the same id may be a repeat of the input, or one of several that share it, begun at the same instant.
        var seen: Set<RunRecord> = []
        for record in ordered.map(\.element) {
            if seen.insert(record).inserted {
                add(record)
            } else {
                repeated.append(record.run.id)
            }
        }
    }

    private mutating func add(_ record: RunRecord) {
        var failed = 0
        for webhook in record.webhooks {
            let answered = webhook.status.filter { !$0.key.hasPrefix("2") }.values.reduce(0) { $0 + $1.value }
            failed += answered + webhook.failures.values.reduce(0) { $0 + $1.value }
            let place = webhookPlaces[webhook.name, default: webhooks.count]
            if place == webhooks.count {
                webhookPlaces[webhook.name] = place
                webhooks.append(Webhook(name: webhook.name, url: webhook.url))
            }
            webhooks[place].add(webhook)
        }
        runs.append(Run(record: record, failedAttempts: failed))
        let read = record.input
        input.lines += read.lines.value
        input.bytes += read.bytes.value
        input.blank += read.blank.value
        input.events += read.events.value
        input.unknownTopic += read.unknownTopic.value
        input.unmatched += read.unmatched.value
        for (reason, count) in read.refused where reason != "total" { input.refused[reason, default: 0] += count.value }
        for topic in record.topics {
            let place = topicPlaces[topic.name, default: topics.count]
            if place == topics.count {
                topicPlaces[topic.name] = place
                topics.append((topic.name, 0))
            }
            topics[place].events += topic.events.value
        }
        books.add(record.books.tally)
        guard lastEnd.map({ $0 <= record.run.finishedAt.wall }) ?? true else { return }
        lastEnd = record.run.finishedAt.wall
        waiting = record.books.tally.deferred.value + record.books.waiting.value
    }

    /// From the first start to the last end.
    var period: (from: WallTime, to: WallTime) {
        let times = runs.map { ($0.record.run.startedAt.wall, $0.record.run.finishedAt.wall) }
        return (times.map(\.0).min() ?? WallTime(milliseconds: 0), times.map(\.1).max() ?? WallTime(milliseconds: 0))
    }

    /// Runs that ended before their input did, by why.
    var endedEarly: [(reason: String, count: Int)] {
        let reasons = runs.map(\.record.run.ended).filter { $0 != Summary.Ended.endOfInput.rawValue }
        return Dictionary(grouping: reasons) { $0 }.map { ($0.key, $0.value.count) }.sorted { $0.reason < $1.reason }
    }

    /// What went wrong, by webhook and what: the most frequent first.
    var problems: [(webhook: String, what: String, count: Int, advice: String)] {
        webhooks.flatMap { webhook in
            let answers = webhook.statuses.filter { !$0.key.hasPrefix("2") }
            return (answers.map { ($0.key, $0.value) } + webhook.failures.map { ($0.key, $0.value) })
                .sorted { $0.1 == $1.1 ? $0.0 < $1.0 : $0.1 > $1.1 }
                .map { (webhook.name, $0.0, $0.1, FailureAdvice.sentence(for: $0.0)) }
        }
    }
}

/// What to do about an answer or a kind of failure.
enum FailureAdvice {
    /// - Parameter what: a status, or the name of a kind.
    /// - Returns: a sentence without a full stop.
    static func sentence(for what: String) -> String {
        if what == DeadLetterReason.stopped.name || what == DeadLetterReason.deadline.name {
            return "the run ended before the answer came: feed or replay what is left"
        }
        if let kind = DeliveryFailure.Kind(rawValue: what) { return kind.hint ?? sentence(for: kind) }
        switch Int(what) ?? 0 {
        case 300..<400: return "redirects are never followed: give the new address in url"
        case 401, 403: return "check auth and signing, and whether the receiver knows this client"
        case 400, 413, 422: return "look at the dead letters: the receiver does not take these events"
        case 404, 405: return "check url: the receiver has nothing there that takes a POST"
        case 410: return "the receiver wants no more: remove the webhook, or ask its owner"
        case 408, 425, 429: return "the receiver asks for fewer requests: set rate_limit, or lower concurrency"
        case 500...: return "the receiver failed: ask its owner; hookline replay sends dead letters again"
        default: return "ask the receiver's owner"
        }
    }

    private static func sentence(for kind: DeliveryFailure.Kind) -> String {
        switch kind {
        case .timeout: "raise timeout, or lower batch.max_events, if the receiver needs longer"
        case .connectFailed: "check host and port of url, firewalls, and whether the receiver runs"
        case .tlsFailed: "check tls.min_version, and what the receiver offers"
        case .connectionLost: "the receiver or something before it closes connections: see its log"
        case .badResponse: "what answers is no HTTP server: check url"
        case .forbiddenAddress: "a private address must stand in network.allow"
        case .badURL: "check url"
        case .tokenFailed: "the token server failed: see auth.oauth2.token_url"
        default: "hookline -v logs each attempt"
        }
    }
}
