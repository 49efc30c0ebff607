import Foundation
import Glibc
import TestKit
import Testing

/// What the one loop must not miss, while standard input stays open and nothing comes from it.
@Suite struct LoopTests {
    private static func start(
        _ options: [String], ignoring: [String] = [], webhook: String, in directory: TemporaryDirectory
    ) throws -> (receiver: ChildProcess, run: ChildProcess) {
        let hookline = try builtProduct("hookline")
        let receiver = try LocalReceiver(in: directory)
        let configuration = """
            version: 1
            input: {max_event_bytes: 8MiB}
            topics: {object.created: An object is created, object.deleted: An object is removed}
            network: {allow: [127.0.0.1/32, "::1/128"]}
            webhooks:
              - {name: orders, url: "https://localhost:\(receiver.port)/", topics: [object.created],
                 tls: {ca_file: .hookline-listen/ca.pem}, \(webhook)}
              - {name: last, url: "https://localhost:\(receiver.port)/last", topics: [object.deleted],
                 tls: {ca_file: .hookline-listen/ca.pem}, \(webhook)}
            """
        try directory.write(configuration, to: "webhooks.yaml")
        let run = try ChildProcess(
            "/usr/bin/env", ignoring.map { "--ignore-signal=\($0)" } + [hookline] + options, directory: directory.path,
            input: .streamed)
        return (receiver.process, run)
    }

    /// The wait asked the descriptor alone, which had nothing to tell of lines that were read before.
    @Test func `lines that had no room are sent when there is room again, while the input stays open and silent`()
        throws
    {
        let directory = try TemporaryDirectory()
        let (receiver, run) = try Self.start(
            ["--memory", "4MiB"], webhook: "batch: {max_events: 1, max_bytes: 8MiB, max_wait: 1h}", in: directory)
        let large = #"{"topic":"object.created","text":"\#(String(repeating: "x", count: 4_500_000))"}"#
        let small = String(repeating: #"{"topic":"object.created"}"# + "\n", count: 20)
        try run.write(large + "\n" + small + #"{"topic":"object.deleted"}"# + "\n")
        try receiver.waitForOutput("POST /last 200")
        run.closeInput()
        #expect(try run.finish().exit == .code(0))
    }

    /// A blocked signal reaches a signalfd even if it is ignored.
    @Test func `a signal that was ignored at start does not stop the run`() throws {
        let directory = try TemporaryDirectory()
        let (receiver, run) = try Self.start(
            ["-v"], ignoring: ["HUP"], webhook: "batch: {max_wait: 50ms}", in: directory)
        try run.write(#"{"topic":"object.created"}"# + "\n")
        try receiver.waitForOutput(" 1 events ")
        run.send(SIGHUP)
        run.closeInput()
        let result = try run.finish()
        #expect(result.exit == .code(0))
        #expect(result.outputText.contains(#""ended":"end_of_input""#))
    }
}
