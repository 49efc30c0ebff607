import Foundation
import Glibc
import TestKit
import Testing

@testable import Hookline

@Suite struct MetricsTests {
    private static let start = Moment(
        monotonic: ContinuousClock().systemEpoch, wall: WallTime(milliseconds: 1_700_000_000_000))

    private static func metrics(_ change: (inout Books) -> Void) -> String {
        var config = Config(path: "webhooks.yaml", sha256: "00")
        config.topics = [Config.Topic(name: "task", description: "")]
        config.webhooks = ["one", "two"].map {
            Webhook(
                name: $0, url: .value(WebhookURL(text: "https://a.example/secret", host: "a.example", port: 443)),
                topics: [.all])
        }
        var books = Books(topics: 1, webhooks: 2)
        books.input.complete = true
        change(&books)
        let finished = Moment(
            monotonic: start.monotonic + .milliseconds(1_250), wall: WallTime(milliseconds: 1_700_000_001_250))
        return Metrics(
            Summary(
                runID: "run-1", started: start, finished: finished, ended: .endOfInput, config: config, shown: [0, 1],
                books: books)
        ).text
    }

    @Test func `each number of the books has its own line`() {
        let text = Self.metrics { books in
            (books.webhooks[0].matched, books.webhooks[0].filtered, books.webhooks[0].resumed) = (101, 102, 103)
            (books.webhooks[0].delivered, books.webhooks[0].skipped) = (104, 105)
            (books.webhooks[0].deadLettered, books.webhooks[0].deferred, books.webhooks[0].lost) = (106, 107, 108)
            (books.webhooks[0].requests, books.webhooks[0].retries, books.webhooks[0].bytesSent) = (109, 110, 111)
            books.webhooks[0].statuses = [200: 112, 503: 113]
            books.webhooks[0].failures = ["timeout": 114]
            books.webhooks[0].breakerOpened = 115
            books.webhooks[1].switchedOff = "410 at noon"
            books.gone.waiting = 116
            (books.input.lines, books.input.blank, books.input.events, books.input.bytes) = (117, 118, 119, 120)
            books.input.refused = ["not_json": 121]
            (books.input.unknownTopic, books.input.unmatched) = (122, 123)
        }
        for line in [
            #"run_matched_events{webhook="one"} 101"#, #"run_filtered_events{webhook="one"} 102"#,
            #"run_resumed_events{webhook="one"} 103"#, #"run_events{webhook="one",state="delivered"} 104"#,
            #"run_events{webhook="one",state="skipped"} 105"#, #"run_events{webhook="one",state="dead_lettered"} 106"#,
            #"run_events{webhook="one",state="deferred"} 107"#, #"run_events{webhook="one",state="lost"} 108"#,
            #"run_requests{webhook="one"} 109"#, #"run_retries{webhook="one"} 110"#,
            #"run_sent_bytes{webhook="one"} 111"#, #"run_responses{webhook="one",code="200"} 112"#,
            #"run_responses{webhook="one",code="503"} 113"#, #"run_failures{webhook="one",reason="timeout"} 114"#,
            #"run_breaker_opened{webhook="one"} 115"#, #"run_switched_off{webhook="one"} 0"#,
            #"run_switched_off{webhook="two"} 1"#, "spool_waiting_events 223", #"run_input_lines{kind="blank"} 118"#,
            #"run_input_lines{kind="event"} 119"#, #"run_input_lines{kind="refused"} 121"#,
            "run_input_bytes 120", #"run_refused_lines{reason="not_json"} 121"#, "run_unknown_topic_events 122",
            "run_unmatched_events 123", "run_balanced 0", "run_exit_code 1", "run_input_complete 1",
            "run_duration_seconds 1.250", "run_timestamp_seconds 1700000001.250",
        ] {
            #expect(text.contains("hookline_\(line)\n"), "\(line)")
        }
        #expect(!text.contains("secret"))
    }

    @Test func `latencies are a summary in seconds`() {
        let text = Self.metrics { books in
            for milliseconds in 1...100 { books.webhooks[1].latency.record(.milliseconds(milliseconds * 10)) }
        }
        #expect(text.contains("# TYPE hookline_run_latency_seconds summary\n"))
        #expect(text.contains(#"hookline_run_latency_seconds{webhook="two",quantile="1"} 1.000"# + "\n"))
        #expect(text.contains(#"hookline_run_latency_seconds_sum{webhook="two"} 50.500000"# + "\n"))
        #expect(text.contains(#"hookline_run_latency_seconds_count{webhook="two"} 100"# + "\n"))
        // Nobody asked the first one.
        #expect(!text.contains(#"latency_seconds{webhook="one""#))
    }

    @Test(arguments: [(#"a\b"#, #"a\\b"#), ("a\nb", #"a\nb"#), (#"say "x""#, #"say \"x\""#)])
    func `a label's value is escaped`(text: String, expected: String) {
        #expect(Metrics.escaped(text, isLabel: true) == expected)
        #expect(Metrics.escaped(#""quote""#) == #""quote""#)
    }

    // MARK: The file

    private static let configuration = """
        version: 1
        topics: {t: Things}
        webhooks: [{name: one, url: "https://a.example/", topics: [t], active: false}]
        """

    private static func run(_ directory: TemporaryDirectory, _ arguments: String...) throws -> ProcessResult {
        try directory.write(configuration, to: "webhooks.yaml")
        return try runProcess(
            builtProduct("hookline"), arguments, directory: directory.path, input: .text("{\"topic\":\"t\"}\n"))
    }

    @Test func `the file is put in the place of the last one, for all to read`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("old", to: "run.prom")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory.file("run.prom"))
        let before = try #require(FileIdentity(at: directory.file("run.prom")))
        #expect(try Self.run(directory, "--metrics", "run.prom").exit == .code(0))
        #expect(try directory.text(of: "run.prom").contains("\nhookline_run_exit_code 0\n"))
        #expect(FileIdentity(at: directory.file("run.prom")) != before)
        let mode = try FileManager.default.attributesOfItem(atPath: directory.file("run.prom"))[.posixPermissions]
        #expect(mode as? Int == 0o644)
        let left = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        #expect(left == ["run.prom", "webhooks.yaml"])
    }

    @Test func `a folder that is not there is found before the run, with what to do`() throws {
        let directory = try TemporaryDirectory()
        let result = try Self.run(directory, "--metrics", "none/run.prom")
        #expect(result.exit == .code(74))
        #expect(result.outputText.isEmpty)
        #expect(
            result.errorText
                == "hookline: error: none/run.prom can't be written: No such file or directory\n  hint: make the folder first\n"
        )
    }

    @Test(arguments: [
        ["--metrics", "same", "--summary", "same"], ["--metrics", "webhooks.yaml"],
        ["--metrics", "kept/run.prom", "--spool", "kept"],
    ])
    func `it does not go where something else is read or written`(arguments: [String]) throws {
        let directory = try TemporaryDirectory()
        try directory.write(Self.configuration, to: "webhooks.yaml")
        let result = try runProcess(builtProduct("hookline"), arguments, directory: directory.path)
        #expect(result.exit == .code(64))
        #expect(result.errorText.contains("`--metrics`"))
        #expect(try directory.text(of: "webhooks.yaml") == Self.configuration)
    }

    @Test func `a replay writes it too, and not over what it reads`() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Self.configuration, to: "webhooks.yaml")
        try directory.write("", to: "dead.ndjson")
        let hookline = try builtProduct("hookline")
        func replay(_ metrics: String) throws -> ProcessResult {
            try runProcess(hookline, ["replay", "dead.ndjson", "--metrics", metrics], directory: directory.path)
        }
        #expect(try replay("dead.ndjson").exit == .code(64))
        #expect(try replay("run.prom").exit == .code(0))
        #expect(try directory.text(of: "run.prom").contains("hookline_run_info{"))
    }
}
