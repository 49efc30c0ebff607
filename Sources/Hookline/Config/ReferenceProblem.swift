/// Why a client's certificate and key can't be used.
package enum ClientKeyProblem: Equatable, Sendable {
    case noCertificate
    case noKey
    /// The key wants a password, and there is none.
    case encrypted
    case wrongPassword
    case ofOtherCertificate
}

/// Why what a reference names can't be used. Holds nothing of the value.
package enum ReferenceProblem: Equatable, Sendable {
    case unset
    case empty
    /// `reason` is the system's.
    case unreadable(reason: String)
    case tooLarge(limit: Int)
    case notUTF8
    case url(URLProblem)
    case proxy(URLProblem)
    case headerValue
    case username
    /// A control character in a token or password.
    case controlCharacter
    case notPEM
    /// A text of `tls.ca_file` or `tls.client_cert` in which there is none.
    case noCertificate(holdsKey: Bool)
    /// A text of `tls.client_key` in which there is none.
    case noKey(holdsCertificate: Bool)
    /// An encrypted key without a password.
    case encryptedKey
    case wrongPassword
    /// `certificate`: where that is kept, as the user wrote it.
    case keyOfOther(certificate: String)
    /// What is wrong with a signing key, and what to do.
    case signingKey(message: String, hint: String?)

    func message(of reference: Reference) -> String {
        let place = reference.kind == .env ? "environment variable \(quoted(reference.name))" : quoted(reference.name)
        let owner = "\(quoted(reference.key)): \(place)"
        return switch self {
        case .unset: "\(owner) is not set"
        case .empty: "\(owner) is empty"
        case .unreadable(let reason): "\(owner) can't be read: \(reason)"
        case .tooLarge(let limit): "\(owner) is larger than \(Quantity.text(bytes: limit))"
        case .notUTF8: "\(owner) is not UTF-8"
        case .url(let problem):
            "\(owner): \(problem.message(of: reference.key == "url" ? "a webhook's URL" : "the URL"))"
        case .proxy(let problem): "\(owner): \(problem.proxyMessage)"
        case .headerValue: "\(owner) is blank or holds a control character"
        case .username: "\(owner) holds a colon or a control character"
        case .controlCharacter: "\(owner) holds a control character"
        case .notPEM: "\(owner) holds no PEM"
        case .noCertificate(let holdsKey):
            "\(owner) holds " + (holdsKey ? "a key and no certificate" : "no certificate that can be read")
        case .noKey(let holdsCertificate):
            "\(owner) holds " + (holdsCertificate ? "a certificate and no key" : "no private key that can be read")
        case .encryptedKey: "\(owner) is encrypted"
        case .wrongPassword: "\(owner) does not open `tls.client_key`"
        case .keyOfOther(let certificate): "\(owner) does not belong to `tls.client_cert` \(quoted(certificate))"
        case .signingKey(let message, _): "\(owner): \(message)"
        }
    }

    func hint(of reference: Reference) -> String? {
        switch self {
        case .unset: "export \(reference.name)=… in the shell that starts hookline, or name a file"
        case .empty: reference.kind == .env ? "set it to the value" : "write the value into it"
        case .unreadable where reference.key == "tls.ca_file" && reference.name.contains(".hookline-listen/"):
            "`hookline listen` makes it; start it first"
        case .unreadable("permission denied"): "let the user that runs hookline read it, and no one else: chmod 0400"
        case .unreadable("is a directory"): "name a file in it"
        case .unreadable: "a relative path starts at the folder of the configuration file"
        case .tooLarge, .notUTF8: "name the file that holds this value and nothing else"
        case .url(let problem): problem.hint
        case .proxy(let problem): problem.proxyHint
        case .headerValue where reference.kind == .env, .controlCharacter where reference.kind == .env:
            "set it to one line"
        case .headerValue, .controlCharacter: "only one final line break of a file is dropped: keep it to one line"
        case .username: "RFC 7617 has no room for them"
        case .notPEM:
            switch reference.key {
            case "tls.client_key": "of a DER file: openssl pkey -inform der -in FILE -out key.pem"
            default:
                "of a DER file: openssl x509 -inform der -in FILE -out cert.pem; of a .p12: openssl pkcs12 -in FILE"
            }
        case .noCertificate(true), .noKey(true): "were client_cert and client_key swapped?"
        case .noCertificate: "it should hold a block from -----BEGIN CERTIFICATE----- on, whole"
        case .noKey: "it should hold a block from -----BEGIN PRIVATE KEY----- on, whole"
        case .encryptedKey: "add client_key_password: {env: NAME}"
        case .wrongPassword: "give the password that the key was encrypted with"
        case .keyOfOther: "give the key that the certificate was made for; the first of each file counts"
        case .signingKey(_, let hint): hint
        }
    }
}
