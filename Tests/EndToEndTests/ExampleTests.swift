import Foundation
import TestKit
import Testing

@testable import Hookline

/// The examples that help, manual and docs/usage.md show, in a folder that has what they name.
@Suite struct ExampleTests {
    private let directory: TemporaryDirectory
    private let receiver: LocalReceiver
    private let environment: [String: String]

    init() throws {
        directory = try TemporaryDirectory()
        receiver = try LocalReceiver(
            in: directory, ["-q", "--record", "requests.ndjson", "--reject-containing", "bad timeout"])
        let path = directory.file("bin") + ":/usr/bin:/bin"
        environment = ["PATH": path, "HOOKLINE_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
        for folder in ["bin", "staging", "production", "summaries", "empty"] {
            try FileManager.default.createDirectory(
                atPath: directory.file(folder), withIntermediateDirectories: true)
        }
        try FileManager.default.createSymbolicLink(
            atPath: directory.file("bin/hookline"), withDestinationPath: builtProduct("hookline"))
        let configuration = """
            version: 1
            topics: {object.created: An object is created}
            network: {allow: [127.0.0.1/32, "::1/128"]}
            spool: {directory: spool}
            defaults: {signing: {secrets: [{env: HOOKLINE_SECRET}]}, tls: {ca_file: .hookline-listen/ca.pem}}
            webhooks:
              - {name: invoicing, url: "https://localhost:\(receiver.port)/invoicing", topics: ["object.*"]}
              - {name: audit, url: "https://localhost:\(receiver.port)/audit", topics: ["object.*"],
                 batch: {max_events: 1}}
            tests:
              - {name: all, event: {topic: object.created}, deliver_to: [invoicing, audit]}
            """
        for place in ["", "staging/", "production/"] {
            let nearer = configuration.replacing(
                ".hookline-listen", with: place.isEmpty ? ".hookline-listen" : "../.hookline-listen")
            try directory.write(nearer, to: place + "webhooks.yaml")
        }
        try directory.write(configuration, to: "old.yaml")
        let event = #"{"topic":"object.created","n":1}"# + "\n"
        let bad = #"{"topic":"object.created","note":"bad timeout"}"# + "\n"
        for file in ["events.ndjson", "orders.ndjson", "event.json"] { try directory.write(event, to: file) }
        for (name, events) in [("1", event), ("2", bad), ("3", bad)] {
            let result = try shell("hookline --dead-letter hookline-dead-letter-\(name).ndjson", input: .text(events))
            try directory.write(result.outputText, to: "summary-\(name).json")
            try directory.write(result.outputText, to: "summaries/\(name).json")
        }
        try directory.write(directory.text(of: "hookline-dead-letter-3.ndjson"), to: "dead.ndjson")
        try directory.write(directory.text(of: "summary-1.json"), to: "summaries.ndjson")
        // As a proxy's log has it.
        let record = try #require(try directory.text(of: "requests.ndjson").split(separator: "\n").first)
        try directory.write(String(record) + "\n", to: "request.txt")
    }

    private func shell(_ line: String, input: ChildProcess.Input = .empty, in folder: String = "") throws
        -> ProcessResult
    {
        try runProcess(
            "/bin/bash", ["-c", line], environment: environment, directory: directory.file(folder), input: input)
    }

    /// Exit codes other than 0 that are right here.
    private static let codes: [String: [Int32]] = [
        // What was rejected before is rejected again.
        "hookline replay --prune hookline-dead-letter-*.ndjson": [1],
        "grep timeout dead.ndjson | hookline replay --only audit": [1],
        // The input goes on after the deadline.
        "tail -n +1 -f events.ndjson | hookline --deadline 1h": [75],
        // Two configurations may be the same.
        "hookline diff old.yaml webhooks.yaml < events.ndjson": [0, 1],
        "hookline diff production/ staging/ --format json": [0, 1],
        // The record is older than now, or not.
        "hookline verify request.txt --at now": [0, 1],
    ]

    @Test func `each example runs as it is shown`() throws {
        let examples = Set(Command.allCases.flatMap { $0.examples.map(\.line) }).sorted()
        #expect(examples.count > 30)
        for example in examples {
            // It would follow the file for an hour.
            let line = example.replacing("--deadline 1h", with: "--deadline 300ms")
            let program = line.contains("| less") ? "less" : line.contains("fish |") ? "fish" : "bash"
            if try shell("command -v \(program)").exit != .code(0) { continue }
            if line.hasPrefix("hookline listen") {
                let child = try ChildProcess(
                    "/bin/bash", ["-c", "exec \(line.replacing("9443", with: "0"))"], environment: environment,
                    directory: directory.file("empty"))
                try child.waitForOutput("listening on")
                child.send(SIGTERM)
                #expect(try child.finish().exit == .code(0), "\(example)")
                continue
            }
            let wrapped = program == "fish" ? "fish -c '\(line)'" : line
            let result = try shell(wrapped, in: line.hasPrefix("hookline init") ? "empty" : "")
            let codes = Self.codes[example] ?? [0]
            #expect(codes.contains { result.exit == .code($0) }, "\(example): \(result.exit) \(result.errorText)")
        }
    }
}
