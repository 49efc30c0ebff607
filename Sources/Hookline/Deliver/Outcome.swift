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

    /// What to try, where there is something.
    package var hint: String? {
        switch self {
        case .response(let response):
            response.redirectOrigin.map { "redirects are never followed; if \($0) is right, write it into url" }
        case .failure(let failure): failure.hint ?? failure.kind.hint
        }
    }

    package struct Response: Equatable, Sendable {
        package var status: Int
        /// The header's value as it came; nil: none.
        package var retryAfter: String?
        /// The origin that a redirect's Location names, if it names one.
        package var redirectOrigin: String?

        package init(status: Int, retryAfter: String? = nil, redirectOrigin: String? = nil) {
            self.status = status
            self.retryAfter = retryAfter
            self.redirectOrigin = redirectOrigin
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
        case other

        /// What to try, where the kind alone tells.
        package var hint: String? {
            switch self {
            case .certificateInvalid:
                "certificates are always verified; a private authority's belongs into tls: {ca_file: …}"
            case .nameNotResolved: "check the host in url, and this machine's name service"
            default: nil
            }
        }

        /// Whether a later attempt may do better (SPEC section 8).
        package var isRetried: Bool {
            switch self {
            case .timeout, .nameNotResolved, .connectFailed, .tlsFailed, .connectionLost, .badResponse, .other: true
            case .certificateInvalid, .forbiddenAddress, .badURL: false
            }
        }
    }

    package var kind: Kind
    /// What exactly, in words; never holds a path, query, header or body.
    package var detail: String
    /// What to try, where there is something.
    package var hint: String?

    package init(_ kind: Kind, detail: String, hint: String? = nil) {
        self.kind = kind
        self.detail = detail
        self.hint = hint
    }

    /// Says which address, which rule, and the line that would permit it.
    package init(_ refusal: AddressGuard.Refusal) {
        self.init(
            .forbiddenAddress, detail: refusal.text,
            hint: "if this receiver is yours: network: {allow: [\"\(refusal.permittingEntry)\"]}")
    }
}
