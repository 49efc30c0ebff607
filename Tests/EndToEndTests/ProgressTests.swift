import Foundation
import Glibc
import TestKit
import Testing

/// How far a run is, at the bottom of a terminal.
@Suite struct ProgressOnTerminalTests {
    private let directory: TemporaryDirectory
    private let receiver: LocalReceiver
    private let event = #"{"topic":"object.created"}"# + "\n"

    init() throws {
        directory = try TemporaryDirectory()
        // Long enough that a run which must not paint would have done so.
        receiver = try LocalReceiver(in: directory, ["--reject-containing", "bad", "--delay", "300ms"])
        let configuration = """
            version: 1
            topics: {object.created: An object is created}
            network: {allow: [127.0.0.1/32, "::1/128"]}
            webhooks:
              - {name: orders, url: "https://localhost:\(receiver.port)/", topics: ["*"], batch: {max_events: 1},
                 tls: {ca_file: .hookline-listen/ca.pem}}
            """
        try directory.write(configuration, to: "webhooks.yaml")
    }

    private func start(
        _ options: [String] = [], environment: [String: String] = ["TERM": "xterm"],
        input: ChildProcess.Input = .streamed,
        columns: Int = 80
    ) throws -> ChildProcess {
        try ChildProcess(
            builtProduct("hookline"), options, environment: environment, directory: directory.path, input: input,
            error: .terminal(columns: columns))
    }

    @Test func `on a terminal it is painted while the run goes on, and gone at its end`() throws {
        let run = try start()
        try run.write(event + event)
        try run.waitForError("2 delivered  0 requests under way")
        let shown = Screen(String(decoding: run.error, as: UTF8.self)).lines
        #expect(shown.count == 2)
        #expect(shown[0].hasPrefix("2 events read, "))
        let result = try run.finish()
        #expect(result.exit == .code(0))
        #expect(Screen(result.errorText).lines == [])
        #expect(!result.outputText.contains("\u{1b}"))
    }

    @Test func `lines of the log stand above it, and stay`() throws {
        let run = try start()
        try run.write(#"{"topic":"object.created","bad":1}"# + "\n")
        try run.waitForError("1 dead letter\u{1b}[0m")
        let result = try run.finish()
        let lines = Screen(result.errorText).lines
        #expect(
            lines[0] == "hookline: warning: orders: a batch of 1 event became a dead letter: the receiver answered 400")
        #expect(!lines.contains { $0.contains("under way") })
    }

    @Test func `a signal leaves a clean terminal`() throws {
        let run = try start()
        try run.write(event)
        try run.waitForError("1 delivered")
        run.send(SIGINT)
        let result = try run.finish()
        #expect(result.exit == .code(130))
        #expect(!Screen(result.errorText).lines.contains { $0.contains("delivered") })
    }

    @Test func `a first signal says how long delivery may go on, and a second one ends it`() throws {
        let hanging = try LocalReceiver(in: directory, ["-q", "--delay", "1h"])
        let text = try directory.text(of: "webhooks.yaml").replacing(":\(receiver.port)/", with: ":\(hanging.port)/")
        try directory.write(text, to: "webhooks.yaml")
        let run = try start()
        try run.write(event)
        try run.waitForError("1 request under way")
        run.send(SIGTERM)
        try run.waitForError("what was may be delivered for 10s more")
        run.send(SIGTERM)
        let result = try run.finish()
        #expect(result.exit == .code(143))
        #expect(result.outputText.contains(#""dead_lettered":1"#))
        hanging.process.send(SIGKILL)
    }

    @Test func `of a file it tells how much of it is read`() throws {
        try directory.write(String(repeating: event, count: 1_000), to: "events.ndjson")
        // One request a second: the file is read long before the run ends, and the test does not wait for that.
        let text = try directory.text(of: "webhooks.yaml").replacing("batch:", with: "rate_limit: 1/s, batch:")
        try directory.write(text, to: "webhooks.yaml")
        let run = try start(["--memory", "4MiB"], input: .file(directory.file("events.ndjson")))
        try run.waitForError("1,000 events read, no more to read")
        run.send(SIGTERM)
        #expect(try run.finish().exit == .code(143))
    }

    @Test func `with NO_COLOR nothing is coloured`() throws {
        let run = try start(environment: ["TERM": "xterm", "NO_COLOR": "1"])
        try run.write(#"{"topic":"object.created","bad":1}"# + "\n")
        try run.waitForError("1 dead letter\u{1b}[K")
        #expect(try !run.finish().errorText.contains(/\u{1b}\[\d+m/))
    }

    @Test(
        arguments: [
            (["-q"], [:]), (["--progress", "never"], ["TERM": "xterm"]), (["--log-format", "json"], ["TERM": "xterm"]),
            ([], ["TERM": "dumb"]),
        ] as [([String], [String: String])])
    func `a terminal that nobody wants it on stays as it is`(options: [String], environment: [String: String]) throws {
        let run = try start(options, environment: environment)
        try run.write(event)
        try receiver.process.waitForOutput("POST / 200")
        #expect(try run.finish().errorText == "")
    }

    @Test func `where standard error is no terminal, it is painted only when that is asked for`() throws {
        for (options, isShown) in [([], false), (["--progress", "always"], true)] {
            let run = try ChildProcess(
                builtProduct("hookline"), options, directory: directory.path, input: .streamed)
            try run.write(event)
            if isShown { try run.waitForError("1 delivered") } else { try receiver.process.waitForOutput("POST / 200") }
            let result = try run.finish()
            #expect(result.exit == .code(0))
            #expect(result.errorText.isEmpty == !isShown)
        }
    }
}
