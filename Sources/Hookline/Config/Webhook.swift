/// One webhook: where its batches go, what it subscribes to, and how delivery behaves.
package struct Webhook: Equatable, Sendable {
    package enum Format: String, Sendable, CaseIterable {
        case json, ndjson, single, cloudevents
        case cloudeventsSingle = "cloudevents_single"

        /// Whether an event that is no CloudEvent is wrapped as one.
        package var wrapsEvents: Bool { self == .cloudevents || self == .cloudeventsSingle }
    }
    /// What becomes of a batch of several events that is answered 400, 413 or 422.
    package enum OnReject: String, Sendable, CaseIterable {
        /// It is halved until the bad events are alone.
        case bisect
        case deadLetter = "dead_letter"
    }
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

    /// Which of its events arrive in the order of the input.
    package enum Order: Equatable, Sendable {
        case none
        /// All.
        case strict
        /// Those with one value there.
        case key(JSONPointer)
    }

    /// How many requests in a time.
    package struct Rate: Equatable, Sendable {
        package var requests: Int
        package var period: Duration

        package init(requests: Int, period: Duration) {
            self.requests = requests
            self.period = period
        }
    }

    /// When it is left alone (SPEC section 8).
    package struct Breaker: Equatable, Sendable {
        /// Requests that fail one after the other; `Int.max`: it is never left alone.
        package var failures = 5
        package var probeAfter = Duration.seconds(10)

        package init() {}
    }

    package struct Header: Equatable, Sendable {
        package var name: String
        package var value: Referable<Secret>

        package init(name: String, value: Referable<Secret>) {
            self.name = name
            self.value = value
        }
    }

    package var name: String
    package var description: String?
    package var url: Referable<WebhookURL>
    package var topics: [TopicPattern]
    /// nil: every event of its topics.
    package var filter: EventPattern?
    package var active = true
    package var format = Format.json
    package var batch = Batch()
    /// Requests under way at once.
    package var concurrency = 4
    package var order = Order.none
    /// Nil: as fast as it answers.
    package var rateLimit: Rate?
    /// One attempt, connect to last byte.
    package var timeout = Duration.seconds(15)
    package var connectTimeout = Duration.seconds(5)
    package var retry = Retry()
    package var onReject = OnReject.bisect
    package var breaker = Breaker()
    package var headers: [Header] = []
    /// The `source` of events that are wrapped as CloudEvents; nil: `urn:hookline:<name>`.
    package var cloudEventsSource: String?
    /// How requests prove who sends them; nil: they don't.
    package var auth: Auth?
    /// How requests are signed; nil: they aren't.
    package var signing: Signing?
    package var tls = TLS()
    package var httpVersion = HTTPVersion.auto

    /// A webhook with the default of every other key.
    package init(name: String, url: Referable<WebhookURL>, topics: [TopicPattern]) {
        self.name = name
        self.url = url
        self.topics = topics
    }

    /// Events in one request, at most.
    package var maxEvents: Int {
        switch format {
        case .single, .cloudeventsSingle: 1
        case .json, .ndjson, .cloudevents: batch.maxEvents
        }
    }

    /// Into how many lanes its events go; those of one lane arrive in order, unless `order` is `none`.
    package var laneCount: Int { hasKeyLanes ? concurrency : 1 }

    /// Whether an event's lane depends on its key.
    package var hasKeyLanes: Bool { if case .key = order { true } else { false } }

    /// The `source` of events that it gets wrapped as CloudEvents: a URI reference.
    package var wrappedSource: String {
        // Of what a name may hold, a space alone can't stand in a URI (RFC 3986).
        cloudEventsSource ?? "urn:hookline:"
            + name.split(separator: " ", omittingEmptySubsequences: false)
            .joined(separator: "%20")
    }

    /// The URL as it may be shown: scheme, host and port, or the reference.
    package var shownURL: String {
        switch url {
        case .value(let url): url.redacted
        case .reference(let reference): reference.text
        }
    }
}

/// A webhook's URL, as the parser that will connect understood it.
///
/// Path and query can be secrets: `text` goes to libcurl alone, `redacted` everywhere else.
package struct WebhookURL: Equatable, Sendable {
    /// The whole URL.
    package var text: String
    /// Lower case, without brackets; of a name in other than ASCII what is looked up (IDNA): `xn--bcher-kva.example`.
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
