/// The section `tests`: events, and the webhooks that are to get them (SPEC section 6).
extension Config {
    package struct Test: Equatable, Sendable {
        /// Unique.
        package var name: String
        /// One JSON object with a topic.
        package var event: [UInt8]
        /// Names of webhooks: these are to get it, and no other. In the order of the configuration.
        package var deliverTo: [String]
        package var mark: SourceMark

        package init(name: String, event: [UInt8], deliverTo: [String], mark: SourceMark) {
            (self.name, self.event, self.deliverTo, self.mark) = (name, event, deliverTo, mark)
        }
    }
}

/// Why a test's event is none: what is wrong with it, and what to do.
package struct EventProblem: Error, Equatable, Sendable {
    package var message: String
    package var hint: String?

    package init(message: String, hint: String?) { (self.message, self.hint) = (message, hint) }
}

extension ConfigTable {
    static let test: [ConfigMember] = [
        ConfigMember(name: "name", form: .text, sentence: "What it shows; unique.", isRequired: true),
        ConfigMember(
            name: "event", form: .event,
            sentence:
                "An event. In a mapping, unquoted `true`, `false`, `null` and numbers are those of JSON, and all else "
                + "is text.",
            isRequired: true, isSecret: true),
        ConfigMember(
            name: "deliver_to", form: .names,
            sentence: "The webhooks that are to get it, and no other: `[]` is none.", isRequired: true),
    ]
}

extension ConfigPass {
    mutating func readTests(_ node: YAMLNode, in config: inout Config) {
        guard let elements = elements(of: node, key: "tests", hint: { _ in "start each test with `- name: …`" }) else {
            return
        }
        for element in elements {
            guard let members = members(of: element, key: "tests", ConfigTable.test) else { continue }
            let name = member("name", members).flatMap { testName($0) }
            let event = member("event", members).flatMap { self.event($0, of: config) }
            let deliverTo = member("deliver_to", members).flatMap { recipients($0, in: config) }
            if let event, let node = member("event", members) {
                checkTopic(event.topic, of: node, isDelivered: deliverTo?.isEmpty == false, config)
            }
            guard let name, let event, let deliverTo else { continue }
            config.tests.append(
                Config.Test(name: name, event: event.bytes, deliverTo: deliverTo, mark: element.start))
        }
    }

    private mutating func testName(_ node: YAMLNode) -> String? {
        guard let name = text(node, key: "tests.name") else { return nil }
        if name.isEmpty {
            let hint = "say what the test shows"
            fail(.wrongType(key: "tests.name", expected: "text", found: "an empty text", hint: hint), at: node.start)
        } else if let first = testNames[name] {
            fail(.testNameTaken(name, first: place(of: first)), at: node.start)
        } else {
            testNames[name] = node.start
            return name
        }
        return nil
    }

    /// The names in the order of the webhooks.
    private mutating func recipients(_ node: YAMLNode, in config: Config) -> [String]? {
        let known = config.webhooks.map(\.name)
        let elements = elements(of: node, key: "tests.deliver_to") { text in
            text.map { "write [\(printable($0))]" } ?? "write [name, name], or [] for none"
        }
        guard let elements else { return nil }
        var found: Set<String> = []
        var isSound = true
        for element in elements {
            guard let name = text(element, key: "tests.deliver_to", hint: "write a webhook's name") else {
                isSound = false
                continue
            }
            if !known.contains(name) {
                fail(.unknownWebhook(name, known: known), at: element.start)
            } else if !found.insert(name).inserted {
                fail(.webhookListedTwice(name), at: element.start)
            } else {
                continue
            }
            isSound = false
        }
        return isSound ? known.filter(found.contains) : nil
    }

    private mutating func event(_ node: YAMLNode, of config: Config) -> (bytes: [UInt8], topic: String)? {
        let bytes: [UInt8]
        switch node.content {
        case .mapping:
            var json = JSONWriter()
            let errors = problems.count
            write(node, key: nil, to: &json)
            if problems.count > errors { return nil }
            bytes = json.bytes
        case .scalar(let scalar) where !node.isNull: bytes = Array(scalar.text.utf8)
        default:
            let hint = "write event: {topic: object.created}, or '{\"topic\":\"object.created\"}'"
            fail(
                .wrongType(
                    key: "tests.event", expected: "a mapping or JSON text", found: found(node), hint: hint),
                at: node.start)
            return nil
        }
        switch parsers.topic(bytes, config.input) {
        case .success(let topic): return (bytes, topic)
        case .failure(let problem):
            fail(.testEvent(problem), at: node.start)
            return nil
        }
    }

    /// A value as JSON: its scalars are typed as a filter's are.
    private mutating func write(_ node: YAMLNode, key: String?, to json: inout JSONWriter) {
        switch node.content {
        case .mapping(let entries):
            json.object(key) { json in
                for entry in entries where !entry.isRefused { write(entry.value, key: entry.key, to: &json) }
            }
        case .sequence(let elements):
            json.array(key) { json in for element in elements { write(element, key: nil, to: &json) } }
        case .scalar:
            switch literal(node) {
            case .text(let text): json.string(key, text)
            case .number(let number): unsafe Array(number.text.utf8).withUnsafeBytes { unsafe json.raw(key, $0) }
            case .boolean(let value): json.boolean(key, value)
            case .null: json.string(key, nil)
            case nil:
                let hint = "write null, or \"\" for an empty text"
                fail(.testEvent(EventProblem(message: "a value of the event is empty", hint: hint)), at: node.start)
            }
        }
    }

    /// No webhook gets an event whose topic is not declared. Where that is what the test says, it may be meant.
    private mutating func checkTopic(_ topic: String, of event: YAMLNode, isDelivered: Bool, _ config: Config) {
        guard let declared = declaredTopics, declared[topic] == nil else { return }
        let node = config.input.topic.tokens.reduce(event as YAMLNode?) { $0?[$1] }
        let mark = node?.start ?? event.start
        if isDelivered {
            fail(.undeclaredTopic(topic, declared: declared.keys.sorted()), at: mark)
        } else {
            warn(
                .testOfUndeclaredTopic(topic, nearest: nearestName(to: topic, among: declared.keys.sorted())), at: mark)
        }
    }
}
