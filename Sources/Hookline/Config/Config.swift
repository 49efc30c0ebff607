/// A configuration that was read and checked: what `webhooks.yaml` says, with defaults filled in (SPEC section 3).
package struct Config: Equatable, Sendable {
    /// The path that was given: a file, or a directory whose files were merged.
    package var path: String
    /// Lower-case hex SHA-256 of the bytes of the file, or of all files in name order.
    package var sha256: String
    package var input = Input()
    /// In the order of declaration.
    package var topics: [Topic] = []
    package var network = Network()
    package var webhooks: [Webhook] = []

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

        package init() {}
    }
}

/// One webhook: where its batches go, what it subscribes to, and how delivery behaves.
package struct Webhook: Equatable, Sendable {
    package enum Format: String, Sendable, CaseIterable { case json, ndjson, single }
    package enum HTTPVersion: String, Sendable, CaseIterable { case auto, http1_1 = "1.1" }

    package struct Batch: Equatable, Sendable {
        package var maxEvents = 100
        /// Of the encoded body, delimiters included.
        package var maxBytes = 1 << 20
        package var maxWait = Duration.seconds(1)

        package init() {}
    }

    package struct Retry: Equatable, Sendable {
        package var maxAttempts = 4
        package var initialBackoff = Duration.milliseconds(500)
        package var maxBackoff = Duration.seconds(30)
        package var maxRetryAfter = Duration.seconds(300)

        package init() {}
    }

    package struct Header: Equatable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package var name: String
    package var description: String?
    package var url: WebhookURL
    package var topics: [TopicPattern]
    package var active = true
    package var format = Format.json
    package var batch = Batch()
    /// Requests under way at once.
    package var concurrency = 4
    /// One attempt, connect to last byte.
    package var timeout = Duration.seconds(15)
    package var connectTimeout = Duration.seconds(5)
    package var retry = Retry()
    package var headers: [Header] = []
    /// A PEM file whose certificates are trusted besides the system's; relative paths in the configuration are
    /// resolved against the folder of the configuration file.
    package var caFile: String?
    package var httpVersion = HTTPVersion.auto

    /// A webhook with the default of every other key.
    package init(name: String, url: WebhookURL, topics: [TopicPattern]) {
        self.name = name
        self.url = url
        self.topics = topics
    }

    /// Events in one request, at most.
    package var maxEvents: Int { format == .single ? 1 : batch.maxEvents }
}

/// What a webhook subscribes to: one declared topic, the topics below a prefix, or all of them.
package enum TopicPattern: Equatable, Sendable {
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
}

/// A webhook's URL, as the parser that will connect understood it.
///
/// Path and query can be secrets: `text` goes to libcurl alone, `redacted` everywhere else.
package struct WebhookURL: Equatable, Sendable {
    /// The whole URL.
    package var text: String
    /// Lower case, without brackets.
    package var host: String
    /// 1 to 65535; 443 where the URL names none.
    package var port: Int

    package init(text: String, host: String, port: Int) {
        self.text = text
        self.host = host
        self.port = port
    }

    /// Scheme, host and port if it isn't 443: what a Retry-After or a connection belongs to.
    package var origin: String {
        let bracketed = host.contains(":") ? "[\(host)]" : host
        return "https://\(bracketed)" + (port == 443 ? "" : ":\(port)")
    }

    /// The only form that may be shown.
    package var redacted: String { origin + "/…" }
}

/// A JSON Pointer (RFC 6901), its escapes `~0` and `~1` decoded.
package struct JSONPointer: Equatable, Sendable {
    package var tokens: [String]

    package init(tokens: [String]) { self.tokens = tokens }

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
