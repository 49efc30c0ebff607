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

    /// What was found in an event must outlast the wait for room between its webhooks.
    @Test func `an event whose second webhook had no room is wrapped as for the first`() throws {
        let directory = try TemporaryDirectory()
        let receiver = try LocalReceiver(in: directory, ["--record", directory.file("record.ndjson")])
        let configuration = """
            version: 1
            input: {max_event_bytes: 8MiB}
            topics: {object.created: An object is created}
            network: {allow: [127.0.0.1/32, "::1/128"]}
            defaults: {format: cloudevents, batch: {max_bytes: 8MiB}, tls: {ca_file: .hookline-listen/ca.pem}}
            webhooks:
              - {name: first, url: "https://localhost:\(receiver.port)/first", topics: ["*"]}
              - {name: second, url: "https://localhost:\(receiver.port)/second", topics: ["*"]}
            """
        try directory.write(configuration, to: "webhooks.yaml")
        let filling = String(repeating: "x", count: 4_500_000)
        let lines = (1...3).map {
            #"{"id":"e\#($0)","text":"\#(filling)","topic":"object.created","timestamp":"2026-11-24T08:00:0\#($0)Z"}"#
        }
        let run = try ChildProcess(
            try builtProduct("hookline"), ["--memory", "4MiB"], directory: directory.path,
            input: .text(lines.joined(separator: "\n")))
        #expect(try run.finish().exit == .code(0))
        var received: [String: [String]] = [:]
        for line in try directory.text(of: "record.ndjson").split(separator: "\n") {
            let record = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let body = try #require(record["body"] as? String)
            let events = try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [[String: Any]])
            for event in events {
                let members = ["id", "time", "source", "type"].map { event[$0] as? String ?? "none" }
                received[record["path"] as? String ?? "", default: []].append(members.joined(separator: " "))
            }
        }
        for name in ["first", "second"] {
            let expected = (1...3).map { "e\($0) 2026-11-24T08:00:0\($0)Z urn:hookline:\(name) object.created" }
            #expect(received["/\(name)"]?.sorted() == expected)
        }
    }

    /// A blocked signal reaches a signalfd even if it is ignored.
    @Test func `a signal that was ignored at start does not stop the run`() throws {
        let directory = try TemporaryDirectory()
        let (receiver, run) = try Self.start(
            ["-v"], ignoring: ["HUP"], webhook: "batch: {max_wait: 50ms}", in: directory)
        try run.write(#"{"topic":"object.created"}"# + "\n")
        try receiver.waitForOutput(" 1 event ")
        run.send(SIGHUP)
        run.closeInput()
        let result = try run.finish()
        #expect(result.exit == .code(0))
        #expect(result.outputText.contains(#""ended":"end_of_input""#))
    }
}
