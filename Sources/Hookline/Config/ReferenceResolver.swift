import Glibc

/// Looks up what the references of a configuration name, once, at the start of a run (SPEC section 3).
package struct ReferenceResolver {
    /// What is wrong with a signing key, and what to do; nil: it can be used.
    package typealias SigningKeyCheck = (Secret, Webhook.Signing.Scheme) -> (message: String, hint: String?)?

    /// What OpenSSL says of certificates and keys, all PEM.
    package struct CertificateChecks {
        /// Whether a text holds a certificate that can be read.
        package var isCertificate: (Secret) -> Bool
        /// What is wrong with certificate, key and its password; nil: they can be used.
        package var clientKey: (_ certificate: Secret, _ key: Secret, _ password: Secret?) -> ClientKeyProblem?

        package init(
            isCertificate: @escaping (Secret) -> Bool,
            clientKey: @escaping (_ certificate: Secret, _ key: Secret, _ password: Secret?) -> ClientKeyProblem?
        ) {
            self.isCertificate = isCertificate
            self.clientKey = clientKey
        }
    }

    private let parsers: ConfigReader.Parsers
    private let environment: [String: String]
    private let certificates: CertificateChecks
    private let checkSigningKey: SigningKeyCheck
    private var problems: [ConfigProblem] = []
    /// References that were looked up.
    private var count = 0

    /// Longest file that holds a value.
    static let fileLimit = 1 << 20
    /// Longest file of certificate authorities.
    static let authoritiesLimit = 16 << 20

    package init(
        parsers: ConfigReader.Parsers, environment: [String: String], certificates: CertificateChecks,
        checkSigningKey: @escaping SigningKeyCheck
    ) {
        self.parsers = parsers
        self.environment = environment
        self.certificates = certificates
        self.checkSigningKey = checkSigningKey
    }

    /// The configuration with values in place of references, for the webhooks that take part.
    ///
    /// - Parameters:
    ///   - config: as it was read.
    ///   - report: of the reading, into whose texts problems point.
    ///   - takesPart: whether a webhook, by its place, needs its values. The others keep their references.
    /// - Returns: the configuration, what was found to warn of, and how many references were looked up.
    /// - Throws: `ConfigFailure.invalid` with all problems at once.
    package func resolve(
        _ config: Config, report: ConfigReport, takesPart: (Int) -> Bool
    ) throws(ConfigFailure) -> (config: Config, warnings: ConfigReport, count: Int) {
        var (pass, config) = (self, config)
        if let proxy = config.network.proxy { config.network.proxy = pass.resolved(proxy) { $0.proxy($1, $2) } }
        for index in config.webhooks.indices where takesPart(index) { pass.resolve(&config.webhooks[index]) }
        let found = report.of(pass.problems)
        if found.errorCount > 0 { throw .invalid(found) }
        return (config, found, pass.count)
    }

    private mutating func resolve(_ webhook: inout Webhook) {
        webhook.url = resolved(webhook.url) { $0.url($1, $2) }
        for index in webhook.headers.indices {
            webhook.headers[index].value = resolved(webhook.headers[index].value) { $0.header($1, $2) }
        }
        switch webhook.auth {
        case .bearer(let token):
            let value = resolved(token) { $0.credential($1, $2) }
            if let reference = token.reference, value.value?.begins(with: "Bearer ") == true {
                problems.append(ConfigProblem(.bearerPrefix(key: reference.key), at: reference.mark))
            }
            webhook.auth = .bearer(value)
        case .basic(let username, let password):
            webhook.auth = .basic(
                username: resolved(username) { $0.username($1, $2) },
                password: resolved(password) { $0.credential($1, $2) })
        case .oauth2(var settings):
            settings.tokenURL = resolved(settings.tokenURL) { $0.url($1, $2) }
            settings.clientID = resolved(settings.clientID) { $0.credential($1, $2) }
            settings.clientSecret = resolved(settings.clientSecret) { $0.credential($1, $2) }
            webhook.auth = .oauth2(settings)
        case nil: break
        }
        if var signing = webhook.signing {
            let scheme = signing.scheme
            signing.secrets = signing.secrets.map { resolved($0) { $0.signingKey($1, $2, scheme) } }
            warn(of: signing.secrets, webhook.signing?.secrets ?? [], scheme)
            webhook.signing = signing
        }
        resolve(&webhook.tls)
    }

    /// Warns of secrets that sign, but hardly as they should.
    private mutating func warn(
        of secrets: [Referable<Secret>], _ given: [Referable<Secret>], _ scheme: Webhook.Signing.Scheme
    ) {
        let name: String? =
            switch scheme {
            case .github: "github"
            case .stripe: "stripe"
            case .standardWebhooks, .custom: nil
            }
        for (index, (secret, place)) in zip(secrets, given).enumerated() {
            guard let value = secret.value, let reference = place.reference else { continue }
            // The same reference twice was warned of when it was read.
            let isTwice = zip(secrets, given).prefix(index).contains {
                $0.0.value == value && $0.1.reference?.name != reference.name
            }
            if isTwice { problems.append(ConfigProblem(.secretTwice, at: reference.mark)) }
            if let name, value.begins(with: "whsec_") {
                problems.append(ConfigProblem(.prefixedSecret(scheme: name), at: reference.mark))
            }
        }
    }

    private mutating func resolve(_ tls: inout Webhook.TLS) {
        if let file = tls.caFile, let text = lookUp(file), let pem = pem(text, file), !certificates.isCertificate(pem) {
            add(.noCertificate(holdsKey: false), file)
        }
        let given = tls
        tls.clientCertificate = tls.clientCertificate.map { resolved($0) { $0.pem($1, $2) } }
        tls.clientKey = tls.clientKey.map { resolved($0) { $0.pem($1, $2) } }
        tls.clientKeyPassword = tls.clientKeyPassword.map { resolved($0) { $0.credential($1, $2) } }
        guard let certificate = tls.clientCertificate?.value, let key = tls.clientKey?.value,
            let certificatePlace = given.clientCertificate?.reference, let keyPlace = given.clientKey?.reference,
            tls.clientKeyPassword.map({ $0.value != nil }) ?? true
        else { return }
        switch certificates.clientKey(certificate, key, tls.clientKeyPassword?.value) {
        case nil: break
        case .noCertificate: add(.noCertificate(holdsKey: certificate.holdsKey), certificatePlace)
        case .noKey: add(.noKey(holdsCertificate: certificates.isCertificate(key)), keyPlace)
        case .encrypted: add(.encryptedKey, keyPlace)
        case .wrongPassword: add(.wrongPassword, given.clientKeyPassword?.reference ?? keyPlace)
        case .ofOtherCertificate: add(.keyOfOther(certificate: certificatePlace.name), keyPlace)
        }
    }

    // MARK: Values

    private mutating func url(_ secret: Secret, _ reference: Reference) -> WebhookURL? {
        switch parsers.url(secret.revealed) {
        case .success(let url): return url
        case .failure(let problem): return fail(.url(problem), reference)
        }
    }

    private mutating func proxy(_ secret: Secret, _ reference: Reference) -> Proxy? {
        switch parsers.proxy(secret.revealed) {
        case .success(let proxy): return proxy
        case .failure(let problem): return fail(.proxy(problem), reference)
        }
    }

    private mutating func header(_ secret: Secret, _ reference: Reference) -> Secret? {
        isHeaderValue(secret.revealed) ? secret : fail(.headerValue, reference)
    }

    private mutating func username(_ secret: Secret, _ reference: Reference) -> Secret? {
        isUsername(secret.revealed) ? secret : fail(.username, reference)
    }

    private mutating func credential(_ secret: Secret, _ reference: Reference) -> Secret? {
        let hasControl = unsafe secret.withBytes { unsafe $0.contains(where: \.isControl) }
        return hasControl ? fail(.controlCharacter, reference) : secret
    }

    private mutating func signingKey(
        _ secret: Secret, _ reference: Reference, _ scheme: Webhook.Signing.Scheme
    ) -> Secret? {
        guard let problem = checkSigningKey(secret, scheme) else { return secret }
        return fail(.signingKey(message: problem.message, hint: problem.hint), reference)
    }

    private mutating func pem(_ secret: Secret, _ reference: Reference) -> Secret? {
        secret.revealed.contains("-----BEGIN ") ? secret : fail(.notPEM, reference)
    }

    private mutating func fail<Value>(_ problem: ReferenceProblem, _ reference: Reference) -> Value? {
        add(problem, reference)
        return nil
    }

    private mutating func add(_ problem: ReferenceProblem, _ reference: Reference) {
        problems.append(ConfigProblem(.unresolved(reference, problem), at: reference.mark))
    }

    // MARK: Look-up

    /// The setting with its value; as it was, after adding a problem, where that can't be had.
    private mutating func resolved<Value>(
        _ setting: Referable<Value>, _ make: (inout Self, Secret, Reference) -> Value?
    ) -> Referable<Value> {
        guard case .reference(let reference) = setting, let secret = lookUp(reference),
            let value = make(&self, secret, reference)
        else { return setting }
        return .value(value)
    }

    private mutating func lookUp(_ reference: Reference) -> Secret? {
        count += 1
        switch reference.kind {
        case .env:
            guard let text = environment[reference.name] else { return fail(.unset, reference) }
            // Foundation puts this in the place of bytes that are no UTF-8: what is sent would be another secret.
            if text.unicodeScalars.contains("\u{FFFD}") { return fail(.notUTF8, reference) }
            return text.isEmpty ? fail(.empty, reference) : Secret(text)
        case .file: return contents(of: reference)
        }
    }

    private mutating func contents(of reference: Reference) -> Secret? {
        let limit = reference.key == "tls.ca_file" ? Self.authoritiesLimit : Self.fileLimit
        var bytes: [UInt8]
        do {
            bytes = try readFile(reference.name, limit: limit)
        } catch {
            return fail(.unreadable(reason: systemReason(error.errno).lowercased()), reference)
        }
        if bytes.count > limit { return fail(.tooLarge(limit: limit), reference) }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        if bytes.isEmpty { return fail(.empty, reference) }
        let isPEM = ["tls.ca_file", "tls.client_cert", "tls.client_key"].contains(reference.key)
        guard String(validating: bytes, as: UTF8.self) != nil else {
            return fail(isPEM ? .notPEM : .notUTF8, reference)
        }
        let secret = Secret(bytes)
        var status = stat()
        // A certificate is for everybody; its key may stand in the same file.
        let isPublic = isPEM && reference.key != "tls.client_key" && !secret.holdsKey
        if !isPublic, unsafe stat(reference.name, &status) == 0, status.st_mode & S_IROTH != 0 {
            problems.append(ConfigProblem(.readableByOthers(path: reference.name), at: reference.mark))
        }
        return secret
    }
}

extension Secret {
    /// Whether a PEM text has the first line of a private key.
    fileprivate var holdsKey: Bool { revealed.contains("PRIVATE KEY-----") }
}
