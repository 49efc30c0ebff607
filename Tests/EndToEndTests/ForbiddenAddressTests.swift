import Foundation
import TestKit
import Testing

/// Every way to write a forbidden address, against the real command. Nothing can leave this machine even if the command
/// tried: `PreparedNetwork` takes no connection to anything but loopback, and asks no name server.
@Suite struct ForbiddenAddressTests {
    @Test func `no spelling of a forbidden address is connected to, and the log names the rule`() throws {
        let spellings = ForbiddenSpellings.all
        #expect(spellings.count >= 80)
        let listener = try LoopbackListener()
        let network = try PreparedNetwork(names: ForbiddenSpellings.names)
        let run = try Self.run(spellings.map { "\($0.host):\(listener.port)" }, on: network, maxAttempts: 4)

        #expect(try network.connections == [])
        #expect(listener.accepted() == 0)
        #expect(run.result.exit == .code(1))
        let log = run.result.errorText.split(separator: "\n").map(String.init)
        for (index, spelling) in spellings.enumerated() {
            let start = "hookline: warning: w\(index): a batch of 1 event became a dead letter: "
            let line = log.first { $0.hasPrefix(start) } ?? "nothing"
            #expect(
                spelling.rules.contains { line.hasSuffix(" lies in \($0), which is not allowed") },
                "\(spelling.host): \(line)")
            let letters = run.deadLetters.filter { $0.hasPrefix(#"{"webhook":"w\#(index)","#) }
            #expect(letters.count == 1, "\(spelling.host)")
            #expect(
                letters.allSatisfy { $0.contains(#""reason":"forbidden_address","status":null,"attempts":1,"#) },
                "\(spelling.host): \(letters)")
        }
    }

    /// Else the test above could pass because nothing works at all.
    @Test(arguments: ["127.0.0.1", "0x7f.1", "[::ffff:127.0.0.1]", "１２７.０.０.１", "one.test"])
    func `an address that network.allow permits is connected to`(host: String) throws {
        let listener = try LoopbackListener()
        let network = try PreparedNetwork(names: ForbiddenSpellings.names)
        let run = try Self.run(["\(host):\(listener.port)"], on: network, allow: "127.0.0.1/32")
        let address = host.hasPrefix("[") ? "::ffff:127.0.0.1" : "127.0.0.1"
        #expect(try network.connections == ["\(address) \(listener.port)"])
        #expect(listener.accepted() == 1)
        #expect(run.deadLetters.allSatisfy { $0.contains(#""reason":"timeout""#) })
    }

    @Test func `an address of another machine that is permitted would be connected to, but the test's network refuses`()
        throws
    {
        let network = try PreparedNetwork(names: ForbiddenSpellings.names)
        let run = try Self.run(["metadata.test:443"], on: network, allow: "169.254.169.254/32")
        #expect(try network.connections == ["169.254.169.254 443"])
        #expect(run.deadLetters.allSatisfy { $0.contains(#""reason":"connect_failed""#) })
    }

    @Test func `what is no host is a configuration error that says why`() throws {
        let directory = try TemporaryDirectory()
        let refused = ForbiddenSpellings.refused
        try directory.write(Self.configuration(refused.map(\.authority), "[]", 1), to: "webhooks.yaml")
        let result = try runProcess(builtProduct("hookline"), ["validate"], directory: directory.path)
        #expect(result.exit == .code(78))
        let problems = (result.outputText + result.errorText).split(separator: "\n").filter { $0.contains(": error: ") }
        #expect(problems.count == refused.count)
        for (problem, row) in zip(problems, refused) {
            #expect(problem.contains(row.reason), "\(row.authority): \(problem)")
        }
    }

    /// Runs the command with a webhook for each authority (host and port), and one event for all of them.
    private static func run(
        _ authorities: [String], on network: PreparedNetwork, allow: String = "", maxAttempts: Int = 1
    ) throws -> (result: ProcessResult, deadLetters: [String]) {
        let directory = try TemporaryDirectory()
        try directory.write(configuration(authorities, "[\(allow)]", maxAttempts), to: "webhooks.yaml")
        let result = try runProcess(
            builtProduct("hookline"), ["--dead-letter", "dead.ndjson"], environment: network.environment,
            directory: directory.path, input: .text(#"{"topic":"object.created"}"# + "\n"))
        let deadLetters = try directory.text(of: "dead.ndjson").split(separator: "\n").map(String.init)
        return (result, deadLetters)
    }

    private static func configuration(_ authorities: [String], _ allow: String, _ maxAttempts: Int) -> String {
        var text = """
            version: 1
            topics: {object.created: An object is created}
            network: {allow: \(allow)}
            defaults: {timeout: 500ms, retry: {max_attempts: \(maxAttempts), initial_backoff: 10ms}}
            webhooks:

            """
        for (index, authority) in authorities.enumerated() {
            text += "  - {name: w\(index), url: 'https://\(authority)/hook', topics: [object.created]}\n"
        }
        return text
    }
}
