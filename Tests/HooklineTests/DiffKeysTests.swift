import Hookline
import TestKit
import Testing

/// Each key of the configuration changed alone.
@Suite struct DiffKeysTests {
    /// A key, and two ways to set it, as YAML in one line where it stands: in the file, or in a webhook. `shown` is the
    /// setting that is to differ, if it has another name.
    private struct Row: Sendable {
        var key: String
        var old: String
        var new: String
        var shown: String?

        init(_ key: String, _ old: String, _ new: String, shown: String? = nil) {
            (self.key, self.old, self.new, self.shown) = (key, old, new, shown)
        }
    }

    private static let reference = "{env: A}, {env: B}"

    private static let document: [Row] = [
        Row("input.topic", "input: {}", "input: {topic: /t}"), Row("input.id", "input: {}", "input: {id: /i}"),
        Row("input.time", "input: {}", "input: {time: /t}"),
        Row("input.max_event_bytes", "input: {}", "input: {max_event_bytes: 2MiB}"),
        Row("network.allow", "network: {allow: [10.0.0.0/8]}", "network: {allow: [10.0.0.0/9]}"),
        Row("network.max_connections", "network: {}", "network: {max_connections: 9}"),
        Row("network.proxy", "network: {proxy: \"http://a.example:1\"}", "network: {proxy: \"http://a.example:2\"}"),
        Row("spool.directory", "spool: {directory: a}", "spool: {directory: b}"),
        Row("spool.max_bytes", "spool: {directory: a}", "spool: {directory: a, max_bytes: 2GiB}"),
        Row("spool.max_age", "spool: {directory: a}", "spool: {directory: a, max_age: 81h}"),
        Row("spool.sync", "spool: {directory: a}", "spool: {directory: a, sync: never}"),
        Row("spool.write_ahead", "spool: {directory: a}", "spool: {directory: a, write_ahead: true}"),
        Row("tests.name", test("a", "[]"), test("b", "[]"), shown: "tests.b"),
        Row(
            "tests.event", test("a", "[]"), "tests: [{name: a, event: {topic: a, x: 1}, deliver_to: []}]",
            shown: "tests.a"),
        Row("tests.deliver_to", test("a", "[]"), test("a", "[one]"), shown: "tests.a"),
    ]

    private static func test(_ name: String, _ names: String) -> String {
        "tests: [{name: \(name), event: {topic: a}, deliver_to: \(names)}]"
    }

    private static func signing(_ rest: String) -> String { "signing: {secrets: [{env: A}], \(rest)}" }

    private static func custom(_ rest: String) -> String { signing("scheme: custom, header: X-A, \(rest)") }

    private static func basic(_ name: String, _ password: String) -> String {
        "auth: {basic: {username: \(name), password: {env: \(password)}}}"
    }

    private static func oauth(_ url: String, _ id: String, _ secret: String, _ scope: String) -> String {
        "auth: {oauth2: {token_url: \"https://\(url)\", client_id: \(id), client_secret: {env: \(secret)}, scope: \(scope)}}"
    }

    private static func tls(_ rest: String) -> String { "tls: {client_cert: a, client_key: a, \(rest)}" }

    private static let shared: [Row] = [
        Row("format", "format: json", "format: ndjson"), Row("batch.max_events", "batch: {}", "batch: {max_events: 9}"),
        Row("batch.max_bytes", "batch: {}", "batch: {max_bytes: 9KiB}"),
        Row("batch.max_wait", "batch: {}", "batch: {max_wait: 2s}"),
        Row("concurrency", "concurrency: 4", "concurrency: 5"),
        Row("order", "order: strict", "order: {key: /a}"), Row("rate_limit", "rate_limit: 50/s", "rate_limit: 50/min"),
        Row("timeout", "timeout: 1s", "timeout: 2s"),
        Row("connect_timeout", "connect_timeout: 1s", "connect_timeout: 2s"),
        Row("retry.max_attempts", "retry: {}", "retry: {max_attempts: 9}"),
        Row("retry.initial_backoff", "retry: {}", "retry: {initial_backoff: 9ms}"),
        Row("retry.max_backoff", "retry: {}", "retry: {max_backoff: 31s}"),
        Row("retry.max_retry_after", "retry: {}", "retry: {max_retry_after: 6m}"),
        Row("on_reject", "on_reject: bisect", "on_reject: dead_letter"),
        Row("breaker.failures", "breaker: {}", "breaker: null"),
        Row("breaker.probe_after", "breaker: {}", "breaker: {probe_after: 11s}"),
        Row("cloudevents.source", "cloudevents: {}", "cloudevents: {source: \"urn:a\"}"),
        Row("headers", "headers: {X-A: a}", "headers: {X-A: b}"),
        Row("auth.bearer", "auth: {bearer: {env: A}}", "auth: {bearer: {env: B}}"),
        Row("auth.basic.username", basic("a", "A"), basic("b", "A")),
        Row("auth.basic.password", basic("a", "A"), basic("a", "B")),
        Row("auth.oauth2.token_url", oauth("a.example", "a", "A", "a"), oauth("b.example", "a", "A", "a")),
        Row("auth.oauth2.client_id", oauth("a.example", "a", "A", "a"), oauth("a.example", "b", "A", "a")),
        Row("auth.oauth2.client_secret", oauth("a.example", "a", "A", "a"), oauth("a.example", "a", "B", "a")),
        Row("auth.oauth2.scope", oauth("a.example", "a", "A", "a"), oauth("a.example", "a", "A", "b")),
        Row("signing.scheme", signing("scheme: github"), signing("scheme: stripe"), shown: "signing"),
        Row("signing.secrets", "signing: {secrets: [{env: A}]}", "signing: {secrets: [{file: A}]}"),
        Row("signing.header", custom(""), signing("scheme: custom, header: X-B")),
        Row("signing.template", custom(""), custom("template: \"{body}\"")),
        Row("signing.value", custom(""), custom("value: \"v={signature}\"")),
        Row("signing.hash", custom(""), custom("hash: sha512")),
        Row("signing.encoding", custom(""), custom("encoding: base64")),
        Row("tls.ca_file", "tls: {ca_file: a}", "tls: {ca_file: b}"),
        Row("tls.client_cert", tls(""), "tls: {client_cert: b, client_key: a}"),
        Row("tls.client_key", tls(""), "tls: {client_cert: a, client_key: b}"),
        Row("tls.client_key_password", tls(""), tls("client_key_password: {env: A}")),
        Row("tls.min_version", "tls: {}", "tls: {min_version: \"1.3\"}"),
        Row(
            "tls.pinned_public_key", "tls: {}",
            "tls: {pinned_public_key: sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=}"),
        Row("http_version", "http_version: auto", "http_version: 1.1"),
    ]

    /// Those that only a webhook has; `url`, `topics` and `name` are of the webhook itself.
    private static let own: [Row] = [
        Row("description", "description: a", "description: b"), Row("filter", "filter: {a: [1]}", "filter: {a: [2]}"),
        Row("active", "active: true", "active: false"),
    ]

    private static func config(
        _ top: String = "", defaults: String = "", _ webhook: String = "", name: String = "one",
        url: String = "https://a.example/SECRET", topics: String = "[a]", declared: String = "{a: first, b: second}",
        in directory: TemporaryDirectory
    ) throws -> Config {
        let text = """
            version: 1
            topics: \(declared)
            defaults: {\(defaults)}
            webhooks:
              - {name: \(name), url: "\(url)", topics: \(topics)\(webhook.isEmpty ? "" : ", " + webhook)}
            \(top)
            """
        try directory.write(text, to: "webhooks.yaml")
        return try ConfigCases.reader.read(directory.file("webhooks.yaml")).config
    }

    /// The settings that differ; a webhook that was renamed has `name` before its own.
    private static func changes(_ old: Config, _ new: Config) -> [String] {
        let diff = ConfigDiff(old, new)
        #expect(ConfigDiff(old, old).isEmpty && ConfigDiff(new, new).isEmpty)
        #expect(diff.added.isEmpty && diff.removed.isEmpty)
        let text = DiffReport(diff, old, new).text
        #expect(!text.contains("SECRET"))
        return diff.changes.map(\.key)
            + diff.changed.flatMap { ($0.renamedFrom == nil ? [] : ["name"]) + $0.changes.map(\.key) }
    }

    private static func isNamed(_ row: Row, in changes: [String]) -> Bool {
        let key = row.shown ?? row.key
        return changes.contains { $0 == key || $0.hasPrefix(key + ".") }
    }

    @Test func `the rows name each key of the configuration, and no other`() {
        // The version has one value.
        let rest = ["version", "topics", "webhooks.name", "webhooks.url", "webhooks.topics"]
        let named = Self.document.map(\.key) + (Self.shared + Self.own).map { "webhooks." + $0.key } + rest
        #expect(Set(named) == Set(ConfigReference.keys))
        #expect(named.count == ConfigReference.keys.count)
        #expect(Set(Self.shared.map { "webhooks." + $0.key }) == Set(ConfigReference.sharedKeys))
    }

    @Test func `each key of the file that changes alone is named`() throws {
        let directory = try TemporaryDirectory()
        for row in Self.document {
            let old = try Self.config(row.old, in: directory)
            let new = try Self.config(row.new, in: directory)
            let changes = Self.changes(old, new)
            #expect(Self.isNamed(row, in: changes), "\(row.key): \(changes)")
        }
    }

    @Test func `each key of a webhook that changes alone is named, and no other`() throws {
        let directory = try TemporaryDirectory()
        for row in Self.shared + Self.own {
            let old = try Self.config("", row.old, in: directory)
            let new = try Self.config("", row.new, in: directory)
            let changes = Self.changes(old, new)
            #expect(Self.isNamed(row, in: changes), "\(row.key): \(changes)")
            #expect(changes.count == 1, "\(row.key): \(changes)")
        }
    }

    @Test func `each key that changes in the defaults is named at the webhook`() throws {
        let directory = try TemporaryDirectory()
        for row in Self.shared {
            let old = try Self.config(defaults: row.old, in: directory)
            let new = try Self.config(defaults: row.new, in: directory)
            let diff = ConfigDiff(old, new)
            #expect(diff.changes.isEmpty)
            #expect(Self.isNamed(row, in: diff.changed.flatMap { $0.changes.map(\.key) }), "\(row.key)")
        }
    }

    @Test func `name, URL and topics of a webhook and declared topics are named`() throws {
        let directory = try TemporaryDirectory()
        let old = try Self.config(in: directory)
        #expect(Self.changes(old, try Self.config(name: "two", in: directory)) == ["name"])
        #expect(Self.changes(old, try Self.config(topics: "[a, b]", in: directory)) == ["topics"])
        for url in ["https://b.example/SECRET", "https://a.example/SECRET2", "https://a.example:444/SECRET"] {
            #expect(Self.changes(old, try Self.config(url: url, in: directory)) == ["url"])
        }
        for declared in [
            "{a: first, b: other}", "{a: first, b: second, c: third}", "{a: first, b.c: second, b: second}",
        ] {
            #expect(Self.changes(old, try Self.config(declared: declared, in: directory)).count == 1)
        }
    }

    @Test func `a webhook with another name is the same where it goes to the same place, else it is another`() throws {
        let directory = try TemporaryDirectory()
        let old = try Self.config(in: directory)
        let renamed = ConfigDiff(old, try Self.config("", "concurrency: 9", name: "two", in: directory))
        #expect(renamed.changed.map(\.renamedFrom) == ["one"] && renamed.successors == [0])
        #expect(renamed.changed.first?.changes.map(\.key) == ["concurrency"])
        let other = ConfigDiff(old, try Self.config(name: "two", url: "https://c.example/", in: directory))
        #expect(other.added == [0] && other.removed == [0] && other.successors == [nil] && other.changed.isEmpty)
    }

    @Test func `a topic below another one that changes is told too`() throws {
        let directory = try TemporaryDirectory()
        let old = try Self.config(declared: "{a: first}", in: directory)
        let new = try Self.config(declared: "{a: other, a.b: second}", in: directory)
        #expect(Self.changes(old, new) == ["topics.a", "topics.a.b"])
    }
}
