import Foundation
import Hookline
import TestKit
import Testing

@Suite struct ConfigReaderTests {
    private let valid = ConfigCases.folder + "/valid/"

    @Test func `every key that is given reaches the configuration`() throws {
        let (config, warnings) = try ConfigCases.reader.read(valid + "every-key.yaml")
        #expect(config.path == valid + "every-key.yaml")
        #expect(config.input.topic == JSONPointer(tokens: ["meta", "topic"]))
        #expect(config.input.id == JSONPointer(tokens: ["meta", "a/b"]))
        #expect(config.input.time == JSONPointer(tokens: ["meta", "~time"]))
        #expect(config.input.maxEventBytes == 65_536)
        #expect(config.topics.map(\.name) == ["object.created", "object.updated"])
        #expect(config.topics.map(\.description) == ["Fires when a new object is created", ""])
        #expect(config.network.allow.map(\.description) == ["10.0.0.0/8", "::1/128", "127.0.0.1/32"])
        #expect(config.network.maxConnections == 12)
        var spool = Config.Spool()
        spool.directory = valid + "kept"
        spool.maxBytes = 5 << 30
        spool.maxAge = .seconds(86_400)
        spool.sync = .never
        spool.writeAhead = true
        #expect(config.spool == spool)

        var expected = Webhook(
            name: "Invoicing 2.0_a-b",
            url: .value(
                WebhookURL(
                    text: "https://billing.example.com:8443/hooks/orders?token=1", host: "billing.example.com",
                    port: 8443)),
            topics: [.exact("object.created"), .below(prefix: "object.")])
        expected.description = "Create an invoice"
        expected.format = .ndjson
        expected.batch.maxEvents = 50
        expected.batch.maxBytes = 10_000_000
        expected.batch.maxWait = .milliseconds(250)
        expected.concurrency = 16
        expected.order = .key(JSONPointer(tokens: ["object", "a/b"]))
        expected.rateLimit = .init(requests: 600, period: .seconds(60))
        expected.breaker.failures = 3
        expected.breaker.probeAfter = .seconds(60)
        expected.timeout = .seconds(120)
        expected.connectTimeout = .seconds(1)
        expected.retry.maxAttempts = 2
        expected.retry.initialBackoff = .seconds(1)
        expected.retry.maxBackoff = .seconds(10)
        expected.retry.maxRetryAfter = .seconds(3_600)
        expected.headers = [
            Webhook.Header(name: "X-Team", value: .value(Secret("orders"))),
            Webhook.Header(name: "x-environment", value: .value(Secret("production"))),
        ]
        expected.onReject = .deadLetter
        expected.cloudEventsSource = "urn:example:orders?a=%20"
        expected.tls.caFile = config.webhooks.first?.tls.caFile
        #expect(expected.tls.caFile?.name == "/etc/ca.pem")
        expected.httpVersion = .http1_1
        #expect(config.webhooks.first == expected)
        #expect(
            warnings.problems.map(\.message) == [
                "webhook `Invoicing 2.0_a-b` has no `signing`",
                "the query of `url` seems to hold a secret in plain text", "webhook `plain` has no `signing`",
                "webhook `plain` subscribes to every topic",
            ])
    }

    @Test func `what is not given has its default, or that of defaults`() throws {
        let (config, _) = try ConfigCases.reader.read(valid + "every-key.yaml")
        var expected = Webhook(
            name: "plain",
            url: .value(WebhookURL(text: "https://plain.example.com/", host: "plain.example.com", port: 443)),
            topics: [.all])
        expected.concurrency = 8
        expected.order = .strict
        expected.rateLimit = .init(requests: 50, period: .seconds(1))
        expected.breaker.failures = .max
        expected.retry.maxAttempts = 2
        expected.retry.maxBackoff = .seconds(10)
        expected.headers = [
            Webhook.Header(name: "X-Environment", value: .value(Secret("staging"))),
            Webhook.Header(name: "X-Team", value: .value(Secret("orders"))),
        ]
        expected.tls.caFile = config.webhooks.last?.tls.caFile
        #expect(expected.tls.caFile?.name == valid + "ca.pem")
        #expect(config.webhooks.last == expected)
        #expect(expected.format == .json && expected.active && expected.httpVersion == .auto)
        #expect(expected.batch.maxEvents == 100 && expected.batch.maxBytes == 1 << 20)
        #expect(expected.batch.maxWait == .seconds(1) && expected.timeout == .seconds(15))
    }

    @Test func `words that YAML could take for other types stay text`() throws {
        let (config, warnings) = try ConfigCases.reader.read(valid + "oddities.yaml")
        #expect(config.topics.map(\.name) == ["no", "1.10", "object.created", "object.updated"])
        let descriptions = ["on", "1.10", "Fires when an object\nis created\n", "Fires when it changes"]
        #expect(config.topics.map(\.description) == descriptions)
        #expect(config.webhooks.map(\.name) == ["no", "1.10", "yes"])
        #expect(config.webhooks.map(\.description) == ["null", nil, nil])
        #expect(config.webhooks[0].topics == config.webhooks[1].topics)
        #expect(config.webhooks[1].topics == [.exact("no"), .exact("1.10"), .exact("object.created")])
        #expect(
            warnings.problems.map(\.message) == [
                "webhook `no` has no `signing`", "webhook `1.10` has no `signing`", "webhook `yes` has no `signing`",
            ])
    }

    @Test(arguments: [
        ("write_ahead: true", "2:9 `spool.write_ahead` needs a spool, and `spool.directory` names none"),
        (
            "max_bytes: 1GiB, max_age: 2h",
            "2:9 no effect: `spool.max_bytes`, `spool.max_age`; `spool.directory` names no spool"
        ),
        ("directory: null, sync: never", "2:26 no effect: `spool.sync`; `spool.directory` names no spool"),
        ("write_ahead: false", nil), ("directory: spool, write_ahead: true, max_bytes: 1GiB", nil),
    ])
    func `what is said of a spool that nothing names is warned about`(spool: String, expected: String?) throws {
        let directory = try TemporaryDirectory()
        let text =
            "version: 1\nspool: {\(spool)}\ntopics: {a: A}\nwebhooks: "
            + "[{name: x, url: https://a.example.com, topics: [a], signing: {secrets: [{env: S}]}}]\n"
        try directory.write(text, to: "webhooks.yaml")
        let (_, warnings) = try ConfigCases.reader.read(directory.file("webhooks.yaml"))
        #expect(
            warnings.problems.map { "\($0.mark.line):\($0.mark.column) \($0.message)" } == [expected].compactMap(\.self)
        )
        #expect(warnings.problems.allSatisfy { $0.hint?.contains("--spool DIR") ?? false })
    }

    @Test func `the files of a directory are merged in the order of their names`() throws {
        let (config, warnings) = try ConfigCases.reader.read(valid + "merged")
        #expect(config.topics.map(\.name) == ["object.created", "object.updated"])
        #expect(config.webhooks.map(\.name) == ["billing", "search"])
        #expect(config.webhooks.map(\.timeout) == [.seconds(3), .seconds(4)])
        #expect(config.webhooks.map(\.tls.caFile?.name) == [valid + "merged/ca.pem", nil])
        #expect(
            warnings.problems.map(\.message) == [
                "webhook `billing` has no `signing`", "webhook `search` has no `signing`",
            ])
        let sizes = try ["10-topics.yaml", "20-billing.yml", "30-search.yaml"].map {
            try Data(contentsOf: URL(filePath: valid + "merged/" + $0)).count
        }
        #expect(config.sha256 == "\(sizes.reduce(0, +)) bytes")
    }

    @Test func `what two files of a directory both say is an error that names both places`() throws {
        let directory = try TemporaryDirectory()
        let first =
            "version: 1\ntopics: {a: A}\nnetwork: {}\nwebhooks: [{name: x, url: https://a.example.com, topics: [a]}]\n"
        let second = "topics: {a: A}\nnetwork: {}\nwebhooks: [{name: x, url: https://a.example.com, topics: [a]}]\n"
        try first.write(toFile: directory.file("a.yaml"), atomically: true, encoding: .utf8)
        try second.write(toFile: directory.file("b.yaml"), atomically: true, encoding: .utf8)
        let report = try #require(ConfigCases.report(of: directory.path))
        let path = directory.file("a.yaml")
        #expect(
            report.problems.map(\.message) == [
                "the file has no `version`", "topic `a` is declared twice; the first is on \(path):2",
                "`network` is in two files; the first is on \(path):3",
                "two webhooks have the name `x`; the first is on \(path):4",
            ])
        #expect(report.problems.map(\.mark.line) == [1, 1, 2, 3])
        #expect(report.text.hasPrefix("\(directory.file("b.yaml")):1:1: error: "))
    }

    @Test func `a broken file hides no mistake of its own, but nothing is guessed about the others`() throws {
        let directory = try TemporaryDirectory()
        try "version: 1\ntopics: [".write(toFile: directory.file("a.yaml"), atomically: true, encoding: .utf8)
        try "version: 1\nversion: 1\nwebhooks: [{name: x, url: https://a.example.com, topics: [a]}]\n"
            .write(toFile: directory.file("b.yaml"), atomically: true, encoding: .utf8)
        let report = try #require(ConfigCases.report(of: directory.path))
        #expect(report.problems.map(\.message).last == "`version` is given twice; the first is on line 1")
        #expect(report.errorCount == 2)
    }

    @Test func `a topic that nobody uses is a warning at its place`() throws {
        let directory = try TemporaryDirectory()
        let text = """
            version: 1
            topics: {a: A, b: B}
            webhooks:
              - {name: x, url: https://a.example.com, topics: [a], signing: {secrets: [{env: A}]}}
            """
        try text.write(toFile: directory.file("a.yaml"), atomically: true, encoding: .utf8)
        let (_, warnings) = try ConfigCases.reader.read(directory.file("a.yaml"))
        let expected = """
            \(directory.file("a.yaml")):2:16: warning: no webhook subscribes to topic `b`
              topics: {a: A, b: B}
                             ^
              hint: its events will be counted as unmatched

            """
        #expect(warnings.text == expected)
        #expect(warnings.errorCount == 0)
    }

    @Test func `aliases up to the limit are taken`() throws {
        let directory = try TemporaryDirectory()
        var text = "version: 1\ntopics: {a: A}\nwebhooks:\n- {name: w, url: https://a.example.com, topics: &t [a]}\n"
        for index in 0..<2_000 { text += "- {name: w\(index), url: https://a.example.com, topics: *t}\n" }
        try text.write(toFile: directory.file("a.yaml"), atomically: true, encoding: .utf8)
        #expect(try ConfigCases.reader.read(directory.file("a.yaml")).config.webhooks.count == 2_001)
    }

    @Test func `a configuration that is not there is no input`() throws {
        let directory = try TemporaryDirectory()
        let failures = try [directory.file("none.yaml"), directory.path].map { path in
            try #require(throws: ConfigFailure.self) { try ConfigCases.reader.read(path) }
        }
        #expect(failures.map(\.exitCode) == [.noInput, .noInput])
        #expect(
            failures.map(\.message) == [
                "can't read configuration `\(directory.file("none.yaml"))`: no such file or directory",
                "directory `\(directory.path)` holds no *.yaml or *.yml file",
            ])
    }
}
