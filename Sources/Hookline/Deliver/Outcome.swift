/// How one attempt ended. A failed delivery is a value, never a throw.
package enum Outcome: Equatable, Sendable {
    /// The receiver answered.
    case response(Response)
    case failure(DeliveryFailure)

    /// In words, for logs.
    package var text: String {
        switch self {
        case .response(let response): "the receiver answered \(response.status)"
        case .failure(let failure): failure.detail
        }
    }

    /// What to try with the webhook that it happened to, where there is something.
    package func hint(for webhook: Webhook) -> String? {
        switch self {
        case .response(let response):
            [401, 403].contains(response.status)
                ? Self.hintOfRefusal(webhook)
                : response.redirectOrigin.map { "redirects are never followed; if \($0) is right, write it into url" }
        case .failure(let failure): failure.hint ?? failure.kind.hint
        }
    }

    /// Whether the receiver does not take what is in the request.
    package var refusesContent: Bool {
        if case .response(let response) = self { response.refusesContent } else { false }
    }

    /// Whether the receiver says that the request is too large.
    package var isTooLarge: Bool { if case .response(let response) = self { response.status == 413 } else { false } }

    /// Whether a later attempt may do better (SPEC section 8).
    package var isRetried: Bool {
        switch self {
        case .response(let response): response.isRetried
        case .failure(let failure): failure.isRetried
        }
    }

    /// For the webhook's breaker. What fails for good before the receiver was asked says nothing about it.
    package var evidence: Breaker.Evidence {
        if isRetried { return .failing }
        if case .response = self { return .alive }
        return .none
    }

    private static func hintOfRefusal(_ webhook: Webhook) -> String {
        if webhook.auth != nil { return "check the webhook's auth: the receiver does not take it" }
        if webhook.signing == nil {
            return "the webhook has neither auth nor signing; the receiver may want one of them"
        }
        return "check signing.secrets: the receiver's secret may be another; "
            + "`hookline listen --record` and `hookline verify` tell which part differs"
    }

    package struct Response: Equatable, Sendable {
        package var status: Int
        /// The header's value as it came; nil: none.
        package var retryAfter: String?
        /// The origin that a redirect's Location names, if it names one.
        package var redirectOrigin: String?

        /// Whether the receiver does not take what is in the request, so that a part of it may do better.
        package var refusesContent: Bool { [400, 413, 422].contains(status) }

        package init(status: Int, retryAfter: String? = nil, redirectOrigin: String? = nil) {
            self.status = status
            self.retryAfter = retryAfter
            self.redirectOrigin = redirectOrigin
        }

        /// Whether its status is one of those that may pass.
        package var isRetried: Bool {
            switch status {
            case 408, 425, 429, 500..<600: true
            default: false
            }
        }
    }
}

/// Why an attempt got no answer.
package struct DeliveryFailure: Equatable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case timeout
        case nameNotResolved = "name_not_resolved"
        case connectFailed = "connect_failed"
        case tlsFailed = "tls_failed"
        case connectionLost = "connection_lost"
        case badResponse = "bad_response"
        case certificateInvalid = "certificate_invalid"
        case forbiddenAddress = "forbidden_address"
        case badURL = "bad_url"
        case clientCertificateInvalid = "client_certificate_invalid"
        case proxyRefused = "proxy_refused"
        case tokenRefused = "token_refused"
        case tokenFailed = "token_failed"
        case other

        /// What to try, where the kind alone tells.
        package var hint: String? {
            switch self {
            case .certificateInvalid:
                "certificates are always verified; a private authority's belongs into tls: {ca_file: …}"
            case .nameNotResolved: "check the host's name, and this machine's name service"
            case .clientCertificateInvalid:
                "check tls: client_cert, client_key and client_key_password: PEM, and the key the certificate's"
            case .proxyRefused: "check network.proxy: its name and password, and whether it lets this receiver through"
            case .tokenRefused: "check auth.oauth2: token_url, client_id, client_secret and scope"
            default: nil
            }
        }

        /// Whether a later attempt may do better (SPEC section 8).
        package var isRetried: Bool {
            switch self {
            case .timeout, .nameNotResolved, .connectFailed, .tlsFailed, .connectionLost, .badResponse, .other: true
            case .proxyRefused, .tokenFailed: true
            case .certificateInvalid, .forbiddenAddress, .badURL, .clientCertificateInvalid, .tokenRefused: false
            }
        }
    }

    package var kind: Kind
    /// What exactly, in words; never holds a path, query, header or body.
    package var detail: String
    /// What to try, where there is something.
    package var hint: String?
    /// Whether a later attempt may do better.
    package var isRetried: Bool
    /// A token server's; nil: none.
    package var retryAfter: String?

    /// `isRetried` is the kind's own where it is not given.
    package init(_ kind: Kind, detail: String, hint: String? = nil, isRetried: Bool? = nil, retryAfter: String? = nil) {
        self.kind = kind
        self.detail = detail
        self.hint = hint
        self.isRetried = isRetried ?? kind.isRetried
        self.retryAfter = retryAfter
    }

    /// Says which address, which rule, and the line that would permit it. `isProxy`: the address is the proxy's.
    package init(_ refusal: AddressGuard.Refusal, isProxy: Bool = false) {
        self.init(
            .forbiddenAddress, detail: (isProxy ? "the proxy's address " : "") + refusal.text,
            hint: "if this \(isProxy ? "proxy" : "receiver") is yours: "
                + "network: {allow: [\"\(refusal.permittingEntry)\"]}")
    }

    /// The proxy answered CONNECT with another status than 2xx (RFC 9110 section 9.3.6).
    /// What no receiver may answer twice in vain is not asked of a proxy again either: wrong credentials lock accounts.
    package init(proxyStatus: Int) {
        let answer = Outcome.Response(status: proxyStatus)
        self.init(.proxyRefused, detail: "the proxy answered \(proxyStatus)", isRetried: answer.isRetried)
    }
}
