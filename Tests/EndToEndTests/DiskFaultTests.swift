import Foundation
import Glibc
import TestKit
import Testing

/// A disk that fails in the middle of a run that writes ahead: what is lost, and what overtakes, by a failure that comes
/// between others.
@Suite(.enabled(if: !isSanitized, "a sanitizer must be loaded first"))
struct DiskFaultTests {
    let directory: TemporaryDirectory
    let hookline: String

    init() throws {
        directory = try TemporaryDirectory()
        hookline = try builtProduct("hookline")
    }

    private func configure(
        port: String, spool: String = "", writesAhead: Bool = true, batch: String = "", webhook: String = ""
    )
        throws
    {
        try directory.write(
            """
            version: 1
            topics: {t: A topic, u: Another one}
            network: {allow: [127.0.0.1/32, "::1/128"]}
            spool: {directory: spool, write_ahead: \(writesAhead)\(spool)}
            webhooks:
              - {name: orders, url: "https://localhost:\(port)/", topics: [t], batch: {max_events: 2\(batch)},
                 retry: {max_attempts: 1}, tls: {ca_file: .hookline-listen/ca.pem}\(webhook)}
            """, to: "webhooks.yaml")
    }

    private static func events(_ numbers: ClosedRange<Int>, text: String = "") -> String {
        numbers.map { #"{"topic":"t","n":\#($0),"text":"\#(text)"}"# + "\n" }.joined()
    }

    /// Of a disk where some calls of `fsync` fail, on files whose path holds that.
    private static func failing(at path: String, from: Int = 1, times: Int = 0) throws -> [String: String] {
        try disk("sync *\(path)* \(from) \(times) \(EIO)")
    }

    /// Of a disk that fails by these rules, see scripts/chaos_disk.c.
    private static func disk(_ rules: String...) throws -> [String: String] {
        ["LD_PRELOAD": try library.get().path, "DISK_FAULTS": rules.joined(separator: "\n")]
    }

    private func run(
        _ options: [String] = [], _ events: String = "", deadLetters: String = "dead",
        environment: [String: String] = [:]
    ) throws -> (books: [String: Int], result: ProcessResult) {
        let result = try runProcess(
            hookline, ["--dead-letter", deadLetters] + options, environment: environment, directory: directory.path,
            input: .text(events))
        return (try Self.books(result), result)
    }

    private static func books(_ result: ProcessResult) throws -> [String: Int] {
        #expect(!result.output.isEmpty, "\(result.errorText)")
        let summary = try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any]
        let books = try #require(summary?["books"] as? [String: Any])
        #expect(books["balanced"] as? Bool == true)
        return books.compactMapValues { $0 as? Int }.filter { $0.key != "balanced" && $0.value > 0 }
    }

    private static let library = Result { try PreloadedLibrary(source: "scripts/chaos_disk.c") }

    private func numbers(in file: String) throws -> [Int] {
        try directory.text(of: file).matches(of: /n\\?":([0-9]+),/).compactMap { Int($0.1) }
    }

    /// The second half was settled with a later group, which had no dead letters of its own and waited for none.
    @Test func `of a split batch whose dead letters may not be on the disk nothing is taken out of the spool`() throws {
        // The whole batch, then its halves.
        let receiver = try LocalReceiver(in: directory, ["--status", "400,404,200", "--delay", "1s"])
        let other = try LocalReceiver(in: directory, ["-q"])
        try configure(
            port: receiver.port,
            webhook: """
                , concurrency: 1}
                  - {name: other, url: "https://localhost:\(other.port)/", topics: [u], batch: {max_events: 1},
                     tls: {ca_file: .hookline-listen/ca.pem}
                """)
        let child = try ChildProcess(
            hookline, ["-v", "--dead-letter", "dead"], environment: try Self.failing(at: "/dead"),
            directory: directory.path, input: .streamed)
        try child.write(Self.events(1...2))
        try child.waitForError("404")
        // With this one the group is noted to which the first half belongs, before the second half is settled.
        try child.write(#"{"topic":"u"}"# + "\n")
        let result = try child.finish()
        #expect(result.exit == .code(74))
        #expect(try Self.books(result) == ["matched": 3, "delivered": 2, "deferred": 1])
        receiver.process.send(SIGKILL)
        _ = try receiver.process.finish()
        let again = try LocalReceiver(in: directory, ["--port", receiver.port])
        #expect(try run().books == ["resumed": 2, "delivered": 2])
        again.process.send(SIGTERM)
    }

    /// The reading ended before the batches were in line whose group could not be committed: those that were cut by that
    /// overtook them.
    @Test func `batches keep their order when they can't be written ahead`() throws {
        let receiver = try LocalReceiver(in: directory, ["-q", "--record", "record.ndjson"])
        try configure(port: receiver.port, webhook: ", order: strict")
        let child = try ChildProcess(
            hookline, [], environment: try Self.failing(at: ".tmp", times: 1), directory: directory.path,
            input: .streamed)
        // The third one is in an open batch when the first two can't be written.
        try child.write(Self.events(1...3))
        try child.waitForError("error: ")
        let result = try child.finish()
        let books = try Self.books(result)
        #expect(result.exit == .code(74))
        receiver.process.send(SIGTERM)
        _ = try receiver.process.finish()
        let numbers = try numbers(in: "record.ndjson")
        #expect(books == ["matched": 3, "delivered": 3])
        #expect(numbers == [1, 2, 3])
    }

    /// The batch stayed in the spool as it was written ahead of its first attempt, and the next run sent it once more,
    /// behind what had been sent after it.
    @Test(arguments: ["/dev/full", "dead"])
    func `a batch that was refused is not tried again because its dead letters failed`(file: String) throws {
        let refusing = try LocalReceiver(in: directory, ["--status", "404,200", "--record", "first.ndjson"])
        try configure(port: refusing.port, webhook: ", order: strict")
        let first = try run(
            [], Self.events(1...2), deadLetters: file,
            environment: file == "dead" ? try Self.failing(at: "/dead") : [:])
        #expect(first.result.exit == .code(74))
        #expect(first.books == ["matched": 2, "deferred": 2])
        refusing.process.send(SIGKILL)
        _ = try refusing.process.finish()
        let receiver = try LocalReceiver(in: directory, ["--port", refusing.port, "--record", "second.ndjson"])
        let second = try run(deadLetters: "later")
        #expect(second.books == ["resumed": 2, "dead_lettered": 2])
        #expect(second.result.exit == .code(1))
        #expect(try numbers(in: "later") == [1, 2])
        #expect(try directory.text(of: "later").contains(#""reason":"status","status":404,"attempts":1"#))
        receiver.process.send(SIGTERM)
        _ = try receiver.process.finish()
        #expect(try directory.text(of: "second.ndjson") == "")
    }

    /// Both outputs fail: what was appended to the spool beside the dead letters went with them.
    @Test func `what can go neither into the spool nor to the dead letters is lost, and the others are kept`() throws {
        let receiver = try LocalReceiver(in: directory, ["--status", "404"])
        try configure(port: receiver.port, spool: "", webhook: ", concurrency: 1")
        // Written ahead; the item that says what was decided fails.
        let (books, result) = try run(
            [], Self.events(1...4), deadLetters: "/dev/full", environment: try Self.failing(at: ".tmp", from: 2))
        #expect(result.exit == .code(74))
        // They lie in the spool as they were written ahead.
        #expect(books == ["matched": 4, "deferred": 4])
        receiver.process.send(SIGTERM)
        _ = try receiver.process.finish()
        let again = try LocalReceiver(in: directory, ["--port", receiver.port])
        #expect(try run().books == ["resumed": 4, "delivered": 4])
        again.process.send(SIGTERM)
    }

    /// It ended with exit 74 beside a receiver that took everything.
    @Test(arguments: ["none", "strict"], ["", "r"])
    func `an input that is larger than the spool waits for room in it`(order: String, run id: String) throws {
        let receiver = try LocalReceiver(in: directory, ["-q", "--record", "record.ndjson"])
        try configure(port: receiver.port, spool: ", max_bytes: 64KiB", webhook: ", order: \(order)")
        let options = id.isEmpty ? [] : ["--run-id", id]
        let text = String(repeating: "x", count: 2_000)
        let (books, result) = try run(options, Self.events(1...400, text: text))
        #expect(result.exit == .code(0), "\(result.errorText)")
        #expect(books == ["matched": 400, "delivered": 400])
        receiver.process.send(SIGTERM)
        _ = try receiver.process.finish()
        let numbers = try numbers(in: "record.ndjson")
        #expect((order == "strict" ? numbers : numbers.sorted()) == Array(1...400))
    }

    /// What was cut filled memory, so nothing was taken up; nothing left the spool, so nothing was written ahead.
    @Test func `a full spool and full memory do not wait for each other`() throws {
        let hanging = try LocalReceiver(in: directory, ["-q", "--delay", "1h"])
        try configure(port: hanging.port, spool: ", max_bytes: 6MiB", webhook: ", concurrency: 1, order: strict")
        let first = try ChildProcess(hookline, ["-v"], directory: directory.path, input: .streamed)
        let large = String(repeating: "x", count: 50_000)
        try first.write(Self.events(1...60, text: large))
        try first.waitForError("attempt 1")
        // The spool has some of them, and room for few more.
        first.closeInput()
        first.send(SIGTERM)
        _ = try first.finish()
        hanging.process.send(SIGKILL)

        let receiver = try LocalReceiver(in: directory, ["-q"])
        try configure(
            port: receiver.port, spool: ", max_bytes: 6MiB", batch: "00, max_bytes: 5MiB", webhook: ", order: none")
        let (books, result) = try run(["--memory", "4MiB"], Self.events(61...220, text: large))
        #expect(result.exit == .code(0), "\(result.errorText)")
        #expect((books["delivered"] ?? 0) >= 160)
    }

    /// A machine that fails then has the letters, but no file of that name.
    @Test func `dead letters whose file may have no name on the disk are kept in the spool`() throws {
        let receiver = try LocalReceiver(in: directory, ["-q", "--status", "404"])
        try configure(port: receiver.port)
        try FileManager.default.createDirectory(atPath: directory.file("letters"), withIntermediateDirectories: false)
        let (books, result) = try run(
            [], Self.events(1...2), deadLetters: "letters/dead", environment: try Self.disk("sync */letters 1 0 \(EIO)")
        )
        #expect(result.exit == .code(74))
        #expect(books == ["matched": 2, "deferred": 2])
        #expect(result.errorText.contains("letters/dead can't be written"))
    }

    /// It was counted as lost, and the run did not end, since the rest of its batch seemed to be under way.
    @Test func `a part of a batch that can be written nowhere stays in the spool with the whole`() throws {
        let hanging = try LocalReceiver(in: directory, ["-q", "--delay", "1h"])
        try configure(port: hanging.port)
        let first = try ChildProcess(hookline, ["-v"], directory: directory.path, input: .streamed)
        try first.write(Self.events(1...2))
        try first.waitForError("attempt 1")
        first.send(SIGKILL)
        _ = try first.finish()
        hanging.process.send(SIGKILL)
        let receiver = try LocalReceiver(in: directory, ["-q", "--reject-containing", "\"n\":1,"])
        try configure(port: receiver.port, webhook: ", concurrency: 1")
        let (books, result) = try run(
            [], deadLetters: "/dev/full", environment: try Self.disk("sync *.tmp* 1 0 \(EIO)"))
        #expect(result.exit == .code(74))
        #expect(books == ["resumed": 2, "delivered": 1, "deferred": 1])
        #expect(result.errorText.contains("/dev/full can't be written"))
    }

    /// A repeat sent them again, though the spool is there to know.
    @Test func `what was sent without being written ahead is skipped by a repeat`() throws {
        let receiver = try LocalReceiver(in: directory, ["-q"])
        try configure(port: receiver.port)
        let first = try run(
            ["--run-id", "r"], Self.events(1...4), environment: try Self.failing(at: ".tmp"))
        #expect(first.result.exit == .code(74))
        #expect(first.books["delivered"] == first.books["matched"])
        let second = try run(["--run-id", "r"], Self.events(1...4))
        #expect(second.result.exit == .code(0))
        #expect(second.books["skipped"] == first.books["delivered"])
        receiver.process.send(SIGTERM)
    }

    /// The next dead letter was appended to the torn line.
    @Test func `a dead letter that can't be taken back spoils no other one`() throws {
        let receiver = try LocalReceiver(in: directory, ["--status", "404"])
        try configure(port: receiver.port, webhook: ", concurrency: 1, order: strict")
        // The write ends in the middle of its first line.
        let (books, result) = try run(
            [], Self.events(1...1, text: "xxxxxxxxxxxx") + Self.events(2...4),
            environment: try Self.disk("tear *dead* 1 1 \(ENOSPC)", "truncate *dead* 1 1 \(EIO)"))
        receiver.process.send(SIGTERM)
        #expect(result.exit == .code(74))
        #expect(books == ["matched": 4, "dead_lettered": 2, "deferred": 2])
        let lines = try directory.text(of: "dead").split(separator: "\n").suffix(2)
        let whole = try lines.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
        #expect(whole.map { $0?["line"] as? Int } == [3, 4])
    }

    /// The loop waited for a minute, since what was cut came after it had looked for something to send.
    @Test func `what is cut when the spool fails is sent at once`() throws {
        let receiver = try LocalReceiver(in: directory, ["-q", "--status", "503,200"])
        try configure(port: receiver.port, writesAhead: false, batch: ", max_wait: 1m")
        // The third event is in an open batch when the first two can't be put into the spool.
        let child = try ChildProcess(
            hookline, ["--dead-letter", "dead", "--deadline", "10s"], environment: try Self.failing(at: ".tmp"),
            directory: directory.path, input: .streamed)
        try child.write(Self.events(1...3))
        try child.waitForError("error: ")
        let result = try child.finish()
        receiver.process.send(SIGTERM)
        #expect(result.exit == .code(74))
        #expect(try Self.books(result) == ["matched": 3, "dead_lettered": 2, "delivered": 1])
    }

    /// They stayed in the spool, and the next run sent them once more.
    @Test func `what was delivered leaves the spool, also when that can't be noted for a repeat`() throws {
        let receiver = try LocalReceiver(in: directory, ["-q"])
        try configure(port: receiver.port)
        let first = try run(["--run-id", "r"], Self.events(1...4), environment: try Self.failing(at: "/settled/"))
        #expect(first.result.exit == .code(74))
        #expect(first.books == ["matched": 4, "delivered": 4])
        let second = try run()
        #expect(second.result.exit == .code(0))
        #expect(second.books == [:])
        receiver.process.send(SIGTERM)
    }

    /// It stayed as it was, and the next run sent everything in it once more.
    @Test(arguments: [1, 2])
    func `a file of the spool that can't go is marked`(times: Int) throws {
        let receiver = try LocalReceiver(in: directory, ["-q"])
        try configure(port: receiver.port)
        let first = try run([], Self.events(1...4), environment: try Self.disk("rename *.items 1 \(times) \(EIO)"))
        #expect(first.result.exit == .code(74))
        #expect(first.books == ["matched": 4, "delivered": 4])
        let second = try run()
        #expect(second.result.exit == .code(0))
        #expect(second.books == [:])
        receiver.process.send(SIGTERM)
    }
}
