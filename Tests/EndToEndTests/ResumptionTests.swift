import Foundation
import TestKit
import Testing

/// What a user is told at the end of a run that left something, and that following it brings all of it, once.
@Suite struct ResumptionTests {
    let directory: TemporaryDirectory
    let hookline: String

    init() throws {
        directory = try TemporaryDirectory()
        hookline = try builtProduct("hookline")
    }

    private func configure(_ receiver: LocalReceiver, spool: String = "", webhook: String = "") throws {
        try directory.write(Self.configuration(receiver.port, spool: spool, webhook: webhook), to: "webhooks.yaml")
    }

    private static func configuration(_ port: String, spool: String = "", webhook: String = "") -> String {
        """
        version: 1
        topics: {t: A topic}
        network: {allow: [127.0.0.1/32, "::1/128"]}
        \(spool)
        webhooks:
          - {name: orders, url: "https://localhost:\(port)/", topics: [t], batch: {max_events: 2},
             retry: {max_attempts: 1}, tls: {ca_file: .hookline-listen/ca.pem}\(webhook)}
        """
    }

    private func run(_ options: [String] = [], _ events: String = "") throws -> ProcessResult {
        try runProcess(hookline, options, directory: directory.path, input: .text(events))
    }

    private static func events(_ numbers: ClosedRange<Int>, text: String = "") -> String {
        numbers.map { #"{"topic":"t","n":\#($0),"text":"\#(text)"}"# + "\n" }.joined()
    }

    private func books(_ result: ProcessResult) throws -> [String: Int] {
        let summary = try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any]
        let books = try #require(summary?["books"] as? [String: Any], "\(result.errorText)")
        return books.compactMapValues { $0 as? Int }
    }

    /// Events by number of the deliveries that were answered, in the record of a receiver.
    private func delivered(_ record: String) throws -> [Int] {
        try directory.text(of: record).split(separator: "\n").filter { $0.contains(#""status":200"#) }
            .flatMap { $0.matches(of: /\\"n\\":([0-9]+)/).compactMap { Int($0.1) } }.sorted()
    }

    @Test func `after a full spool the same input is fed again, as the hint says, and no event has two places`() throws
    {
        let broken = try LocalReceiver(in: directory, ["--status", "503"])
        let spool = "spool: {directory: spool, write_ahead: true, max_bytes: "
        let delivery = ", concurrency: 1, breaker: {failures: 1}"
        try configure(broken, spool: spool + "8KiB}", webhook: delivery)
        let events = Self.events(1...40, text: String(repeating: "x", count: 500))
        let first = try run(["--run-id", "x"], events)
        #expect(first.exit == .code(74))
        let ended = try #require(
            first.errorText.firstMatch(of: /reading ended after line ([0-9]+), before the end of the input: an output/),
            "\(first.errorText)")
        #expect(try #require(Int(ended.1)) < 40)
        #expect(first.errorText.contains("feed the same input again with --run-id x: what is settled is skipped"))

        let receiver = try LocalReceiver(in: directory, ["--record", directory.file("record.ndjson")])
        try configure(receiver, spool: spool + "1MiB}", webhook: delivery)
        let second = try books(try run(["--run-id", "x"], events))
        let letters = "hookline-dead-letter-x.ndjson"
        let isThere = FileManager.default.fileExists(atPath: directory.file(letters))
        let dead =
            isThere ? try directory.text(of: letters).matches(of: /"line":([0-9]+)/).compactMap { Int($0.1) } : []
        #expect(second["matched"] == 40 && second["skipped", default: 0] > 0)
        let arrived = try delivered("record.ndjson")
        #expect(Set(arrived).count == arrived.count && Set(arrived).isDisjoint(with: dead))
        // By now some of the spool may have been due.
        #expect(arrived.count + dead.count + second["waiting", default: 0] == 40)
    }

    @Test func `a repeat says that it skipped what was settled, dead letters too, and ends with 0`() throws {
        let receiver = try LocalReceiver(in: directory, ["--status", "404,200"])
        try configure(receiver, spool: "spool: {directory: spool, write_ahead: true}", webhook: ", concurrency: 1")
        let first = try run(["--run-id", "x"], Self.events(1...4))
        #expect(first.exit == .code(1))
        #expect(first.errorText.contains("orders: a batch of 2 events became dead letters"))
        let again = try run(["--run-id", "x"], Self.events(1...4))
        #expect(again.exit == .code(0))
        #expect(
            again.errorText == """
                hookline: 4 events were settled by an earlier run with this run id, or left in the spool: skipped
                  hint: what became dead letters then is in the dead-letter file of that run

                """)
        #expect(try run(["--run-id", "x", "-q"], Self.events(1...4)).errorText.isEmpty)
    }

    @Test func `what was not read before the deadline is fed from the line that the hint names`() throws {
        let receiver = try LocalReceiver(in: directory, ["--record", directory.file("record.ndjson")])
        try configure(receiver)
        let child = try ChildProcess(
            hookline, ["--deadline", "1s"], directory: directory.path, input: .streamed)
        try child.write(Self.events(1...3))
        try child.waitForOutput("}\n")
        let result = try child.finish()
        #expect(result.exit == .code(75))
        let line = try #require(result.errorText.firstMatch(of: /`tail -n \+([0-9]+)`/)?.1)
        try directory.write(Self.events(1...5), to: "events.ndjson")
        let rest = try runProcess("/usr/bin/tail", ["-n", "+\(line)", directory.file("events.ndjson")])
        #expect(try run([], rest.outputText).exit == .code(0))
        #expect(try delivered("record.ndjson") == [1, 2, 3, 4, 5])
    }

    @Test(arguments: [
        ["--summary", "conf/a.yaml"], ["--rejects", "conf/b.yml"], ["--dead-letter", "conf/token"],
        ["--rejects", "conf/.hookline-listen/ca.pem"], ["--spool", "conf/token"],
    ])
    func `no output goes into a file of the configuration, or one that it names`(options: [String]) throws {
        let receiver = try LocalReceiver(in: directory)
        let folder = FileManager.default
        try folder.createDirectory(atPath: directory.file("conf"), withIntermediateDirectories: false)
        try folder.copyItem(
            atPath: directory.file(".hookline-listen"), toPath: directory.file("conf/.hookline-listen"))
        let webhook = ", auth: {bearer: {file: token}}"
        try directory.write(Self.configuration(receiver.port, webhook: webhook), to: "conf/a.yaml")
        try directory.write("version: 1\ntests: []\n", to: "conf/b.yml")
        try directory.write("secret\n", to: "conf/token")
        let before = try directory.text(of: options[1])
        let result = try run(["--config", "conf"] + options, Self.events(1...1))
        #expect(result.exit == .code(64) && result.output.isEmpty)
        #expect(result.errorText.contains("`\(options[0])` names a file that is read: \(options[1])\n"))
        #expect(try directory.text(of: options[1]) == before)
        #expect(try run(["--config", "conf"], Self.events(1...1)).exit == .code(0))
    }

    @Test(arguments: [["--summary", "letters"], ["--rejects", "letters"]])
    func `no output of a replay goes into one of its files`(options: [String]) throws {
        let receiver = try LocalReceiver(in: directory)
        try configure(receiver)
        try directory.write("", to: "letters")
        try directory.write("", to: "others")
        let result = try run(["replay", "others", "letters"] + options)
        #expect(result.exit == .code(64))
        #expect(result.errorText.contains("`\(options[0])` names a file that is read: letters\n"))
    }

    /// They stay there, so the option names nothing that is written.
    @Test func `a replay of the file that the environment names for dead letters is none of these`() throws {
        let receiver = try LocalReceiver(in: directory)
        try configure(receiver)
        try directory.write("", to: "letters")
        let result = try runProcess(
            hookline, ["replay", "letters"], environment: ["HOOKLINE_DEAD_LETTER": "letters"],
            directory: directory.path)
        #expect(result.exit == .code(0), "\(result.errorText)")
    }

    @Test(arguments: [["validate"], ["validate", "--format", "github"], ["test"]])
    func `a configuration's name can't reach the terminal as it is`(command: [String]) throws {
        let name = "a\u{1b}[31m\n::error::x.yaml"
        let text = """
            version: 1
            topics: {t: A topic}
            webhooks: [{name: w, url: "https://a.example/", topics: [t]}]
            tests: [{name: one, event: {topic: t}, deliver_to: []}]
            """
        try directory.write(text, to: name)
        try directory.write(text + "\nfoo: 1", to: "wrong" + name)
        for name in [name, "wrong" + name] {
            let result = try runProcess(hookline, command + [name], directory: directory.path)
            let shown = result.outputText + result.errorText
            // In annotations names are escaped as GitHub has it, so that it finds the file.
            let lines = shown.split(separator: "\n").filter { !$0.hasPrefix("::") || $0.hasPrefix("::error::x") }
            #expect(!lines.joined().contains("\u{1b}"), "\(shown)")
            #expect(!shown.contains("\n::error::x"), "\(shown)")
            let isAnnotation = name.hasPrefix("wrong") && command.contains("github")
            #expect(isAnnotation || shown.contains(#"a\u{1b}[31m\u{a}::error::x.yaml:"#), "\(shown)")
        }
    }
}
