/// Keys by which a webhook's requests are authenticated, signed, and held to a server.
extension ConfigTable {
    static let auth: [ConfigMember] = [
        ConfigMember(
            name: "bearer", form: .reference, sentence: "A token, sent as `Authorization: Bearer …`.", isSecret: true),
        ConfigMember(
            name: "basic", form: .mapping, sentence: "User name and password, sent as `Authorization: Basic …`.",
            members: [
                ConfigMember(
                    name: "username", form: .username, sentence: "Without `:`.", isRequired: true,
                    isSecret: true),
                ConfigMember(
                    name: "password", form: .reference, sentence: "The password.", isRequired: true, isSecret: true),
            ]),
        ConfigMember(
            name: "oauth2", form: .mapping,
            sentence: "A token that is fetched by client credentials (RFC 6749 section 4.4), kept until shortly before "
                + "it ends, and fetched again once when it is answered with 401.",
            members: [
                ConfigMember(
                    name: "token_url", form: .url, sentence: "Where tokens are fetched: https.",
                    isRequired: true, isSecret: true),
                ConfigMember(
                    name: "client_id", form: .referableText, sentence: "Who asks for a token.", isRequired: true,
                    isSecret: true),
                ConfigMember(
                    name: "client_secret", form: .reference, sentence: "How the client proves it.", isRequired: true,
                    isSecret: true),
                ConfigMember(
                    name: "scope", form: .optionalText, value: "null",
                    sentence: "What the token is for: words with spaces between them."),
            ]),
    ]

    static let signing: [ConfigMember] = [
        ConfigMember(
            name: "scheme", form: .choice(["standard", "github", "stripe", "custom"]), value: "standard",
            sentence: "`standard`: Standard Webhooks 1.0.0. The others take a secret's bytes as they are."),
        ConfigMember(
            name: "secrets", form: .references,
            sentence: "`whsec_…` keys (HMAC-SHA256) and `whsk_…` keys (Ed25519), as `hookline secret` makes them. "
                + "Each makes a signature, in this order; `github` and `custom` take one.",
            isRequired: true, isSecret: true),
        ConfigMember(
            name: "header", form: .text, sentence: "`custom`: the header's name; required.", isSecret: true),
        ConfigMember(
            name: "template", form: .text, value: "{id}.{timestamp}.{body}",
            sentence: "`custom`: what is signed, with `{id}`, `{timestamp}` and `{body}`.", isSecret: true),
        ConfigMember(
            name: "value", form: .text, value: "{signature}",
            sentence: "`custom`: the header's value, with `{id}`, `{timestamp}` and `{signature}`.", isSecret: true),
        ConfigMember(
            name: "hash", form: .choice(["sha256", "sha512"]), value: "sha256",
            sentence: "`custom`: the digest of the HMAC."),
        ConfigMember(
            name: "encoding", form: .choice(["hex", "base64"]), value: "hex",
            sentence: "`custom`: how the signature is written."),
    ]

    static let tls: [ConfigKey<Webhook>] = [
        ConfigKey(
            name: "ca_file",
            shape: .special(form: .path, value: "null", show: \.shownCAFile) { pass, node, webhook in
                webhook.tls.caFile = pass.optionalFile(node, key: "tls.ca_file")
            },
            sentence: "A PEM file of certificates that are trusted besides the system's. "
                + "A relative path starts at the folder of this configuration file."),
        ConfigKey(
            name: "client_cert",
            shape: .special(form: .pem, value: "null", show: \.shownClientCertificate) {
                pass, node, webhook in
                webhook.tls.clientCertificate = pass.pem(node, key: "tls.client_cert")
            },
            sentence: "A certificate to show to the server: PEM, with those that lead to its authority.",
            isSecret: true),
        ConfigKey(
            name: "client_key",
            shape: .special(form: .pem, value: "null", show: \.shownClientKey) {
                pass, node, webhook in
                webhook.tls.clientKey = pass.pem(node, key: "tls.client_key")
            },
            sentence: "The key of `client_cert`: PEM.", isSecret: true),
        ConfigKey(
            name: "client_key_password",
            shape: .special(form: .optionalReference, value: "null", show: \.shownClientKeyPassword) {
                pass, node, webhook in
                webhook.tls.clientKeyPassword = node.isNull ? nil : pass.secret(node, key: "tls.client_key_password")
            },
            sentence: "What an encrypted `client_key` was encrypted with.", isSecret: true),
        ConfigKey(
            name: "min_version",
            shape: .choice(
                values: Webhook.TLS.Version.allCases.map(\.rawValue),
                get: { $0.tls.minVersion.rawValue },
                set: { $0.tls.minVersion = Webhook.TLS.Version(rawValue: $1) ?? $0.tls.minVersion }),
            sentence: "The lowest version of TLS."),
        ConfigKey(
            name: "pinned_public_key",
            shape: .special(form: .pin, value: "null", show: \.shownPin) { pass, node, webhook in
                webhook.tls.pinnedPublicKey = pass.pinnedPublicKey(node)
            },
            sentence: "The SHA-256 of the key that the server must have, in base64; several are separated by `;`. "
                + "The certificate is verified all the same. It holds for a token server of the same origin too."),
    ]
}

extension ConfigPass {
    mutating func readAuth(_ node: YAMLNode, _ entries: [YAMLNode.Entry], in webhook: inout Webhook) {
        guard let entry = entries.first, entries.count == 1 else {
            // An unknown key was reported already.
            if case .mapping(let all) = node.content, all.count == 1 { return }
            return fail(.notOneOf(key: "auth", choices: ConfigTable.auth.map(\.name)), at: node.start)
        }
        let (key, node) = ("auth.\(entry.key)", entry.value)
        let known = ConfigTable.auth.first { $0.name == entry.key }?.members ?? []
        switch entry.key {
        case "bearer": webhook.auth = secret(node, key: key).map { .bearer($0) }
        case "basic":
            guard let members = members(of: node, key: key, known) else { return }
            let username = member("username", members).flatMap { self.username($0, key: "\(key).username") }
            let password = member("password", members).flatMap { secret($0, key: "\(key).password") }
            guard let username, let password else { return }
            webhook.auth = .basic(username: username, password: password)
        default:
            guard let members = members(of: node, key: key, known) else { return }
            let url = member("token_url", members).flatMap { self.url($0, key: "\(key).token_url") }
            let id = member("client_id", members).flatMap { node in
                referable(node, key: "\(key).client_id") { _, text in Secret(text) }
            }
            let password = member("client_secret", members).flatMap { secret($0, key: "\(key).client_secret") }
            let scope = member("scope", members).flatMap {
                $0.isNull ? nil : text($0, key: "\(key).scope", hint: "write scope: \"a b\"")
            }
            guard let url, let id, let password else { return }
            webhook.auth = .oauth2(.init(tokenURL: url, clientID: id, clientSecret: password, scope: scope))
        }
    }

    mutating func readSigning(_ entries: [YAMLNode.Entry], in webhook: inout Webhook) {
        guard let list = member("secrets", entries) else { return }
        let scheme = signingScheme(entries, of: list)
        guard let secrets = signingSecrets(list, scheme), let scheme else { return }
        webhook.signing = Webhook.Signing(scheme: scheme, secrets: secrets)
    }

    private mutating func signingScheme(
        _ entries: [YAMLNode.Entry], of list: YAMLNode
    ) -> Webhook.Signing.Scheme? {
        let names = ["standard", "github", "stripe", "custom"]
        let name =
            member("scheme", entries).map { choice($0, key: "signing.scheme", values: names) } ?? "standard"
        guard let name else { return nil }
        if name != "custom" {
            for entry in entries where !["scheme", "secrets"].contains(entry.key) {
                fail(.onlyForCustom(entry.key, scheme: name), at: entry.keyStart)
            }
        }
        switch name {
        case "github": return .github
        case "stripe": return .stripe
        case "custom": return customSigning(entries, of: list).map { .custom($0) }
        default: return .standardWebhooks
        }
    }

    /// The secrets; `scheme` says how many there may be, if it is known.
    private mutating func signingSecrets(
        _ list: YAMLNode, _ scheme: Webhook.Signing.Scheme?
    ) -> [Referable<Secret>]? {
        let advice = "write [{env: NAME}], or one `- {env: NAME}` a line"
        if case .scalar = list.content, !list.isNull {
            // The text is the secret itself, most likely.
            let error = ConfigError.wrongType(
                key: "signing.secrets", expected: "a list of references", found: "text", hint: advice)
            fail(error, at: list.start)
            return nil
        }
        guard let elements = elements(of: list, key: "signing.secrets", hint: { _ in advice }) else { return nil }
        let secrets = elements.compactMap { secret($0, key: "signing.secrets") }
        if elements.isEmpty { fail(.emptyList(key: "signing.secrets", hint: advice), at: list.start) }
        if elements.count > 1, let name = scheme?.ofOneSecret { fail(.oneSecret(scheme: name), at: elements[1].start) }
        for (index, secret) in secrets.enumerated() {
            guard let reference = secret.reference else { continue }
            let isTwice = secrets[..<index].contains {
                ($0.reference?.kind, $0.reference?.name) == (reference.kind, reference.name)
            }
            if isTwice { warn(.secretTwice, at: reference.mark) }
        }
        return secrets.isEmpty || secrets.count < elements.count ? nil : secrets
    }

    private mutating func customSigning(_ entries: [YAMLNode.Entry], of list: YAMLNode) -> Webhook.Signing.Custom? {
        guard let headerNode = member("header", entries) else {
            fail(.missingKey("header", owner: quoted("signing")), at: list.start)
            return nil
        }
        guard let header = text(headerNode, key: "signing.header") else { return nil }
        guard isHTTPToken(header.utf8) else {
            fail(.headerName(key: "signing.header"), at: headerNode.start)
            return nil
        }
        // `webhook-signature` is free here: the other scheme that sets it is not in use.
        if Self.reservedHeaders.contains(header.lowercased()), header.lowercased() != "webhook-signature" {
            fail(.signingHeaderReserved(header), at: headerNode.start)
        }
        var custom = Webhook.Signing.Custom(header: header)
        for entry in entries {
            let key = "signing.\(entry.key)"
            switch entry.key {
            case "template":
                custom.template = template(entry.value, key: key, known: ["id", "timestamp", "body"], required: "body")
            case "value":
                custom.value = template(
                    entry.value, key: key, known: ["id", "timestamp", "signature"], required: "signature")
                if custom.value.utf8.contains(where: \.isControl) {
                    fail(.headerValue(header), at: entry.value.start)
                }
            case "hash":
                let name = choice(entry.value, key: key, values: ["sha256", "sha512"])
                custom.hash = name.flatMap(Webhook.Signing.Custom.Hash.init) ?? custom.hash
            case "encoding":
                let name = choice(entry.value, key: key, values: ["hex", "base64"])
                custom.encoding = name.flatMap(Webhook.Signing.Custom.Encoding.init) ?? custom.encoding
            default: break
            }
        }
        return custom
    }

    /// Text whose `{…}` are all known, the required one among them.
    private mutating func template(_ node: YAMLNode, key: String, known: [String], required: String) -> String {
        guard let text = text(node, key: key) else { return "" }
        let names = text.split(separator: "{", omittingEmptySubsequences: false).dropFirst().map { part in
            part.firstIndex(of: "}").map { String(part[..<$0]) } ?? ""
        }
        if !names.contains(required) || !names.allSatisfy(known.contains) {
            // A name that is no plain word may be part of a secret.
            let unknown = names.first { name in
                !known.contains(name) && (1...20).contains(name.utf8.count)
                    && name.allSatisfy { $0.isLetter || $0 == "_" }
            }
            fail(.template(key: key, known: known, required: required, unknown: unknown), at: node.start)
        }
        return text
    }

    private mutating func username(_ node: YAMLNode, key: String) -> Referable<Secret>? {
        referable(node, key: key) { pass, text in
            if isUsername(text) { return Secret(text) }
            pass.fail(.username(key: key), at: node.start)
            return nil
        }
    }

    mutating func optionalFile(_ node: YAMLNode, key: String) -> Reference? {
        if node.isNull { return nil }
        guard let name = text(node, key: key, hint: "write ca_file: PATH") else { return nil }
        return isUnexpanded(name, key: key, at: node.start) ? nil : fileReference(name, key: key, at: node.start)
    }

    /// PEM by reference, or by a path, which stands for a reference to that file.
    mutating func pem(_ node: YAMLNode, key: String) -> Referable<Secret>? {
        guard case .scalar(let scalar) = node.content, !node.isNull else {
            return node.isNull ? nil : secret(node, key: key)
        }
        if scalar.text.isEmpty || scalar.text.contains("-----BEGIN") {
            fail(.plainSecret(key: key), at: node.start)
            return nil
        }
        if isUnexpanded(scalar.text, key: key, at: node.start) { return nil }
        return .reference(fileReference(scalar.text, key: key, at: node.start))
    }

    mutating func pinnedPublicKey(_ node: YAMLNode) -> String? {
        guard !node.isNull, let text = text(node, key: "tls.pinned_public_key") else { return nil }
        let pins = text.split(separator: ";", omittingEmptySubsequences: false)
        // 32 bytes are 43 digits of base64 and one `=`.
        let isPin = pins.allSatisfy { pin in
            pin.hasPrefix("sha256//") && pin.utf8.count == 52 && pin.hasSuffix("=")
                && pin.utf8.dropFirst(8).dropLast().allSatisfy { $0.isLetterOrDigit || "+/".utf8.contains($0) }
        }
        if isPin { return text }
        fail(.pin, at: node.start)
        return nil
    }

    func member(_ name: String, _ entries: [YAMLNode.Entry]) -> YAMLNode? {
        entries.first { $0.key == name }?.value
    }
}

/// Whether a text can be a user name: RFC 7617 section 2, where a colon would end it.
func isUsername(_ text: String) -> Bool { !text.contains(":") && !text.utf8.contains(where: \.isControl) }
