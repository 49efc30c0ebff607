import FoundationEssentials
import Glibc

/// `hookline spool`: looks into the spool, and drops what nobody wants any more (SPEC section 1).
///
/// It shows what the spool has: URLs, headers and secrets of webhooks are not in it.
package enum SpoolCommand {
    /// - Returns: the exit code: 66 where a named thing is not there, 74 where the spool or an output can't be written.
    package static func perform(_ action: SpoolOptions.Action, _ options: SpoolOptions, console: Console) -> ExitCode {
        reporting(on: console) {
            let (directory, config) = try place(options)
            var listing = try Self.listing(directory)
            listing.markBehind { name in config?.webhooks.first { $0.name == name }.map { $0.order != .none } }
            for finding in listing.findings { console.warning(finding.message, hint: finding.hint) }
            try check(options.webhook, listing, config)
            let maxAge = config?.spool.maxAge
            switch action {
            case .list: try list(listing, in: directory, options, maxAge, console, now: .now)
            case .show(let ids): try show(listing, ids, options, maxAge)
            case .drop(let selection): try drop(selection, directory, listing, options, console)
            }
            return .success
        }
    }

    /// The spool's directory, and the configuration if one is at hand; the directory can do without.
    private static func place(_ options: SpoolOptions) throws -> (directory: String, config: Config?) {
        if let directory = options.spool, options.config == SpoolOptions().config {
            return (directory, try? ConfigReader.standard.read(options.config).config)
        }
        let (config, _) = try ConfigReader.standard.read(options.config)
        guard let directory = options.spool ?? config.spool.directory else {
            throw SpoolCommandError.noSpool(config: options.config)
        }
        return (directory, config)
    }

    private static func listing(_ directory: String) throws(SpoolCommandError) -> SpoolListing {
        do throws(SpoolError) {
            return try SpoolListing(directory)
        } catch {
            switch error {
            case .failed(directory, ENOENT), .failed(directory, ENOTDIR), .notASpool:
                throw .notASpool(directory: directory)
            default: throw .unreadable(error.message)
            }
        }
    }

    /// A name that neither an item nor the configuration has is most likely mistyped.
    private static func check(
        _ webhook: String?, _ listing: SpoolListing, _ config: Config?
    ) throws(SpoolCommandError) {
        let known = Set(listing.entries.map(\.header.webhook)).union(config?.webhooks.map(\.name) ?? []).sorted()
        guard let webhook, !known.contains(webhook) else { return }
        throw .unknownWebhook(webhook, known: known)
    }

    // MARK: Show

    private static func list(
        _ listing: SpoolListing, in directory: String, _ options: SpoolOptions, _ maxAge: Duration?, _ console: Console,
        now: WallTime
    ) throws {
        let entries = listing.entries.filter { options.webhook == nil || options.webhook == $0.header.webhook }
        if options.json {
            var json = JSONWriter()
            for entry in entries {
                json.object { write(entry, maxAge, to: &$0) }
                json.newline()
            }
            return try StandardOutput.write(json.bytes)
        }
        var rows = [
            ["WEBHOOK", "ID", "EVENTS", "BYTES", "AGE", "ATTEMPTS", "STEP", "NEXT", "EXPIRES", "REASON", "RUN"]
        ]
        for entry in entries {
            let header = entry.header
            let next = WallTime(milliseconds: header.next)
            rows.append([
                header.webhook, header.webhookID, "\(header.count)", "\(header.bytes)",
                age(now.milliseconds - header.created), "\(header.attempts)", "\(header.step)",
                entry.isLive ? "in a run" : entry.isBehind ? "behind" : next <= now ? "due" : next.text,
                expiry(of: header, maxAge) ?? "-",
                header.status.map { "\($0)" } ?? header.reason ?? "-", header.run,
            ])
        }
        if !entries.isEmpty { try StandardOutput.write(Array(textTable(rows).utf8)) }
        if entries.isEmpty, !listing.findings.isEmpty {
            console.info("no batch that can be read waits in \(directory)")
        } else {
            console.info(overview(of: entries, in: directory, now: now))
        }
    }

    /// How much waits, and when the first of it is due, in words.
    private static func overview(of entries: [SpoolListing.Entry], in directory: String, now: WallTime) -> String {
        if entries.isEmpty { return "nothing waits in \(directory)" }
        let events = entries.reduce(0) { $0 + $1.header.count }
        let sum = counted(entries.count, "batch", "batches") + ", " + counted(events, "event")
        let resting = entries.filter { !$0.isLive }
        if resting.isEmpty { return "\(sum), all in runs that live" }
        let behind = resting.count(where: \.isBehind)
        let also = behind > 0 ? ", \(behind) behind an earlier one of the same order" : ""
        let heads = resting.filter { !$0.isBehind }.map(\.header.next)
        let due = heads.count { $0 <= now.milliseconds }
        if due > 0 { return "\(sum); \(due) due\(also)" }
        guard let next = heads.min() else { return sum + also }
        return
            "\(sum); the first is due in \(age(next - now.milliseconds)), at \(WallTime(milliseconds: next).text)\(also)"
    }

    /// When it becomes dead letters, whatever is left of the schedule; nil: no configuration says how long it may wait.
    private static func expiry(of header: SpoolHeader, _ maxAge: Duration?) -> String? {
        maxAge.map { (WallTime(milliseconds: header.created) + $0).text }
    }

    private static func write(_ entry: SpoolListing.Entry, _ maxAge: Duration?, to json: inout JSONWriter) {
        let header = entry.header
        json.string("webhook", header.webhook)
        json.string("webhook_id", header.webhookID)
        json.number("events", header.count)
        json.number("bytes", header.bytes)
        json.string("format", header.format)
        json.string("content_type", header.contentType)
        json.string("created", WallTime(milliseconds: header.created).text)
        json.string("first_attempt", header.firstAttempt.map { WallTime(milliseconds: $0).text })
        json.string("last_attempt", header.lastAttempt.map { WallTime(milliseconds: $0).text })
        json.number("attempts", header.attempts)
        json.number("step", header.step)
        json.string("next", WallTime(milliseconds: header.next).text)
        json.string("expires", expiry(of: header, maxAge))
        json.string("reason", header.reason)
        json.number("status", header.status)
        json.string("run", header.run)
        json.boolean("behind", entry.isBehind)
        json.boolean("in_a_run", entry.isLive)
    }

    private static func show(
        _ listing: SpoolListing, _ ids: [String], _ options: SpoolOptions, _ maxAge: Duration?
    ) throws {
        for id in ids {
            let entries = listing.entries.filter { $0.header.webhookID == id }
            if entries.isEmpty { throw SpoolCommandError.unknown(id, list: options.listLine) }
            for entry in entries { try show(entry, options, maxAge) }
        }
    }

    private static func show(
        _ entry: SpoolListing.Entry, _ options: SpoolOptions, _ maxAge: Duration?
    ) throws {
        let topics = TopicNames([])
        let memory = MemoryAccount(limit: .max)
        let loaded = try SpoolGroup.load(
            entry.path, at: entry.offset, webhook: 0, lane: 0, memory: memory, opened: .now, topic: topics.index(of:))
        guard let batch = loaded?.batch else { throw SpoolCommandError.damaged(entry.header.webhookID) }
        var json = JSONWriter()
        json.object {
            write(entry, maxAge, to: &$0)
            if options.json { $0.array("lines") { list in events(batch, topics, options, &list) } }
        }
        json.newline()
        if !options.json { events(batch, topics, options, &json) }
        try StandardOutput.write(json.bytes)
    }

    /// One object for each event: an element of a list, or a line of its own.
    private static func events(
        _ batch: Batch, _ topics: TopicNames, _ options: SpoolOptions, _ json: inout JSONWriter
    ) {
        for index in 0..<batch.count {
            let entry = batch[index]
            json.object {
                $0.number("line", entry.line)
                $0.string("topic", topics.names[entry.topic])
                $0.number("bytes", entry.count)
                if options.body { unsafe $0.raw("event", batch.event(index)) }
            }
            if !options.json { json.newline() }
        }
    }

    // MARK: Drop

    private static func drop(
        _ selection: SpoolOptions.Selection, _ directory: String, _ listing: SpoolListing, _ options: SpoolOptions,
        _ console: Console
    ) throws {
        if case .ids(let ids) = selection {
            let known = Set(listing.entries.map(\.header.webhookID))
            if let id = ids.first(where: { !known.contains($0) }) {
                throw SpoolCommandError.unknown(id, list: options.listLine)
            }
        }
        let now = WallTime.now
        let spool = try Spool(
            directory: directory, maxBytes: .max, run: "spool drop", isRepeatable: false, webhooks: [],
            topics: TopicNames([]), disk: SpoolDisk(syncs: true), uid: "drop-\(getpid())")
        let holder = SpoolLock.Holder(
            pid: Int(getpid()), run: "spool drop", host: ProcessInfo.processInfo.hostName, since: now.text)
        if case .held(let other) = try spool.takeLock(holder) { throw SpoolCommandError.held(other) }
        let items = try spool.waiting { _ in }.filter { item in
            switch selection {
            case .all: true
            case .webhook(let name): spool.names[item.webhook] == name
            case .ids(let ids): try spool.header(of: item).map { ids.contains($0.webhookID) } ?? false
            }
        }
        // Nobody wants it any more, so a repeat of its run skips it too.
        try spool.note(spool.notes(of: items))
        try spool.finish(items.map(\.place))
        spool.close()
        let events = items.reduce(0) { $0 + $1.count }
        let batches = counted(items.count, "batch", "batches")
        try StandardOutput.write(Array("dropped \(batches), \(counted(events, "event"))\n".utf8))
        let living = listing.entries.count { $0.isLive }
        if living > 0 { console.warning("\(counted(living, "batch is", "batches are")) in a run and not touched") }
    }

    // MARK: Text

    /// Milliseconds as people say them: `45s`, `12m`, `3h`, `2d`.
    static func age(_ milliseconds: Int) -> String {
        let seconds = max(0, milliseconds / 1_000)
        return switch seconds {
        case ..<120: "\(seconds)s"
        case ..<7_200: "\(seconds / 60)m"
        case ..<172_800: "\(seconds / 3_600)h"
        default: "\(seconds / 86_400)d"
        }
    }
}

/// Why the spool can't be shown, or nothing be dropped.
enum SpoolCommandError: UserFacing, Equatable {
    case noSpool(config: String)
    case notASpool(directory: String)
    case unreadable(String)
    /// `known`: names that the spool's items or the configuration have.
    case unknownWebhook(String, known: [String])
    /// `list`: the command line that shows what there is.
    case unknown(String, list: String)
    case damaged(String)
    case held(SpoolLock.Holder?)

    var message: String {
        switch self {
        case .noSpool(let config): "\(config) names no spool"
        case .notASpool(let directory): "there is no spool in \(directory)"
        case .unreadable(let message): message
        case .unknownWebhook(let name, _): "nothing in the spool is for a webhook named \(quoted(name))"
        case .unknown(let id, _): "the spool has no batch `\(id)`"
        case .damaged(let id): "the batch `\(id)` is damaged"
        case .held(let holder): "the spool is being worked on by \(holder?.text ?? "another process")"
        }
    }

    var hint: String? {
        switch self {
        case .noSpool: "name its directory: --spool DIR"
        case .notASpool: "name the directory that a run had: --spool DIR"
        case .unknownWebhook(_, []): "the spool is empty"
        case .unknownWebhook(let name, let known):
            nearestName(to: name, among: known).map { "did you mean \(quoted($0))?" }
                ?? "known here: " + known.prefix(10).map(quoted).joined(separator: ", ")
                + (known.count > 10 ? ", …" : "")
        case .unknown(_, let list): "`\(list)` shows what it has"
        case .held: "drop when that run has ended"
        case .unreadable, .damaged: nil
        }
    }

    var exitCode: ExitCode {
        switch self {
        case .noSpool, .notASpool, .unreadable, .unknownWebhook, .unknown, .damaged: .noInput
        case .held: .outputFailed
        }
    }
}
