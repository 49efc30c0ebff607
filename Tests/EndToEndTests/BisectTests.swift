import Foundation
import TestKit
import Testing

/// Batches that a receiver refuses because of single events in them.
@Suite struct BisectTests {
    private static func configure(
        _ directory: TemporaryDirectory, _ receiver: LocalReceiver, webhook: String, concurrency: Int = 1
    ) throws {
        let configuration = """
            version: 1
            topics: {object.created: An object is created}
            network: {allow: [127.0.0.1/32, "::1/128"]}
            webhooks:
              - {name: orders, url: "https://localhost:\(receiver.port)/", topics: [object.created], concurrency: \(concurrency),
                 tls: {ca_file: .hookline-listen/ca.pem}, \(webhook)}
            """
        try directory.write(configuration, to: "webhooks.yaml")
    }

    private static func records(_ file: String, of directory: TemporaryDirectory) throws -> [[String: Any]] {
        try directory.text(of: file).split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    private static func account(_ result: ProcessResult) throws -> [String: Any] {
        let summary = try #require(
            try JSONSerialization.jsonObject(with: Data(result.outputText.utf8)) as? [String: Any])
        let books = try #require(summary["books"] as? [String: Any])
        #expect(books["balanced"] as? Bool == true)
        return try #require((summary["webhooks"] as? [[String: Any]])?.first)
    }

    @Test(arguments: [0, 249, 250, 777, 1_499])
    func `one poison event among batches of 500 is the only dead letter, and a repeat of the run repeats the ids`(
        poison: Int
    ) throws {
        let directory = try TemporaryDirectory()
        let receiver = try LocalReceiver(
            in: directory, ["--reject-containing", "poison", "--record", directory.file("record.ndjson")])
        try Self.configure(directory, receiver, webhook: "batch: {max_events: 500}")
        let lines = (0..<1_500).map {
            #"{"topic":"object.created","n":\#($0)\#($0 == poison ? #","text":"poison""# : "")}"# + "\n"
        }
        for _ in 1...2 {
            let run = try ChildProcess(
                try builtProduct("hookline"), ["--run-id", "a", "--dead-letter", "letters.ndjson"],
                directory: directory.path, input: .text(lines.joined()))
            let result = try run.finish()
            #expect(result.exit == .code(1))
            let account = try Self.account(result)
            #expect(account["delivered"] as? Int == 1_499)
            #expect(account["dead_lettered"] as? Int == 1)
            let requests = try #require(account["requests"] as? Int)
            let splits = try #require(account["bisections"] as? Int)
            #expect(requests == 3 + 2 * splits)
            #expect((8...9).contains(splits))
        }
        let letters = try Self.records("letters.ndjson", of: directory)
        #expect(letters.map { $0["line"] as? Int } == [poison + 1, poison + 1])
        #expect(letters.allSatisfy { $0["status"] as? Int == 400 && $0["attempts"] as? Int == 1 })
        let ids = try Self.records("record.ndjson", of: directory).map {
            try #require(($0["headers"] as? [String: Any])?["webhook-id"] as? String)
        }
        let half = ids.count / 2
        #expect(Array(ids[..<half]) == Array(ids[half...]))
        #expect(Set(ids[..<half]).count == half)
        #expect(letters.allSatisfy { ids.contains($0["webhook_id"] as? String ?? "") })
    }

    @Test(arguments: ["order: strict", "order: {key: /key}"])
    func `events in order arrive in order, whatever is split`(order: String) throws {
        let directory = try TemporaryDirectory()
        let receiver = try LocalReceiver(
            in: directory, ["--reject-containing", "poison", "--record", directory.file("record.ndjson")])
        try Self.configure(
            directory, receiver, webhook: "batch: {max_events: 20}, \(order)", concurrency: 4)
        let lines = (0..<200).map {
            #"{"topic":"object.created","key":"\#($0 % 3)","n":\#($0)\#([7, 8, 60, 199].contains($0) ? #","t":"poison""# : "")}"#
                + "\n"
        }
        let run = try ChildProcess(
            try builtProduct("hookline"), ["--dead-letter", "letters.ndjson"], directory: directory.path,
            input: .text(lines.joined()))
        let result = try run.finish()
        #expect(try Self.account(result)["delivered"] as? Int == 196)
        var arrived: [String: [Int]] = [:]
        for record in try Self.records("record.ndjson", of: directory) where record["status"] as? Int == 200 {
            let body = try #require(record["body"] as? String)
            for event in try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [[String: Any]]) {
                let key = order == "order: strict" ? "" : event["key"] as? String
                arrived[key ?? "", default: []].append(event["n"] as? Int ?? -1)
            }
        }
        #expect(arrived.values.map(\.count).reduce(0, +) == 196)
        #expect(arrived.values.allSatisfy { $0 == $0.sorted() })
    }

    @Test func `after a 413 later batches are shorter`() throws {
        let directory = try TemporaryDirectory()
        let receiver = try LocalReceiver(
            in: directory, ["--status", "413,200", "--record", directory.file("record.ndjson")])
        try Self.configure(directory, receiver, webhook: "batch: {max_events: 4, max_wait: 1h}")
        let event = #"{"topic":"object.created"}"# + "\n"
        let run = try ChildProcess(
            try builtProduct("hookline"), ["-v"], directory: directory.path, input: .streamed)
        try run.write(String(repeating: event, count: 4))
        try run.waitForError("answered 200")
        try run.write(String(repeating: event, count: 4))
        run.closeInput()
        let result = try run.finish()
        #expect(result.exit == .code(0))
        #expect(try Self.account(result)["bisections"] as? Int == 1)
        let counts = try Self.records("record.ndjson", of: directory).map {
            (($0["body"] as? String)?.split(separator: "topic").count ?? 0) - 1
        }
        #expect(counts == [4, 2, 2, 2, 2])
    }
}
