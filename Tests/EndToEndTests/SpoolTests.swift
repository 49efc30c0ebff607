import Foundation
import Glibc
import Hookline
import TestKit
import Testing

/// What a spool promises, with the real command.
@Suite struct SpoolTests {
    let directory: TemporaryDirectory
    let hookline: String
    static let events = (1...4).map { #"{"topic":"object.created","n":\#($0)}"# + "\n" }.joined()

    init() throws {
        directory = try TemporaryDirectory()
        hookline = try builtProduct("hookline")
    }

    func configure(
        port: String, spool: String = "directory: spool", webhook: String = "", concurrency: Int = 1
    ) throws {
        try directory.write(
            """
            version: 1
            topics: {object.created: An object is created}
            network: {allow: [127.0.0.1/32, "::1/128"]}
            spool: {\(spool)}
            webhooks:
              - {name: orders, url: "https://localhost:\(port)/", topics: ["*"], concurrency: \(concurrency),
                 batch: {max_events: 2}, retry: {max_attempts: 1}, tls: {ca_file: .hookline-listen/ca.pem}\(webhook)}
            """, to: "webhooks.yaml")
    }

    func run(_ options: [String] = [], events: String = "") throws -> (
        books: [String: Int], result: ProcessResult
    ) {
        let result = try runProcess(hookline, options, directory: directory.path, input: .text(events))
        return (try Self.books(result), result)
    }

    static func books(_ result: ProcessResult) throws -> [String: Int] {
        let summary = try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any]
        let books = try #require(summary?["books"] as? [String: Any])
        #expect(books["balanced"] as? Bool == true)
        return books.compactMapValues { $0 as? Int }.filter { $0.key != "balanced" && $0.value > 0 }
    }

    /// A port on which nobody listens any more, and whose certificate is there.
    func deadPort() throws -> String {
        let receiver = try LocalReceiver(in: directory)
        receiver.process.send(SIGKILL)
        _ = try receiver.process.finish()
        return receiver.port
    }

    func ids(_ output: some Sequence<UInt8>) -> [String] {
        String(decoding: Array(output), as: UTF8.self).matches(of: /msg_[0-9a-f]{32}/).map { String($0.0) }
    }

    func files() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: directory.file("spool")).filter { $0.hasSuffix(".items") }
    }

    @Test func `what can't be delivered waits, and a later run sends it under the same ids when it is due`() throws {
        let port = try deadPort()
        try configure(port: port)
        let first = try run(events: Self.events)
        #expect(first.result.exit == .code(75))
        #expect(first.books == ["matched": 4, "deferred": 4])
        #expect(!FileManager.default.fileExists(atPath: directory.file("dead")))
        let waiting = try runProcess(hookline, ["spool", "list", "--json"], directory: directory.path)
        let kept = ids(waiting.output)
        #expect(kept.count == 2 && waiting.exit == .code(0))

        // Not due yet: a run does not wait for it.
        let second = try run()
        #expect(second.result.exit == .code(75))
        #expect(second.books == ["waiting": 4])

        let receiver = try LocalReceiver(in: directory, ["--port", port])
        let third = try ChildProcess(hookline, [], directory: directory.path, input: .streamed)
        try receiver.process.waitForOutput(kept[0])
        try receiver.process.waitForOutput(kept[1])
        third.closeInput()
        let result = try third.finish()
        #expect(result.exit == .code(0))
        #expect(try Self.books(result) == ["resumed": 4, "delivered": 4])
        #expect(try files() == [])
    }

    @Test func `a run that is killed, and the next one too, loses no batch, and its repeat completes the rest`() throws
    {
        let slow = try LocalReceiver(in: directory, ["--delay", "1h"])
        try configure(port: slow.port, spool: "directory: spool, write_ahead: true")
        let input = [Self.events, Self.events.replacing("n\":", with: "m\":")]
        for arguments in [["--run-id", "r", "-v"], ["-v"]] {
            let killed = try ChildProcess(
                hookline, arguments, directory: directory.path, input: arguments.count == 3 ? .text(input[0]) : .empty)
            try killed.waitForError("attempt 1")
            killed.send(SIGKILL)
            #expect(try killed.finish().exit == .signal(SIGKILL))
        }
        slow.process.send(SIGKILL)
        _ = try slow.process.finish()

        let receiver = try LocalReceiver(in: directory, ["--port", slow.port])
        let third = try run(["--run-id", "r"], events: input[0] + input[1])
        #expect(third.result.exit == .code(0))
        #expect(third.books == ["matched": 8, "skipped": 4, "resumed": 4, "delivered": 8])
        let fourth = try run(["--run-id", "r"], events: input[0] + input[1])
        #expect(fourth.result.exit == .code(0))
        #expect(fourth.books == ["matched": 8, "skipped": 8])
        receiver.process.send(SIGTERM)
        let sent = ids(try receiver.process.finish().output)
        #expect(sent.count == 4 && Set(sent).count == 4)
    }

    @Test(arguments: [false, true])
    func `with order by key what comes later waits behind what is in the spool, over three runs`(
        writesAhead: Bool
    ) throws {
        let port = try deadPort()
        let order = ", order: {key: /k}"
        let spool = "directory: spool, write_ahead: \(writesAhead)"
        try configure(port: port, spool: spool, webhook: order, concurrency: 4)
        func events(_ numbers: ClosedRange<Int>) -> String {
            numbers.map { #"{"topic":"object.created","k":\#($0 % 5),"n":\#($0)}"# + "\n" }.joined()
        }
        #expect(try run(events: events(1...40)).books == ["matched": 40, "deferred": 40])
        // The receiver is back, but the first batch of each lane is not due yet.
        let receiver = try LocalReceiver(in: directory, ["--port", port, "--record", "record.ndjson"])
        let second = try run(events: events(41...80)).books
        #expect(second["deferred"] == 40 && second["waiting"] == 40 && second["delivered"] == nil)
        let kept = ids(try runProcess(hookline, ["spool", "list", "--json"], directory: directory.path).output)
        // Now that becomes due, and all that is behind it.
        let third = try ChildProcess(hookline, [], directory: directory.path, input: .streamed)
        try third.write(events(81...120))
        for id in kept { try receiver.process.waitForOutput(id) }
        third.closeInput()
        let result = try third.finish()
        #expect(result.exit == .code(0))
        #expect(try Self.books(result) == ["matched": 40, "resumed": 80, "delivered": 120])
        let numbers = try directory.text(of: "record.ndjson").matches(of: /n\\":([0-9]+)/).compactMap { Int($0.1) }
        for key in 0..<5 {
            #expect(numbers.filter { $0 % 5 == key } == (1...120).filter { $0 % 5 == key })
        }
        #expect(try files() == [])
    }

    /// Its request began when all others had been ended.
    @Test func `a batch that a signal cut, written ahead, is not sent when the grace is over`() throws {
        let receiver = try LocalReceiver(in: directory)
        try configure(port: receiver.port, spool: "directory: spool, write_ahead: true")
        let configuration = try directory.text(of: "webhooks.yaml")
        try directory.write(
            configuration.replacing("max_events: 2", with: "max_events: 2, max_wait: 1h"), to: "webhooks.yaml")
        let child = try ChildProcess(
            hookline, ["--shutdown-grace", "0s", "-v"], directory: directory.path, input: .streamed)
        try child.write(Self.events + Self.events.prefix { $0 != "\n" } + "\n")
        try child.waitForError(" 2 events")
        try receiver.process.waitForOutput("POST")
        child.send(SIGTERM)
        let result = try child.finish()
        #expect(result.exit == .code(128 + SIGTERM))
        #expect(!result.errorText.contains("with 1 event\n"))
        #expect(try Self.books(result)["deferred"] ?? 0 > 0)
    }

    /// Fills the spool with batches, of one event each if not said otherwise, whose last attempt was long ago.
    func fill(_ count: Int, events: Int = 1, lastAttempt: WallTime) throws {
        let topics = ["object.created"]
        let spool = try Spool(
            directory: directory.file("spool"), maxBytes: 1 << 30, run: "old", isRepeatable: false,
            webhooks: ["orders"], topics: TopicNames(topics), disk: SpoolDisk(syncs: false), uid: "old")
        for number in 0..<count {
            let batch = Batch(
                webhook: 0, payload: Payload(.json), opened: ContinuousClock().now,
                memory: MemoryAccount(limit: 1 << 20),
                expectedBytes: 0, expectedEvents: 1)
            for event in 0..<events {
                let line = number * events + event + 1
                unsafe Array(#"{"n":\#(line)}"#.utf8).withUnsafeBytes { unsafe batch.append($0, line: line, topic: 0) }
            }
            batch.id = WebhookID.random()
            batch.attempts = 1
            (batch.firstAttempt, batch.lastAttempt) = (lastAttempt, lastAttempt)
            _ = try spool.append(
                SpoolEntry(
                    batch: batch, webhook: "orders", lanes: 1, step: 1, next: lastAttempt, reason: .status(503)),
                now: lastAttempt)
        }
        try spool.commit()
        spool.close()
    }

    /// The schedule counted from an attempt of an earlier run: they were due at once, and lost a step with each probe.
    @Test func `what waits for a probe that fails loses one step of the spool's schedule`() throws {
        try configure(
            port: try deadPort(), webhook: ", breaker: {failures: 1, probe_after: 1s}", concurrency: 4)
        try fill(4, lastAttempt: .now + .seconds(-64 * 3_600))
        let (books, result) = try run()
        #expect(result.exit == .code(75))
        #expect(books == ["resumed": 4, "deferred": 4])
        let list = try runProcess(hookline, ["spool", "list", "--json"], directory: directory.path)
        let steps = String(decoding: list.output, as: UTF8.self).matches(of: /"step":([0-9]+)/).map { String($0.1) }
        #expect(steps == Array(repeating: "2", count: 4))
    }

    /// Each probe used up what one step of the schedule allows the few that were taken up, then the next few came.
    @Test func `a breaker that is open leaves in the spool what is due, and the run does not wait for it`() throws {
        try configure(port: try deadPort(), webhook: ", breaker: {failures: 1, probe_after: 1h}")
        try fill(20, lastAttempt: .now + .seconds(-3_600))
        let (books, result) = try run()
        #expect(result.exit == .code(75))
        #expect(books == ["resumed": 1, "deferred": 1, "waiting": 19])
    }

    @Test(
        arguments: [
            ("400,200", ["resumed": 4, "delivered": 4], 0),
            ("400,200,503", ["resumed": 4, "delivered": 2, "deferred": 2], 1),
            ("400,404,503", ["resumed": 4, "dead_lettered": 2, "deferred": 2], 1),
            ("400,503,404", ["resumed": 4, "dead_lettered": 2, "deferred": 2], 1),
        ])
    func `a batch that was taken up and split leaves in the spool the part that is deferred, and no more`(
        statuses: String, books: [String: Int], left: Int
    ) throws {
        let receiver = try LocalReceiver(in: directory, ["--status", statuses])
        try configure(port: receiver.port)
        try fill(1, events: 4, lastAttempt: .now + .seconds(-3_600))
        #expect(try run(["--dead-letter", "dead"]).books == books)
        let list = try runProcess(hookline, ["spool", "list", "--json"], directory: directory.path)
        #expect(ids(list.output).count == left)
        let events = list.outputText.matches(of: /"events":([0-9]+)/).compactMap { Int($0.1) }
        #expect(events.reduce(0, +) == books["deferred"] ?? 0)
    }

    @Test func `a batch that was written ahead and is killed while it is split arrives whole, and again under its ids`()
        throws
    {
        let refusing = try LocalReceiver(in: directory, ["--status", "413,200", "--record", "first.ndjson"])
        try configure(port: refusing.port, spool: "directory: spool, write_ahead: true")
        let killed = try ChildProcess(
            hookline, ["--run-id", "r", "-v"], directory: directory.path, input: .text(Self.events))
        try killed.waitForError("split into")
        killed.send(SIGKILL)
        #expect(try killed.finish().exit == .signal(SIGKILL))
        refusing.process.send(SIGTERM)
        _ = try refusing.process.finish()
        let receiver = try LocalReceiver(in: directory, ["--port", refusing.port, "--record", "second.ndjson"])
        let (books, result) = try run(["--run-id", "r"], events: Self.events)
        #expect(result.exit == .code(0))
        #expect(
            (books["delivered"] ?? 0) + (books["skipped"] ?? 0) == (books["matched"] ?? 0) + (books["resumed"] ?? 0))
        #expect(try files() == [])
        receiver.process.send(SIGTERM)
        _ = try receiver.process.finish()
        // What the first process had acknowledged need not come again; all else must, and nothing under another id.
        let records = try ["first.ndjson", "second.ndjson"].flatMap { file in
            try directory.text(of: file).split(separator: "\n").map { line in
                try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
        }
        func id(_ record: [String: Any]) -> String? { (record["headers"] as? [String: String])?["webhook-id"] }
        var idsOfEvent: [Int: Set<String>] = [:]
        for record in records where record["status"] as? Int == 200 {
            let body = try #require(record["body"] as? String)
            for match in body.matches(of: /"n":([0-9]+)/) {
                idsOfEvent[try #require(Int(match.1)), default: []].insert(try #require(id(record)))
            }
        }
        #expect(idsOfEvent.keys.sorted() == [1, 2, 3, 4])
        // Of the batch that was refused, events came as a part before the crash, and as the whole after it.
        let whole = try #require(records.first { $0["status"] as? Int == 413 }.flatMap(id))
        #expect(idsOfEvent.values.allSatisfy { $0.count == 1 || ($0.count == 2 && $0.contains(whole)) })
        #expect(Set(records.compactMap(id)).count <= 4)
    }

    /// They were written with one lane, whatever the webhook had, and could not be read again.
    @Test(arguments: ["", ", order: {key: /n}"])
    func `what could not become dead letters becomes that in the next run, without another attempt`(
        order: String
    ) throws {
        let receiver = try LocalReceiver(in: directory, ["--status", "404"])
        try configure(port: receiver.port, webhook: order, concurrency: 4)
        let first = try run(["--dead-letter", "/dev/full"], events: Self.events)
        #expect(first.books == ["matched": 4, "deferred": 4])
        let (books, result) = try run(["--dead-letter", "dead"])
        #expect(result.exit == .code(1))
        #expect(books == ["resumed": 4, "dead_lettered": 4])
        #expect(result.outputText.contains(#""requests":0"#))
        let dead = try directory.text(of: "dead").split(separator: "\n")
        #expect(dead.count == 4 && dead.allSatisfy { $0.contains(#""reason":"status","status":404"#) })
        #expect(try files() == [])
    }

    @Test func `a full spool ends the reading, and what it can't keep becomes dead letters`() throws {
        try configure(port: try deadPort(), spool: "directory: spool, max_bytes: 1KiB")
        let (books, result) = try run(["--dead-letter", "dead"], events: Self.events)
        #expect(result.exit == .code(74))
        #expect(books == ["matched": 4, "deferred": 2, "dead_lettered": 2])
        #expect(result.errorText.contains("is full"))
        #expect(try directory.text(of: "dead").split(separator: "\n").count == 2)
    }

    @Test(.enabled(if: !isSanitized, "a limit on the size of files ends a sanitizer's own start"))
    func `a disk that takes no more stops the reading, and what was read is still delivered`() throws {
        let receiver = try LocalReceiver(in: directory)
        try configure(port: receiver.port)
        let large = #"{"topic":"object.created","text":"\#(String(repeating: "x", count: 9_000))"}"# + "\n"
        let script = "ulimit -f 16; trap '' XFSZ; exec \"$0\" --write-ahead"
        let result = try runProcess(
            "/bin/sh", ["-c", script, hookline], directory: directory.path,
            input: .text(String(repeating: large, count: 4)))
        #expect(result.exit == .code(74))
        // The first batch was not kept, and no more was read.
        #expect(try Self.books(result) == ["matched": 2, "delivered": 2])
        #expect(result.errorText.contains("the spool can't use"))
        #expect(try files() == [])
    }

    @Test func `what waits for an inactive webhook stays, and is warned about`() throws {
        let port = try deadPort()
        try configure(port: port)
        #expect(try run(events: Self.events).books == ["matched": 4, "deferred": 4])
        try configure(port: port, webhook: ", active: false")
        let (books, result) = try run()
        #expect(result.exit == .code(75))
        #expect(books == ["waiting": 4])
        #expect(result.errorText.contains("4 events wait in the spool for orders, which is inactive"))
        try configure(port: port, spool: "directory: spool, max_age: 1s", webhook: ", active: false")
        let kept = ids(try runProcess(hookline, ["spool", "list"], directory: directory.path).output)
        let later = try ChildProcess(
            hookline, ["--dead-letter", "dead", "-v"], directory: directory.path, input: .streamed)
        for id in kept { try later.waitForError("\(id): taken up") }
        later.closeInput()
        let end = try later.finish()
        #expect(end.exit == .code(1))
        #expect(try Self.books(end) == ["resumed": 4, "dead_lettered": 4])
        #expect(try files() == [])
    }

    @Test func `of two runs on one spool at once one takes items up, both add to it, and nothing is sent twice`() throws
    {
        let receiver = try LocalReceiver(in: directory)
        try configure(port: receiver.port, spool: "directory: spool, write_ahead: true")
        let first = try ChildProcess(
            hookline, ["--run-id", "first", "-v"], directory: directory.path, input: .streamed)
        try first.write(Self.events)
        try first.waitForError("attempt 1")
        // The other one is killed while its own batches lie there ahead of their answers.
        let slow = try LocalReceiver(in: directory, ["--delay", "1h"])
        try configure(port: slow.port, spool: "directory: spool, write_ahead: true", concurrency: 2)
        let second = try ChildProcess(
            hookline, ["--run-id", "second", "-v"], directory: directory.path,
            input: .text(Self.events.replacing("n\":", with: "m\":")))
        try second.waitForError("is being worked on by run first")
        try second.waitForError("attempt 1")
        second.send(SIGKILL)
        #expect(try second.finish().exit == .signal(SIGKILL))
        first.closeInput()
        let end = try first.finish()
        #expect(end.exit == .code(0))
        // It took up what the killed one left, if it looked in between.
        let resumed = try Self.books(end)["resumed"] ?? 0
        #expect(try Self.books(end)["delivered"] == 4 + resumed)

        try configure(port: receiver.port, spool: "directory: spool, write_ahead: true")
        let (books, result) = try run()
        #expect(result.exit == .code(0))
        #expect(books == (resumed == 4 ? [:] : ["resumed": 4 - resumed, "delivered": 4 - resumed]))
        receiver.process.send(SIGTERM)
        let sent = ids(try receiver.process.finish().output)
        #expect(sent.count == 4 && Set(sent).count == 4)
        #expect(try files() == [])
    }

    @Test func `dead letters that can't be written go into the spool`() throws {
        let receiver = try LocalReceiver(in: directory, ["--status", "404"])
        try configure(port: receiver.port)
        let (books, result) = try run(["--dead-letter", "/dev/full"], events: Self.events)
        #expect(result.exit == .code(74))
        #expect(books == ["matched": 4, "deferred": 4])
        #expect(try files().isEmpty == false)
    }

    @Test func `what waits is listed, shown without events unless they are asked for, and dropped`() throws {
        try configure(port: try deadPort())
        _ = try run(events: Self.events)
        let list = try runProcess(hookline, ["spool", "list"], directory: directory.path)
        let lines = list.outputText.split(separator: "\n")
        #expect(lines.count == 3 && lines[0].hasPrefix("WEBHOOK") && lines[1].contains("connect_failed"))
        #expect(list.errorText.contains("2 batches, 4 events; the first is due in "))
        let id = try #require(ids(list.output).first)
        let shown = try runProcess(hookline, ["spool", "show", id], directory: directory.path)
        #expect(shown.outputText.contains(#"{"line":1,"topic":"object.created","bytes":32}"#))
        #expect(!shown.outputText.contains(#""n":1"#))
        let body = try runProcess(hookline, ["spool", "show", id, "--body"], directory: directory.path)
        #expect(body.outputText.contains(#""event":{"topic":"object.created","n":1}}"#))
        #expect(try runProcess(hookline, ["spool", "show", "x"], directory: directory.path).exit == .code(66))
        #expect(try runProcess(hookline, ["spool", "drop", "x"], directory: directory.path).exit == .code(66))
        let one = try runProcess(hookline, ["spool", "drop", id], directory: directory.path)
        #expect(one.outputText == "dropped 1 batch, 2 events\n")
        let rest = try runProcess(hookline, ["spool", "drop", "--webhook", "orders"], directory: directory.path)
        #expect(rest.outputText == "dropped 1 batch, 2 events\n")
        #expect(try files() == [])
        #expect(
            try runProcess(hookline, ["spool", "list", "--spool", "no"], directory: directory.path).exit == .code(66))
    }

    // It was called due, as if the next run would send it.
    @Test(arguments: [true, false])
    func `what waits behind an earlier batch of its order is not due`(hasConfiguration: Bool) throws {
        try configure(port: try deadPort(), webhook: ", order: strict")
        _ = try run(events: Self.events)
        if !hasConfiguration { try directory.write("", to: "webhooks.yaml") }
        let options = ["spool", "list", "--spool", "spool"]
        let list = try runProcess(hookline, options, directory: directory.path)
        let rows = list.outputText.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(rows.count == 3 && rows.dropFirst().count { $0.contains("behind") } == 1)
        #expect(list.errorText.hasSuffix("Z, 1 behind an earlier one of the same order\n"))
        let json = try runProcess(hookline, options + ["--json"], directory: directory.path).outputText
        #expect(json.matches(of: /"behind":true/).count == 1 && json.matches(of: /"behind":false/).count == 1)
    }

    // The repeat skipped it, and the run ended with 0.
    @Test func `what is damaged is sent by a repeat that has it, and no run ends with 0 before it is moved away`()
        throws
    {
        let port = try deadPort()
        try configure(port: port, spool: "directory: spool, write_ahead: true")
        #expect(try run(["--run-id", "r"], events: Self.events).result.exit == .code(75))
        let file = try "spool/" + #require(files().first)
        try directory.write(directory.text(of: file).replacing("\"n\":1", with: "\"n\":7"), to: file)
        let receiver = try LocalReceiver(in: directory, ["--port", port])
        let (books, result) = try run(["--run-id", "r"], events: Self.events)
        withExtendedLifetime(receiver) {}
        #expect(result.exit == .code(75))
        #expect(books["matched"] == 4 && books["skipped"] == 2 && books["delivered"] ?? 0 >= 2)
        #expect(result.errorText.contains("\(file) is damaged: not all batches in it can be read"))
        let corrupt = file.replacing(".items", with: ".corrupt")
        try? FileManager.default.moveItem(atPath: directory.file(file), toPath: directory.file(corrupt))
        let next = try run()
        #expect(next.result.exit == .code(75))
        #expect(
            next.result.errorText.contains(
                "\(corrupt) is damaged: not all batches in it can be read\n  hint: nobody knows"))
        try FileManager.default.removeItem(atPath: directory.file(corrupt))
        // The other batch may wait until it is due.
        _ = try runProcess(hookline, ["spool", "drop", "--all"], directory: directory.path)
        #expect(try run().result.exit == .code(0))
    }

    // Of a group, all or none was dropped for a repeat, as its file went or not.
    @Test(arguments: [["--all"], []])
    func `what was dropped is sent by no repeat of its run`(selection: [String]) throws {
        let port = try deadPort()
        try configure(port: port, spool: "directory: spool, write_ahead: true")
        #expect(try run(["--run-id", "r"], events: Self.events).books == ["matched": 4, "deferred": 4])
        let kept = ids(try runProcess(hookline, ["spool", "list"], directory: directory.path).output)
        let dropped = selection.isEmpty ? [kept[0]] : selection
        let drop = try runProcess(hookline, ["spool", "drop"] + dropped, directory: directory.path)
        #expect(
            drop.outputText == (selection.isEmpty ? "dropped 1 batch, 2 events\n" : "dropped 2 batches, 4 events\n"))
        let notes = try directory.text(of: "spool/settled/r").split(separator: "\n").map(String.init)
        #expect(notes.sorted() == (selection.isEmpty ? [kept[0]] : kept.sorted()))
        let (books, _) = try run(["--run-id", "r"], events: Self.events)
        #expect(books["skipped"] == 4 && books["delivered"] == nil)
    }

    @Test func `what another version left is not touched, and the run says so and does not end as if nothing waited`()
        throws
    {
        try configure(port: try deadPort())
        try fill(1, lastAttempt: .now)
        let file = try "spool/" + #require(files().first)
        let text = try directory.text(of: file).replacing("{\"spool\":2,", with: "{\"spool\":3,")
        try directory.write(text, to: file)
        let (books, result) = try run()
        #expect(result.exit == .code(75))
        #expect(books == [:])
        #expect(result.errorText.contains("\(file) was written by a newer hookline: it is left as it is"))
        let drop = try runProcess(hookline, ["spool", "drop", "--all"], directory: directory.path)
        #expect(drop.exit == .code(0) && drop.outputText == "dropped 0 batches, 0 events\n")
        #expect(drop.errorText.contains("\(file) was written by a newer hookline"))
        #expect(try directory.text(of: file) == text)
    }

    // It was taken for an empty folder: exit code 0, with events that nobody saw.
    @Test func `a folder of the spool that can't be read ends the run before it begins`() throws {
        try configure(port: try deadPort())
        try fill(1, lastAttempt: .now)
        let folder = directory.file("spool/runs/old")
        try FileManager.default.moveItem(atPath: folder, toPath: directory.file("away"))
        try FileManager.default.createSymbolicLink(atPath: folder, withDestinationPath: folder)
        let result = try runProcess(hookline, [], directory: directory.path, input: .text(Self.events))
        #expect(result.exit == .code(74) && result.output.isEmpty)
        #expect(result.errorText.contains("the spool can't use spool/runs/old: "))
        let list = try runProcess(hookline, ["spool", "list"], directory: directory.path)
        #expect(list.exit == .code(66) && list.errorText.contains("the spool can't use spool/runs/old"))
    }

    @Test func `writing ahead without a spool is a mistake on the command line`() throws {
        try configure(port: "1", spool: "max_age: 1h")
        let result = try runProcess(hookline, ["--write-ahead"], directory: directory.path)
        #expect(result.exit == .code(64))
        #expect(result.errorText.contains("`--write-ahead` needs a spool"))
    }

    @Test func `a folder that holds something else is no spool, and nothing is made in it`() throws {
        try configure(port: "1", spool: "")
        // A folder of this name alone makes no spool.
        for folder in ["data", "data/runs"] {
            try FileManager.default.createDirectory(
                atPath: directory.file(folder), withIntermediateDirectories: false)
        }
        try directory.write("", to: "data/results.csv")
        let before = try FileManager.default.subpathsOfDirectory(atPath: directory.path).sorted()
        let result = try runProcess(
            hookline, ["--spool", "data", "--dead-letter", "dead", "--summary", "summary"], directory: directory.path,
            input: .text(Self.events))
        #expect(result.exit == .code(74) && result.output.isEmpty)
        #expect(result.errorText.contains("the spool can't use data: it holds something else\n  hint: name a folder"))
        let list = try runProcess(hookline, ["spool", "list", "--spool", "data"], directory: directory.path)
        #expect(list.exit == .code(66) && list.errorText.contains("there is no spool in data"))
        #expect(try FileManager.default.subpathsOfDirectory(atPath: directory.path).sorted() == before)
    }

    @Test(arguments: [
        ["--spool", "q", "--dead-letter", "q"], ["--spool", "q", "--rejects", "./q/rejects"],
        ["--spool", "q", "--summary", "q/../q/summary"], ["--dead-letter", "d", "--rejects", "./d"],
        ["--summary", "webhooks.yaml"],
    ])
    func `outputs that would spoil each other or the configuration are refused before anything is made`(
        options: [String]
    ) throws {
        try configure(port: "1", spool: "")
        let result = try runProcess(hookline, options, directory: directory.path, input: .text(Self.events))
        #expect(result.exit == .code(64) && result.output.isEmpty)
        #expect(try FileManager.default.subpathsOfDirectory(atPath: directory.path) == ["webhooks.yaml"])
    }

    @Test(arguments: ["--spool=~/spool", "--dead-letter=~/dead"])
    func `a tilde that the shell left as it is gets a hint`(option: String) throws {
        try configure(port: try deadPort(), spool: "")
        let result = try runProcess(hookline, [option], directory: directory.path, input: .text(Self.events))
        #expect(result.exit == .code(74))
        #expect(result.errorText.contains("  hint: the shell replaces `~` at the start of a word alone"))
    }

    @Test func `standard input is no place for an output`() throws {
        try configure(port: "1", spool: "")
        try directory.write(Self.events, to: "events")
        let result = try runProcess(
            hookline, ["--dead-letter", "events"], directory: directory.path, input: .file(directory.file("events")))
        #expect(result.exit == .code(64))
        #expect(try directory.text(of: "events") == Self.events)
    }

    @Test func `hints find the spool that the command line named`() throws {
        try configure(port: try deadPort(), spool: "max_age: 80h")
        let (_, result) = try run(["--spool", "my spool"], events: Self.events)
        #expect(
            result.errorText.contains(
                "4 events wait in the spool my spool\n  hint: `hookline spool list --spool 'my spool'`"))
        let unknown = try runProcess(
            hookline, ["spool", "show", "x", "--spool", "my spool"], directory: directory.path)
        #expect(unknown.errorText.contains("hint: `hookline spool list --spool 'my spool'` shows what it has"))
    }

    @Test func `a webhook that nobody knows is told from one for which nothing waits`() throws {
        try configure(port: try deadPort())
        _ = try run(events: Self.events)
        func spool(_ words: String...) throws -> ProcessResult {
            try runProcess(hookline, ["spool"] + words, directory: directory.path)
        }
        for word in ["list", "drop"] {
            let unknown = try spool(word, "--webhook", "order")
            #expect(unknown.exit == .code(66) && unknown.output.isEmpty)
            #expect(unknown.errorText.contains("a webhook named `order`\n  hint: did you mean `orders`?"))
        }
        #expect(try spool("drop", "--webhook", "orders").outputText == "dropped 2 batches, 4 events\n")
        // The configuration has it.
        #expect(try spool("drop", "--webhook", "orders").outputText == "dropped 0 batches, 0 events\n")
        let list = try spool("list", "--webhook", "orders")
        #expect(list.exit == .code(0) && list.errorText.contains("nothing waits in spool"))
        // Without one nobody can say.
        try FileManager.default.removeItem(atPath: directory.file("webhooks.yaml"))
        #expect(try spool("list", "--webhook", "orders", "--spool", "spool").exit == .code(66))
    }

    @Test func `an item expires max_age after it came, if a configuration says so`() throws {
        try configure(port: try deadPort(), spool: "directory: spool, max_age: 2h")
        _ = try run(events: Self.events)
        func first(_ options: String...) throws -> [String: Any] {
            let list = try runProcess(hookline, ["spool", "list", "--json"] + options, directory: directory.path)
            let line = try #require(list.outputText.split(separator: "\n").first)
            return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        let item = try first()
        let created = try #require((item["created"] as? String).flatMap { WallTime(rfc3339: $0) })
        let expires = try #require((item["expires"] as? String).flatMap { WallTime(rfc3339: $0) })
        #expect(expires.milliseconds - created.milliseconds == 2 * 3_600_000)
        try FileManager.default.removeItem(atPath: directory.file("webhooks.yaml"))
        #expect(try first("--spool", "spool")["expires"] is NSNull)
    }
}
