import FoundationEssentials

/// A summary as it is read again, of which `hookline report` makes one of many.
///
/// Members that are not named here may be there or not.
struct RunRecord: Decodable, Hashable, Sendable {
    var schema: String
    var run: Run
    var input: Input
    var books: Books
    var topics: [Topic]
    var webhooks: [Webhook]

    /// A whole number, from 0 to 2^48, so that sums of many can't overflow.
    struct Count: Decodable, Hashable, Sendable {
        static let limit = 1 << 48
        var value: Int

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            value = try container.decode(Int.self)
            guard (0...Self.limit).contains(value) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "out of range")
            }
        }
    }

    /// A point in time, as the summary writes it.
    struct Time: Decodable, Hashable, Sendable {
        var wall: WallTime

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            guard let wall = WallTime(rfc3339: try container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "no time")
            }
            self.wall = wall
        }
    }

    struct Run: Decodable, Hashable, Sendable {
        var id: String
        var version: String
        var config: String
        var startedAt: Time
        var finishedAt: Time
        var durationMs: Count
        var ended: String
        var dryRun: Bool?

        private enum CodingKeys: String, CodingKey {
            case id, version, config, ended
            case startedAt = "started_at"
            case finishedAt = "finished_at"
            case durationMs = "duration_ms"
            case dryRun = "dry_run"
        }
    }

    struct Input: Decodable, Hashable, Sendable {
        var complete: Bool
        var bytes: Count
        var lines: Count
        var blank: Count
        var events: Count
        var refused: [String: Count]
        var unknownTopic: Count
        var unmatched: Count

        private enum CodingKeys: String, CodingKey {
            case complete, bytes, lines, blank, events, refused, unmatched
            case unknownTopic = "unknown_topic"
        }
    }

    /// Both sides of the books, in all or of one webhook.
    struct Tally: Decodable, Hashable, Sendable {
        var matched: Count
        var resumed: Count
        var delivered: Count
        var skipped: Count
        var deadLettered: Count
        var deferred: Count
        var lost: Count

        private enum CodingKeys: String, CodingKey {
            case matched, resumed, delivered, skipped, deferred, lost
            case deadLettered = "dead_lettered"
        }

        var isBalanced: Bool {
            matched.value + resumed.value == delivered.value + skipped.value + deadLettered.value + deferred.value
                + lost.value
        }
    }

    struct Books: Decodable, Hashable, Sendable {
        var tally: Tally
        var waiting: Count
        var balanced: Bool

        private enum CodingKeys: CodingKey { case waiting, balanced }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            tally = try Tally(from: decoder)
            waiting = try container.decode(Count.self, forKey: .waiting)
            balanced = try container.decode(Bool.self, forKey: .balanced)
        }
    }

    struct Topic: Decodable, Hashable, Sendable {
        var name: String
        var events: Count
    }

    struct Failure: Decodable, Hashable, Sendable {
        var reason: String
        var status: Count?
        var detail: String
        var at: Time
    }

    struct LatencyRecord: Decodable, Hashable, Sendable {
        var max: Count
        /// Pairs of upper bound and count.
        var bucketsUs: [[Count]]

        private enum CodingKeys: String, CodingKey {
            case max
            case bucketsUs = "buckets_us"
        }

        /// Nil: a bucket is no pair.
        var latency: Latency? {
            guard bucketsUs.allSatisfy({ $0.count == 2 }) else { return nil }
            return Latency(
                buckets: bucketsUs.map { ($0[0].value, $0[1].value) }, maximumMilliseconds: max.value)
        }
    }

    struct Webhook: Decodable, Hashable, Sendable {
        var name: String
        var url: String
        var active: Bool
        var tally: Tally
        var filtered: Count
        var requests: Count
        var retries: Count
        var bisections: Count
        var bytesSent: Count
        var status: [String: Count]
        var failures: [String: Count]
        var latencyMs: LatencyRecord
        var breakerOpened: Count
        var switchedOff: String?
        var lastFailure: Failure?

        private enum CodingKeys: String, CodingKey {
            case name, url, active, filtered, requests, retries, bisections, status, failures
            case bytesSent = "bytes_sent"
            case latencyMs = "latency_ms"
            case breakerOpened = "breaker_opened"
            case switchedOff = "switched_off"
            case lastFailure = "last_failure"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            name = try container.decode(String.self, forKey: .name)
            url = try container.decode(String.self, forKey: .url)
            active = try container.decode(Bool.self, forKey: .active)
            tally = try Tally(from: decoder)
            filtered = try container.decode(Count.self, forKey: .filtered)
            requests = try container.decode(Count.self, forKey: .requests)
            retries = try container.decode(Count.self, forKey: .retries)
            bisections = try container.decode(Count.self, forKey: .bisections)
            bytesSent = try container.decode(Count.self, forKey: .bytesSent)
            status = try container.decode([String: Count].self, forKey: .status)
            failures = try container.decode([String: Count].self, forKey: .failures)
            latencyMs = try container.decode(LatencyRecord.self, forKey: .latencyMs)
            breakerOpened = try container.decode(Count.self, forKey: .breakerOpened)
            switchedOff = try container.decodeIfPresent(String.self, forKey: .switchedOff)
            lastFailure = try container.decodeIfPresent(Failure.self, forKey: .lastFailure)
        }
    }

    // MARK: Reading

    /// Reads one summary, or several with line breaks between them.
    ///
    /// - Parameters:
    ///   - bytes: of the file.
    ///   - name: the file's, for messages.
    /// - Returns: at least one.
    /// - Throws: what is wrong with the first that is wrong.
    static func read(_ bytes: [UInt8], of name: String) throws(RunRecordError) -> [RunRecord] {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
            .filter { line in !line.element.allSatisfy { [0x20, 0x09, 0x0d].contains($0) } }
        if lines.isEmpty { throw .empty(name) }
        // A summary that was laid out for people is one value in many lines.
        guard lines.count > 1, let first = lines.first, isObject(first.element) else {
            return [try one(bytes[...], at: name)]
        }
        var records: [RunRecord] = []
        for (index, line) in lines { records.append(try one(line, at: "\(name):\(index + 1)")) }
        return records
    }

    /// Whether a line is a whole object.
    private static func isObject(_ line: ArraySlice<UInt8>) -> Bool {
        struct Anything: Decodable {
            init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: Key.self) }
        }
        enum Key: CodingKey { case schema }
        return (try? JSONDecoder().decode(Anything.self, from: Data(line))) != nil
    }

    private static func one(_ bytes: ArraySlice<UInt8>, at place: String) throws(RunRecordError) -> RunRecord {
        let data = Data(bytes)
        let record: RunRecord
        do {
            record = try JSONDecoder().decode(RunRecord.self, from: data)
        } catch {
            // Another schema may well lack a key of this one.
            struct Start: Decodable { var schema: String }
            if let start = try? JSONDecoder().decode(Start.self, from: data), start.schema != SummaryTable.version {
                throw .otherSchema(place, start.schema)
            }
            throw (error as? DecodingError).map { RunRecordError($0, at: place) } ?? .notJSON(place)
        }
        if record.schema != SummaryTable.version { throw .otherSchema(place, record.schema) }
        try record.check(at: place)
        return record
    }

    /// The promises of the books.
    private func check(at place: String) throws(RunRecordError) {
        if run.dryRun == true { throw .planned(place) }
        if !books.tally.isBalanced || !books.balanced { throw .unbalanced(place, key: "books") }
        for (index, webhook) in webhooks.enumerated() where !webhook.tally.isBalanced {
            throw .unbalanced(place, key: "webhooks[\(index)]")
        }
        for (index, webhook) in webhooks.enumerated() where webhook.latencyMs.latency == nil {
            throw .wrongValue(place, key: "webhooks[\(index)].latency_ms.buckets_us")
        }
        let names = Dictionary(grouping: webhooks.indices) { webhooks[$0].name }
        if let twice = names.values.compactMap({ $0.dropFirst().first }).min() {
            throw .wrongValue(place, key: "webhooks[\(twice)].name")
        }
        let reasons = input.refused.filter { $0.key != "total" }.values.reduce(0) { $0 + $1.value }
        if reasons != input.refused["total"]?.value ?? 0 { throw .unbalanced(place, key: "input.refused") }
        // Webhooks that --only leaves out, or that are configured no more, are in the books alone.
        if webhooks.reduce(0, { $0 + $1.tally.matched.value }) > books.tally.matched.value {
            throw .unbalanced(place, key: "books.matched")
        }
        if input.lines.value != input.blank.value + input.events.value + (input.refused["total"]?.value ?? 0) {
            throw .unbalanced(place, key: "input.lines")
        }
    }
}

/// Why a file holds no summary that can be added to others.
enum RunRecordError: UserFacing, Equatable {
    case unreadable(String, errno: Int32)
    case empty(String)
    case notJSON(String)
    case missing(String, key: String)
    case wrongValue(String, key: String)
    case otherSchema(String, String)
    case unbalanced(String, key: String)
    case planned(String)

    init(_ error: DecodingError, at place: String) {
        switch error {
        case .keyNotFound(let key, let context):
            self = .missing(place, key: Self.path(context.codingPath + [key]))
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            self = context.codingPath.isEmpty ? .notJSON(place) : .wrongValue(place, key: Self.path(context.codingPath))
        @unknown default: self = .notJSON(place)
        }
    }

    /// `webhooks[2].latency_ms`.
    private static func path(_ keys: [any CodingKey]) -> String {
        var path = ""
        for key in keys {
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += (path.isEmpty ? "" : ".") + key.stringValue
            }
        }
        return path
    }

    var message: String {
        switch self {
        case .unreadable(let path, let code): "can't read \(quoted(path)): \(systemReason(code).lowercased())"
        case .empty(let path): "\(quoted(path)) is empty"
        case .notJSON(let place): "\(quoted(place)) is no summary: it is no JSON object"
        case .missing(let place, let key): "\(quoted(place)) is no summary: `\(key)` is missing"
        case .wrongValue(let place, let key): "\(quoted(place)) is no summary: `\(key)` has a wrong value"
        case .otherSchema(let place, let schema):
            "\(quoted(place)) is no summary: its `schema` is \(quoted(schema)), not `\(SummaryTable.version)`"
        case .unbalanced(let place, let key): "the books of \(quoted(place)) don't balance: see `\(key)`"
        case .planned(let place): "\(quoted(place)) is a plan: `run.dry_run` says that nothing was sent"
        }
    }

    var hint: String? {
        switch self {
        case .unreadable: "name files that hold what hookline printed, or kept with --summary"
        case .empty: "did its run end with 64, 66 or 78? Then it printed no summary"
        case .notJSON:
            "summaries are what `hookline run` and `hookline replay` print; several in a file have a line each"
        case .otherSchema: "summaries are what `hookline run` and `hookline replay` print"
        case .missing, .wrongValue: "`hookline schema summary` says what a summary of this version holds"
        case .unbalanced: "it was changed after the run, or the run says so too: \"balanced\":false"
        case .planned: "leave it out"
        }
    }

    var exitCode: ExitCode { .noInput }
}
