/// The sections of the top level that have rules of their own.
extension ConfigPass {
    mutating func checkVersion(_ node: YAMLNode) {
        guard case .scalar(let scalar) = node.content else {
            fail(.wrongType(key: "version", expected: "1", found: found(node), hint: nil), at: node.start)
            return
        }
        if scalar.text != "1" { fail(.version(scalar.text), at: node.start) }
    }

    mutating func declareTopics(_ node: YAMLNode, in config: inout Config) {
        let advice = "declare each topic as `topic: when it fires`"
        guard let entries = entries(of: node, key: "topics", hint: advice) else { return }
        if !entries.isEmpty, declaredTopics == nil { declaredTopics = [:] }
        if entries.isEmpty {
            fail(.emptyList(key: "topics", hint: advice), at: node.start)
        }
        for entry in entries {
            if let first = declaredTopics?[entry.key] {
                fail(.topicDeclaredTwice(entry.key, first: place(of: first)), at: entry.keyStart)
                continue
            }
            declaredTopics?[entry.key] = entry.keyStart
            let isName = !entry.key.isEmpty && entry.key.utf8.count <= 256 && !entry.key.contains("*")
            if !isName || entry.key.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
                fail(.topicName(entry.key), at: entry.keyStart)
            }
            let description = entry.value.isNull ? "" : text(entry.value, key: "topics.\(entry.key)") ?? ""
            config.topics.append(Config.Topic(name: entry.key, description: description))
        }
    }

    mutating func readDefaults(_ node: YAMLNode) {
        guard let entries = entries(of: node, key: "defaults") else { return }
        var common: [YAMLNode.Entry] = []
        let perWebhook = ConfigTable.webhook.filter(\.isPerWebhook).map(\.name)
        for entry in entries {
            if perWebhook.contains(entry.key) {
                fail(.onlyPerWebhook(entry.key), at: entry.keyStart)
            } else {
                common.append(entry)
            }
        }
        var shared = defaults
        read(common, keys: ConfigTable.webhook.filter { !$0.isPerWebhook }, at: "defaults", into: &shared)
        defaults = shared
    }

    mutating func readAllow(_ node: YAMLNode, in config: inout Config) {
        guard let elements = elements(of: node, key: "network.allow", hint: { $0.map { "write [\(printable($0))]" } })
        else {
            return
        }
        for element in elements {
            guard case .scalar(let scalar) = element.content else {
                let hint = "quote an IPv6 block, e.g. \"::1/128\""
                fail(
                    .wrongType(
                        key: "network.allow", expected: "a list of CIDR blocks", found: found(element), hint: hint),
                    at: element.start)
                continue
            }
            let block = CIDR(scalar.text)
            if let ipv4 = block?.ipv4Block {
                fail(.ipv4Spelling(scalar.text, block: "\(ipv4)"), at: element.start)
            } else if let block {
                config.network.allow.append(block)
            } else if let block = CIDR(masking: scalar.text) {
                fail(.hostBits(scalar.text, network: "\(block.ipv4Block ?? block)"), at: element.start)
            } else {
                fail(.address(scalar.text), at: element.start)
            }
        }
    }

    mutating func readProxy(_ node: YAMLNode, in config: inout Config) {
        config.network.proxy =
            node.isNull
            ? nil
            : referable(node, key: "network.proxy") { pass, text in
                switch pass.parsers.proxy(text) {
                case .success(let proxy) where proxy.password == nil && proxy.username == nil: return proxy
                case .success: pass.fail(.plainSecret(key: "network.proxy"), at: node.start)
                case .failure(let problem): pass.fail(.proxy(problem), at: node.start)
                }
                return nil
            }
        if config.network.proxy != nil { warn(.proxied, at: node.start) }
    }

    mutating func readWebhooks(_ node: YAMLNode, in config: inout Config) {
        guard let elements = elements(of: node, key: "webhooks", hint: { _ in "start each webhook with `- name: …`" })
        else { return }
        if elements.isEmpty {
            fail(.emptyList(key: "webhooks", hint: "add `- name: …` with url and topics"), at: node.start)
        }
        for element in elements { readWebhook(element, in: &config) }
    }

    mutating func warnOfUnusedTopics(_ config: Config) {
        for topic in config.topics where !usedTopics.contains(topic.name) {
            if let mark = declaredTopics?[topic.name] { warn(.unusedTopic(topic.name), at: mark) }
        }
    }
}

extension CIDR {
    /// The block that a text with bits after its prefix most likely meant, e.g. 10.0.0.0/8 for `10.1.2.3/8`.
    fileprivate init?(masking text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, var bytes = CIDR.address(String(parts[0])), let length = Int(parts[1]),
            (0...bytes.count * 8).contains(length)
        else { return nil }
        for bit in length..<bytes.count * 8 { bytes[bit / 8] &= ~(0x80 >> UInt8(bit % 8)) }
        self.init(network: bytes, prefixLength: length)
    }
}
