/// A key that signs or verifies, ready for use (SPEC section 7).
package enum SigningKey: Sendable {
    case hmac(HMACKey)
    /// A public one only verifies.
    case ed25519(Ed25519Key)

    /// How a key of Standard Webhooks is written: the prefix, then base64.
    package enum Form: String, Sendable, CaseIterable {
        /// 24 to 64 bytes, for HMAC-SHA256.
        case symmetric = "whsec_"
        /// The 32-byte seed of an Ed25519 key, or 64 bytes: seed and public key.
        case privateKey = "whsk_"
        /// 32 bytes.
        case publicKey = "whpk_"

        fileprivate func allows(_ count: Int) -> Bool {
            switch self {
            case .symmetric: (24...64).contains(count)
            case .privateKey: count == 32 || count == 64
            case .publicKey: count == 32
            }
        }
    }

    /// Reads a secret that signs: `whsec_…` as `v1`, `whsk_…` as `v1a`.
    package init(_ secret: Secret) throws(KeyError) { try self.init(secret, wanting: [.symmetric, .privateKey]) }

    /// Reads a key that only verifies: `whpk_…`.
    package init(publicKey: Secret) throws(KeyError) { try self.init(publicKey, wanting: [.publicKey]) }

    /// A key of the secret's bytes as they are, whatever they begin with: for other schemes than Standard Webhooks.
    package init(raw secret: Secret, _ hash: HMACKey.Hash = .sha256) throws(KeyError) {
        guard secret.count > 0 else { throw .empty }
        self = unsafe secret.withBytes { unsafe .hmac(HMACKey(hash, key: $0)) }
    }

    /// What stands before the signature in `webhook-signature`.
    package var version: String {
        switch self {
        case .hmac: "v1"
        case .ed25519: "v1a"
        }
    }

    private init(_ text: Secret, wanting forms: [Form]) throws(KeyError) {
        guard text.count > 0 else { throw .empty }
        guard let form = Form.allCases.first(where: { text.begins(with: $0.rawValue) }) else {
            throw .noPrefix(wanted: forms)
        }
        guard forms.contains(form) else { throw .otherForm(form, wanted: forms) }
        // One owner alone, so that what is overwritten is not a copy.
        guard
            var bytes = unsafe text.withBytes({ bytes in
                unsafe Base64.decode(UnsafeRawBufferPointer(rebasing: bytes[form.rawValue.utf8.count...]))
            })
        else { throw text.isBase64URL(after: form) ? .base64URL(form) : .notBase64(form) }
        defer { overwrite(&bytes) }
        guard form.allows(bytes.count) else { throw .length(form, found: bytes.count) }
        switch form {
        case .symmetric: self = unsafe bytes.withUnsafeBytes { unsafe .hmac(HMACKey(.sha256, key: $0)) }
        case .publicKey: self = unsafe bytes.withUnsafeBytes { unsafe .ed25519(Ed25519Key(publicKey: $0)) }
        case .privateKey:
            let key = unsafe bytes.withUnsafeBytes {
                unsafe Ed25519Key(seed: UnsafeRawBufferPointer(rebasing: $0[..<32]))
            }
            guard bytes.count == 32 || bytes[32...].elementsEqual(key.publicKey) else { throw .halvesDiffer }
            self = .ed25519(key)
        }
    }
}

extension SigningKey {
    /// A new secret of 32 random bytes, as `whsec_…`.
    package static func newSecret() -> Secret {
        var bytes = randomBytes(32)
        defer { overwrite(&bytes) }
        return Secret(Form.symmetric.rawValue + Base64.encode(bytes))
    }

    /// A new Ed25519 key: seed and public key as `whsk_…`, and the public key as `whpk_…`.
    package static func newPair() -> (privateKey: Secret, publicKey: Secret) {
        var bytes = randomBytes(32)
        defer { overwrite(&bytes) }
        let publicKey = unsafe bytes.withUnsafeBytes { unsafe Ed25519Key(seed: $0) }.publicKey
        // Appending would move the seed and leave the old copy as it is.
        var halves = bytes + publicKey
        defer { overwrite(&halves) }
        return (
            Secret(Form.privateKey.rawValue + Base64.encode(halves)),
            Secret(Form.publicKey.rawValue + Base64.encode(publicKey))
        )
    }
}

extension Secret {
    fileprivate func begins(with prefix: String) -> Bool {
        unsafe withBytes { unsafe $0.starts(with: prefix.utf8) }
    }

    /// Whether base64url's two own characters (RFC 4648 section 5) are what is wrong.
    fileprivate func isBase64URL(after form: SigningKey.Form) -> Bool {
        unsafe withBytes { bytes in
            var standard = unsafe bytes.dropFirst(form.rawValue.utf8.count).map { byte in
                switch byte {
                case UInt8(ascii: "-"): UInt8(ascii: "+")
                case UInt8(ascii: "_"): UInt8(ascii: "/")
                default: byte
                }
            }
            defer { overwrite(&standard) }
            guard var decoded = Base64.decode(standard) else { return false }
            overwrite(&decoded)
            return true
        }
    }
}

/// What is wrong with a secret or key. It holds nothing of it.
package enum KeyError: Error, Equatable, Sendable {
    case empty
    /// It begins with none of the three prefixes.
    case noPrefix(wanted: [SigningKey.Form])
    /// A key of another kind than is wanted here.
    case otherForm(SigningKey.Form, wanted: [SigningKey.Form])
    case notBase64(SigningKey.Form)
    /// Base64 with `-` and `_` in the place of `+` and `/`.
    case base64URL(SigningKey.Form)
    /// In bytes, after decoding.
    case length(SigningKey.Form, found: Int)
    /// The public key behind a seed is that of another one.
    case halvesDiffer

    /// Lower case, to stand after the key's name and a colon.
    package var message: String {
        switch self {
        case .empty: "it is empty"
        case .noPrefix(let wanted): "it does not begin with \(Self.list(wanted))"
        case .otherForm(.publicKey, _): "it is a public key (`whpk_`), which verifies and can't sign"
        case .otherForm(let form, _): "it is a secret (`\(form.rawValue)`), where a public key (`whpk_`) is wanted"
        case .notBase64(let form): "what follows `\(form.rawValue)` is not base64"
        case .base64URL(let form): "what follows `\(form.rawValue)` is base64url, not base64"
        case .length(.symmetric, let found): "it has \(found) bytes after decoding, where 24 to 64 are allowed"
        case .length(.privateKey, let found):
            "it has \(found) bytes after decoding, where a seed has 32, and seed and public key 64"
        case .length(.publicKey, let found): "it has \(found) bytes after decoding, where a public key has 32"
        case .halvesDiffer: "its public half does not belong to its seed"
        }
    }

    package var hint: String {
        switch self {
        case .empty, .length(.symmetric, _): "`hookline secret` makes one"
        case .noPrefix(let wanted) where wanted == [.publicKey]: "`hookline secret --ed25519` makes a pair of keys"
        case .noPrefix: "`hookline secret` makes one; a secret of another service keeps the prefix that it came with"
        case .otherForm(.publicKey, _): "give the `whsk_` or `whsec_` secret; the public key is for who verifies"
        case .otherForm(.symmetric, _): "a `whsec_` secret is the same on both sides and has no public key"
        case .otherForm(.privateKey, _): "give the `whpk_` key that was made with it"
        case .base64URL: "write + for each - and / for each _"
        case .notBase64: "copy it again, whole and without blanks; `hookline secret` makes a new one"
        case .length, .halvesDiffer: "copy it again, whole; `hookline secret --ed25519` makes a new pair"
        }
    }

    private static func list(_ forms: [SigningKey.Form]) -> String {
        forms.map { "`\($0.rawValue)`" }.joined(separator: " or ")
    }
}
