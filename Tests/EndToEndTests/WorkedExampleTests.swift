import Foundation
import Glibc
import TestKit
import Testing

/// The example of docs/guide.md that shows a whole summary, and the line for cron of docs/cookbook.md.
@Suite struct WorkedExampleTests {
    @Test func `the output in the guide is what the example prints, field by field`() throws {
        let blocks = try Self.blocks()
        try #require(blocks.count > 6)
        let (configuration, events, requests, summary) = (blocks[0], blocks[1], blocks[4], blocks[5])

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
        // The line breaks were added in the guide.
        let shown = summary.replacing(/\n +/, with: "") + (summary.hasSuffix("\n") ? "" : "\n")
        #expect(Self.steady(result.outputText.replacing(":\(port)/", with: ":8443/")) == Self.steady(shown))
        let rejects = try directory.text(of: "rejects.ndjson")
        #expect(rejects == blocks[6])
        // The two requests are under way at once: either may come first.
        let lines = received.split(separator: "\n").filter { $0.contains(" POST ") }.map { Self.steady(String($0)) }
        #expect(Set(lines) == Set(requests.split(separator: "\n").map { Self.steady(String($0)) }))
    }

    /// Cron mails what stands on standard error, and `%` is a line feed there unless it is escaped.
    @Test(arguments: [
        (["--status", "200"], 0, ""), (["--status", "404"], 1, "2 events became dead letters, kept in"),
    ])
    func `the line for cron says nothing when all was delivered, and else what is left`(
        options: [String], code: Int32, said: String
    ) throws {
        let page = try String(contentsOf: packageFile("docs/cookbook.md"), encoding: .utf8)
        let line = try #require(page.firstMatch(of: /\n10 0 \* \* \* (.*)\n/)).1
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

    /// The texts of the fenced blocks of the guide's section, in order.
    private static func blocks() throws -> [String] {
        let guide = try String(contentsOf: packageFile("docs/guide.md"), encoding: .utf8)
        let start = try #require(guide.firstRange(of: "## 2. Two webhooks"))
        return try DocumentBlock.all(of: String(guide[start.lowerBound...])).map(\.text)
    }

    /// What differs from run to run: times, and the digest of the configuration, which holds the port.
    private static func steady(_ text: String) -> String {
        text.replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/, with: "<time>")
            .replacing(/"duration_ms":[0-9]+/, with: "<ms>").replacing(/"(p50|p90|p99|max)":[0-9]+/, with: "<ms>")
            .replacing(/"buckets_us":\[\[[0-9]+,/, with: "<us>").replacing(
                /"config_sha256":"[0-9a-f]{64}"/, with: "<sha256>")
    }
}
