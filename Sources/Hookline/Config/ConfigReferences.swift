/// Values that may be kept elsewhere, `{env: NAME}` or `{file: PATH}`, and secrets, which must be.
extension ConfigPass {
    /// A setting that is text or a reference to it. `make` gives the value that a text stands for, or nil after adding a
    /// problem.
    mutating func referable<Value>(
        _ node: YAMLNode, key: String, make: (inout ConfigPass, String) -> Value?
    ) -> Referable<Value>? {
        if case .mapping(let entries) = node.content {
            return reference(entries, of: node, key: key).map(Referable.reference)
        }
        guard let text = text(node, key: key) else { return nil }
        if "{$".contains(text.prefix(1)), let meant = Self.meantReference(text) {
            fail(.referenceAsText(key: key, meant: meant), at: node.start)
            return nil
        }
        guard let value = make(&self, text) else { return nil }
        return .value(value)
    }

    /// The reference that a text most likely meant: `env:NAME`, `"{env: NAME}"`, `$NAME`, `${NAME}`; nil: none.
    ///
    /// It may be the secret itself after all, so only what looks like nothing but a variable is repeated.
    private static func meantReference(_ text: String) -> String? {
        func variable(_ name: Substring) -> String? {
            let isPlain =
                !name.isEmpty && name.utf8.count <= 40
                && name.utf8.allSatisfy { 0x41...0x5a ~= $0 || 0x30...0x39 ~= $0 || $0 == UInt8(ascii: "_") }
            return isPlain && isVariableName(String(name)) ? "{env: \(name)}" : nil
        }
        func inside(_ text: Substring) -> Substring {
            text.first == "{" && text.last == "}" ? text.dropFirst().dropLast() : text
        }
        if text.hasPrefix("$") { return variable(inside(text.dropFirst())) }
        let bare = inside(text[..<(text.lastIndex { !$0.isWhitespace }.map { text.index(after: $0) } ?? text.endIndex)])
        for kind in Reference.Kind.allCases where bare.hasPrefix(kind.rawValue + ":") {
            let name = bare.dropFirst(kind.rawValue.utf8.count + 1).drop { $0 == " " }
            return kind == .env ? variable(name) ?? "{env: NAME}" : "{file: PATH}"
        }
        return nil
    }

    /// A secret, which only a reference may stand for.
    mutating func secret(_ node: YAMLNode, key: String) -> Referable<Secret>? {
        switch node.content {
        case .mapping(let entries): return reference(entries, of: node, key: key).map(Referable.reference)
        case .scalar(let scalar) where !node.isNull:
            let meant = Self.meantReference(scalar.text)
            fail(meant.map { .referenceAsText(key: key, meant: $0) } ?? .plainSecret(key: key), at: node.start)
        default: fail(.notReference(key: key), at: node.start)
        }
        return nil
    }

    private mutating func reference(_ entries: [YAMLNode.Entry], of node: YAMLNode, key: String) -> Reference? {
        let entries = entries.filter { !$0.isRefused }
        guard let entry = entries.first, entries.count == 1 else {
            let isBoth = Set(entries.map(\.key)) == Set(Reference.Kind.allCases.map(\.rawValue))
            fail(isBoth ? .twoReferences(key: key) : .notReference(key: key), at: node.start)
            return nil
        }
        guard let kind = Reference.Kind(rawValue: entry.key) else {
            // `{env:NAME}` is one key without a value.
            let isCloseTo = Reference.Kind.allCases.first {
                entry.key.hasPrefix($0.rawValue + ":") && entry.value.isNull
            }
            fail(
                isCloseTo.map { .referenceWithoutSpace(key: key, kind: $0) } ?? .notReference(key: key), at: node.start)
            return nil
        }
        guard case .scalar(let scalar) = entry.value.content, !scalar.text.isEmpty, !entry.value.isNull else {
            fail(.notReference(key: key), at: node.start)
            return nil
        }
        switch kind {
        case .env where !Self.isVariableName(scalar.text):
            fail(.variableName(key: key), at: entry.value.start)
            return nil
        case .file where scalar.text.utf8.contains(0) || scalar.text.contains("-----BEGIN"):
            fail(.notReference(key: key), at: entry.value.start)
            return nil
        case .env: return Reference(kind: .env, name: scalar.text, key: key, mark: node.start)
        case .file where isUnexpanded(scalar.text, key: key, at: entry.value.start): return nil
        case .file: return fileReference(scalar.text, key: key, at: node.start)
        }
    }

    /// A secret in a variable's place must not reach a message, and most have other characters, or the prefix of a key.
    private static func isVariableName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !Quantity.isDigits(String(decoding: [first], as: UTF8.self)) else {
            return false
        }
        let isKey = ["whsec_", "whsk_"].contains { text.hasPrefix($0) }
        return !isKey && text.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "_") }
    }

    /// Whether a path counts on a shell, which is an error.
    mutating func isUnexpanded(_ path: String, key: String, at mark: SourceMark) -> Bool {
        guard path.hasPrefix("~") || path.hasPrefix("$") else { return false }
        fail(.pathNotExpanded(key: key), at: mark)
        return true
    }

    /// A reference to a file, as the run will open it.
    mutating func fileReference(_ text: String, key: String, at mark: SourceMark) -> Reference {
        let name = path(text, at: mark)
        if !files.contains(name) { files.append(name) }
        return Reference(kind: .file, name: name, key: key, mark: mark)
    }

    /// A path as the run will open it: a relative one starts at the folder of its configuration file.
    func path(_ text: String, at mark: SourceMark) -> String {
        let file = paths[mark.file]
        let folder = file.lastIndex(of: "/").map { file[...$0] } ?? ""
        return text.hasPrefix("/") ? text : folder + text
    }
}
