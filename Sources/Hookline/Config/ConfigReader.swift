/// Reads `webhooks.yaml`, or a directory of such files, into a `Config` (SPEC section 3).
///
/// What it needs of later stages comes as parameters.
package struct ConfigReader {
    /// How texts are understood: by the code that will use them.
    package struct Parsers: Sendable {
        package var url: @Sendable (String) -> Result<WebhookURL, URLProblem>
        package var proxy: @Sendable (String) -> Result<Proxy, URLProblem>
        /// The topic of a test's event, given as bytes.
        package var topic: @Sendable ([UInt8], Config.Input) -> Result<String, EventProblem>

        package init(
            url: @escaping @Sendable (String) -> Result<WebhookURL, URLProblem>,
            proxy: @escaping @Sendable (String) -> Result<Proxy, URLProblem>,
            topic: @escaping @Sendable ([UInt8], Config.Input) -> Result<String, EventProblem>
        ) {
            self.url = url
            self.proxy = proxy
            self.topic = topic
        }
    }

    private let parsers: Parsers
    /// Lower-case hex SHA-256.
    private let digest: ([UInt8]) -> String

    package init(parsers: Parsers, digest: @escaping ([UInt8]) -> String) {
        self.parsers = parsers
        self.digest = digest
    }

    /// Reads and checks the file or directory.
    /// - Returns: the configuration, and what is allowed in it but seldom meant.
    /// - Throws: `ConfigFailure.invalid` with all problems at once; another case if a file can't be read.
    package func read(_ path: String) throws(ConfigFailure) -> (config: Config, warnings: ConfigReport) {
        let sources = try ConfigFiles.read(path)
        let outcomes = sources.enumerated().map { YAMLParser.parse($1, file: $0) }
        let roots = outcomes.map(\.root)
        var config = Config(path: path, sha256: digest(sources.flatMap(\.bytes)))
        var pass = ConfigPass(paths: sources.map(\.path), parsers: parsers)
        pass.problems = outcomes.flatMap(\.problems)
        config.files = sources.map(\.path)
        // A file that can't be parsed may hold what others lack: anything said about them would be a guess.
        let documents = roots.compactMap { $0 }
        if documents.count == sources.count { pass.read(documents, into: &config) }
        config.files += pass.files
        // Beside errors it is likely that a mistake is why nobody uses the topic, or why nothing is signed.
        if pass.problems.contains(where: \.isError) { pass.problems.removeAll { $0.waitsForErrors } }
        let report = ConfigReport(pass.problems, sources: sources, roots: roots)
        if report.errorCount > 0 { throw .invalid(report) }
        return (config, report)
    }
}

/// One pass over the documents of a configuration: collects problems while the values are filled in.
struct ConfigPass {
    /// The path of each file, for messages that name another place.
    let paths: [String]
    let parsers: ConfigReader.Parsers
    var problems: [ConfigProblem] = []
    /// What each webhook starts from: `defaults` applied to the model's own.
    var defaults = Webhook(name: "", url: .value(WebhookURL(text: "", host: "", port: 443)), topics: [])
    /// Where each topic is declared; nil until `topics` was read.
    var declaredTopics: [String: SourceMark]?
    /// Topics that some webhook subscribes to.
    var usedTopics: Set<String> = []
    var webhookNames: [String: SourceMark] = [:]
    var testNames: [String: SourceMark] = [:]
    /// Files that values are kept in.
    var files: [String] = []

    init(paths: [String], parsers: ConfigReader.Parsers) {
        self.paths = paths
        self.parsers = parsers
    }

    /// Merges the documents: topics, webhooks and tests are joined, any other section may stand in one file only.
    mutating func read(_ documents: [YAMLNode], into config: inout Config) {
        var sections: [String: [YAMLNode.Entry]] = [:]
        for document in documents {
            guard let entries = entriesOfDocument(document) else { return }
            for entry in entries {
                if ConfigTable.document.contains(where: { $0.name == entry.key }) {
                    sections[entry.key, default: []].append(entry)
                } else {
                    reportUnknown(entry, among: ConfigTable.document, at: "")
                }
            }
            if document["version"] == nil {
                fail(.missingKey("version", owner: "the file"), at: document.start)
            }
        }
        for key in ConfigTable.document {
            let found = sections[key.name] ?? []
            if found.isEmpty, key.isRequired, key.name != "version", let first = documents.first {
                fail(.missingKey(key.name, owner: "the configuration"), at: first.start)
            }
            for entry in found {
                let isJoined = ["version", "topics", "webhooks", "tests"].contains(key.name)
                if let first = found.first, first.keyStart != entry.keyStart, !isJoined {
                    fail(.sectionInTwoFiles(key.name, first: place(of: first.keyStart)), at: entry.keyStart)
                } else {
                    read(entry, as: key, at: key.name, into: &config)
                }
            }
        }
        warnOfUnusedTopics(config)
        if let spool = sections["spool"]?.first?.value { warnOfMissingDirectory(spool, config) }
    }

    /// Reads the mapping of a section, a webhook or `defaults` into its target.
    /// `place` is the path of the mapping, e.g. `batch`; nothing for a webhook itself.
    mutating func read<Target>(
        _ entries: [YAMLNode.Entry], keys: [ConfigKey<Target>], at place: String, into target: inout Target
    ) {
        for entry in entries {
            if let key = keys.first(where: { $0.name == entry.key }) {
                read(entry, as: key, at: place.isEmpty ? key.name : "\(place).\(key.name)", into: &target)
            } else {
                reportUnknown(entry, among: keys, at: place)
            }
        }
    }

    private mutating func read<Target>(
        _ entry: YAMLNode.Entry, as key: ConfigKey<Target>, at path: String, into target: inout Target
    ) {
        let node = entry.value
        switch key.shape {
        case .duration(let range, let field):
            if let value = duration(node, key: path, range: range) { target[keyPath: field] = value }
        case .size(let range, let field):
            if let value = size(node, key: path, range: range) { target[keyPath: field] = value }
        case .count(let range, let field):
            if let value = count(node, key: path, range: range) { target[keyPath: field] = value }
        case .boolean(let field):
            if let value = boolean(node, key: path) { target[keyPath: field] = value }
        case .optionalText(let field):
            if node.isNull {
                target[keyPath: field] = nil
            } else if let value = text(node, key: path) {
                target[keyPath: field] = value
            }
        case .choice(let values, _, let set):
            if let value = choice(node, key: path, values: values) { set(&target, value) }
        case .pointer(let field):
            guard let value = text(node, key: path) else { return }
            if let pointer = JSONPointer(value) {
                target[keyPath: field] = pointer
            } else {
                fail(.pointer(key: path, value: value), at: node.start)
            }
        case .section(_, let null?) where node.isNull: null(&target)
        case .section(let keys, let null):
            let hint = Self.hint(for: node, inPlaceOf: key.name, mayBeNull: null != nil)
            guard let entries = entries(of: node, key: path, hint: hint) else { return }
            read(entries, keys: keys, at: path, into: &target)
        case .special(_, _, _, let read): read(&self, node, &target)
        case .group(let members, _, _, let read, let clear):
            // What `defaults` say of the group does not mix with this.
            clear(&target)
            if !node.isNull, let entries = self.members(of: node, key: path, members) {
                read(&self, node, entries, &target)
            }
        }
    }

    /// How to write what a text in the place of a section seems to mean; nil: nobody can say.
    private static func hint(for node: YAMLNode, inPlaceOf section: String, mayBeNull: Bool) -> String? {
        guard case .scalar(let scalar) = node.content, !node.isNull else { return nil }
        let isOff = ["false", "off", "no", "none", "0"].contains(scalar.text.lowercased())
        let isOn = ["true", "on", "yes"].contains(scalar.text.lowercased())
        switch section {
        case _ where isOff && mayBeNull: return "write \(section): null to turn it off"
        case "spool" where isOff: return "leave it out where there is to be no spool"
        case "spool": return "write spool: {directory: \(isOn ? "spool" : printable(scalar.text))}"
        case "retry" where isOff: return "write retry: {max_attempts: 1} for none"
        case "retry" where Quantity.isDigits(scalar.text):
            return "write retry: {max_attempts: \(printable(scalar.text))}"
        case "batch" where Quantity.isDigits(scalar.text): return "write batch: {max_events: \(printable(scalar.text))}"
        default: return nil
        }
    }

    private mutating func entriesOfDocument(_ node: YAMLNode) -> [YAMLNode.Entry]? {
        if case .mapping(let entries) = node.content { return entries.filter { !$0.isRefused } }
        fail(.documentNotMapping, at: node.start)
        return nil
    }

    /// The entries of a mapping; an error and nil for anything else.
    mutating func entries(of node: YAMLNode, key: String, hint: String? = nil) -> [YAMLNode.Entry]? {
        if case .mapping(let entries) = node.content { return entries.filter { !$0.isRefused } }
        let isList = if case .sequence = node.content { true } else { false }
        let advice =
            node.isNull
            ? "write {} for a mapping without keys, or remove the key"
            : isList ? "write `key: value`, without a dash" : nil
        // The text itself may be a header's value.
        let isText = if case .scalar = node.content { !node.isNull } else { false }
        let error = ConfigError.wrongType(
            key: key, expected: "a mapping", found: isText ? "text" : found(node), hint: hint ?? advice)
        fail(error, at: node.start)
        return nil
    }

    /// The entries of a group that it knows; an error for each other one, and for each that is missing.
    /// - Returns: nil if this is no mapping or lacks what it needs.
    mutating func members(of node: YAMLNode, key: String, _ members: [ConfigMember]) -> [YAMLNode.Entry]? {
        guard let entries = entries(of: node, key: key, hint: Self.shapes[key]) else { return nil }
        let names = members.map(\.name)
        for entry in entries where !names.contains(entry.key) {
            // What is like no key may be a secret in the wrong place.
            let isLikeOne = meantKey(entry.key, among: names) != nil
            fail(.unknownKey(isLikeOne ? entry.key : "…", place: key, known: names), at: entry.keyStart)
        }
        let missing = members.filter { member in member.isRequired && !entries.contains { $0.key == member.name } }
        let meant = entries.filter { !names.contains($0.key) }.map { meantKey($0.key, among: names) }
        // One that is there under a wrong name was reported already.
        for member in missing where !meant.contains(member.name) {
            fail(.missingKey(member.name, owner: quoted(key)), at: node.start)
        }
        return missing.isEmpty ? entries.filter { names.contains($0.key) } : nil
    }

    /// What groups look like.
    private static let shapes = [
        "tests": "start each test with `- name: …`",
        "auth": "write auth: {bearer: {env: NAME}}", "signing": "write signing: {secrets: [{env: NAME}]}",
        "auth.basic": "write basic: {username: NAME, password: {env: NAME}}",
        "auth.oauth2": "write oauth2: {token_url: URL, client_id: ID, client_secret: {env: NAME}}",
    ]

    private mutating func reportUnknown<Target>(
        _ entry: YAMLNode.Entry, among keys: [ConfigKey<Target>], at place: String
    ) {
        fail(.unknownKey(entry.key, place: place, known: keys.map(\.name)), at: entry.keyStart)
    }

    mutating func fail(_ error: ConfigError, at mark: SourceMark) {
        problems.append(ConfigProblem(error, at: mark))
    }

    mutating func warn(_ warning: ConfigWarning, at mark: SourceMark) {
        problems.append(ConfigProblem(warning, at: mark))
    }

    /// `line 4`, or with the file where there are several.
    func place(of mark: SourceMark) -> String {
        paths.count == 1 ? "line \(mark.line)" : "\(printable(path: paths[mark.file])):\(mark.line)"
    }
}
