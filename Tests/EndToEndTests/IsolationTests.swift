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
