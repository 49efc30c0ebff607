import Glibc

/// Looks up what the references of a configuration name, once, at the start of a run (SPEC section 3).
package struct ReferenceResolver {
    /// What is wrong with a signing key, and what to do; nil: it can be used.
    package typealias SigningKeyCheck = (Secret, Webhook.Signing.Scheme) -> (message: String, hint: String?)?

    private let parsers: ConfigReader.Parsers
    private let environment: [String: String]
    private let checkSigningKey: SigningKeyCheck
    private var problems: [ConfigProblem] = []

    /// Longest file that holds a value.
    static let fileLimit = 1 << 20

    package init(
        parsers: ConfigReader.Parsers, environment: [String: String], checkSigningKey: @escaping SigningKeyCheck
    ) {
        self.parsers = parsers
        self.environment = environment
        self.checkSigningKey = checkSigningKey
    }

    /// The configuration with values in place of references, for the webhooks that take part.
    ///
    /// - Parameters:
    ///   - config: as it was read.
    ///   - report: of the reading, into whose texts problems point.
    ///   - takesPart: whether a webhook, by its place, needs its values. The others keep their references.
    /// - Returns: the configuration, and what was found to warn of.
    /// - Throws: `ConfigFailure.invalid` with all problems at once.
    package func resolve(
        _ config: Config, report: ConfigReport, takesPart: (Int) -> Bool
    ) throws(ConfigFailure) -> (config: Config, warnings: ConfigReport) {
        var (pass, config) = (self, config)
        if let proxy = config.network.proxy { config.network.proxy = pass.resolved(proxy) { $0.proxy($1, $2) } }
        for index in config.webhooks.indices where takesPart(index) { pass.resolve(&config.webhooks[index]) }
        let found = report.of(pass.problems)
        if found.errorCount > 0 { throw .invalid(found) }
        return (config, found)
    }

    private mutating func resolve(_ webhook: inout Webhook) {
        webhook.url = resolved(webhook.url) { $0.url($1, $2) }
        for index in webhook.headers.indices {
            webhook.headers[index].value = resolved(webhook.headers[index].value) { $0.header($1, $2) }
        }
        switch webhook.auth {
        case .bearer(let token): webhook.auth = .bearer(resolved(token) { $0.credential($1, $2) })
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
            webhook.signing = signing
        }
        webhook.tls.clientCertificate = webhook.tls.clientCertificate.map { resolved($0) { $0.pem($1, $2) } }
        webhook.tls.clientKey = webhook.tls.clientKey.map { resolved($0) { $0.pem($1, $2) } }
        webhook.tls.clientKeyPassword = webhook.tls.clientKeyPassword.map { resolved($0) { $0.credential($1, $2) } }
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
        let hasControl = unsafe secret.withBytes { unsafe $0.contains { $0 < 0x20 || $0 == 0x7f } }
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
        problems.append(ConfigProblem(.unresolved(reference, problem), at: reference.mark))
        return nil
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
        var bytes: [UInt8]
        do {
            bytes = try readFile(reference.name, limit: Self.fileLimit)
        } catch {
            return fail(.unreadable(reason: systemReason(error.errno).lowercased()), reference)
        }
        if bytes.count > Self.fileLimit { return fail(.tooLarge(limit: Self.fileLimit), reference) }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        if bytes.isEmpty { return fail(.empty, reference) }
        guard String(validating: bytes, as: UTF8.self) != nil else { return fail(.notUTF8, reference) }
        var status = stat()
        // A certificate is for everybody; its key may stand in the same file.
        let text = String(decoding: bytes, as: UTF8.self)
        let isPublic = reference.key == "tls.client_cert" && !text.contains("PRIVATE KEY-----")
        if !isPublic, unsafe stat(reference.name, &status) == 0, status.st_mode & S_IROTH != 0 {
            problems.append(ConfigProblem(.readableByOthers(path: reference.name), at: reference.mark))
        }
        return Secret(bytes)
    }
}
