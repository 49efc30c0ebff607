import Foundation
import Glibc
import TestKit
import Testing

/// Dead letters that are sent again.
@Suite struct ReplayTests {
    /// A request that a receiver read.
    private struct Received: Hashable, Comparable {
        var id: String
        var body: String

        static func < (left: Received, right: Received) -> Bool { (left.id, left.body) < (right.id, right.body) }
    }

    private let directory: TemporaryDirectory
    private let hookline: String

    init() throws {
        directory = try TemporaryDirectory()
        hookline = try builtProduct("hookline")
    }

    private func configure(_ receiver: LocalReceiver, _ webhook: String = "batch: {max_events: 10}") throws {
        let configuration = """
            version: 1
            topics: {object.created: An object is created}
            network: {allow: [127.0.0.1/32, "::1/128"]}
            webhooks:
              - {name: orders, url: "https://localhost:\(receiver.port)/", topics: [object.created],
                 tls: {ca_file: .hookline-listen/ca.pem}, retry: {max_attempts: 1}, breaker: null,
                 \(webhook)}
            """
        try directory.write(configuration, to: "webhooks.yaml")
    }

    private func perform(
        _ arguments: [String], input: ChildProcess.Input = .empty, environment: [String: String] = [:]
    ) throws -> ProcessResult {
        let child = try ChildProcess(
            hookline, arguments, environment: environment, directory: directory.path, input: input)
        return try child.finish()
    }

    /// They were counted as waiting, though they were in no file.
    @Test func `dead letters of an unknown webhook that can't be kept are counted as lost`() throws {
        let receiver = try LocalReceiver(in: directory)
        try configure(receiver)
        let id = "msg_" + String(repeating: "0", count: 32)
        let letter =
            #"{"webhook":"gone","webhook_id":"\#(id)","batch":{"size":1,"index":0},"content_type":"application/json","#
            + #""line":1,"topic":"object.created","event":{"topic":"object.created"}}"# + "\n"
        let result = try perform(["replay", "--dead-letter", "/dev/full"], input: .text(letter))
        #expect(result.exit == .code(74))
        let summary = try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any]
        let books = try #require(summary?["books"] as? [String: Any])
        #expect(books["lost"] as? Int == 1 && books["waiting"] as? Int == 0)
        #expect(books["balanced"] as? Bool == true)
    }

    /// Makes `letters.ndjson` of events that a receiver does not take.
    /// - Returns: what it got.
    private func fail(_ events: Int, webhook: String = "batch: {max_events: 10}") throws -> [Received] {
        let receiver = try LocalReceiver(
            in: directory, ["--status", "503", "--record", directory.file("failed.ndjson")])
        try configure(receiver, webhook)
        let lines = (0..<events).map { #"{"topic":"object.created", "n":\#($0).0}"# + "\n" }
        let result = try perform(["--dead-letter", "letters.ndjson"], input: .text(lines.joined()))
        #expect(result.exit == .code(1))
        return try received("failed.ndjson")
    }

    private func received(_ file: String) throws -> [Received] {
        guard FileManager.default.fileExists(atPath: directory.file(file)) else { return [] }
        return try directory.text(of: file).split(separator: "\n").map { line in
            let record = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let headers = try #require(record["headers"] as? [String: Any])
            return Received(
                id: try #require(headers["webhook-id"] as? String), body: try #require(record["body"] as? String))
        }
    }

    private func lines(_ file: String) throws -> [String] {
        try directory.text(of: file).split(separator: "\n").map(String.init)
    }

    private func books(_ result: ProcessResult) throws -> [String: Int] {
        let summary = try #require(
            try JSONSerialization.jsonObject(with: Data(result.outputText.utf8)) as? [String: Any])
        let books = try #require(summary["books"] as? [String: Any])
        #expect(books["balanced"] as? Bool == true)
        return books.compactMapValues { $0 as? Int }
    }

    @Test(arguments: ["json", "ndjson", "single", "cloudevents"])
    func `what failed is sent again in the same requests under the same ids, and the file is emptied`(
        format: String
    ) throws {
        let webhook = "batch: {max_events: 10}, format: \(format)"
        let failed = try fail(25, webhook: webhook)
        let receiver = try LocalReceiver(in: directory, ["--record", directory.file("record.ndjson")])
        try configure(receiver, webhook)
        let result = try perform(["replay", "--prune", "letters.ndjson"])
        #expect(result.exit == .code(0))
        #expect(try books(result)["delivered"] == 25)
        #expect(try received("record.ndjson").sorted() == failed.sorted())
        #expect(try directory.text(of: "letters.ndjson").isEmpty)
        #expect(try perform(["replay", "--prune", "letters.ndjson"]).exit == .code(0))
    }

    @Test func `what fails again stays as it was, once, and the rest leaves the file`() throws {
        _ = try fail(25)
        let before = try lines("letters.ndjson")
        let receiver = try LocalReceiver(in: directory, ["--reject-containing", "17.0"])
        try configure(receiver)
        let result = try perform(["replay", "--prune", "letters.ndjson"])
        #expect(result.exit == .code(1))
        #expect(try books(result)["delivered"] == 24)
        #expect(try books(result)["dead_lettered"] == 1)
        #expect(try lines("letters.ndjson") == before.filter { $0.contains("17.0") })
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(!files.contains { $0.hasPrefix("hookline-dead-letter-") })
    }

    @Test func `without --prune the file stays as it was`() throws {
        _ = try fail(3)
        let before = try directory.text(of: "letters.ndjson")
        let receiver = try LocalReceiver(in: directory)
        try configure(receiver)
        let result = try perform(["replay", "letters.ndjson"])
        #expect(result.exit == .code(0))
        #expect(
            result.errorText.contains("3 events were delivered and still in the files\n  hint: --prune takes them out"))
        #expect(try directory.text(of: "letters.ndjson") == before)
        let pruned = try perform(["replay", "--prune", "letters.ndjson"])
        #expect(!pruned.errorText.contains("still in the files"))
    }

    @Test func `events in the place of dead letters are told from dead letters that are broken`() throws {
        try configure(try LocalReceiver(in: directory))
        try directory.write("{\"topic\":\"object.created\"}\n", to: "events")
        let result = try perform(["replay", "events"])
        #expect(result.exit == .code(1))
        #expect(result.errorText.contains("  hint: replay takes what runs wrote as dead letters"))
    }

    @Test func `a batch whose parts are in two files keeps its id, one of which a part is missing gets a new one`()
        throws
    {
        let failed = try fail(25, webhook: "batch: {max_events: 10}, concurrency: 1")
        let letters = try lines("letters.ndjson")
        try directory.write(letters[..<5].joined(separator: "\n"), to: "a")
        try directory.write(letters[5..<24].joined(separator: "\n") + "\n", to: "b")
        let receiver = try LocalReceiver(in: directory, ["--record", directory.file("record.ndjson")])
        try configure(receiver)
        #expect(try perform(["replay", "a", "b"]).exit == .code(0))
        let sent = try received("record.ndjson")
        #expect(sent.count == 3)
        #expect(sent.filter(failed.contains).count == 2)
        let ids = Set(failed.map(\.id))
        let new = try #require(sent.first { !ids.contains($0.id) })
        #expect(
            new.body == #"[{"topic":"object.created", "n":20.0},{"topic":"object.created", "n":21.0},"#
                + #"{"topic":"object.created", "n":22.0},{"topic":"object.created", "n":23.0}]"#)
    }

    @Test func `a batch whose webhook has another format by now gets a new id`() throws {
        let failed = try fail(10)
        let receiver = try LocalReceiver(in: directory, ["--record", directory.file("record.ndjson")])
        try configure(receiver, "format: ndjson")
        #expect(try perform(["replay", "letters.ndjson"]).exit == .code(0))
        let sent = try received("record.ndjson")
        #expect(sent.count == 1)
        #expect(sent.first?.body.split(separator: "\n").count == 10)
        #expect(sent.first?.id != failed.first?.id)
    }

    @Test func `what comes from standard input and fails again goes to a new file, under the same ids and lines`()
        throws
    {
        _ = try fail(12)
        let letters = try directory.text(of: "letters.ndjson")
        let receiver = try LocalReceiver(in: directory, ["--status", "500"])
        try configure(receiver)
        let result = try perform(["replay", "--dead-letter", "again.ndjson", "-"], input: .text(letters))
        #expect(result.exit == .code(1))
        func steady(_ line: String) -> String {
            line.replacing(/"(first|last)_attempt":"[^"]*"/, with: "").replacing(
                #""status":500"#, with: #""status":503"#)
        }
        #expect(try lines("again.ndjson").map(steady).sorted() == (try lines("letters.ndjson")).map(steady).sorted())
    }

    @Test(arguments: ["active: false", "topics: [object.created], name: other"])
    func `what can't be sent now stays and is counted, and standard input's is kept byte for byte`(webhook: String)
        throws
    {
        _ = try fail(3)
        let before = try directory.text(of: "letters.ndjson")
        let receiver = try LocalReceiver(in: directory, ["--record", directory.file("record.ndjson")])
        try configure(receiver)
        let configuration = try directory.text(of: "webhooks.yaml")
        try directory.write(
            webhook.hasPrefix("active")
                ? configuration.replacing("name: orders,", with: "name: orders, active: false,")
                : configuration.replacing("name: orders,", with: "name: other,"), to: "webhooks.yaml")
        let fromFile = try perform(["replay", "--prune", "letters.ndjson"])
        #expect(fromFile.exit == .code(75))
        #expect(try books(fromFile)["waiting"] == 3)
        #expect(fromFile.errorText.contains("3 events stay: "))
        #expect(try directory.text(of: "letters.ndjson") == before)
        let fromInput = try perform(["replay", "--dead-letter", "again.ndjson"], input: .text(before))
        #expect(fromInput.exit == .code(75))
        #expect(try directory.text(of: "again.ndjson") == before)
        #expect(try received("record.ndjson").isEmpty)
    }

    @Test func `of several files a line that is refused is named by its own file`() throws {
        _ = try fail(2)
        let good = try lines("letters.ndjson")[0] + "\n"
        try directory.write(good, to: "a.ndjson")
        try directory.write(good + "{}\n", to: "b.ndjson")
        let receiver = try LocalReceiver(in: directory)
        try configure(receiver)
        let result = try perform(["replay", "a.ndjson", "b.ndjson"])
        #expect(result.exit == .code(1))
        #expect(result.errorText.contains("line 2 of b.ndjson was refused: not_a_dead_letter"))
    }

    @Test func `a line that is no dead letter is refused with its number and stays`() throws {
        _ = try fail(2)
        let letters = try lines("letters.ndjson")
        let text = letters[0] + "\n{\"topic\":\"object.created\"}\n\n" + letters[1] + "\n"
        try directory.write(text, to: "letters.ndjson")
        let receiver = try LocalReceiver(in: directory)
        try configure(receiver)
        let result = try perform(["replay", "--prune", "--rejects", "rejects.ndjson", "letters.ndjson"])
        #expect(result.exit == .code(1))
        #expect(try books(result)["delivered"] == 2)
        #expect(
            try directory.text(of: "rejects.ndjson")
                == #"{"line":2,"reason":"not_a_dead_letter","text":"{\"topic\":\"object.created\"}"}"# + "\n")
        #expect(try directory.text(of: "letters.ndjson") == "{\"topic\":\"object.created\"}\n\n")
    }

    @Test(arguments: ["before", "after"])
    func `kill -9 while a file is pruned leaves the old file or the new one, whole`(moment: String) throws {
        _ = try fail(25)
        let before = try directory.text(of: "letters.ndjson")
        let receiver = try LocalReceiver(in: directory, ["--reject-containing", "17.0"])
        try configure(receiver)
        let library = try PreloadedLibrary("rename")
        let result = try withExtendedLifetime(library) {
            try perform(
                ["replay", "--prune", "letters.ndjson"],
                environment: ["LD_PRELOAD": library.path, "HOOKLINE_TEST_KILL": moment])
        }
        #expect(result.exit == .signal(SIGKILL))
        let after = try directory.text(of: "letters.ndjson")
        if moment == "before" {
            #expect(after == before)
        } else {
            #expect(after.split(separator: "\n").count == 1 && after.contains("17.0"))
        }
        #expect(try perform(["replay", "--prune", "letters.ndjson"]).exit == .code(1))
        #expect(try lines("letters.ndjson").count == 1)
    }

    /// Dead letters of batches of 10, with ids of their own and 4,000 bytes in each event.
    private func large(_ batches: Range<Int>) -> String {
        let filling = String(repeating: "x", count: 4_000)
        return batches.map { batch in
            let id = "msg_" + String(repeating: "0", count: 32 - "\(batch)".count) + "\(batch)"
            return (0..<10).map { index in
                #"{"webhook":"orders","webhook_id":"\#(id)","batch":{"size":10,"index":\#(index)},"#
                    + #""content_type":"application/json","line":\#(batch * 10 + index + 1),"topic":"object.created","#
                    + #""event":{"topic":"object.created","text":"\#(filling)"}}"# + "\n"
            }.joined()
        }.joined()
    }

    @Test func `a file that is larger than the memory is sent again, each batch whole`() throws {
        let receiver = try LocalReceiver(in: directory, ["--quiet"])
        try configure(receiver)
        try directory.write(large(0..<500), to: "large.ndjson")
        let result = try perform(["replay", "--memory", "4MiB", "--prune", "large.ndjson"])
        #expect(result.exit == .code(0))
        #expect(try books(result)["delivered"] == 5_000)
        #expect(result.outputText.contains(#""requests":500,"#))
        #expect(try directory.text(of: "large.ndjson").isEmpty)
    }

    @Test(.enabled(if: !isSanitized, "a sanitizer takes memory of its own"))
    func `dead letters of 60 MB are sent again in less than 64 MiB of memory`() throws {
        let receiver = try LocalReceiver(in: directory, ["--quiet"])
        try configure(receiver)
        let child = try ChildProcess(
            hookline, ["replay", "--memory", "4MiB"], directory: directory.path, input: .streamed)
        for start in stride(from: 0, to: 1_500, by: 50) { try child.write(large(start..<start + 50)) }
        let status = try String(contentsOfFile: "/proc/\(child.processID)/status", encoding: .utf8)
        let most = try #require(status.firstMatch(of: /VmHWM:\s+([0-9]+) kB/)?.1)
        #expect(try #require(Int(most)) < 64 << 10)
        child.closeInput()
        let result = try child.finish()
        #expect(result.exit == .code(0))
        #expect(result.outputText.contains(#""requests":1500,"#))
    }

    @Test func `standard input that is the dead-letter file too is refused, since it would never end`() throws {
        let failed = try fail(3)
        let before = try directory.text(of: "letters.ndjson")
        let receiver = try LocalReceiver(
            in: directory, ["--status", "404", "--record", directory.file("record.ndjson")])
        try configure(receiver)
        let result = try perform(
            ["replay", "--dead-letter", "letters.ndjson"], input: .file(directory.file("letters.ndjson")))
        #expect(result.exit == .code(64))
        #expect(result.errorText.contains("`--dead-letter` names a file that is read: standard input"))
        #expect(try directory.text(of: "letters.ndjson") == before)
        #expect(try received("record.ndjson").isEmpty && !failed.isEmpty)
    }

    @Test func `what the deadline keeps from being sent stays in its file`() throws {
        _ = try fail(25)
        let before = try directory.text(of: "letters.ndjson")
        let receiver = try LocalReceiver(in: directory, ["--delay", "1h"])
        try configure(receiver)
        let result = try perform(["replay", "--prune", "--deadline", "200ms", "letters.ndjson"])
        #expect(result.exit == .code(1))
        #expect(try books(result)["dead_lettered"] == 25)
        #expect(try directory.text(of: "letters.ndjson") == before)
    }

    @Test(arguments: [
        (["a", "-"], 64), (["--prune"], 64), (["--prune", "-"], 64), (["missing.ndjson"], 66),
        (["letters", "letters"], 64),
        (["--rejects", "letters", "letters"], 64), (["--run-id", "a"], 64),
    ])
    func `what makes no sense together is refused before anything is sent`(arguments: [String], code: Int) throws {
        let receiver = try LocalReceiver(in: directory, ["--record", directory.file("record.ndjson")])
        try configure(receiver)
        try directory.write("", to: "letters")
        let result = try perform(["replay"] + arguments)
        #expect(result.exit == .code(Int32(code)))
        #expect(result.outputText.isEmpty)
        #expect(result.errorText.hasPrefix("hookline: error: "))
    }
}
