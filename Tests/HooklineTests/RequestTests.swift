import Hookline
import Testing

private func plain(_ auth: Webhook.Auth?) throws -> Webhook {
    let url = try WebhookURL.parse("https://h.example/hook").get()
    var webhook = Webhook(name: "w", url: .value(url), topics: [.all])
    webhook.auth = auth
    return webhook
}

private let trust = Trust(system: (nil, nil))

private func secret(_ text: String) -> Referable<Secret> { .value(Secret(text)) }

private func authorization(_ auth: Webhook.Auth?, token: Secret? = nil) throws -> [String] {
    let batch = Batch(
        webhook: 0, payload: Payload(.json), opened: .now, memory: MemoryAccount(limit: 1 << 20), expectedBytes: 0,
        expectedEvents: 1)
    let request = try Request(
        plain(auth), trust: trust, signer: nil, proxy: nil, batch, at: Moment.now.wall, token: token)
    return request.headers.filter { $0.hasPrefix("Authorization") }
}

@Test func `auth becomes one Authorization header`() throws {
    #expect(try authorization(nil) == [])
    #expect(try authorization(.bearer(secret("t0ken"))) == ["Authorization: Bearer t0ken"])
    // RFC 7617 section 2.
    let basic = Webhook.Auth.basic(username: secret("Aladdin"), password: secret("open sesame"))
    #expect(try authorization(basic) == ["Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="])
    let oauth = Webhook.OAuth2(
        tokenURL: try plain(nil).url, clientID: secret("id"), clientSecret: secret("s"))
    #expect(try authorization(.oauth2(oauth), token: Secret("t0ken")) == ["Authorization: Bearer t0ken"])
}

@Test(arguments: [(nil, "grant_type=client_credentials"), ("a b", "grant_type=client_credentials&scope=a+b")])
func `a token request proves the client by form-encoded Basic and asks for its scope`(
    scope: String?, body: String
) throws {
    let oauth = Webhook.OAuth2(
        tokenURL: .value(try WebhookURL.parse("https://t.example/token").get()), clientID: secret("a:b"),
        clientSecret: secret("c d+ü"), scope: scope)
    let request = Request(tokenFor: 3, try plain(.oauth2(oauth)), trust: trust, proxy: nil)
    #expect(request.url == "https://t.example/token")
    #expect(request.group == .client(3))
    #expect(String(decoding: request.tokenBody, as: UTF8.self) == body)
    // `a%3Ab:c+d%2B%C3%BC`
    #expect(request.headers.contains("Authorization: Basic YSUzQWI6YytkJTJCJUMzJUJD"))
    #expect(request.headers.contains("Content-Type: application/x-www-form-urlencoded"))
    #expect(request.headers.contains("Accept: application/json"))
}

@Test(arguments: [
    ("", ""), ("AZaz09-._*", "AZaz09-._*"), ("a b", "a+b"), ("+&=%:/~", "%2B%26%3D%25%3A%2F%7E"),
    ("ü\u{1}", "%C3%BC%01"),
])
func `a text is form-encoded byte by byte`(text: String, encoded: String) {
    #expect(Request.formEncoded(text) == encoded)
}

@Test(arguments: ["h.example", "127.0.0.1.example"])
func `a name is no literal address`(host: String) throws {
    var webhook = try plain(nil)
    webhook.url = .value(try WebhookURL.parse("https://\(host)/").get())
    let batch = Batch(
        webhook: 0, payload: Payload(.json), opened: .now, memory: MemoryAccount(limit: 1 << 20), expectedBytes: 0,
        expectedEvents: 1)
    let request = Request(webhook, trust: trust, signer: nil, proxy: nil, batch, at: Moment.now.wall)
    #expect(request.literalAddress == nil)
}

@Test func `two webhooks with one certificate but another key or password are kept apart`() throws {
    func identity(_ key: String, _ password: String?) throws -> ClientIdentity {
        var tls = Webhook.TLS()
        tls.clientCertificate = secret("certificate")
        tls.clientKey = secret(key)
        tls.clientKeyPassword = password.map(secret)
        return try #require(ClientIdentity(tls))
    }
    let first = try identity("k", "p")
    #expect(try identity("k", "p") == first)
    for (key, password) in [("k", "q"), ("k", nil), ("l", "p"), ("kp", nil)] {
        #expect(try identity(key, password).certificate != first.certificate)
    }
    #expect(String(decoding: first.certificate, as: UTF8.self).hasPrefix("certificate\n"))
    #expect(ClientIdentity(Webhook.TLS()) == nil)
}
