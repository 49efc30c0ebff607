/// How a webhook's requests prove who sends them, and what its connections are held to (SPEC sections 3 and 7).
extension Webhook {
    package enum Auth: Equatable, Sendable {
        /// `Authorization: Bearer …` (RFC 6750).
        case bearer(Referable<Secret>)
        /// `Authorization: Basic …` (RFC 7617). No `:` in the name.
        case basic(username: Referable<Secret>, password: Referable<Secret>)
        case oauth2(OAuth2)
    }

    /// OAuth 2 client credentials (RFC 6749 section 4.4): webhooks with equal ones share a token.
    package struct OAuth2: Equatable, Sendable {
        package var tokenURL: Referable<WebhookURL>
        package var clientID: Referable<Secret>
        package var clientSecret: Referable<Secret>
        /// Space-separated; nil: what the server grants unasked.
        package var scope: String?

        package init(
            tokenURL: Referable<WebhookURL>, clientID: Referable<Secret>, clientSecret: Referable<Secret>,
            scope: String? = nil
        ) {
            self.tokenURL = tokenURL
            self.clientID = clientID
            self.clientSecret = clientSecret
            self.scope = scope
        }
    }

    package struct Signing: Equatable, Sendable {
        package enum Scheme: Equatable, Sendable {
            /// Standard Webhooks 1.0.0: `webhook-signature`, one signature a secret.
            case standardWebhooks
            /// `X-Hub-Signature-256: sha256=<hex>`, of the body. One secret.
            case github
            /// `Stripe-Signature: t=<seconds>,v1=<hex>`, of `timestamp.body`; one `v1` a secret.
            case stripe
            /// One secret.
            case custom(Custom)

            /// Its name, if it has room for one signature alone.
            var ofOneSecret: String? {
                switch self {
                case .github: "github"
                case .custom: "custom"
                case .standardWebhooks, .stripe: nil
                }
            }
        }

        package struct Custom: Equatable, Sendable {
            package enum Hash: String, Sendable, CaseIterable { case sha256, sha512 }
            package enum Encoding: String, Sendable, CaseIterable { case hex, base64 }

            /// The header's name.
            package var header: String
            /// What is signed: text with `{id}`, `{timestamp}` and `{body}`.
            package var template = "{id}.{timestamp}.{body}"
            /// The header's value: text with `{id}`, `{timestamp}` and `{signature}`.
            package var value = "{signature}"
            package var hash = Hash.sha256
            package var encoding = Encoding.hex

            package init(header: String) { self.header = header }
        }

        /// The header that holds the signatures.
        package var header: String {
            switch scheme {
            case .standardWebhooks: "webhook-signature"
            case .github: "X-Hub-Signature-256"
            case .stripe: "Stripe-Signature"
            case .custom(let custom): custom.header
            }
        }

        package var scheme = Scheme.standardWebhooks
        /// At least one, in the order of their signatures.
        package var secrets: [Referable<Secret>]

        package init(scheme: Scheme = .standardWebhooks, secrets: [Referable<Secret>]) {
            self.scheme = scheme
            self.secrets = secrets
        }
    }

    package struct TLS: Equatable, Sendable {
        package enum Version: String, Sendable, CaseIterable { case v1_2 = "1.2", v1_3 = "1.3" }

        /// A PEM file whose certificates are trusted besides the system's. It stays a reference: what it holds is
        /// looked at when a run starts, and read once, however many webhooks name it.
        package var caFile: Reference?
        /// PEM, with the certificates that lead to the authority; nil: the client shows none.
        package var clientCertificate: Referable<Secret>?
        /// PEM; there if and only if the certificate is.
        package var clientKey: Referable<Secret>?
        /// Of an encrypted key.
        package var clientKeyPassword: Referable<Secret>?
        package var minVersion = Version.v1_2
        /// `sha256//<base64>`, several separated by `;`: one of them is the digest of the server's public key.
        package var pinnedPublicKey: String?

        package init() {}
    }
}

/// An HTTP proxy that connections tunnel through by CONNECT (RFC 9110 section 9.3.6).
package struct Proxy: Equatable, Sendable {
    /// Scheme, host and port, nothing else: `http://proxy.example:3128`.
    package var url: String
    /// Name and password; nil: the proxy asks for none.
    package var username: Secret?
    package var password: Secret?

    package init(url: String, username: Secret? = nil, password: Secret? = nil) {
        self.url = url
        self.username = username
        self.password = password
    }
}
