import Foundation
import Glibc
import TestKit
import Testing

/// `hookline plan` against what a run of the same input then sends.
@Suite struct PlanTests {
    private struct Sent: Hashable {
        var id: String
        var body: String
    }

    @Test(arguments: [
        "", ", order: {key: /object/id}", ", format: ndjson", ", format: cloudevents", ", format: single",
    ])
    func `the requests of a plan are those that a run then sends, with id and body`(settings: String) throws {
        let directory = try TemporaryDirectory()
        let hookline = try builtProduct("hookline")
        let receiver = try LocalReceiver(in: directory, ["-q", "--record", "record.ndjson"])
        try directory.write(
            """
            version: 1
            topics: {object.created: An object is created, object.deleted: An object is removed}
            network: {allow: [127.0.0.1/32, "::1/128"]}
            defaults: {tls: {ca_file: .hookline-listen/ca.pem}}
            webhooks:
              - {name: orders, url: "https://localhost:\(receiver.port)/orders", topics: [object.created],
                 filter: {object: {type: [Order], total: [{numeric: [">", 10]}]}}, batch: {max_events: 3}\(settings)}
              - {name: all, url: "https://localhost:\(receiver.port)/all", topics: ["object.*"],
                 batch: {max_events: 50, max_bytes: 1KiB}\(settings)}
            """, to: "webhooks.yaml")
        let events = (1...100).map { number in
            let topic = number % 9 == 0 ? "deleted" : "created"
            let type = number % 3 == 0 ? "Task" : "Order"
            return #"{"topic":"object.\#(topic)","object":{"id":\#(number % 8),"type":"\#(type)","total":\#(number)}}"#
        }
        let input = events.joined(separator: "\n")
        func run(_ arguments: [String]) throws -> ProcessResult {
            let result = try runProcess(
                hookline, arguments + ["--run-id", "r"], directory: directory.path, input: .text(input))
            #expect(result.exit == .code(0), "\(result.errorText)")
            return result
        }
        let planned = try run(["plan", "--format", "json"])
        let requests = try run(["plan", "--requests"]).outputText
        #expect(try String(contentsOfFile: directory.file("record.ndjson"), encoding: .utf8).isEmpty)
        let sent = try run([])

        // Each command, read by a shell, holds what was sent.
        let script = requests.split(separator: "\n", omittingEmptySubsequences: false)
            .prefix { !$0.hasPrefix("WEBHOOK") }.joined(separator: "\n")
        let curl =
            #"curl() { for word; do case $word in webhook-id:*) id=${word#webhook-id: };; esac; last=$word; done; "#
            + #"printf '%s\0%s\0' "$id" "$last"; }"#
        let words = try runProcess(
            "/bin/sh", ["-c", curl + "\n" + script], directory: directory.path
        ).output
            .split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        var shown: Set<Sent> = []
        for place in stride(from: 0, to: words.count - 1, by: 2) {
            shown.insert(Sent(id: words[place], body: words[place + 1]))
        }
        receiver.process.send(SIGTERM)
        _ = try receiver.process.finish()
        var received: Set<Sent> = []
        for line in try directory.text(of: "record.ndjson").split(separator: "\n") {
            let request = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let headers = try #require(request["headers"] as? [String: Any])
            received.insert(
                Sent(
                    id: try #require(headers["webhook-id"] as? String), body: try #require(request["body"] as? String)))
        }
        #expect(shown == received && shown.count > 10)

        // And the summaries agree in all that a plan can know.
        for key in ["matched", "filtered", "delivered", "requests", "bytes_sent"] {
            #expect(try Self.numbers(key, planned) == Self.numbers(key, sent), "\(key)")
        }
    }

    private static func numbers(_ key: String, _ result: ProcessResult) throws -> [Int?] {
        let summary = try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any]
        let webhooks = try #require(summary?["webhooks"] as? [[String: Any]])
        return webhooks.map { $0[key] as? Int }
    }
}
