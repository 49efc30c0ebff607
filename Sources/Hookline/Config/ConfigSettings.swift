/// One setting of a configuration: as it may be shown, and as two of them are compared.
package struct Setting: Equatable, Sendable {
    /// `retry.max_attempts`.
    package var key: String
    package var shown: String
    /// What `shown` leaves out because it may be secret: only ever compared.
    fileprivate var hidden = ""

    /// With paths in the configuration's folder as they stand there: when it was read they were completed.
    func local(to config: Config) -> Setting {
        let parent = config.path.lastIndex(of: "/").map { String(config.path[..<$0]) }
        var setting = self
        // It may be a directory itself.
        for folder in [config.path, parent ?? "."] { setting.shown = setting.shown.replacing(folder + "/", with: "") }
        return setting
    }

    package init(_ key: String, _ shown: String) {
        self.key = key
        self.shown = shown
    }

    fileprivate init(_ key: String, _ shown: String, hidden: String) {
        self.init(key, shown)
        self.hidden = hidden
    }

    /// A secret, or where it comes from: with the reference's place in the file left out.
    fileprivate init(_ key: String, _ secret: Referable<Secret>?) {
        switch secret {
        case nil: self.init(key, "null")
        case .value(let value): self.init(key, "…", hidden: value.revealed)
        case .reference(let reference): self.init(key, reference.text)
        }
    }

    fileprivate init(_ key: String, _ url: Referable<WebhookURL>) {
        switch url {
        case .value(let url): self.init(key, url.redacted, hidden: url.text)
        case .reference(let reference): self.init(key, reference.text)
        }
    }
}

extension Webhook {
    /// All settings but its name, in the order of the table of keys, defaults filled in.
    package var settings: [Setting] {
        ConfigTable.settings(ConfigTable.webhook, of: self, special: special)
    }

    private func special(_ key: String) -> [Setting]? {
        switch key {
        case "name": []
        case "url": [Setting(key, url)]
        case "topics": [Setting(key, topics.map(\.text).joined(separator: ", "))]
        case "filter": [Setting(key, filter?.text ?? "null")]
        case "order": [Setting(key, orderText)]
        case "rate_limit": [Setting(key, rateLimit.map { "\($0.requests) in \(Quantity.text($0.period))" } ?? "null")]
        case "cloudevents.source": [Setting(key, cloudEventsSource ?? "null")]
        case "headers": headers.map { Setting("headers.\($0.name)", $0.value) }
        case "auth": authSettings
        case "signing": signingSettings
        case "tls.ca_file": [Setting(key, tls.caFile?.text ?? "null")]
        case "tls.client_cert": [Setting(key, tls.clientCertificate)]
        case "tls.client_key": [Setting(key, tls.clientKey)]
        case "tls.client_key_password": [Setting(key, tls.clientKeyPassword)]
        case "tls.pinned_public_key": [Setting(key, tls.pinnedPublicKey ?? "null")]
        default: nil
        }
    }

    private var orderText: String {
        switch order {
        case .none: "none"
        case .strict: "strict"
        case .key(let pointer): "{key: /\(pointer.tokens.joined(separator: "/"))}"
        }
    }

    private var authSettings: [Setting] {
        switch auth {
        case nil: []
        case .bearer(let token): [Setting("auth.bearer", token)]
        case .basic(let username, let password):
            [Setting("auth.basic.username", username), Setting("auth.basic.password", password)]
        case .oauth2(let oauth):
            [
                Setting("auth.oauth2.token_url", oauth.tokenURL), Setting("auth.oauth2.client_id", oauth.clientID),
                Setting("auth.oauth2.client_secret", oauth.clientSecret),
                Setting("auth.oauth2.scope", oauth.scope ?? "null"),
            ]
        }
    }

    private var signingSettings: [Setting] {
        guard let signing else { return [] }
        let secrets = signing.secrets.enumerated().map { Setting("signing.secrets[\($0.offset)]", $0.element) }
        let scheme =
            switch signing.scheme {
            case .standardWebhooks: "standard"
            case .github: "github"
            case .stripe: "stripe"
            case .custom(let custom):
                "custom: \(custom.header): \(custom.value) of \(custom.template), \(custom.hash), \(custom.encoding)"
            }
        return [Setting("signing.scheme", scheme)] + secrets
    }
}

extension Config {
    /// All settings beside topics, webhooks and tests, in the order of the table of keys.
    package var settings: [Setting] { ConfigTable.settings(ConfigTable.document, of: self, special: special) }

    private func special(_ key: String) -> [Setting]? {
        switch key {
        // Compared apart, or part of each webhook.
        case "version", "topics", "defaults", "webhooks", "tests": return []
        case "network.allow": return [Setting(key, network.allow.map(\.description).joined(separator: ", "))]
        case "network.proxy":
            switch network.proxy {
            case nil: return [Setting(key, "null")]
            case .reference(let reference): return [Setting(key, reference.text)]
            case .value(let proxy):
                let hidden = (proxy.username?.revealed ?? "") + ":" + (proxy.password?.revealed ?? "")
                return [Setting(key, proxy.url, hidden: hidden)]
            }
        case "spool.directory": return [Setting(key, spool.directory ?? "null")]
        default: return nil
        }
    }
}

extension EventPattern {
    /// Its ways through, each with its fields.
    fileprivate var text: String {
        branches.map { branch in
            branch.map { "\(fields[$0].name): " + fields[$0].alternatives.map(\.json).joined(separator: " or ") }
                .joined(separator: "; ")
        }.joined(separator: " | ")
    }
}

extension ConfigTable {
    /// What a target has at each key of a table. `special` is asked for what the table alone can't tell; nil: it is not
    /// known there, which is a mistake of this program.
    fileprivate static func settings<Target>(
        _ keys: [ConfigKey<Target>], of target: Target, at prefix: String = "", special: (String) -> [Setting]?
    ) -> [Setting] {
        keys.flatMap { key -> [Setting] in
            let name = prefix + key.name
            switch key.shape {
            case .duration, .size, .count, .boolean, .choice, .pointer:
                return [Setting(name, ConfigOutline(key, of: target).value ?? "null")]
            case .optionalText(let path): return [Setting(name, target[keyPath: path] ?? "null")]
            case .section(let members, _): return settings(members, of: target, at: name + ".", special: special)
            case .special, .group:
                guard let found = special(name) else { preconditionFailure("nobody knows the setting \(name)") }
                return found
            }
        }
    }
}
