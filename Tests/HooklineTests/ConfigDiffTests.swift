import Foundation
import Hookline
import TestKit
import Testing

@Suite struct ConfigDiffTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func config(_ text: String, _ name: String) throws -> Config {
        try directory.write(text, to: name)
        return try ConfigCases.reader.read(directory.file(name)).config
    }

    private func diff(_ old: String, _ new: String) throws -> ConfigDiff {
        ConfigDiff(try config(old, "old.yaml"), try config(new, "new.yaml"))
    }

    private static func webhook(_ settings: String, name: String = "a", url: String = "https://a.example/x") -> String {
        """
        version: 1
        topics: {t.a: A, t.b: B}
        webhooks:
          - {name: \(name), url: "\(url)", topics: [t.a, t.b]\(settings)}

        """
    }

    private static let full = """
        version: 1
        input: {topic: /a, id: /b, time: /c, max_event_bytes: 2MiB}
        topics: {t.a: A, t.b: B}
        network: {allow: [10.0.0.0/8], max_connections: 9, proxy: "http://proxy.example:3128"}
        spool: {directory: q, max_bytes: 1MiB, max_age: 1h, sync: never, write_ahead: true}
        defaults:
          description: null
        webhooks:
          - name: a
            description: What it is for
            url: https://b.example/
            topics: [t.a]
            filter: {a: [1]}
            active: false
            format: cloudevents
            batch: {max_events: 7, max_bytes: 7KiB, max_wait: 7s}
            concurrency: 7
            order: strict
            rate_limit: 7/s
            timeout: 7s
            connect_timeout: 7s
            retry: {max_attempts: 7, initial_backoff: 7s, max_backoff: 77s, max_retry_after: 7s}
            on_reject: dead_letter
            breaker: {failures: 7, probe_after: 7s}
            cloudevents: {source: "urn:x"}
            headers: {X-A: b}
            auth: {bearer: {env: TOKEN}}
            signing: {scheme: custom, header: X-S, secrets: [{env: S}]}
            tls: {ca_file: ca.pem, client_cert: {file: c}, client_key: {file: k}, client_key_password: {env: P},
                  min_version: "1.3", pinned_public_key: "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}
            http_version: "1.1"
          - {name: b, url: "https://a.example/", topics: [t.a], auth: {basic: {username: u, password: {env: P}}}}
          - name: c
            url: https://a.example/
            topics: [t.a]
            auth: {oauth2: {token_url: "https://a.example/", client_id: i, client_secret: {env: P}, scope: s}}

        """

    /// The keys of the reference page, which is made from the same table; each by its full name.
    private static func keys() throws -> Set<String> {
        let page = try String(
            contentsOf: packageFile("docs/webhooks.yaml.md"), encoding: .utf8)
        var keys: Set<String> = []
        var prefix: String?
        for line in page.split(separator: "\n") {
            if line.hasPrefix("## ") {
                let heading = line.dropFirst(3)
                if heading == "A webhook" {
                    prefix = ""
                } else {
                    prefix = heading.firstMatch(of: /^`([a-z0-9_.]+)`/).map { String($0.1) + "." }
                }
            } else if let prefix, let key = line.firstMatch(of: /^\| `([a-z0-9_]+)` \| (.*?) \|/),
                !["mapping", "mapping or null"].contains(key.2)
            {
                keys.insert(prefix + key.1)
            }
        }
        return keys
    }

    @Test func `no key of the configuration can change unseen`() throws {
        let bare = try config(
            Self.webhook("") + """
                  - {name: b, url: "https://a.example/", topics: [t.a]}
                  - {name: c, url: "https://a.example/", topics: [t.a]}
                """, "old.yaml")
        let diff = ConfigDiff(
            bare, try config(Self.full.replacing("  description: null", with: "  timeout: 14s"), "new.yaml"))
        var seen = Set(diff.settings.map(\.key))
        for item in diff.webhooks { seen.formUnion(item.changes.map(\.key)) }
        // One text tells of all that makes a scheme; headers and secrets have names and numbers of their own.
        let parts = ["header", "template", "value", "hash", "encoding"].map { "signing." + $0 }
        seen.formUnion(parts)
        #expect(seen.contains("headers.X-A") && seen.contains("signing.secrets[0]"))
        seen.formUnion(["headers", "signing.secrets", "name"])
        let keys = try Self.keys()
        #expect(keys.count > 50)
        #expect(keys.subtracting(seen).sorted() == [])
    }

    @Test(arguments: [
        (", headers: {X: a}", ", headers: {X: b}", "headers.X"),
        (", auth: {bearer: {env: A}}", ", auth: {bearer: {env: B}}", "auth.bearer"),
        (
            ", signing: {scheme: github, secrets: [{env: A}]}", ", signing: {scheme: stripe, secrets: [{env: A}]}",
            "signing.scheme"
        ),
        (
            ", signing: {scheme: custom, header: X, secrets: [{env: A}]}",
            ", signing: {scheme: custom, header: X, encoding: base64, secrets: [{env: A}]}", "signing.scheme"
        ),
        (", filter: {a: [1]}", ", filter: {a: [2]}", "filter"),
        (", order: {key: /a}", ", order: {key: /b}", "order"),
        (", breaker: null", "", "breaker.failures"),
    ])
    func `one setting that differs is told, and nothing else`(old: String, new: String, key: String) throws {
        let diff = try diff(Self.webhook(old), Self.webhook(new))
        #expect(diff.webhooks.count == 1 && diff.settings.isEmpty && diff.topics.isEmpty)
        #expect(diff.webhooks.first?.changes.map(\.key) == [key])
    }

    @Test func `a secret that differs is told and not shown`() throws {
        let diff = try diff(
            Self.webhook(", headers: {X: planted}", url: "https://a.example/planted"),
            Self.webhook(", headers: {X: other}", url: "https://a.example/other"))
        let changes = try #require(diff.webhooks.first).changes
        #expect(changes.map(\.key) == ["url", "headers.X"] && changes.allSatisfy { $0.isHidden })
        #expect(!"\(changes)".contains("planted") && !"\(changes)".contains("other"))
    }

    @Test(arguments: ["# a comment\n", "defaults: {timeout: 15s}\n", "defaults: {}\n"])
    func `what says the same does not differ, wherever it stands`(before: String) throws {
        let settings = ", auth: {bearer: {env: A}}, tls: {ca_file: ca.pem}"
        #expect(try diff(Self.webhook(settings), before + Self.webhook(settings)).isEmpty)
        try FileManager.default.createDirectory(atPath: directory.file("other"), withIntermediateDirectories: true)
        let moved = try config(Self.webhook(settings), "other/new.yaml")
        #expect(ConfigDiff(try config(Self.webhook(settings), "old.yaml"), moved).isEmpty)
    }

    @Test func `a default is told where it holds`() throws {
        let diff = try diff(Self.webhook(""), "defaults: {retry: {max_attempts: 9}}\n" + Self.webhook(""))
        let item = try #require(diff.webhooks.first)
        #expect(diff.webhooks.count == 1 && item.kind == .changed && item.changes.count == 1)
        #expect(item.changes.first?.key == "retry.max_attempts")
        #expect(item.changes.first?.old == "4" && item.changes.first?.new == "9")
    }

    @Test func `a webhook with another name and the same place is renamed, with another place it is another`() throws {
        let renamed = try diff(Self.webhook(""), Self.webhook(", concurrency: 9", name: "b"))
        #expect(renamed.webhooks.map(\.kind) == [.renamed] && renamed.oldNames == ["a"])
        #expect(renamed.webhooks.first?.changes.map(\.key) == ["concurrency"])
        let other = try diff(Self.webhook(""), Self.webhook("", name: "b", url: "https://c.example/"))
        #expect(other.webhooks.map(\.kind) == [.added, .removed] && other.oldNames == [nil])
    }
}
