import FoundationEssentials

/// What a token server's answer means (RFC 6749 sections 5.1 and 5.2).
package enum TokenAnswer: Equatable {
    /// With `expires_in`, if the server says it.
    case token(Secret, lifetime: Duration?)
    case failure(DeliveryFailure)

    /// - Parameters:
    ///   - outcome: how the request ended.
    ///   - body: the answer's; nil: it was too long.
    package init(_ outcome: Outcome, body: [UInt8]?) {
        switch outcome {
        case .failure(let failure):
            self = .failure(
                DeliveryFailure(
                    .tokenFailed, detail: "token server: \(failure.detail)", hint: failure.hint ?? failure.kind.hint,
                    isRetried: failure.isRetried))
        case .response(let response):
            switch response.status {
            case 200..<300: self = Self.granted(body)
            case 408, 425, 429, 500..<600:
                self = .failure(
                    DeliveryFailure(
                        .tokenFailed, detail: "the token server answered \(response.status)",
                        retryAfter: response.retryAfter))
            case 400..<500:
                let code = Self.errorCode(body).map { " with \($0)" } ?? ""
                self = .failure(
                    DeliveryFailure(.tokenRefused, detail: "the token server answered \(response.status)\(code)"))
            default:
                self = .failure(
                    DeliveryFailure(
                        .tokenFailed, detail: "the token server answered \(response.status)",
                        hint: response.redirectOrigin.map {
                            "redirects are never followed; if \($0) is right, write it into token_url"
                        }, isRetried: false))
            }
        }
    }

    private struct Grant: Decodable {
        var access_token: String
        var token_type: String
        var expires_in: Seconds?
    }

    /// A number, or a text that holds one; nil: neither.
    private struct Seconds: Decodable {
        var value: Double?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            value = (try? container.decode(Double.self)) ?? (try? container.decode(String.self)).flatMap(Double.init)
        }
    }

    private struct Refusal: Decodable { var error: String }

    private static let longest = 10.0 * 365 * 86_400

    private static func granted(_ body: [UInt8]?) -> TokenAnswer {
        guard let body else { return bad("its answer is longer than \(Reply.limit >> 10) KiB") }
        guard let grant = try? JSONDecoder().decode(Grant.self, from: Data(body)) else {
            return bad("its answer is no JSON object with access_token and token_type")
        }
        // What is no header's text would end the header, or start another one.
        let isText = grant.access_token.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        if grant.access_token.isEmpty || !isText { return bad("its access_token is empty or no printable ASCII") }
        guard grant.token_type.lowercased() == "bearer" else { return bad("its token_type is not Bearer") }
        let seconds = grant.expires_in?.value.flatMap { $0 > 0 ? min($0, longest) : nil }
        return .token(Secret(grant.access_token), lifetime: seconds.map { .seconds($0) })
    }

    private static func bad(_ reason: String) -> TokenAnswer {
        .failure(DeliveryFailure(.tokenFailed, detail: "the token server granted no token: \(reason)"))
    }

    /// Codes that RFC 6749 section 5.2 registers: all that is shown of an answer, which may hold anything.
    private static let registered: Set = [
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
        "invalid_scope",
    ]

    private static func errorCode(_ body: [UInt8]?) -> String? {
        guard let body, let refusal = try? JSONDecoder().decode(Refusal.self, from: Data(body)) else { return nil }
        return registered.contains(refusal.error) ? refusal.error : nil
    }
}
