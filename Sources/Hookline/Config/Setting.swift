/// One value of a configuration, for comparing two of them.
struct Setting: Equatable, Sendable {
    /// What a setting is set to, and how much of it may be shown.
    enum Value: Equatable, Sendable {
        /// Not set, `null`.
        case none
        case text(String)
        /// Scheme, host and port.
        case origin(String)
        /// As the run opens it.
        case path(String)
        /// Scheme and host are shown, or the reference.
        case url(Referable<WebhookURL>)
        /// Never shown.
        case secrets([Referable<Secret>])
    }

    /// Its path in the configuration: `batch.max_events`.
    var key: String
    var value: Value

    init(_ key: String, _ value: Value) { (self.key, self.value) = (key, value) }

    init(_ key: String, _ text: String?) { self.init(key, text.map { .text($0) } ?? .none) }

    init(_ key: String, secret: Referable<Secret>?) { self.init(key, secret.map { .secrets([$0]) } ?? .none) }

    /// The same as it was written in a file of that folder, but for what makes no difference: without the folder before
    /// relative paths, without its place in the file, a URL's host and port in one spelling.
    func asWritten(in folder: String) -> Setting {
        func name(_ path: String) -> String {
            !folder.isEmpty && path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
        }
        func reference(_ old: Reference) -> Reference {
            Reference(
                kind: old.kind, name: old.kind == .file ? name(old.name) : old.name, key: "",
                mark: SourceMark(file: 0, line: 1, column: 1))
        }
        var written = self
        switch value {
        case .path(let path): written.value = .path(name(path))
        case .url(.value(var url)):
            let rest = url.text.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" && $0 != "?" }
            url.text = url.origin + (rest.hasPrefix("/") ? "" : "/") + rest
            written.value = .url(.value(url))
        case .url(.reference(let old)): written.value = .url(.reference(reference(old)))
        case .secrets(let secrets):
            written.value = .secrets(secrets.map { $0.reference.map { .reference(reference($0)) } ?? $0 })
        case .none, .text, .origin: break
        }
        return written
    }

    /// As it may be shown; nil: not at all.
    var shown: String? {
        switch value {
        case .none: "null"
        case .text(let text), .path(let text): text.isEmpty ? "\"\"" : printable(text, limit: 1_000)
        case .origin(let origin): origin
        case .url(.value(let url)): url.redacted
        case .url(.reference(let reference)): reference.text
        case .secrets: nil
        }
    }
}

extension ConfigKey {
    /// What a target has at this key and below.
    func settings(of target: Target) -> [Setting] {
        switch shape {
        case .duration(_, let path): [Setting(name, Quantity.text(target[keyPath: path]))]
        case .size(_, let path): [Setting(name, Quantity.text(bytes: target[keyPath: path]))]
        case .count(let range, let path):
            // Beyond its range is what a null section sets it to.
            [Setting(name, range.contains(target[keyPath: path]) ? "\(target[keyPath: path])" : nil)]
        case .boolean(let path): [Setting(name, "\(target[keyPath: path])")]
        case .optionalText(let path): [Setting(name, target[keyPath: path])]
        case .choice(_, let get, _): [Setting(name, get(target))]
        case .pointer(let path): [Setting(name, target[keyPath: path].text)]
        case .section(let keys, _): keys.flatMap { $0.settings(of: target) }.map { $0.below(name) }
        case .special(_, _, let show, _), .group(_, _, let show, _, _): show(target).map { $0.below(name) }
        }
    }
}

extension Setting {
    fileprivate func below(_ name: String) -> Setting {
        Setting(key.isEmpty ? name : "\(name).\(key)", value)
    }
}
