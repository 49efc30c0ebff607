/// All keys of `webhooks.yaml` in the order in which they are read, which is that of the reference page.
enum ConfigTable {
    static let document: [ConfigKey<Config>] = [
        ConfigKey(
            name: "version",
            shape: .special(form: .version, value: nil, show: \.nothingShown) { pass, node, _ in pass.checkVersion(node)
            },
            sentence: "The version of this file's format. In a directory, each file has it.", isRequired: true),
        ConfigKey(
            name: "input", shape: .section(input), sentence: "Where an event keeps its envelope."),
        ConfigKey(
            name: "topics",
            shape: .special(form: .topics, value: nil, show: \.shownTopics) {
                pass, node, config in
                pass.declareTopics(node, in: &config)
            },
            sentence: "The topics that events may have; a webhook can subscribe only to these.", isRequired: true),
        ConfigKey(
            name: "defaults",
            shape: .special(form: .mapping, value: "{}", show: \.nothingShown) { pass, node, _ in
                pass.readDefaults(node)
            },
            sentence: "Keys of a webhook that apply to every webhook which does not set them itself. "
                + "Headers are joined by name."),
        ConfigKey(name: "network", shape: .section(network), sentence: "What holds for all connections."),
        ConfigKey(
            name: "webhooks",
            shape: .special(form: .webhooks, value: nil, show: \.nothingShown) { pass, node, config in
                pass.readWebhooks(node, in: &config)
            },
            sentence: "Where events go.", isRequired: true),
        ConfigKey(
            name: "spool", shape: .section(spool), sentence: "A directory that keeps batches for a later run."),
        ConfigKey(
            name: "tests",
            shape: .special(form: .tests, value: "[]", show: \.shownTests) { pass, node, config in
                pass.readTests(node, in: &config)
            },
            sentence: "Events and the webhooks that should get them: `hookline test` checks it."),
    ]

    /// Whether a key that is unknown where it stands is one of the top level, or of a webhook, and stands in the other's
    /// place.
    static func isMisplaced(_ key: String, among known: [String]) -> Bool {
        let (top, own) = (document.map(\.name), webhook.map(\.name))
        return known == top ? own.contains(key) : top.contains(key) && Set(known).isSubset(of: own) && !known.isEmpty
    }

    /// Whether a key of a webhook may stand in `defaults`.
    static func mayBeShared(_ key: String) -> Bool { webhook.contains { $0.name == key && !$0.isPerWebhook } }

    private static let input: [ConfigKey<Config>] = [
        ConfigKey(
            name: "topic", shape: .pointer(\.input.topic),
            sentence: "Where an event has its topic. A line without a non-empty text there is refused."),
        ConfigKey(name: "id", shape: .pointer(\.input.id), sentence: "Where an event may have an id."),
        ConfigKey(name: "time", shape: .pointer(\.input.time), sentence: "Where an event may have its time."),
        ConfigKey(
            name: "max_event_bytes", shape: .size(1 << 10...64 << 20, \.input.maxEventBytes),
            sentence: "The longest line that is taken as an event."),
    ]

    private static let network: [ConfigKey<Config>] = [
        ConfigKey(
            name: "allow",
            shape: .special(form: .blocks, value: "[]", show: \.shownAllow) { pass, node, config in
                pass.readAllow(node, in: &config)
            },
            sentence: "Private and other special addresses that webhooks may have nevertheless, "
                + "e.g. `[10.0.0.0/8, \"::1/128\"]`."),
        ConfigKey(
            name: "max_connections", shape: .count(1...1_024, \.network.maxConnections),
            sentence: "Connections open at once, over all webhooks."),
        ConfigKey(
            name: "proxy",
            shape: .special(form: .proxy, value: "null", show: \.shownProxy) { pass, node, config in
                pass.readProxy(node, in: &config)
            },
            sentence: "An HTTP proxy that all connections go through: http or https, with a port. "
                + "One with a password must be a reference. Proxies of the environment are never used.",
            isSecret: true),
    ]

    static let webhook: [ConfigKey<Webhook>] = [
        ConfigKey(
            name: "name",
            shape: .special(form: .name, value: nil, show: \.shownName) { pass, node, webhook in
                pass.readName(node, in: &webhook)
            },
            sentence: "Its unique name: 1 to 100 of `A-Z a-z 0-9`, space, `.`, `_`, `-`, "
                + "the first a letter or digit.",
            isRequired: true, isPerWebhook: true),
        ConfigKey(
            name: "description", shape: .optionalText(\.description), sentence: "What it is for.",
            isPerWebhook: true),
        ConfigKey(
            name: "url",
            shape: .special(form: .url, value: nil, show: \.shownURLs) { pass, node, webhook in
                if let url = pass.url(node, key: "url") { webhook.url = url }
            },
            sentence: "Where batches are posted: https, without user name, password or fragment. "
                + "Path and query are never shown.",
            isRequired: true, isSecret: true, isPerWebhook: true),
        ConfigKey(
            name: "topics",
            shape: .special(form: .subscriptions, value: nil, show: \.shownTopics) { pass, node, webhook in
                pass.readSubscriptions(node, in: &webhook)
            },
            sentence: "What it subscribes to: a declared topic, `object.*` for all that begin with `object.`, "
                + "or `\"*\"` for every topic.",
            isRequired: true, isPerWebhook: true),
        ConfigKey(
            name: "filter",
            shape: .special(form: .filter, value: "null", show: \.shownFilter) { pass, node, webhook in
                webhook.filter = pass.filter(node)
            },
            sentence: "What an event's content must be: see \"Filters\" below. `null`: anything.",
            isPerWebhook: true, isOpen: true),
        ConfigKey(
            name: "active", shape: .boolean(\.active), sentence: "`false`: nothing is sent to it.",
            isPerWebhook: true),
        ConfigKey(
            name: "format",
            shape: .choice(
                values: Webhook.Format.allCases.map(\.rawValue),
                get: { $0.format.rawValue }, set: { $0.format = Webhook.Format(rawValue: $1) ?? $0.format }),
            sentence: "The request's body: `json` is an array of events, `ndjson` one event a line, "
                + "`single` one event alone, `cloudevents` an array of CloudEvents, `cloudevents_single` one CloudEvent "
                + "alone. An event that is no CloudEvent is wrapped as one."),
        ConfigKey(name: "batch", shape: .section(batch), sentence: "When a batch is full and goes out."),
        ConfigKey(
            name: "concurrency", shape: .count(1...256, \.concurrency), sentence: "Requests under way at once."),
        ConfigKey(
            name: "order",
            shape: .special(form: .order, value: "none", show: \.shownOrder) {
                pass, node, webhook in
                if let order = pass.order(node) { webhook.order = order }
            },
            sentence: "Which events arrive in the order of the input: none, all, or those with the same value at the "
                + "pointer. A batch that waits for a retry holds back those after it. `strict` has one request under "
                + "way; by key, each key belongs to one of `concurrency` lanes with one each."),
        ConfigKey(
            name: "rate_limit",
            shape: .special(form: .rate, value: "null", show: \.shownRateLimit) { pass, node, webhook in
                pass.readRateLimit(node, in: &webhook)
            },
            sentence: "Requests in a time, retries among them: `50/s`, `600/min`, `1000/h`. "
                + "What one second permits may go at once, so the first second, and one after a pause, may have twice as "
                + "many."),
        ConfigKey(
            name: "timeout", shape: .duration(.milliseconds(100)...(.seconds(600)), \.timeout),
            sentence: "One attempt, from connect to the answer's last byte."),
        ConfigKey(
            name: "connect_timeout", shape: .duration(.milliseconds(100)...(.seconds(60)), \.connectTimeout),
            sentence: "The part of an attempt in which name look-up, TCP and TLS must be done."),
        ConfigKey(name: "retry", shape: .section(retry), sentence: "What happens after a failure that may pass."),
        ConfigKey(
            name: "on_reject",
            shape: .choice(
                values: Webhook.OnReject.allCases.map(\.rawValue),
                get: { $0.onReject.rawValue }, set: { $0.onReject = Webhook.OnReject(rawValue: $1) ?? $0.onReject }),
            sentence:
                "What happens to a batch that the receiver refuses with 400, 413 or 422: with `bisect` it is halved "
                + "until the bad events are alone, and the others are delivered."),
        ConfigKey(
            name: "breaker", shape: .section(breaker) { $0.breaker.failures = .max },
            sentence: "When a failing webhook is left alone; `null`: never."),
        ConfigKey(
            name: "cloudevents", shape: .section(cloudEvents), sentence: "Attributes of events that are wrapped."),
        ConfigKey(
            name: "headers",
            shape: .special(form: .headers, value: "{}", show: \.shownHeaders) {
                pass, node, webhook in
                pass.readHeaders(node, in: &webhook)
            },
            sentence: "Headers added to each request. Values are never shown.", isSecret: true),
        ConfigKey(
            name: "auth",
            shape: .group(auth, rule: { ConfigForm.authRule }, show: \.shownAuth) { pass, node, entries, webhook in
                pass.readAuth(node, entries, in: &webhook)
            } clear: {
                $0.auth = nil
            },
            sentence: "How requests prove who sends them: one of the three."),
        ConfigKey(
            name: "signing",
            shape: .group(signing, rule: { ConfigForm.signingRule }, show: \.shownSigning) {
                pass, _, entries, webhook in
                pass.readSigning(entries, in: &webhook)
            } clear: {
                $0.signing = nil
            },
            sentence: "How requests are signed."),
        ConfigKey(name: "tls", shape: .section(tls), sentence: "Whom to trust, and as whom to appear."),
        ConfigKey(
            name: "http_version",
            shape: .choice(
                values: Webhook.HTTPVersion.allCases.map(\.rawValue),
                get: { $0.httpVersion.rawValue },
                set: { $0.httpVersion = Webhook.HTTPVersion(rawValue: $1) ?? $0.httpVersion }),
            sentence: "`auto`: HTTP/2 if the server offers it, else 1.1."),
    ]

    private static let batch: [ConfigKey<Webhook>] = [
        ConfigKey(
            name: "max_events", shape: .count(1...100_000, \.batch.maxEvents), sentence: "Events in a batch."),
        ConfigKey(
            name: "max_bytes", shape: .size(1 << 10...64 << 20, \.batch.maxBytes),
            sentence: "The body's length. An event that alone is longer is sent alone."),
        ConfigKey(
            name: "max_wait", shape: .duration(.milliseconds(10)...(.seconds(3_600)), \.batch.maxWait),
            sentence: "How long the first event of a batch waits for more."),
    ]

    private static let retry: [ConfigKey<Webhook>] = [
        ConfigKey(
            name: "max_attempts", shape: .count(1...100, \.retry.maxAttempts),
            sentence: "Attempts in all, the first included."),
        ConfigKey(
            name: "initial_backoff", shape: .duration(.milliseconds(1)...(.seconds(3_600)), \.retry.initialBackoff),
            sentence: "The longest wait before the second attempt; it doubles with each further one. "
                + "The wait itself is drawn between nothing and this."),
        ConfigKey(
            name: "max_backoff", shape: .duration(.milliseconds(1)...(.seconds(86_400)), \.retry.maxBackoff),
            sentence: "What the doubling stops at."),
        ConfigKey(
            name: "max_retry_after", shape: .duration(.seconds(0)...(.seconds(86_400)), \.retry.maxRetryAfter),
            sentence: "The longest `Retry-After` that is waited for."),
    ]

    private static let breaker: [ConfigKey<Webhook>] = [
        ConfigKey(
            name: "failures", shape: .count(1...1_000, \.breaker.failures),
            sentence: "So many requests that failed one after the other, in ways that are retried, open it."),
        ConfigKey(
            name: "probe_after", shape: .duration(.milliseconds(100)...(.seconds(3_600)), \.breaker.probeAfter),
            sentence: "How long nothing is sent then. After that one request tries the webhook; if it fails too, that "
                + "is an attempt for each batch that waits."),
    ]

    private static let cloudEvents: [ConfigKey<Webhook>] = [
        ConfigKey(
            name: "source",
            shape: .special(form: .source, value: "null", show: \.shownCloudEventsSource) {
                pass, node, webhook in
                pass.readCloudEventsSource(node, in: &webhook)
            },
            sentence:
                "The `source` of events that are wrapped as CloudEvents. `null`: `urn:hookline:` and the webhook's "
                + "name.")
    ]
}
