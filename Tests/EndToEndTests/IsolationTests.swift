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
        let (well, wellPort) = try Self.receiver(hookline, ["--record", "record.ndjson"], directory)
        let (hanging, hangingPort) = try Self.receiver(hookline, ["--delay", "1h"], directory)
        var configuration = """
            version: 1
            topics: {object.created: An object is created}
            network: {allow: [127.0.0.1/32, "::1/128"]}
            defaults:
              tls: {ca_file: .hookline-listen/ca.pem}
              timeout: 1s
              retry: {max_attempts: 2, initial_backoff: 10ms}
            webhooks:

            """
        for number in 0..<50 {
            let port = number == 7 ? hangingPort : wellPort
            configuration += "  - {name: w\(number), url: 'https://localhost:\(port)/w\(number)', topics: [\"*\"]}\n"
        }
        try Data(configuration.utf8).write(to: URL(filePath: directory.file("webhooks.yaml")))
        let lines = (1...Self.events).map { #"{"topic":"object.created","id":"evt_\#($0)"}"# }
        let result = try runProcess(
            hookline, ["--dead-letter", "dead.ndjson"], directory: directory.path,
            input: .text(lines.joined(separator: "\n")))
        well.send(SIGTERM)
        hanging.send(SIGTERM)
        _ = try (well.finish(), hanging.finish())

        #expect(result.exit == .code(1))
        #expect(
            result.outputText.contains(#""matched":10000,"resumed":0,"delivered":9800,"skipped":0,"dead_lettered":200"#)
        )
        #expect(result.outputText.contains(#""balanced":true"#))
        let delivered = try Self.received(directory.file("record.ndjson"))
        #expect(delivered.count == 49)
        for (path, bodies) in delivered {
            #expect(bodies.sorted() == lines.sorted(), "\(path)")
        }
        let dead = try String(contentsOfFile: directory.file("dead.ndjson"), encoding: .utf8).split(separator: "\n")
        #expect(dead.count == Self.events)
        #expect(dead.allSatisfy { $0.hasPrefix(#"{"webhook":"w7","#) && $0.contains(#""reason":"timeout""#) })
        let deadEvents = dead.compactMap { line in
            line.firstRange(of: #""event":"#).map { String(line[$0.upperBound...].dropLast()) }
        }
        #expect(deadEvents.sorted() == lines.sorted())
    }

    private static func receiver(
        _ hookline: String, _ options: [String], _ directory: TemporaryDirectory
    ) throws -> (ChildProcess, port: String) {
        let receiver = try ChildProcess(
            hookline, ["listen", "--port", "0", "-q"] + options, directory: directory.path)
        try receiver.waitForOutput("\n")
        let line = String(decoding: receiver.output, as: UTF8.self)
        return (receiver, String(try #require(line.firstMatch(of: /localhost:([0-9]+)/)).1))
    }

    /// The events that came, by the path of their webhook.
    private static func received(_ record: String) throws -> [String: [String]] {
        var events: [String: [String]] = [:]
        for line in try String(contentsOfFile: record, encoding: .utf8).split(separator: "\n") {
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
