/// What libcurl is told of one request.
package struct Request {
    /// Requests of the same group differ in headers and body alone.
    package enum Group: Hashable, Sendable {
        /// Deliveries to a webhook, by its place in the configuration.
        case webhook(Int)
        /// Token requests of an OAuth client, by its place in `Tokens`.
        case client(Int)
    }

    /// The header that proves who sent a batch, but for its body.
    package struct Signature {
        let signer: Signer
        let id: String
        let timestamp: Int

        package func header(of body: UnsafeRawBufferPointer) -> String {
            unsafe signer.header(id: id, timestamp: timestamp, body: body)
        }
    }

    package var group: Group
    /// Given to libcurl alone: path and query can be secrets.
    package var url: String
    /// The host, if it is an address: network byte order, 4 or 16 bytes.
    package var literalAddress: [UInt8]?
    /// `Name: value`, in order.
    package var headers: [String]
    /// What is signed when the request starts; nil: it is not signed.
    package var signature: Signature?
    /// What asks for a token; empty in deliveries, whose body is the batch's.
    package var tokenBody: [UInt8] = []
    package var userAgent = "hookline/\(Version.current)"
    package var trust: Trust
    package var tls: Webhook.TLS
    package var proxy: Proxy?
    package var timeout: Duration
    package var connectTimeout: Duration
    package var onlyHTTP1: Bool

    /// As libcurl takes it, of which 0 would mean none.
    var timeoutMilliseconds: Int { max(1, Int(timeout / .milliseconds(1))) }

    /// The same for `connectTimeout`.
    var connectTimeoutMilliseconds: Int { max(1, Int(connectTimeout / .milliseconds(1))) }

    /// One attempt of a batch, at that time.
    ///
    /// - Parameters:
    ///   - webhook: the batch's.
    ///   - trust: the webhook's.
    ///   - signer: the webhook's; nil: requests are not signed.
    ///   - proxy: what to go through; nil: nothing.
    ///   - batch: the batch.
    ///   - now: the time of the attempt.
    ///   - token: the access token, where the webhook wants one.
    package init(
        _ webhook: Webhook, trust: Trust?, signer: Signer?, proxy: Proxy?, _ batch: Batch, at now: WallTime,
        token: Secret? = nil
    ) {
        self.init(.webhook(batch.webhook), webhook.url.value, webhook, trust: trust, proxy: proxy)
        headers += [
            "Content-Type: \(batch.contentType)", "webhook-id: \(batch.id)", "webhook-timestamp: \(now.seconds)",
        ]
        signature = signer.map { Signature(signer: $0, id: batch.id, timestamp: now.seconds) }
        headers += webhook.headers.map { "\($0.name): \($0.value.value?.revealed ?? "")" }
        switch webhook.auth {
        case nil: break
        case .bearer(let secret): headers.append(Self.bearer(secret.value))
        case .basic(let username, let password):
            headers.append(Self.basic(username.value?.revealed ?? "", password.value?.revealed ?? ""))
        case .oauth2: headers.append(Self.bearer(token))
        }
    }

    /// A request for an access token, with the settings of the client's first webhook (RFC 6749 sections 2.3.1, 4.4.2).
    package init(tokenFor client: Int, _ webhook: Webhook, trust: Trust?, proxy: Proxy?) {
        guard case .oauth2(let oauth) = webhook.auth else {
            preconditionFailure("a webhook without OAuth wants a token")
        }
        self.init(.client(client), oauth.tokenURL.value, webhook, trust: trust, proxy: proxy)
        // The pin is the receiver's.
        if oauth.tokenURL.value?.origin != webhook.url.value?.origin { tls.pinnedPublicKey = nil }
        let (id, secret) = (oauth.clientID.value?.revealed ?? "", oauth.clientSecret.value?.revealed ?? "")
        headers += [
            "Content-Type: application/x-www-form-urlencoded", "Accept: application/json",
            Self.basic(Self.formEncoded(id), Self.formEncoded(secret)),
        ]
        let scope = oauth.scope.map { "&scope=" + Self.formEncoded($0) } ?? ""
        tokenBody = Array("grant_type=client_credentials\(scope)".utf8)
    }

    private init(
        _ group: Group, _ url: WebhookURL?, _ webhook: Webhook, trust: Trust?, proxy: Proxy?
    ) {
        guard let trust, let url else { preconditionFailure("a webhook that takes no part in the run got a request") }
        self.group = group
        self.url = url.text
        literalAddress = SocketAddress.literal(url.host)
        self.trust = trust
        tls = webhook.tls
        self.proxy = proxy
        timeout = webhook.timeout
        connectTimeout = webhook.connectTimeout
        onlyHTTP1 = webhook.httpVersion == .http1_1
        // Else libcurl sends `Expect: 100-continue` with large bodies and waits a second for an answer.
        headers = ["Expect:"]
    }

    private static func bearer(_ token: Secret?) -> String { "Authorization: Bearer \(token?.revealed ?? "")" }

    private static func basic(_ username: String, _ password: String) -> String {
        "Authorization: Basic " + Base64.encode(Array("\(username):\(password)".utf8))
    }

    /// As application/x-www-form-urlencoded (RFC 6749 appendix B).
    package static func formEncoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { encoded, byte in
            if byte.isLetterOrDigit || "-._*".utf8.contains(byte) {
                encoded.append(Character(Unicode.Scalar(byte)))
            } else {
                encoded += byte == UInt8(ascii: " ") ? "+" : "%" + hexDigits([byte]).uppercased()
            }
        }
    }
}
