/// Signs the requests of one webhook: its `signing`, with keys that are set up once (SPEC section 7).
package struct Signer: Sendable {
    private let scheme: Webhook.Signing.Scheme
    /// In the order of their signatures.
    private let keys: [SigningKey]
    private let signed: SignatureTemplate
    /// Of `custom`.
    private let value: SignatureTemplate

    /// - Parameter signing: all secrets resolved. `github` and `custom` have exactly one.
    /// - Throws: the first secret's problem, as `problem` finds it.
    package init(_ signing: Webhook.Signing) throws(KeyError) {
        var keys: [SigningKey] = []
        for referable in signing.secrets {
            guard let secret = referable.value else { preconditionFailure("a secret that is not resolved signs") }
            keys.append(try Self.key(of: secret, for: signing.scheme))
        }
        switch signing.scheme {
        case .standardWebhooks:
            precondition(!keys.isEmpty)
            (signed, value) = (.standard, SignatureTemplate(""))
        case .stripe:
            precondition(!keys.isEmpty)
            (signed, value) = (SignatureTemplate("{timestamp}.{body}"), SignatureTemplate(""))
        case .github:
            precondition(keys.count == 1)
            (signed, value) = (SignatureTemplate("{body}"), SignatureTemplate(""))
        case .custom(let custom):
            precondition(keys.count == 1)
            (signed, value) = (SignatureTemplate(custom.template), SignatureTemplate(custom.value))
        }
        scheme = signing.scheme
        self.keys = keys
    }

    /// What is wrong with a secret of this scheme; nil: it can sign.
    package static func problem(with secret: Secret, _ scheme: Webhook.Signing.Scheme) -> KeyError? {
        do {
            _ = try key(of: secret, for: scheme)
            return nil
        } catch {
            return error
        }
    }

    private static func key(of secret: Secret, for scheme: Webhook.Signing.Scheme) throws(KeyError) -> SigningKey {
        switch scheme {
        case .standardWebhooks: try SigningKey(secret)
        case .github, .stripe: try SigningKey(raw: secret)
        case .custom(let custom): try SigningKey(raw: secret, custom.hash == .sha256 ? .sha256 : .sha512)
        }
    }

    /// The header that proves who sent a request, as `Name: value`.
    ///
    /// - Parameters:
    ///   - id: the `webhook-id`.
    ///   - timestamp: Unix seconds of the attempt.
    ///   - body: as it is sent.
    /// - Returns: the header line.
    package func header(id: String, timestamp: Int, body: UnsafeRawBufferPointer) -> String {
        var values = unsafe SignatureTemplate.Values(id: id, timestamp: "\(timestamp)", body: body)
        let signatures = keys.map { $0.signature(of: signed, values) }
        switch scheme {
        case .standardWebhooks:
            let parts = zip(keys, signatures).map { "\($0.version),\(Base64.encode($1))" }
            return "webhook-signature: " + parts.joined(separator: " ")
        case .stripe:
            return "Stripe-Signature: t=\(timestamp)" + signatures.map { ",v1=" + hexDigits($0) }.joined()
        case .github:
            return "X-Hub-Signature-256: sha256=" + hexDigits(signatures[0])
        case .custom(let custom):
            let text = custom.encoding == .hex ? hexDigits(signatures[0]) : Base64.encode(signatures[0])
            values.signature = Array(text.utf8)
            return "\(custom.header): " + String(decoding: value.filled(values), as: UTF8.self)
        }
    }
}

extension SigningKey {
    /// The signature of a filled template. HMAC reads the body in place; Ed25519 reads its message twice and so needs it
    /// in one piece.
    package func signature(of template: SignatureTemplate, _ values: SignatureTemplate.Values) -> [UInt8] {
        switch self {
        case .hmac(let key):
            var code = key.begin()
            unsafe template.forEachPiece(of: values) { unsafe code.update($0) }
            return code.finish()
        case .ed25519(let key):
            return unsafe template.filled(values).withUnsafeBytes { unsafe key.sign($0) }
        }
    }
}
