import Foundation
import Glibc
import TestKit
import Testing

/// One receiver hangs until its webhook's timeout; all others must get everything all the same.
@Suite struct IsolationTests {
    private static let events = 200

    @Test func `of fifty webhooks one hangs, and the other forty-nine receive everything`() throws {
        let directory = try TemporaryDirectory()
        let hookline = try builtProduct("hookline")
        let well = try LocalReceiver(in: directory, ["-q", "--record", "record.ndjson"])
        let hanging = try LocalReceiver(in: directory, ["-q", "--delay", "1h"])
        var configuration = """
            version: 1
            topics: {object.created: An object is created}
            network: {allow: [127.0.0.1/32, "::1/128"]}
            defaults:
              tls: {ca_file: .hookline-listen/ca.pem}
              timeout: 5m
              connect_timeout: 1m
              retry: {max_attempts: 2, initial_backoff: 10ms}
            webhooks:

            """
        for number in 0..<50 {
            let port = number == 7 ? hanging.port : well.port
            let timeout = number == 7 ? ", timeout: 1s" : ""
            configuration +=
                "  - {name: w\(number), url: 'https://localhost:\(port)/w\(number)', topics: [\"*\"]\(timeout)}\n"
        }
        try directory.write(configuration, to: "webhooks.yaml")
        let lines = (1...Self.events).map { #"{"topic":"object.created","id":"evt_\#($0)"}"# }
        let result = try runProcess(
            hookline, ["--dead-letter", "dead.ndjson"], directory: directory.path,
            input: .text(lines.joined(separator: "\n")))
        well.process.send(SIGTERM)
        hanging.process.send(SIGTERM)
        _ = try (well.process.finish(), hanging.process.finish())

        #expect(result.exit == .code(1))
        #expect(
            result.outputText.contains(#""matched":10000,"resumed":0,"delivered":9800,"skipped":0,"dead_lettered":200"#)
        )
        #expect(result.outputText.contains(#""balanced":true"#))
        let delivered = try Self.received(directory.text(of: "record.ndjson"))
        #expect(delivered.count == 49)
        for (path, bodies) in delivered {
            #expect(bodies.sorted() == lines.sorted(), "\(path)")
        }
        let dead = try directory.text(of: "dead.ndjson").split(separator: "\n")
        #expect(dead.count == Self.events)
        #expect(dead.allSatisfy { $0.hasPrefix(#"{"webhook":"w7","#) && $0.contains(#""reason":"timeout""#) })
        let deadEvents = dead.compactMap { line in
            line.firstRange(of: #""event":"#).map { String(line[$0.upperBound...].dropLast()) }
        }
        #expect(deadEvents.sorted() == lines.sorted())
    }

    private static func lines(_ count: Int) -> [String] {
        let text = String(repeating: "x", count: 2_000)
        return (1...count).map { #"{"topic":"object.created","n":\#($0),"text":"\#(text)"}"# }
    }

    /// Starts a run with a webhook that hangs and one that does not, and waits until all lines were read.
    private static func start(
        in directory: TemporaryDirectory, _ options: [String], slow: String = "", spool: String, well: LocalReceiver,
        hanging: LocalReceiver, environment: [String: String] = [:], _ lines: [String]
    ) throws -> ChildProcess {
        try directory.write(
            """
            version: 1
            topics: {object.created: An object is created, input.ended: All was said}
            network: {allow: [127.0.0.1/32, "::1/128"]}
            \(spool)
            defaults: {tls: {ca_file: .hookline-listen/ca.pem}, timeout: 5m, connect_timeout: 1m}
            webhooks:
              - {name: slow, url: "https://localhost:\(hanging.port)/", topics: [object.created]\(slow)}
              - {name: fast, url: "https://localhost:\(well.port)/fast", topics: [object.created]}
              - {name: last, url: "https://localhost:\(well.port)/last", topics: [input.ended], batch: {max_events: 1}}
            """, to: "webhooks.yaml")
        let run = try ChildProcess(
            builtProduct("hookline"),
            options + ["--memory", "4MiB", "--dead-letter", "dead.ndjson", "--shutdown-grace", "2s", "-v"],
            environment: environment, directory: directory.path, input: .streamed)
        try run.write(lines.map { $0 + "\n" }.joined() + #"{"topic":"input.ended"}"# + "\n")
        try run.waitForError("last: msg_")
        return run
    }

    /// Its file has no name, but its descriptor has one.
    @Test(arguments: ["", "spool: {directory: spool, write_ahead: true}"])
    func `what was set aside and can't be read back is lost, and said to be, but not what lies in the spool too`(
        spool: String
    ) throws {
        let directory = try TemporaryDirectory()
        let well = try LocalReceiver(in: directory, ["-q"])
        let hanging = try LocalReceiver(in: directory, ["-q", "--delay", "1h"])
        let lines = Self.lines(6_000)
        let run = try Self.start(
            in: directory, [], slow: ", breaker: null, retry: {max_attempts: 1}", spool: spool, well: well,
            hanging: hanging, lines)
        let descriptors = "/proc/\(run.processID)/fd"
        var cut = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: descriptors) {
            let path = descriptors + "/" + name
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path),
                target.hasSuffix("(deleted)"), target.contains(spool.isEmpty ? "/" : "/spool/")
            else { continue }
            if unsafe truncate(path, 0) == 0 { cut += 1 }
        }
        #expect(cut == 1, "the overflow is the one file without a name")
        // What waited is sent now.
        hanging.process.send(SIGKILL)
        let result = try run.finish()
        #expect(result.exit == .code(74))
        let summary = try #require(JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any])
        let books = try #require(summary["books"] as? [String: Any])
        func events(_ name: String) -> Int { books[name] as? Int ?? -1 }
        #expect(books["balanced"] as? Bool == true)
        #expect(events("delivered") == lines.count + 1)
        if spool.isEmpty {
            #expect(events("lost") > 0 && events("lost") + events("dead_lettered") == lines.count)
            #expect(result.errorText.contains("set aside on the disk"))
        } else {
            #expect(events("lost") == 0 && events("deferred") == lines.count)
            let list = try runProcess(
                builtProduct("hookline"), ["spool", "list", "--json"], directory: directory.path)
            let waiting = list.outputText.matches(of: /"events":([0-9]+)/).compactMap { Int($0.1) }
            #expect(waiting.reduce(0, +) == lines.count)
        }
    }

    /// What waits for the slow one is many times what memory may hold.
    @Test(arguments: [
        (options: [], slow: "", spool: ""), (options: ["--run-id", "r"], slow: "", spool: ""),
        (options: [], slow: ", order: strict", spool: ""), (options: [], slow: ", order: {key: /n}", spool: ""),
        (options: [], slow: ", format: single", spool: ""), (options: [], slow: "", spool: "spool: {directory: spool}"),
        (options: ["--write-ahead"], slow: "", spool: "spool: {directory: spool}"),
    ])
    func `a webhook that hangs delays no other one when memory is full, and all that waited for it is kept`(
        options: [String], slow: String, spool: String
    ) throws {
        let directory = try TemporaryDirectory()
        let well = try LocalReceiver(in: directory, ["-q", "--record", "record.ndjson"])
        let hanging = try LocalReceiver(in: directory, ["-q", "--delay", "1h"])
        // Each batch takes a little memory even so.
        let lines = Self.lines(slow.contains("single") ? 3_000 : 6_000)
        let run = try Self.start(in: directory, options, slow: slow, spool: spool, well: well, hanging: hanging, lines)
        run.send(SIGTERM)
        let result = try run.finish()
        hanging.process.send(SIGKILL)
        #expect(result.exit == .code(128 + SIGTERM))
        #expect(result.outputText.contains(#""balanced":true"#))
        let kept =
            spool.isEmpty
            ? #""dead_lettered":\#(lines.count),"deferred":0"# : #""dead_lettered":0,"deferred":\#(lines.count)"#
        #expect(
            result.outputText.contains(
                #""delivered":\#(lines.count + 1),"skipped":0,"# + kept + #","lost":0,"waiting":0"#))
        well.process.send(SIGTERM)
        _ = try well.process.finish()
        let delivered = try Self.received(directory.text(of: "record.ndjson"))
        #expect(delivered["/fast"]?.sorted() == lines.sorted())
        if spool.isEmpty {
            let dead = try directory.text(of: "dead.ndjson").split(separator: "\n")
            let events = dead.compactMap { line in
                line.firstRange(of: #""event":"#).map { String(line[$0.upperBound...].dropLast()) }
            }
            #expect(events.sorted() == lines.sorted())
        }
    }

    /// Of the batches of a run with an id, whose size nothing but the input decides, many are open at once.
    @Test func `open batches that are larger than memory wait for no webhook that hangs`() throws {
        let directory = try TemporaryDirectory()
        let well = try LocalReceiver(in: directory)
        let hanging = try LocalReceiver(in: directory, ["-q", "--delay", "1h"])
        try directory.write(
            """
            version: 1
            topics: {object.created: An object is created, input.began: Nothing was said before}
            network: {allow: [127.0.0.1/32, "::1/128"]}
            defaults: {tls: {ca_file: .hookline-listen/ca.pem}, timeout: 5m, connect_timeout: 1m}
            webhooks:
              - {name: slow, url: "https://localhost:\(hanging.port)/", topics: [input.began], batch: {max_events: 1}}
              - {name: fast, url: "https://localhost:\(well.port)/fast", topics: [object.created], order: {key: /n},
                 concurrency: 16, batch: {max_events: 1000}}
            """, to: "webhooks.yaml")
        let run = try ChildProcess(
            builtProduct("hookline"), ["--memory", "4MiB", "--run-id", "r", "--shutdown-grace", "0s"],
            directory: directory.path, input: .streamed)
        let lines = [#"{"topic":"input.began"}"#] + Self.lines(4_000)
        try run.write(lines.map { $0 + "\n" }.joined())
        run.closeInput()
        // Each of 64 lanes has one batch, of which none is full before the input ends.
        try well.process.waitForOutput("POST /fast 200", times: 16)
        run.send(SIGTERM)
        let result = try run.finish()
        #expect(result.outputText.contains(#""complete":true"#))
        #expect(result.outputText.contains(#""balanced":true"#))
    }

    /// They waited for memory, which others had filled that could not send.
    @Test func `what is due in the spool does not wait for a webhook that hangs`() throws {
        let directory = try TemporaryDirectory()
        let well = try LocalReceiver(in: directory)
        let hanging = try LocalReceiver(in: directory, ["-q", "--delay", "1h"])
        func configure(_ port: String) throws {
            try directory.write(
                """
                version: 1
                topics: {object.created: An object is created, object.removed: One is removed, input.ended: All was said}
                network: {allow: [127.0.0.1/32, "::1/128"]}
                spool: {directory: spool, write_ahead: true, sync: never}
                defaults: {tls: {ca_file: .hookline-listen/ca.pem}, timeout: 5m, connect_timeout: 1m}
                webhooks:
                  - {name: slow, url: "https://localhost:\(hanging.port)/", topics: [object.created]}
                  - {name: fast, url: "https://localhost:\(port)/fast", topics: [object.removed], concurrency: 1,
                     batch: {max_events: 1}}
                  - {name: last, url: "https://localhost:\(well.port)/last", topics: [input.ended], batch: {max_events: 1}}
                """, to: "webhooks.yaml")
        }
        try configure(hanging.port)
        let first = try ChildProcess(builtProduct("hookline"), directory: directory.path, input: .streamed)
        try first.write(
            String(repeating: #"{"topic":"object.removed"}"# + "\n", count: 100) + #"{"topic":"input.ended"}"# + "\n")
        try well.process.waitForOutput("POST /last 200")
        first.send(SIGKILL)
        _ = try first.finish()

        try configure(well.port)
        try directory.write(Self.lines(6_000).map { $0 + "\n" }.joined(), to: "events.ndjson")
        let second = try ChildProcess(
            builtProduct("hookline"), ["--memory", "4MiB", "--shutdown-grace", "0s"], directory: directory.path,
            input: .file(directory.file("events.ndjson")))
        // By far not all of them come before memory is full.
        try well.process.waitForOutput("POST /fast 200", times: 100)
        second.send(SIGTERM)
        #expect(try second.finish().outputText.contains(#""name":"fast","#))
    }

    /// Each was read back into memory to find that it stays where it is: 427 MiB of memory with a limit of 32.
    @Test(.enabled(if: !isSanitized, "a sanitizer's memory is another"))
    func `what lies in the spool already needs no memory when a signal ends the run`() throws {
        let directory = try TemporaryDirectory()
        let well = try LocalReceiver(in: directory, ["-q"])
        let hanging = try LocalReceiver(in: directory, ["-q", "--delay", "1h"])
        let lines = Self.lines(40_000)
        let spool = "spool: {directory: spool, write_ahead: true, sync: never}"
        let library = try PreloadedLibrary("peak")
        let run = try Self.start(
            in: directory, [], spool: spool, well: well, hanging: hanging,
            environment: ["LD_PRELOAD": library.path, "HOOKLINE_TEST_PEAK": directory.file("peak")], lines)
        run.send(SIGTERM)
        let result = try run.finish()
        hanging.process.send(SIGKILL)
        #expect(result.exit == .code(128 + SIGTERM))
        #expect(result.outputText.contains(#""deferred":\#(lines.count),"lost":0"#))
        let peak = try directory.text(of: "peak")
        let kibibytes = try #require(peak.firstMatch(of: /[0-9]+/).flatMap { Int($0.0) })
        // What waits is some 80 MiB.
        #expect(kibibytes < 48 << 10)
    }

    /// The events that came, by the path of their webhook.
    private static func received(_ record: String) throws -> [String: [String]] {
        var events: [String: [String]] = [:]
        for line in record.split(separator: "\n") {
            let request = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            let path = try #require(request?["path"] as? String)
            let body = try #require(request?["body"] as? String)
            // The events of the test hold no comma followed by a brace of their own.
            events[path, default: []] += body.dropFirst().dropLast().replacing("},{", with: "}\n{")
                .split(separator: "\n").map(String.init)
        }
        return events
    }
}
