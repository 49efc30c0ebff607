/// The values of keys that have rules of their own, for comparing two configurations. Keys are named from there on.
extension Config {
    /// What is read into webhooks, or says nothing itself.
    var nothingShown: [Setting] { [] }

    var shownTopics: [Setting] { topics.map { Setting($0.name, $0.description) } }

    var shownAllow: [Setting] { [Setting("", list(network.allow.map(\.description).sorted()))] }

    var shownProxy: [Setting] {
        switch network.proxy {
        case nil: [Setting("", nil)]
        // Scheme, host and port alone.
        case .value(let proxy): [Setting("", .origin(proxy.url))]
        case .reference(let reference): [Setting("", secret: .reference(reference))]
        }
    }

    var shownSpoolDirectory: [Setting] { [Setting("", spool.directory.map { .path($0) } ?? .none)] }

    var shownTests: [Setting] {
        tests.flatMap { test in
            [
                Setting("\(test.name).deliver_to", list(test.deliverTo.sorted())),
                Setting("\(test.name).event", secret: .value(Secret(test.event))),
            ]
        }
    }
}

extension Webhook {
    var shownName: [Setting] { [Setting("", name)] }

    var shownURLs: [Setting] { [Setting("", .url(url))] }

    var shownTopics: [Setting] { [Setting("", list(topics.map(\.text).sorted()))] }

    var shownFilter: [Setting] { [Setting("", filter?.text)] }

    var shownOrder: [Setting] {
        switch order {
        case .none: [Setting("", "none")]
        case .strict: [Setting("", "strict")]
        case .key(let pointer): [Setting("", "{key: \(pointer.text)}")]
        }
    }

    var shownRateLimit: [Setting] {
        guard let rateLimit else { return [Setting("", nil)] }
        let unit =
            [1: "s", 60: "min", 3_600: "h"][rateLimit.period.components.seconds] ?? Quantity.text(rateLimit.period)
        return [Setting("", "\(rateLimit.requests)/\(unit)")]
    }

    var shownCloudEventsSource: [Setting] { [Setting("", cloudEventsSource)] }

    /// Names of headers do not differ by case.
    var shownHeaders: [Setting] { headers.map { Setting($0.name.lowercased(), secret: $0.value) } }

    var shownAuth: [Setting] {
        switch auth {
        case nil: [Setting("", nil)]
        case .bearer(let token): [Setting("", "bearer"), Setting("bearer", secret: token)]
        case .basic(let username, let password):
            [
                Setting("", "basic"), Setting("basic.username", secret: username),
                Setting("basic.password", secret: password),
            ]
        case .oauth2(let oauth2):
            [
                Setting("", "oauth2"), Setting("oauth2.token_url", .url(oauth2.tokenURL)),
                Setting("oauth2.client_id", secret: oauth2.clientID),
                Setting("oauth2.client_secret", secret: oauth2.clientSecret), Setting("oauth2.scope", oauth2.scope),
            ]
        }
    }

    var shownSigning: [Setting] {
        guard let signing else { return [Setting("", nil)] }
        let secrets = Setting("secrets", .secrets(signing.secrets))
        switch signing.scheme {
        case .standardWebhooks: return [Setting("", "standard"), secrets]
        case .github: return [Setting("", "github"), secrets]
        case .stripe: return [Setting("", "stripe"), secrets]
        case .custom(let custom):
            return [
                Setting("", "custom"), secrets, Setting("header", secret: .value(Secret(custom.header))),
                Setting("template", secret: .value(Secret(custom.template))),
                Setting("value", secret: .value(Secret(custom.value))), Setting("hash", custom.hash.rawValue),
                Setting("encoding", custom.encoding.rawValue),
            ]
        }
    }

    var shownCAFile: [Setting] { [Setting("", tls.caFile.map { .path($0.name) } ?? .none)] }
    var shownClientCertificate: [Setting] { [Setting("", secret: tls.clientCertificate)] }
    var shownClientKey: [Setting] { [Setting("", secret: tls.clientKey)] }
    var shownClientKeyPassword: [Setting] { [Setting("", secret: tls.clientKeyPassword)] }
    var shownPin: [Setting] { [Setting("", tls.pinnedPublicKey)] }
}

private func list(_ elements: [String]) -> String { "[\(elements.joined(separator: ", "))]" }

extension EventPattern {
    /// The same for all orders of fields, alternatives and branches: `{object.type: ["Order"]}`, with `or` between branches.
    var text: String {
        let texts = fields.map { field in
            "\(field.name): [" + field.alternatives.map(\.json).sorted().joined(separator: ",") + "]"
        }
        return branches.map { branch in "{" + branch.map { texts[$0] }.sorted().joined(separator: ", ") + "}" }
            .sorted().joined(separator: " or ")
    }
}
