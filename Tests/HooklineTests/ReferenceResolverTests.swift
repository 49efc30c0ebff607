import Foundation
import Glibc
import Hookline
import TestKit
import Testing

/// What a run finds where references point.
@Suite struct ReferenceResolverTests {
    private static let environment = [
        "URL": "https://b.example.com:8443/hooks/s3cret?key=s3cret", "TOKEN": "t0ken", "EMPTY": "", "TWO_LINES": "a\nb",
        "LATIN1": "a\u{FFFD}", "USER": "us:er", "KEY": "bad key", "PROXY": "http://us:p4ss@proxy.example:3128",
        "TEXT": "no url",
    ]

    /// Reads a configuration of one webhook with these lines, in a folder with the files, and resolves it.
    private static func resolve(
        _ lines: String, network: String = "{}", files: [String: [UInt8]] = [:], takesPart: Bool = true
    ) throws -> Result<(config: Config, warnings: ConfigReport), ConfigFailure> {
        let directory = try TemporaryDirectory()
        for (name, bytes) in files {
            try Data(bytes).write(to: URL(filePath: directory.file(name)))
            unsafe chmod(directory.file(name), 0o600)
        }
        let text = """
            version: 1
            topics: {a: A}
            network: \(network)
            webhooks:
              - name: w
                topics: [a]
                \(lines)
            """
        try directory.write(text, to: "webhooks.yaml")
        let (config, report) = try ConfigCases.reader.read(directory.file("webhooks.yaml"))
        let resolver = ReferenceResolver(parsers: ConfigCases.parsers, environment: environment) { secret, _ in
            secret.revealed == "bad key" ? ("this is no key", "make another") : nil
        }
        return Result { () throws(ConfigFailure) in
            try resolver.resolve(config, report: report) { _ in takesPart }
        }
    }

    private static func messages(
        _ result: Result<(config: Config, warnings: ConfigReport), ConfigFailure>
    ) -> [String] {
        switch result {
        case .success(let resolved): return resolved.warnings.problems.map(\.message)
        case .failure(.invalid(let report)): return report.problems.map(\.message)
        case .failure(let failure): return [failure.message]
        }
    }

    @Test func `values take the place of references`() throws {
        let pem = Array("-----BEGIN CERTIFICATE-----\n".utf8)
        let (config, _) = try Self.resolve(
            """
            url: {env: URL}
                headers: {X-Token: {env: TOKEN}}
                auth: {basic: {username: hookline, password: {file: password}}}
                signing: {secrets: [{env: TOKEN}]}
                tls: {client_cert: cert.pem, client_key: {file: key.pem}, client_key_password: {env: TOKEN}}
            """, network: "{proxy: {env: PROXY}}",
            files: ["password": Array("p4ss word\n".utf8), "cert.pem": pem, "key.pem": pem]
        ).get()
        let webhook = config.webhooks[0]
        #expect(webhook.url.value?.text == Self.environment["URL"])
        #expect(webhook.shownURL == "https://b.example.com:8443/…")
        #expect(webhook.headers[0].value == .value(Secret("t0ken")))
        #expect(
            webhook.auth == .basic(username: .value(Secret("hookline")), password: .value(Secret("p4ss word"))))
        #expect(webhook.signing?.secrets == [.value(Secret("t0ken"))])
        #expect(webhook.tls.clientCertificate == .value(Secret("-----BEGIN CERTIFICATE-----")))
        #expect(webhook.tls.clientKeyPassword == .value(Secret("t0ken")))
        #expect(
            config.network.proxy
                == .value(Proxy(url: "http://proxy.example:3128", username: Secret("us"), password: Secret("p4ss"))))
    }

    @Test(arguments: [
        ("a\n", "a"), ("a", "a"), ("a\n\n", "a\n"), ("a\r\n", "a"), (" a \n", " a "),
    ])
    func `one final line break of a file is dropped, nothing else`(content: String, expected: String) throws {
        // A client id may be any text without control characters; a header's value too, and it is not checked for blanks.
        let result = try Self.resolve(
            "url: https://a.example.com/\n    tls: {client_cert: cert.pem, client_key: cert.pem}",
            files: ["cert.pem": Array(("-----BEGIN " + content).utf8)])
        #expect(try result.get().config.webhooks[0].tls.clientKey == .value(Secret("-----BEGIN " + expected)))
    }

    @Test(arguments: [
        ("url: {env: MISSING}", "`url`: environment variable `MISSING` is not set"),
        ("url: {env: EMPTY}", "`url`: environment variable `EMPTY` is empty"),
        ("url: {env: TEXT}", "`url`: environment variable `TEXT`: the URL holds a control character or a space"),
        ("headers: {X-A: {env: TWO_LINES}}", "`headers.X-A`: environment variable `TWO_LINES` is blank or holds"),
        ("auth: {bearer: {env: TWO_LINES}}", "`auth.bearer`: environment variable `TWO_LINES` holds a control"),
        ("auth: {basic: {username: {env: USER}, password: {env: TOKEN}}}", "`auth.basic.username`: environment"),
        ("signing: {secrets: [{env: KEY}]}", "`signing.secrets`: environment variable `KEY`: this is no key"),
        (
            "tls: {client_cert: {env: TOKEN}, client_key: {env: TOKEN}}",
            "`tls.client_cert`: environment variable `TOKEN` hol"
        ),
        ("auth: {bearer: {file: missing}}", "can't be read: no such file or directory"),
        ("auth: {bearer: {file: empty}}", "empty` is empty"),
        ("auth: {bearer: {file: line}}", "line` is empty"),
        ("auth: {bearer: {env: LATIN1}}", "`LATIN1` is not UTF-8"),
        ("auth: {bearer: {file: latin1}}", "latin1` is not UTF-8"),
        ("auth: {bearer: {file: large}}", "large` is larger than 1MiB"),
        ("auth: {bearer: {file: .}}", "can't be read: is a directory"),
    ])
    func `what can't be used is named by its key, without its value`(lines: String, expected: String) throws {
        let url = lines.hasPrefix("url") ? "" : "url: https://a.example.com/\n    "
        let result = try Self.resolve(
            url + lines,
            files: [
                "empty": [], "line": Array("\n".utf8), "latin1": [0x61, 0xe9],
                "large": Array(repeating: 0x61, count: 1 << 20 + 1),
            ])
        let messages = Self.messages(result)
        #expect(messages.first?.contains(expected) == true, "\(messages)")
        guard case .failure(let failure) = result else {
            Issue.record("it was resolved")
            return
        }
        #expect(failure.exitCode == .configuration)
    }

    @Test func `all problems are reported at once, each at its place`() throws {
        let result = try Self.resolve(
            "url: {env: MISSING}\n    headers: {X-A: {env: MISSING}}\n    auth: {bearer: {env: EMPTY}}")
        guard case .failure(.invalid(let report)) = result else {
            Issue.record("no report")
            return
        }
        #expect(report.problems.map(\.mark.line) == [7, 8, 9])
        #expect(report.text.contains("webhooks.yaml:8:20: error: `headers.X-A`: environment variable `MISSING`"))
    }

    @Test(arguments: [("CERTIFICATE", 0), ("PRIVATE KEY", 1)])
    func `a certificate that every user can read is no matter, unless its key is in the same file`(
        label: String, warnings: Int
    ) throws {
        let directory = try TemporaryDirectory()
        try directory.write("-----BEGIN \(label)-----\n", to: "client.pem")
        #expect(unsafe chmod(directory.file("client.pem"), 0o644) == 0)
        let resolved = try Self.resolve(
            "url: https://a.example.com/\n"
                + "    tls: {client_cert: \(directory.file("client.pem")), client_key: key.pem}",
            files: ["key.pem": Array("-----BEGIN PRIVATE KEY-----".utf8)]
        ).get()
        #expect(resolved.warnings.problems.count == warnings)
    }

    @Test func `what a webhook that takes no part refers to is not looked at`() throws {
        let (config, warnings) = try Self.resolve("url: {env: MISSING}", takesPart: false).get()
        #expect(config.webhooks[0].url.reference?.name == "MISSING")
        #expect(config.webhooks[0].shownURL == "{env: MISSING}")
        #expect(warnings.problems.isEmpty)
    }

    @Test(arguments: [(0o600, false), (0o640, false), (0o644, true), (0o604, true)] as [(mode_t, Bool)])
    func `a file that every user can read is warned about`(mode: mode_t, warns: Bool) throws {
        let directory = try TemporaryDirectory()
        try directory.write("t0ken\n", to: "token")
        #expect(unsafe chmod(directory.file("token"), mode) == 0)
        let (_, warnings) = try Self.resolve(
            "url: https://a.example.com/\n    auth: {bearer: {file: \(directory.file("token"))}}"
        ).get()
        let message = "`\(directory.file("token"))` holds a secret, and every user of this machine can read it"
        #expect(warnings.problems.map(\.message) == (warns ? [message] : []))
    }

    @Test func `every user may read a certificate, but not its key`() throws {
        let directory = try TemporaryDirectory()
        for name in ["cert.pem", "key.pem"] {
            try directory.write("-----BEGIN X-----\n", to: name)
            #expect(unsafe chmod(directory.file(name), 0o644) == 0)
        }
        let (cert, key) = (directory.file("cert.pem"), directory.file("key.pem"))
        let (_, warnings) = try Self.resolve(
            "url: https://a.example.com/\n    tls: {client_cert: \(cert), client_key: \(key)}"
        ).get()
        #expect(
            warnings.problems.map(\.message) == ["`\(key)` holds a secret, and every user of this machine can read it"])
    }
}
