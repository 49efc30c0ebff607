import Foundation
import Hookline
import TestKit
import Testing

/// `tls:` against a server that asks for certificates, knows no TLS 1.3, or has another key.
@Suite struct TLSTests {
    private static func start(_ options: String..., in directory: TemporaryDirectory) throws -> TestServer {
        try directory.makeCertificate("server")
        try directory.makeCertificate("client")
        return try TestServer("https_server", ["server.pem", "server.key"] + options, in: directory)
    }

    private static func withCertificate(
        _ plain: Webhook, key: String = "client.key", password: String? = nil, in directory: TemporaryDirectory
    ) throws -> Webhook {
        var webhook = plain
        webhook.tls.clientCertificate = try directory.secret("client.pem")
        webhook.tls.clientKey = try directory.secret(key)
        webhook.tls.clientKeyPassword = password.map { .value(Secret($0)) }
        return webhook
    }

    @Test(arguments: [[], ["--tls-1.2"]])
    func `a server that wants a certificate takes a webhook with one and says no to one without`(
        options: [String]
    ) throws {
        let directory = try TemporaryDirectory()
        try directory.makeCertificate("server")
        try directory.makeCertificate("client")
        let server = try TestServer(
            "https_server", ["server.pem", "server.key", "--client-ca", "client.pem"] + options, in: directory)
        let plain = try webhook(port: server.port, in: directory)
        let outcomes = try deliver(to: [Self.withCertificate(plain, in: directory), plain])
        #expect(outcomes.map(\.name) == ["status 200", "tls_failed"], "\(outcomes)")
        #expect(outcomes[1].hint?.contains("client_cert") == true)
        #expect(try server.finish().filter { $0.hasPrefix("/") } == ["/hook 200 client -"])
    }

    /// `--close` leaves TLS sessions alone to be mixed up, else connections are.
    @Test(arguments: [[], ["--close"], ["--tls-1.2"]])
    func `a webhook without a certificate is never seen with another's of the same origin`(options: [String]) throws {
        let directory = try TemporaryDirectory()
        try directory.makeCertificate("server")
        try directory.makeCertificate("client")
        let server = try TestServer(
            "https_server", ["server.pem", "server.key", "--ask-ca", "client.pem"] + options, in: directory)
        let plain = try webhook(port: server.port, in: directory)
        let known = try Self.withCertificate(plain, in: directory)
        let outcomes = try deliver(to: [known, plain, known, plain])
        #expect(outcomes.map(\.name) == Array(repeating: "status 200", count: 4))
        let again = options.contains("--close") ? " resumed" : ""
        let seen = try server.finish()
        #expect(
            seen == ["/hook 200 client -", "/hook 200 - -", "/hook 200 client -\(again)", "/hook 200 - -\(again)"])
    }

    @Test func `an encrypted key wants its password, even where another webhook gave it for the same certificate`()
        throws
    {
        let directory = try TemporaryDirectory()
        let server = try Self.start("--client-ca", "client.pem", in: directory)
        try directory.openssl("pkey -in client.key -aes256 -passout pass:s3cret -out encrypted.key")
        let plain = try webhook(port: server.port, in: directory)
        let outcomes = try deliver(
            to: ["s3cret", "wrong", nil].map {
                try Self.withCertificate(plain, key: "encrypted.key", password: $0, in: directory)
            })
        #expect(
            outcomes.map(\.name) == ["status 200", "client_certificate_invalid", "client_certificate_invalid"])
        for outcome in outcomes.dropFirst() {
            #expect(outcome.hint?.contains("client_key_password") == true)
            #expect(!outcome.text.contains("wrong") && !outcome.text.contains("BEGIN"))
        }
        _ = try server.finish()
    }

    @Test func `a key that is not the certificate's is found at the first attempt, which is the last`() throws {
        let directory = try TemporaryDirectory()
        let server = try Self.start(in: directory)
        let plain = try webhook(port: server.port, in: directory)
        let good = try Self.withCertificate(plain, in: directory)
        let bad = try Self.withCertificate(plain, key: "server.key", in: directory)
        let outcomes = try deliver(to: [good, bad])
        #expect(outcomes.map(\.name) == ["status 200", "client_certificate_invalid"])
        #expect(!DeliveryFailure.Kind.clientCertificateInvalid.isRetried)
        _ = try server.finish()
    }

    @Test func `min_version 1.3 does not talk to a server that knows TLS 1.2 alone`() throws {
        let directory = try TemporaryDirectory()
        let server = try Self.start("--tls-1.2", in: directory)
        let old = try webhook(port: server.port, in: directory)
        var new = old
        new.tls.minVersion = .v1_3
        #expect(try deliver(to: [old, new]).map(\.name) == ["status 200", "tls_failed"])
        _ = try server.finish()
    }

    @Test func `a server whose key is not the pinned one gets nothing`() throws {
        let directory = try TemporaryDirectory()
        let server = try Self.start(in: directory)
        let der = try directory.openssl("pkey -in server.key -pubout -outform DER")
        var digest = SHA256()
        digest.update(der)
        let pin = "sha256//" + Data(digest.finish()).base64EncodedString()
        let other = "sha256//" + Data(repeating: 7, count: 32).base64EncodedString()
        let plain = try webhook(port: server.port, in: directory)
        let webhooks = [pin, other, "\(other);\(pin)"].map { pin in
            var webhook = plain
            webhook.tls.pinnedPublicKey = pin
            return webhook
        }
        let outcomes = try deliver(to: webhooks)
        #expect(outcomes.map(\.name) == ["status 200", "certificate_invalid", "status 200"])
        #expect(outcomes[1].hint?.contains("pinned_public_key") == true)
        #expect(try server.finish().filter { $0.hasPrefix("/") }.count == 2)
    }

    @Test func `the command shows the certificate that the configuration names, and tells nothing of a bad one`()
        throws
    {
        let directory = try TemporaryDirectory()
        let server = try Self.start("--client-ca", "client.pem", in: directory)
        try directory.openssl("pkey -in client.key -aes256 -passout pass:s3cret -out encrypted.key")
        try directory.write("s3cret", to: "password")
        try directory.write("wr0ng", to: "other")
        let configuration = """
            version: 1
            topics: {t: A topic}
            network: {allow: [127.0.0.1/32]}
            defaults:
              tls:
                ca_file: server.pem
                client_cert: {file: client.pem}
                client_key: {file: encrypted.key}
            webhooks:
              - {name: good, url: 'https://127.0.0.1:\(server.port)/hook', topics: [t], tls: {client_key_password: {file: password}}}
              - {name: bad, url: 'https://127.0.0.1:\(server.port)/hook', topics: [t], tls: {client_key_password: {file: other}}}
            """
        try directory.write(configuration, to: "webhooks.yaml")
        let result = try runProcess(
            builtProduct("hookline"), ["-v", "--dead-letter", "dead.ndjson"], directory: directory.path,
            input: .text(#"{"topic":"t"}"#))
        #expect(result.exit == .code(1), "\(result.errorText)")
        let dead = try directory.text(of: "dead.ndjson")
        #expect(dead.hasPrefix(#"{"webhook":"bad","#) && dead.split(separator: "\n").count == 1)
        #expect(dead.contains(#""reason":"client_certificate_invalid","status":null,"attempts":1"#))
        for secret in ["s3cret", "wr0ng", "PRIVATE"] {
            #expect(!(result.outputText + result.errorText + dead).contains(secret))
        }
        #expect(try server.finish().filter { $0.hasPrefix("/") } == ["/hook 200 client -"])
    }
}
