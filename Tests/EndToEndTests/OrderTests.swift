import Foundation
import Glibc
import TestKit
import Testing

/// Order, pace and Retry-After as a receiver sees them.
@Suite struct OrderTests {
    private struct Request {
        var path: String
        var status: Int
        var time: Date
        /// The numbers of its events, which hold nothing else after `"n":`.
        var numbers: [Int]
    }

    /// Runs hookline with these webhooks, each at a path of one receiver.
    ///
    /// - Returns: its standard output, and what the receiver recorded.
    private func run(
        network: String = "", webhooks: [String: String], listen: [String], events: [String], options: [String] = []
    ) throws -> (summary: String, requests: [Request]) {
        let directory = try TemporaryDirectory()
        let receiver = try LocalReceiver(in: directory, ["-q", "--record", "record.ndjson"] + listen)
        var configuration = """
            version: 1
            topics: {t: A topic}
            network: {allow: [127.0.0.1/32, "::1/128"]\(network)}
            defaults: {tls: {ca_file: .hookline-listen/ca.pem}, retry: {initial_backoff: 1ms, max_attempts: 50}}
            webhooks:

            """
        for (name, keys) in webhooks.sorted(by: { $0.key < $1.key }) {
            configuration +=
                "  - {name: \(name), url: 'https://localhost:\(receiver.port)/\(name)', topics: [t], \(keys)}\n"
        }
        try directory.write(configuration, to: "webhooks.yaml")
        let result = try runProcess(
            try builtProduct("hookline"), ["-q"] + options, directory: directory.path,
            input: .text(events.joined(separator: "\n")))
        receiver.process.send(SIGTERM)
        _ = try receiver.process.finish()
        #expect(result.exit == .code(0), "\(result.errorText)")
        return (result.outputText, try Self.requests(directory.text(of: "record.ndjson")))
    }

    private static func requests(_ record: String) throws -> [Request] {
        try record.split(separator: "\n").map { line in
            let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let body = try #require(object["body"] as? String)
            let text = try #require(object["time"] as? String)
            let time = try Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains(".")))
            return Request(
                path: try #require(object["path"] as? String), status: try #require(object["status"] as? Int),
                time: time, numbers: body.matches(of: /"n":([0-9]+)/).compactMap { Int($0.1) })
        }
    }

    /// Event `n` of the key `n % keys`.
    private func events(_ count: Int, keys: Int) -> [String] {
        (1...count).map { #"{"topic":"t","object":{"id":"key-\#($0 % keys)"},"n":\#($0)}"# }
    }

    @Test(arguments: [1, 2, 3], ["json", "single"])
    func `a strict webhook gets all events in order while a fifth of its requests fail`(
        seed: Int, format: String
    ) throws {
        let count = 200
        let (summary, requests) = try run(
            webhooks: ["strict": "order: strict, format: \(format), batch: {max_events: 7}, breaker: null"],
            listen: ["--fail-rate", "0.2", "--seed", "\(seed)"], events: events(count, keys: 5))
        #expect(summary.contains(#""delivered":\#(count),"#))
        #expect(requests.contains { $0.status == 503 })
        #expect(requests.filter { $0.status == 200 }.flatMap(\.numbers) == Array(1...count))
        // None was tried before the one before it had arrived.
        var arrived = 0
        for request in requests {
            #expect(request.numbers.first == arrived + 1)
            if request.status == 200 { arrived += request.numbers.count }
        }
    }

    @Test(arguments: [1, 2, 3], [[], ["--run-id", "r1"]])
    func `events of one key arrive in order while a fifth of the requests fail`(seed: Int, options: [String]) throws {
        let (count, keys) = (600, 20)
        let (summary, requests) = try run(
            webhooks: ["keyed": "order: {key: /object/id}, concurrency: 8, batch: {max_events: 3}, breaker: null"],
            listen: ["--fail-rate", "0.2", "--seed", "\(seed)"], events: events(count, keys: keys), options: options)
        #expect(summary.contains(#""delivered":\#(count),"#))
        #expect(requests.contains { $0.status == 503 })
        let arrived = requests.filter { $0.status == 200 }.flatMap(\.numbers)
        #expect(arrived.count == count)
        for key in 0..<keys {
            #expect(arrived.filter { $0 % keys == key } == (1...count).filter { $0 % keys == key }, "key \(key)")
        }
        // Else the lanes would not have been tested.
        #expect(arrived != Array(1...count))
    }

    @Test func `a rate limit counts every request, retries among them`() throws {
        let (summary, requests) = try run(
            webhooks: ["limited": "rate_limit: 20/s, format: single, concurrency: 16, breaker: null"],
            listen: ["--status", "503,503,503,200"], events: events(25, keys: 1))
        #expect(summary.contains(#""requests":28,"retries":3,"#))
        #expect(requests.count == 28)
        // Twenty at once, and eight that waited a twentieth of a second each.
        let duration = try #require(summary.firstMatch(of: /"duration_ms":([0-9]+)/)?.1)
        #expect(try #require(Int(duration)) >= 399)
    }

    @Test func `a Retry-After that one webhook is told holds another of the same origin`() throws {
        let (summary, requests) = try run(
            network: ", max_connections: 1", webhooks: ["a": "concurrency: 1", "b": "concurrency: 1"],
            listen: ["--status", "429,200", "--retry-after", "1"], events: events(1, keys: 1))
        #expect(summary.contains(#""delivered":2,"#))
        #expect(requests.map(\.status) == [429, 200, 200])
        #expect(requests.first?.path == "/a")
        let others = requests.dropFirst()
        #expect(Set(others.map(\.path)) == ["/a", "/b"])
        for other in others { #expect(other.time.timeIntervalSince(requests[0].time) > 0.9, "\(other.path)") }
    }
}
