import Hookline
import TestKit
import Testing

/// How `auth`, `signing`, `tls`, `network.proxy` and references are read. What is wrong with them: `Data/config/broken`.
@Suite struct ConfigCredentialsTests {
    /// Reads a configuration with these lines in its one webhook.
    private static func read(_ lines: String, network: String = "{}") throws -> Config {
        let directory = try TemporaryDirectory()
        let text = """
            version: 1
            topics: {a: A}
            network: \(network)
            webhooks:
              - name: w
                url: https://a.example.com/
                topics: [a]
                \(lines)
            """
        try directory.write(text, to: "webhooks.yaml")
        var config = try ConfigCases.reader.read(directory.file("webhooks.yaml")).config
        // Where the test's folder is does not matter.
        config.path = directory.path
        return config
    }

    /// `env NAME` or `file PATH` of a reference.
    private static func name(_ setting: Referable<Secret>?) -> String? {
        setting?.reference.map { "\($0.kind.rawValue) \($0.name.split(separator: "/").last ?? "")" }
    }

    @Test(arguments: [
        ("url: https://a.example.com/?token=s3cret", "the query of `url` seems to hold a secret in plain text"),
        ("url: https://a.example.com/$PATH/x", "`url` holds a `$`: variables are not replaced"),
        (
            "{url: https://a.example.com/, signing: {secrets: [{env: A}, {env: A}]}}",
            "`signing.secrets` lists one secret twice, so requests carry one signature twice"
        ),
    ])
    func `what is allowed but hardly meant is warned of`(line: String, warning: String) throws {
        let directory = try TemporaryDirectory()
        let keys = line.hasPrefix("{") ? line : "{\(line)}"
        try directory.write(
            "version: 1\ntopics: {a: A}\ndefaults: {}\nwebhooks:\n  - \(keys.dropLast()), name: w, topics: [a]}\n",
            to: "webhooks.yaml")
        let warnings = try ConfigCases.reader.read(directory.file("webhooks.yaml")).warnings
        #expect(warnings.problems.map(\.message).filter { !$0.contains("`signing`") } == [warning])
        #expect(!warnings.text.contains("s3cret"))
    }

    @Test func `a bearer token is a reference`() throws {
        guard case .bearer(let token) = try Self.read("auth: {bearer: {env: TOKEN}}").webhooks[0].auth else {
            Issue.record("no bearer token")
            return
        }
        #expect(Self.name(token) == "env TOKEN")
        #expect(token.reference?.key == "auth.bearer")
    }

    @Test(arguments: ["username: {env: USER}", "username: hookline"])
    func `a user name is text or a reference, a password a reference`(username: String) throws {
        let config = try Self.read("auth: {basic: {\(username), password: {file: secrets/password}}}")
        guard case .basic(let name, let password) = config.webhooks[0].auth else {
            Issue.record("no user name")
            return
        }
        #expect(Self.name(name) == "env USER" || name.value == Secret("hookline"))
        #expect(Self.name(password) == "file password")
        #expect(password.reference?.name == config.path + "/secrets/password")
    }

    @Test func `client credentials of OAuth 2 are read`() throws {
        let config = try Self.read(
            "auth: {oauth2: {token_url: 'https://id.example.com/token', client_id: me, client_secret: {env: S}, scope: 'a b'}}"
        )
        guard case .oauth2(let settings) = config.webhooks[0].auth else {
            Issue.record("no OAuth 2")
            return
        }
        #expect(settings.tokenURL.value?.text == "https://id.example.com/token")
        #expect(settings.clientID == .value(Secret("me")))
        #expect(Self.name(settings.clientSecret) == "env S")
        #expect(settings.scope == "a b")
    }

    @Test(arguments: [
        ("", Webhook.Signing.Scheme.standardWebhooks), ("scheme: standard,", .standardWebhooks),
        ("scheme: stripe,", .stripe),
    ])
    func `several secrets stay in their order`(scheme: String, expected: Webhook.Signing.Scheme) throws {
        let config = try Self.read("signing: {\(scheme) secrets: [{env: NEW}, {file: /run/old}]}")
        let signing = try #require(config.webhooks[0].signing)
        #expect(signing.scheme == expected)
        #expect(signing.secrets.map { Self.name($0) } == ["env NEW", "file old"])
    }

    @Test func `a custom scheme has defaults`() throws {
        let config = try Self.read("signing: {scheme: custom, header: X-Signature, secrets: [{env: A}]}")
        var custom = Webhook.Signing.Custom(header: "X-Signature")
        #expect(config.webhooks[0].signing?.scheme == .custom(custom))
        custom.template = "{timestamp}:{body}"
        custom.value = "v={signature}"
        custom.hash = .sha512
        custom.encoding = .base64
        let full = try Self.read(
            "signing: {scheme: custom, header: X-Signature, template: '{timestamp}:{body}', value: 'v={signature}', "
                + "hash: sha512, encoding: base64, secrets: [{env: A}]}")
        #expect(full.webhooks[0].signing?.scheme == .custom(custom))
    }

    @Test func `the keys of tls are read, and a path to a key is a reference to its file`() throws {
        let pin = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        let config = try Self.read(
            "tls: {client_cert: client.pem, client_key: {env: KEY}, client_key_password: {file: /p}, min_version: 1.3, "
                + "pinned_public_key: '\(pin);\(pin)'}")
        let tls = config.webhooks[0].tls
        #expect(tls.clientCertificate?.reference?.name == config.path + "/client.pem")
        #expect(Self.name(tls.clientKey) == "env KEY")
        #expect(Self.name(tls.clientKeyPassword) == "file p")
        #expect(tls.minVersion == .v1_3)
        #expect(tls.pinnedPublicKey == "\(pin);\(pin)")
    }

    @Test func `a proxy without a password may stand there as text, and any may be a reference`() throws {
        let plain = try Self.read("active: true", network: "{proxy: 'http://proxy.example:3128'}")
        #expect(plain.network.proxy == .value(Proxy(url: "http://proxy.example:3128")))
        let kept = try Self.read("active: true", network: "{proxy: {env: PROXY}}")
        #expect(kept.network.proxy?.reference?.name == "PROXY")
    }

    @Test func `a URL, a header and an Authorization header may be references`() throws {
        let config = try Self.read("headers: {X-Plain: text, Authorization: {env: TOKEN}}\n    description: x")
        #expect(config.webhooks[0].headers.map(\.name) == ["X-Plain", "Authorization"])
        #expect(config.webhooks[0].headers[0].value == .value(Secret("text")))
        #expect(Self.name(config.webhooks[0].headers[1].value) == "env TOKEN")
    }

    @Test func `what a webhook says of auth and signing replaces what defaults say`() throws {
        let directory = try TemporaryDirectory()
        let text = """
            version: 1
            topics: {a: A}
            defaults: {auth: {bearer: {env: COMMON}}, signing: {secrets: [{env: KEY}]}}
            webhooks:
              - {name: w, url: https://a.example.com/, topics: [a], auth: null}
              - {name: v, url: https://a.example.com/, topics: [a], signing: null}
            """
        try directory.write(text, to: "webhooks.yaml")
        let (config, warnings) = try ConfigCases.reader.read(directory.file("webhooks.yaml"))
        #expect(config.webhooks.map { $0.auth == nil } == [true, false])
        #expect(config.webhooks.map { $0.signing == nil } == [false, true])
        #expect(warnings.problems.map(\.message) == ["webhook `v` has no `signing`"])
    }

    @Test func `a secret shows nothing of itself`() {
        let secret = Secret("whsec_abc")
        #expect("\(secret) \(String(reflecting: secret)) \(Referable.value(secret))".contains("whsec") == false)
        var dumped = ""
        dump(Webhook.Auth.bearer(.value(secret)), to: &dumped)
        #expect(!dumped.contains("whsec") && !dumped.contains("119"))
        #expect(secret.revealed == "whsec_abc")
        #expect(secret == Secret("whsec_abc") && secret != Secret("whsec_abd") && secret != Secret("whsec_ab"))
    }
}
