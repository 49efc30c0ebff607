/// A configuration that was read and checked: what `webhooks.yaml` says, with defaults filled in (SPEC section 3).
package struct Config: Equatable, Sendable {
    /// The path that was given: a file, or a directory whose files were merged.
    package var path: String
    /// Every file that it is read from or names to be read: its own, then those of `{file: …}` and `tls`.
    package var files: [String] = []
    /// Lower-case hex SHA-256 of the bytes of the file, or of all files in name order.
    package var sha256: String
    package var input = Input()
    /// In the order of declaration.
    package var topics: [Topic] = []
    package var network = Network()
    package var webhooks: [Webhook] = []
    package var spool = Spool()
    package var tests: [Test] = []

    package init(path: String, sha256: String) {
        self.path = path
        self.sha256 = sha256
    }

    /// Where an event keeps its envelope.
    package struct Input: Equatable, Sendable {
        package var topic = JSONPointer(tokens: ["topic"])
        package var id = JSONPointer(tokens: ["id"])
        package var time = JSONPointer(tokens: ["timestamp"])
        /// Largest line that is taken as an event, in bytes, without its line ending.
        package var maxEventBytes = 1 << 20

        package init() {}
    }

    /// Where batches wait for a later run.
    package struct Spool: Equatable, Sendable {
        /// Whether to wait until what is written is on the disk.
        package enum Sync: String, Sendable, CaseIterable { case always, never }

        /// A relative path in the configuration starts at the folder of its file; nil: there is no spool.
        package var directory: String?
        /// All that its batches may take.
        package var maxBytes = 1 << 30
        /// How long a batch may wait in all.
        package var maxAge = Duration.seconds(80 * 3_600)
        package var sync = Sync.always
        /// Whether each batch is in the spool before its first attempt.
        package var writeAhead = false

        package init() {}
    }

    package struct Topic: Equatable, Sendable {
        package var name: String
        package var description: String

        package init(name: String, description: String) {
            self.name = name
            self.description = description
        }
    }

    package struct Network: Equatable, Sendable {
        /// Addresses that are permitted although a rule of SPEC section 11 forbids them.
        package var allow: [CIDR] = []
        /// Connections open at once, over all webhooks.
        package var maxConnections = 256
        /// What every connection goes through; nil: none. Proxies of the environment are never used.
        package var proxy: Referable<Proxy>?

        package init() {}
    }
}

/// What a webhook subscribes to: one declared topic, the topics below a prefix, or all of them.
package enum TopicPattern: Hashable, Sendable {
    case exact(String)
    /// `object.*`: `prefix` is `object.`; one or more further segments follow it.
    case below(prefix: String)
    case all

    package func matches(_ topic: String) -> Bool {
        switch self {
        case .exact(let name): topic == name
        case .below(let prefix): topic.utf8.count > prefix.utf8.count && topic.hasPrefix(prefix)
        case .all: true
        }
    }

    /// As it stands in the configuration.
    package var text: String {
        switch self {
        case .exact(let name): name
        case .below(let prefix): prefix + "*"
        case .all: "*"
        }
    }
}

/// A JSON Pointer (RFC 6901), its escapes `~0` and `~1` decoded.
package struct JSONPointer: Equatable, Sendable {
    package var tokens: [String]

    package init(tokens: [String]) { self.tokens = tokens }

    /// As it is written.
    package var text: String {
        tokens.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
    }

    /// Parses `/a/b~1c`. The empty pointer names the whole event and is no place for an envelope: nil.
    package init?(_ text: String) {
        guard text.hasPrefix("/") else { return nil }
        var tokens: [String] = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            var token = ""
            var rest = part[...]
            while let character = rest.popFirst() {
                guard character == "~" else {
                    token.append(character)
                    continue
                }
                switch rest.popFirst() {
                case "0": token.append("~")
                case "1": token.append("/")
                default: return nil
                }
            }
            tokens.append(token)
        }
        self.tokens = tokens
    }
}
