/// One webhook, and those of its keys that have rules of their own.
extension ConfigPass {
    /// Headers that hookline sets itself, or that HTTP/2 and libcurl reserve, in lower case.
    static let reservedHeaders: Set<String> = [
        "accept", "connection", "content-length", "content-type", "expect", "host", "keep-alive", "proxy-connection",
        "te", "trailer", "transfer-encoding", "upgrade", "user-agent", "webhook-id", "webhook-signature",
        "webhook-timestamp",
    ]

    /// Headers whose values are credentials, in lower case.
    static let secretHeaders: Set<String> = ["authorization", "cookie", "proxy-authorization", "x-api-key"]

    mutating func readWebhook(_ node: YAMLNode, in config: inout Config) {
        guard case .mapping(let all) = node.content else {
            let hint = "start each webhook with `- name: …`"
            fail(
                .wrongType(key: "webhooks", expected: "a list of mappings", found: found(node), hint: hint),
                at: node.start)
            return
        }
        let entries = all.filter { !$0.isRefused }
        var webhook = defaults
        read(entries, keys: ConfigTable.webhook, at: "", into: &webhook)
        let owner = webhook.name.isEmpty ? "this webhook" : "webhook \(quoted(webhook.name))"
        for key in ConfigTable.webhook where key.isRequired && !entries.contains(where: { $0.key == key.name }) {
            fail(.missingKey(key.name, owner: owner), at: node.start)
        }
        check(webhook, node)
        let mark = node["active"]?.start ?? node.start
        if !webhook.active { warn(.inactive(webhook: webhook.name), at: mark) }
        if webhook.topics.contains(.all), let mark = node["topics"]?.start {
            warn(.everyTopic(webhook: webhook.name), at: mark)
        }
        config.webhooks.append(webhook)
    }

    /// What keys must be to each other, whichever of them `defaults` gave.
    private mutating func check(_ webhook: Webhook, _ node: YAMLNode) {
        let tls = webhook.tls
        let pairs = [
            ("client_cert", tls.clientCertificate, "client_key", tls.clientKey),
            ("client_key", tls.clientKey, "client_cert", tls.clientCertificate),
            ("client_key_password", tls.clientKeyPassword, "client_key", tls.clientKey),
        ]
        // One that is there and wrong was reported already.
        for (key, value, other, otherValue) in pairs
        where value != nil && otherValue == nil && node["tls"]?[other]?.isNull ?? true {
            fail(.needsOther(key: "tls.\(key)", other: "tls.\(other)"), at: node["tls"]?.start ?? node.start)
        }
        let headers = Set(webhook.headers.map { $0.name.lowercased() })
        if webhook.auth != nil, headers.contains("authorization") {
            fail(.headerOfKey("Authorization", key: "auth"), at: node["headers"]?.start ?? node.start)
        }
        if webhook.auth != nil, webhook.signing?.header.lowercased() == "authorization" {
            fail(.headerOfKey("Authorization", key: "auth"), at: node["signing"]?["header"]?.start ?? node.start)
        }
        if let header = webhook.signing?.header, headers.contains(header.lowercased()) {
            fail(.headerOfKey(header, key: "signing"), at: node["headers"]?.start ?? node.start)
        }
        if webhook.auth != nil, webhook.signing?.header.lowercased() == "authorization" {
            fail(.headerOfKey("Authorization", key: "auth"), at: node["signing"]?.start ?? node.start)
        }
        if webhook.signing == nil, webhook.active { warn(.unsigned(webhook: webhook.name), at: node.start) }
    }

    mutating func readName(_ node: YAMLNode, in webhook: inout Webhook) {
        guard let name = text(node, key: "name") else { return }
        webhook.name = name
        guard isWebhookName(name) else {
            fail(.webhookName(name), at: node.start)
            return
        }
        if let first = webhookNames[name] {
            fail(.webhookNameTaken(name, first: place(of: first)), at: node.start)
        } else {
            webhookNames[name] = node.start
        }
    }

    private func isWebhookName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (1...100).contains(name.utf8.count) else { return false }
        return first.isLetterOrDigit
            && name.utf8.allSatisfy { $0.isLetterOrDigit || " ._-".utf8.contains($0) }
    }

    mutating func url(_ node: YAMLNode, key: String) -> Referable<WebhookURL>? {
        referable(node, key: key) { pass, text in
            switch pass.parsers.url(text) {
            case .success(let url):
                if text.contains("$") { pass.warn(.dollarInURL(key: key), at: node.start) }
                if Self.holdsSecretQuery(text) { pass.warn(.secretInQuery(key: key), at: node.start) }
                return url
            case .failure(let problem):
                pass.fail(.url(problem, key: key), at: node.start)
                return nil
            }
        }
    }

    /// Whether a parameter of the query is named like a credential.
    private static func holdsSecretQuery(_ url: String) -> Bool {
        guard let query = url.firstIndex(of: "?") else { return false }
        let names = ["token", "api_key", "apikey", "access_token", "secret", "password", "sig", "signature"]
        return url[query...].dropFirst().split(separator: "&").contains { parameter in
            let parts = parameter.split(separator: "=", maxSplits: 1)
            return parts.count == 2 && names.contains(parts[0].lowercased())
        }
    }

    mutating func readSubscriptions(_ node: YAMLNode, in webhook: inout Webhook) {
        guard let elements = elements(of: node, key: "topics", hint: subscriptionsHint)
        else { return }
        if elements.isEmpty {
            fail(.emptyList(key: "topics", hint: "list at least one topic, or \"*\" for all"), at: node.start)
        }
        for element in elements {
            guard case .scalar(let scalar) = element.content, !element.isNull else {
                let expected = "text in each entry"
                fail(.wrongType(key: "topics", expected: expected, found: found(element), hint: nil), at: element.start)
                continue
            }
            let text = scalar.text
            guard let pattern = topicPattern(text, at: element.start) else { continue }
            if webhook.topics.contains(pattern) {
                fail(.topicListedTwice(text), at: element.start)
            } else {
                webhook.topics.append(pattern)
            }
        }
    }

    private func subscriptionsHint(_ text: String?) -> String {
        switch text {
        case nil: "write [object.created] or one `- object.created` a line"
        case "*": "write [\"*\"]"
        case let topic?: "write [\(printable(topic))]"
        }
    }

    private mutating func topicPattern(_ text: String, at mark: SourceMark) -> TopicPattern? {
        let pattern: TopicPattern
        if text == "*" {
            pattern = .all
        } else if !text.contains("*") {
            pattern = .exact(text)
        } else if text.hasSuffix(".*"), text.utf8.count > 2, !text.dropLast().contains("*") {
            pattern = .below(prefix: String(text.dropLast()))
        } else {
            fail(.topicPattern(text), at: mark)
            return nil
        }
        guard let declared = declaredTopics else { return pattern }
        let matched = declared.keys.filter { pattern.matches($0) }
        usedTopics.formUnion(matched)
        if matched.isEmpty, case .exact = pattern {
            fail(.undeclaredTopic(text, declared: declared.keys.sorted()), at: mark)
        } else if matched.isEmpty, !declared.isEmpty {
            fail(.patternWithoutTopic(text), at: mark)
        }
        return pattern
    }

    /// Headers of `defaults` stay, unless the webhook gives one of the same name.
    mutating func readHeaders(_ node: YAMLNode, in webhook: inout Webhook) {
        guard let entries = entries(of: node, key: "headers") else { return }
        var seen: Set<String> = []
        for entry in entries {
            let name = entry.key
            let lower = name.lowercased()
            guard isHTTPToken(name.utf8) else {
                fail(.headerName(key: "headers"), at: entry.keyStart)
                continue
            }
            if Self.reservedHeaders.contains(lower) {
                fail(.headerReserved(name), at: entry.keyStart)
            } else if !seen.insert(lower).inserted {
                fail(.headerTwice(name), at: entry.keyStart)
            }
            let value = referable(entry.value, key: "headers.\(name)") { pass, text -> Secret? in
                if Self.secretHeaders.contains(lower) {
                    pass.fail(.plainSecret(key: "headers.\(name)"), at: entry.value.start)
                } else if isHeaderValue(text) {
                    return Secret(text)
                } else {
                    pass.fail(.headerValue(name), at: entry.value.start)
                }
                return nil
            }
            guard let value else { continue }
            webhook.headers.removeAll { $0.name.lowercased() == lower }
            webhook.headers.append(Webhook.Header(name: name, value: value))
        }
    }

    mutating func readCloudEventsSource(_ node: YAMLNode, in webhook: inout Webhook) {
        if node.isNull {
            webhook.cloudEventsSource = nil
            return
        }
        guard let source = text(node, key: "cloudevents.source") else { return }
        // What no URI holds, whatever its parts (RFC 3986 section 2).
        let isAllowed = source.utf8.allSatisfy { 0x21...0x7E ~= $0 && !"\"<>\\^`{|}".utf8.contains($0) }
        guard isAllowed, !source.isEmpty else {
            let hint = "write it like urn:example:orders or https://example.com/orders; %20 stands for a space"
            fail(
                .wrongType(
                    key: "cloudevents.source", expected: "a URI reference", found: quoted(source), hint: hint),
                at: node.start)
            return
        }
        webhook.cloudEventsSource = source
    }
}

/// Whether a text can be a header's value: not blank, since libcurl leaves such a header out, and without control
/// characters (RFC 9110 section 5.5).
func isHeaderValue(_ text: String) -> Bool {
    let isBlank = text.utf8.allSatisfy { $0 == UInt8(ascii: " ") }
    return !isBlank && !text.utf8.contains(where: \.isControl)
}
