import Foundation
import Glibc
import TestKit
import Testing

/// The worked example of README.md, run as it stands there. Its port is the receiver's own, so 8443 may be taken.
@Suite struct ReadmeTests {
    @Test func `the output in the README is what the example prints`() throws {
        let blocks = try Self.blocks()
        try #require(blocks.count > 4)
        let (configuration, events, requests, summary) = (blocks[0], blocks[1], blocks[3], blocks[4])

        let directory = try TemporaryDirectory()
        let hookline = try builtProduct("hookline")
        let receiver = try LocalReceiver(in: directory)
        let port = receiver.port
        try directory.write(configuration.replacing("8443", with: port), to: "webhooks.yaml")
        let result = try runProcess(
            hookline, ["--run-id", "orders-7", "--rejects", "rejects.ndjson"], directory: directory.path,
            input: .text(events))
        receiver.process.send(SIGTERM)
        let received = try receiver.process.finish().outputText

        #expect(result.exit == .code(1))
        let warning = "hookline: warning: line 3 was refused: not_json at byte 126; see rejects.ndjson\n"
        #expect(result.errorText == warning)
        // The line breaks were added in the README.
        let shown = summary.replacing(/\n +/, with: "") + (summary.hasSuffix("\n") ? "" : "\n")
        #expect(Self.steady(result.outputText.replacing(":\(port)/", with: ":8443/")) == Self.steady(shown))
        let rejects = try directory.text(of: "rejects.ndjson")
        #expect(rejects == blocks[5])
        // The two requests are under way at once: either may come first.
        let lines = received.split(separator: "\n").filter { $0.contains(" POST ") }.map { Self.steady(String($0)) }
        #expect(Set(lines) == Set(requests.split(separator: "\n").map { Self.steady(String($0)) }))
    }

    @Test func `the section on signed requests can be followed line by line`() throws {
        let readme = try String(contentsOf: packageFile("README.md"), encoding: .utf8)
        let section = readme[try #require(readme.firstRange(of: "## Signed requests")).upperBound...]
        let script = section.components(separatedBy: "```")[1].split(separator: "\n").dropFirst().map { line in
            String(line.split(separator: "#")[0].reversed().drop { $0 == " " }.reversed())
        }
        let setting = try #require(section.firstMatch(of: /`(signing: [^`]*)`/)).1
        try #require(script.count == 5)
        #expect(script[2] == "hookline listen --record requests.ndjson &")

        let directory = try TemporaryDirectory()
        let blocks = try Self.blocks()
        let path = "\(try builtProduct("hookline").split(separator: "/").dropLast().map { "/" + $0 }.joined())"
        /// What the lines print, in one shell.
        func run(_ lines: [String]) throws -> ProcessResult {
            try runProcess(
                "/bin/bash", ["-ec", lines.joined(separator: "\n")], environment: ["PATH": path + ":/usr/bin:/bin"],
                directory: directory.path)
        }
        // The receiver is started here, so that it ends with the test and is ready before the next line.
        let secret = try run(Array(script[..<2]) + ["echo $HOOKLINE_SECRET"]).outputText.dropLast()
        let receiver = try LocalReceiver(in: directory, ["--record", "requests.ndjson", "--secret", String(secret)])
        let configuration = blocks[0].replacing("8443", with: receiver.port)
            .replacing("defaults:\n", with: "defaults:\n  \(setting)\n")
        try directory.write(configuration, to: "webhooks.yaml")
        try directory.write(blocks[1], to: "events.ndjson")
        let exports = ["export BILLING_SECRET=\(secret)", script[1]]
        let sent = try withExtendedLifetime(receiver) { try run(exports + [script[3] + " || test $? = 1"]) }
        #expect(sent.exit == .code(0), "\(sent.errorText)")
        #expect(sent.outputText.contains(#""delivered":5"#))
        let verified = try run(exports + [script[4]])
        #expect(verified.exit == .code(0), "\(verified.errorText)")
        #expect(
            verified.outputText == (1...2).map { "requests.ndjson:\($0): valid: signed with the key\n" }.joined())
    }

    /// Cron mails what stands on standard error, and `%` is a line feed there unless it is escaped.
    @Test(arguments: [
        (["--status", "200"], 0, ""), (["--status", "404"], 1, "2 events became dead letters, kept in"),
    ])
    func `the line for cron says nothing when all was delivered, and else what is left`(
        options: [String], code: Int32, said: String
    ) throws {
        let readme = try String(contentsOf: packageFile("README.md"), encoding: .utf8)
        let line = try #require(readme.firstMatch(of: /\n10 0 \* \* \* (.*)\n/)).1
        #expect(!line.replacing("\\%", with: "").contains("%"))

        let directory = try TemporaryDirectory()
        let receiver = try LocalReceiver(in: directory, options)
        let blocks = try Self.blocks()
        try directory.write(blocks[0].replacing("8443", with: receiver.port), to: "webhooks.yaml")
        let folder = try builtProduct("hookline").split(separator: "/").dropLast().map { "/" + $0 }.joined()
        let environment = ["PATH": folder + ":/usr/bin:/bin"]
        let date = try runProcess("/bin/date", ["-d", "yesterday", "+%F"], environment: environment)
        let day = date.outputText.dropLast()
        let event = blocks[1].prefix { $0 != "\n" } + "\n"
        try directory.write(String(event), to: "\(day).ndjson")
        let command = String(line).replacing("\\%", with: "%").replacing("/srv/orders", with: directory.path)
        let result = try runProcess("/bin/sh", ["-c", command], environment: environment)
        #expect(result.exit == .code(code), "\(result.errorText)")
        #expect(result.output.isEmpty)
        #expect(said.isEmpty ? result.errorText.isEmpty : result.errorText.contains(said), "\(result.errorText)")
        #expect(try directory.text(of: "summary-\(day).json").contains("\"id\":\"orders-\(day)\""))
    }

    /// The fenced blocks of the section on the worked example, in order, without their fences.
    private static func blocks() throws -> [String] {
        let readme = try String(contentsOf: packageFile("README.md"), encoding: .utf8)
        let start = try #require(readme.firstRange(of: "## A worked example"))
        let parts = readme[start.upperBound...].components(separatedBy: "```")
        // Every second part lies inside of fences; its first line is the language.
        return stride(from: 1, to: parts.count, by: 2).map { index in
            String(parts[index].drop { $0 != "\n" }.dropFirst())
        }
    }

    /// What differs from run to run: times, and the digest of the configuration, which holds the port.
    private static func steady(_ text: String) -> String {
        text.replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/, with: "<time>")
            .replacing(/"duration_ms":[0-9]+/, with: "<ms>").replacing(/"(p50|p90|p99|max)":[0-9]+/, with: "<ms>")
            .replacing(/"buckets_us":\[\[[0-9]+,/, with: "<us>").replacing(
                /"config_sha256":"[0-9a-f]{64}"/, with: "<sha256>")
    }
}
