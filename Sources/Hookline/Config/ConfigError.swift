/// What is wrong with a configuration. Texts are as the user wrote them, and never a secret.
package enum ConfigError: Equatable, Sendable {
    // What YAMLParser finds.
    case syntax(String, hint: String?)
    case invalidUTF8
    case empty
    case secondDocument
    case tooDeep(limit: Int)
    case unknownAlias(String)
    case aliasOfItself(String)
    case expansion(limit: Int)
    case tag(String)
    case mergeKey
    case keyNotText
    case duplicateKey(String, firstLine: Int)

    case documentNotMapping

    // Keys. `place` is a path such as `batch`, or nothing at the top level.
    case unknownKey(String, place: String, known: [String])
    /// `owner` is what lacks the key, e.g. ``webhook `invoicing` ``.
    case missingKey(String, owner: String)
    case onlyPerWebhook(String)
    /// Two files of a directory have one section; `first` is where the first one stands.
    case sectionInTwoFiles(String, first: String)

    // Values. `key` is a path such as `batch.max_events`.
    case wrongType(key: String, expected: String, found: String, hint: String?)
    case emptyList(key: String, hint: String)
    case outOfRange(key: String, value: String, range: String)
    case unitMissing(key: String, hint: String)
    case unknownChoice(key: String, value: String, choices: [String])
    case version(String)
    case pointer(key: String, value: String)

    // Topics and webhooks.
    case topicName(String)
    case topicDeclaredTwice(String, first: String)
    case undeclaredTopic(String, declared: [String])
    case topicPattern(String)
    case patternWithoutTopic(String)
    case topicListedTwice(String)
    case webhookName(String)
    case webhookNameTaken(String, first: String)
    case url(URLProblem, key: String)
    case proxy(URLProblem)

    // References and credentials.
    /// Text where only a reference may stand.
    case plainSecret(key: String)
    case notReference(key: String)
    /// Text that is nearly a reference; `meant` is one as it should be written.
    case referenceAsText(key: String, meant: String)
    /// Both `env` and `file`.
    case twoReferences(key: String)
    /// A path with `~` or a variable.
    case pathNotExpanded(key: String)
    case referenceWithoutSpace(key: String, kind: Reference.Kind)
    /// Not kept: it may be the secret itself.
    case variableName(key: String)
    case notOneOf(key: String, choices: [String])
    case needsOther(key: String, other: String)
    case onlyForCustom(String, scheme: String)
    case oneSecret(scheme: String)
    /// `unknown`: a place that the text has and may not have, if it is a plain word.
    case template(key: String, known: [String], required: String, unknown: String?)
    case username(key: String)
    case pin
    /// A header that a key of the webhook makes.
    case headerOfKey(String, key: String)
    case unresolved(Reference, ReferenceProblem)

    // Headers and addresses.
    /// Not kept: what can't be a name may be a value in the wrong place.
    case headerName(key: String)
    case headerReserved(String)
    /// The header of a signature.
    case signingHeaderReserved(String)
    case headerTwice(String)
    case headerValue(String)
    case address(String)
    case hostBits(String, network: String)
    /// A block of IPv6 addresses that are only spellings of IPv4 addresses, and are judged as those.
    case ipv4Spelling(String, block: String)

    case pattern(PatternError)

    // Tests.
    case testEvent(EventProblem)
    case testNameTaken(String, first: String)
    case unknownWebhook(String, known: [String])
    case webhookListedTwice(String)
}

/// What is allowed but seldom meant.
package enum ConfigWarning: Equatable, Sendable {
    case everyTopic(webhook: String)
    case unusedTopic(String)
    case inactive(webhook: String)
    case unsigned(webhook: String)
    case readableByOthers(path: String)
    /// The bearer's scheme is put before it anyway.
    case bearerPrefix(key: String)
    /// One secret would sign twice.
    case secretTwice
    /// A `whsec_` secret, which another scheme takes with its prefix.
    case prefixedSecret(scheme: String)
    /// A query that names a credential, in a URL in plain text.
    case secretInQuery(key: String)
    case dollarInURL(key: String)
    /// What the guard sees is the proxy's address.
    case proxied
    /// Keys of `spool` that say something of a spool which nothing names; with `write_ahead` a run is refused.
    case spoolWithoutDirectory(keys: [String], writesAhead: Bool)
    /// An `$or` that is no list of two or more objects.
    case orAsField
    /// An event that nobody can get, and is not to.
    case testOfUndeclaredTopic(String, nearest: String?)

    var message: String {
        switch self {
        case .everyTopic(let webhook): "webhook \(quoted(webhook)) subscribes to every topic"
        case .unusedTopic(let topic): "no webhook subscribes to topic \(quoted(topic))"
        case .inactive(let webhook): "webhook \(quoted(webhook)) is inactive: nothing is sent to it"
        case .unsigned(let webhook): "webhook \(quoted(webhook)) has no `signing`"
        case .readableByOthers(let path): "\(quoted(path)) holds a secret, and every user of this machine can read it"
        case .bearerPrefix(let key): "the value of \(quoted(key)) begins with `Bearer `, which would be sent twice"
        case .secretTwice: "`signing.secrets` lists one secret twice, so requests carry one signature twice"
        case .prefixedSecret(let scheme):
            "a `whsec_` secret signs with its text, prefix and all, in the scheme \(quoted(scheme))"
        case .secretInQuery(let key): "the query of \(quoted(key)) seems to hold a secret in plain text"
        case .dollarInURL(let key): "\(quoted(key)) holds a `$`: variables are not replaced"
        case .proxied:
            "with a proxy, `network.allow` is held against its address and those written in URLs, not those of names"
        case .spoolWithoutDirectory(_, true): "`spool.write_ahead` needs a spool, and `spool.directory` names none"
        case .spoolWithoutDirectory(let keys, false):
            "no effect: \(keys.map { quoted("spool." + $0) }.joined(separator: ", ")); `spool.directory` names no spool"
        case .orAsField: "this `$or` is read as a field of that name"
        case .testOfUndeclaredTopic(let topic, _):
            "topic \(quoted(topic)) is not declared, so no webhook gets this event"
        }
    }

    var hint: String? {
        switch self {
        case .everyTopic: "list the topics that it needs, so that a new one does not reach it by surprise"
        case .unusedTopic: "its events will be counted as unmatched"
        case .inactive: nil
        case .unsigned: "its receiver can't tell that a request is yours; `hookline secret` makes a secret"
        case .readableByOthers: "chmod o-r, or 0400 and its owner the one who runs hookline"
        case .bearerPrefix: "keep the token alone in it"
        case .secretTwice: "list the other one, or one alone"
        case .prefixedSecret: "give the secret that the receiver has for this scheme; `whsec_` belongs to `standard`"
        case .secretInQuery, .dollarInURL: "write {env: NAME} in place of the URL, and set it to the whole of it"
        case .proxied: "let the proxy refuse private addresses: it looks up the names of the webhooks"
        case .spoolWithoutDirectory(_, true): "add `directory: …`; without it only runs with --spool DIR are possible"
        case .spoolWithoutDirectory(_, false): "add `directory: …`, unless each run has --spool DIR"
        case .testOfUndeclaredTopic(_, let nearest): nearest.map { "did you mean \(quoted($0))?" }
        case .orAsField: "for a choice, list two or more mappings of fields: $or: [{a: [1]}, {b: [2]}]"
        }
    }
}

extension ConfigError {
    var message: String {
        switch self {
        case .syntax(let problem, _): problem
        case .invalidUTF8: "this is not UTF-8"
        case .empty: "the file is empty"
        case .secondDocument: "a second document starts here; one file is one document"
        case .tooDeep(let limit): "nested deeper than \(limit) levels"
        case .unknownAlias(let name): "no anchor \(quoted("&" + name)) stands before this alias"
        case .aliasOfItself(let name): "alias \(quoted("*" + name)) stands inside what it names"
        case .expansion(let limit): "aliases expand to more than \(limit) values"
        case .tag(let tag): "tag \(quoted(tag)) is not supported here"
        case .mergeKey: "merge keys (`<<`) are not supported"
        case .keyNotText: "a key must be text"
        case .duplicateKey(let key, let line): "\(quoted(key)) is given twice; the first is on line \(line)"
        case .documentNotMapping: "a configuration must be a mapping of keys to values"
        case .unknownKey(let key, let place, _):
            "unknown key \(quoted(key))" + (place.isEmpty ? "" : " in \(quoted(place))")
        case .missingKey(let key, let owner): "\(owner) has no \(quoted(key))"
        case .onlyPerWebhook(let key): "\(quoted(key)) can't stand in `defaults`"
        case .sectionInTwoFiles(let key, let first): "\(quoted(key)) is in two files; the first is on \(first)"
        case .wrongType(let key, let expected, let found, _): "\(quoted(key)) must be \(expected), not \(found)"
        case .emptyList(let key, _): "\(quoted(key)) is empty"
        case .outOfRange(let key, let value, let range): "\(quoted(key)) must be from \(range), not \(quoted(value))"
        case .unitMissing(let key, _): "\(quoted(key)) needs a unit"
        case .unknownChoice(let key, let value, let choices):
            "\(quoted(key)) must be \(alternatives(choices)), not \(quoted(value))"
        case .version(let version): "version \(quoted(version)) is not known"
        case .pointer(let key, let value): "\(quoted(key)) must be a JSON Pointer, not \(quoted(value))"
        case .topicName(let name): "\(quoted(name)) can't be a topic's name"
        case .topicDeclaredTwice(let name, let first):
            "topic \(quoted(name)) is declared twice; the first is on \(first)"
        case .undeclaredTopic(let topic, _): "topic \(quoted(topic)) is not declared"
        case .topicPattern(let pattern): "\(quoted(pattern)) is neither a topic nor a pattern"
        case .patternWithoutTopic(let pattern): "no declared topic matches \(quoted(pattern))"
        case .topicListedTwice(let topic): "\(quoted(topic)) is listed twice"
        case .webhookName(let name): "\(quoted(name)) can't be a webhook's name"
        case .webhookNameTaken(let name, let first):
            "two webhooks have the name \(quoted(name)); the first is on \(first)"
        case .url(let problem, let key): problem.message(of: key == "url" ? "a webhook's URL" : quoted(key))
        case .proxy(let problem): problem.proxyMessage
        case .plainSecret(let key): "\(quoted(key)) is a secret, which may not stand in the configuration"
        case .notReference(let key): "\(quoted(key)) must be a reference"
        case .referenceAsText(let key, _): "\(quoted(key)) must be a reference, and this is text"
        case .twoReferences(let key): "the reference of \(quoted(key)) names both a variable and a file"
        case .pathNotExpanded(let key): "`~` and variables are not replaced in the path of \(quoted(key))"
        case .referenceWithoutSpace(let key, _): "\(quoted(key)) must be a reference, and this is a key without a value"
        case .variableName(let key): "the reference of \(quoted(key)) names no environment variable"
        case .notOneOf(let key, let choices): "\(quoted(key)) must have one key: \(alternatives(choices))"
        case .needsOther(let key, let other): "\(quoted(key)) needs \(quoted(other)) too"
        case .onlyForCustom(let key, let scheme): "\(quoted(key)) has no meaning for the scheme \(quoted(scheme))"
        case .oneSecret(let scheme): "the scheme \(quoted(scheme)) has room for one signature, so for one secret"
        case .template(let key, let known, _, let unknown?):
            "\(quoted(key)) has no place \(quoted("{\(unknown)}")), but \(alternatives(known.map { "{\($0)}" }))"
        case .template(let key, let known, let required, nil):
            "\(quoted(key)) must hold \(quoted("{\(required)}")), and may hold "
                + alternatives(known.filter { $0 != required }.map { "{\($0)}" })
        case .username(let key): "\(quoted(key)): a user name may not hold a colon or control characters"
        case .pin: "`tls.pinned_public_key` is no digest of a public key"
        case .headerOfKey(let name, let key): "header \(quoted(name)) is made by \(quoted(key)) already"
        case .unresolved(let reference, let problem): problem.message(of: reference)
        case .headerName(let key): "\(quoted(key)): this can't be a header's name"
        case .headerReserved(let name), .signingHeaderReserved(let name):
            "header \(quoted(name)) is set by hookline itself"
        case .headerTwice(let name): "header \(quoted(name)) is given twice"
        case .headerValue(let name): "the value of header \(quoted(name)) is empty or holds a control character"
        case .address(let text): "\(quoted(text)) is not a CIDR block"
        case .hostBits(let text, _): "\(quoted(text)) has bits after its prefix"
        case .ipv4Spelling(let text, _): "\(quoted(text)) would permit nothing: such addresses are judged as IPv4"
        case .pattern(let error): error.message
        case .testEvent(let problem): problem.message
        case .testNameTaken(let name, let first):
            "two tests have the name \(quoted(name)); the first is on \(first)"
        case .unknownWebhook(let name, _): "no webhook is named \(quoted(name))"
        case .webhookListedTwice(let name): "webhook \(quoted(name)) is listed twice"
        }
    }

    var hint: String? {
        switch self {
        case .syntax(_, let hint): hint
        case .invalidUTF8: "save the file as UTF-8"
        case .empty, .documentNotMapping: "start with `version: 1`; docs/webhooks.yaml.md lists all keys"
        case .secondDocument: "remove the `---`, or put the second one into another file of a directory"
        case .tooDeep, .expansion, .aliasOfItself: nil
        case .unknownAlias: "define the anchor first, or quote the text if no alias is meant"
        case .tag: "remove the tag"
        case .mergeKey: "put what webhooks share into `defaults`"
        case .keyNotText: "quote it, or check the brackets"
        case .duplicateKey: "remove one of the two"
        case .unknownKey("source", "", let known) where known.contains("cloudevents"):
            "write cloudevents: {source: …}"
        case .unknownKey(let key, _, let known) where ConfigTable.isMisplaced(key, among: known):
            !known.contains("webhooks")
                ? "it belongs at the top level of the file"
                : "it belongs to a webhook" + (ConfigTable.mayBeShared(key) ? ", or to `defaults`" : "")
        case .unknownKey(let key, _, let known):
            if let nearest = meantKey(key, among: known) {
                "did you mean \(quoted(nearest))?"
            } else if key.hasPrefix("env:") || key.hasPrefix("file:") {
                "write a space after the colon"
            } else {
                "known here: \(known.joined(separator: ", "))"
            }
        case .missingKey(let key, _): key == "version" ? "add `version: 1`" : "add `\(key): …`"
        case .onlyPerWebhook: "give it to each webhook"
        case .sectionInTwoFiles: "keep it in one of the two"
        case .wrongType(_, _, _, let hint), .emptyList(_, let hint as String?), .unitMissing(_, let hint as String?):
            hint
        case .outOfRange: nil
        case .unknownChoice(_, let value, let choices):
            nearestName(to: value, among: choices).map { "did you mean \(quoted($0))?" }
        case .version: "write `version: 1`"
        case .pointer: "write it like /data/topic; `~1` stands for a `/` in a key, `~0` for a `~`"
        case .topicName: "1 to 256 bytes, without `*` and control characters"
        case .topicDeclaredTwice: "remove one of the two"
        case .undeclaredTopic(let topic, let declared):
            nearestName(to: topic, among: declared).map { "did you mean \(quoted($0))?" }
                ?? "declare it under `topics`, with a sentence on when it fires"
        case .topicPattern: "`*` may stand alone, or after the last dot as in `object.*`"
        case .patternWithoutTopic: "declare such a topic under `topics`, or remove the pattern"
        case .topicListedTwice: "remove one of the two"
        case .webhookName:
            "use 1 to 100 of A-Z a-z 0-9 space . _ - and start with a letter or digit"
        case .webhookNameTaken: "rename one of the two"
        case .url(let problem, _): problem.hint
        case .proxy(let problem): problem.proxyHint
        case .plainSecret, .notReference: "write {env: NAME}, or {file: PATH} of a file that holds it"
        case .referenceAsText(_, let meant): "write \(meant), without quotes"
        case .twoReferences: "keep one of the two"
        case .pathNotExpanded: "write the whole path, or one that starts at the folder of this configuration file"
        case .referenceWithoutSpace(_, let kind): "write {\(kind.rawValue): …} with a space after the colon"
        case .variableName:
            "write the variable's name, not its value: letters, digits and _; for example {env: BILLING_TOKEN}"
        case .notOneOf(let key, let choices): choices.first.map { "for example \(key): {\($0): {env: NAME}}" }
        case .needsOther(_, let other): "add \(quoted(other))"
        case .onlyForCustom: "remove it, or set `scheme: custom`"
        case .oneSecret: "keep one; to change it, let the receiver take the old and the new one for a while"
        case .template: "quote it, for example \"{id}.{timestamp}.{body}\" and \"v1={signature}\""
        case .username: "RFC 7617 has no room for them"
        case .pin: "write it like sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        case .headerOfKey: "remove one of the two"
        case .unresolved(let reference, let problem): problem.hint(of: reference)
        case .headerName: "a header's name is made of letters, digits and !#$%&'*+-.^_`|~"
        case .headerReserved: "remove it"
        case .signingHeaderReserved: "choose another name, for example X-Signature"
        case .headerTwice: "names of headers do not differ by case; remove one of the two"
        case .headerValue: "write it as one line of text"
        case .address: "write it like 10.0.0.0/8 or \"fd00::/8\""
        case .hostBits(_, let network): network.contains(":") ? "write \"\(network)\"" : "write \(network)"
        case .ipv4Spelling(_, let block): "write \(block)"
        case .pattern(let error): error.hint
        case .testEvent(let problem): problem.hint
        case .testNameTaken: "rename one of the two"
        case .unknownWebhook(let name, let known):
            nearestName(to: name, among: known).map { "did you mean \(quoted($0))?" }
        case .webhookListedTwice: "remove one of the two"
        }
    }
}

/// The key that an unknown one most likely meant: by its letters, or by what others call it.
func meantKey(_ key: String, among known: [String]) -> String? {
    if let nearest = nearestName(to: key, among: known) { return nearest }
    let synonyms = [
        "user": "username", "pass": "password", "passwd": "password", "secret": "secrets", "dir": "directory",
        "path": "directory", "folder": "directory", "max_size": "max_bytes", "size": "max_bytes", "ttl": "max_age",
    ]
    return synonyms[key].flatMap { known.contains($0) ? $0 : nil }
}

/// A text of the user's for a message, in backquotes.
func quoted(_ text: String) -> String { text.isEmpty ? "an empty text" : "`\(printable(text))`" }

/// A path in a message, without control characters; whole, so that it can be opened.
func printable(path: String) -> String { printable(path, limit: .max) }

/// A text of the user's without control characters, cut off after some characters; of a text with a URL in it the scheme
/// alone, since all else can be secret; of a signing secret the prefix.
func printable(_ text: String, limit: Int = 100) -> String {
    let text = withoutSecrets(text)
    if let scheme = text.firstRange(of: "://") {
        let start = text[..<scheme.upperBound]
        return start.contains(" ") ? "…" : printable(String(start.dropLast(3))) + "://…"
    }
    var shown = ""
    for (index, scalar) in text.unicodeScalars.enumerated() {
        if index == limit { return shown + "…" }
        let category = scalar.properties.generalCategory
        let isHidden = category == .control || category == .format
        shown += isHidden ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }
    return shown
}

private func alternatives(_ choices: [String]) -> String {
    let quotedChoices = choices.map(quoted)
    guard quotedChoices.count > 1 else { return quotedChoices.joined() }
    return quotedChoices.dropLast().joined(separator: ", ") + " or " + (quotedChoices.last ?? "")
}
