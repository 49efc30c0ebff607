/// All members of the summary in the order in which they are written (SPEC section 10): writer and schema follow it.
enum SummaryTable {
    static let version = "hookline.summary/1"

    static let document: [SummaryKey<Summary>] = [
        .text("schema", "What this is.", ["const": .text(version)]) { _ in version },
        .object("run", "Which run it was.", run),
        .object("input", "What was read.", input),
        .object(
            "books",
            "What became of the events, once for each webhook that takes them: matched + resumed = delivered + skipped + "
                + "dead_lettered + deferred + lost.", books),
        .list("topics", "The declared topics.", topic) { summary in
            zip(summary.config.topics, summary.books.topics).map { Topic(name: $0.name, events: $1) }
        },
        .list("webhooks", "The webhooks of the run, in the order of the configuration.", webhook) { summary in
            summary.shown.map { Shown(webhook: summary.config.webhooks[$0], account: summary.books.webhooks[$0]) }
        },
    ]

    struct Topic: Sendable {
        var name: String
        var events: Int
    }

    /// A webhook, and what became of its events.
    struct Shown: Sendable {
        var webhook: Webhook
        var account: Books.Account
    }

    private static let run: [SummaryKey<Summary>] = [
        .text("id", "--run-id, or a random one that starts with the time.") { $0.runID },
        .text("version", "Of hookline.") { _ in Version.current },
        .text("config", "The configuration's path, as given.") { $0.config.path },
        .text(
            "config_sha256", "SHA-256 of the configuration, hex.",
            ["type": "string", "pattern": "^[0-9a-f]{64}$"]
        ) { $0.config.sha256 },
        .text("started_at", "When it started.", SummarySchema.time) { $0.started.wall.text },
        .text("finished_at", "When it ended.", SummarySchema.time) { $0.finished.wall.text },
        .number("duration_ms", "Between the two, by a clock that never jumps.") { $0.milliseconds },
        .text("ended", "Why reading ended.", SummarySchema.oneOf(Summary.Ended.allCases.map(\.rawValue))) {
            $0.ended.rawValue
        },
        SummaryKey(
            name: "dry_run", schema: ["const": true], sentence: "Nothing was sent: `hookline plan`.", isOptional: true
        ) { json, summary in if summary.isPlan { json.boolean("dry_run", true) } },
    ]

    private static let input: [SummaryKey<Summary>] = [
        .boolean("complete", "Whether all of the input was read.") { $0.books.input.complete },
        .number("last_line", "Number of the last line that was taken, from 1; 0: none.") { $0.books.input.lines },
        .number("bytes", "Up to the end of that line.") { $0.books.input.bytes },
        .number("lines", "Lines taken: blank + events + refused.total.") { $0.books.input.lines },
        .number("blank", "Blank lines.") { $0.books.input.blank },
        .number("events", "Lines that are events.") { $0.books.input.events },
        .counts("refused", "Lines that are no event: in all, and by reason.", of: refusals) { summary in
            [("total", summary.books.input.refusedTotal)] + sorted(summary.books.input.refused)
        },
        .number("unknown_topic", "Events whose topic is not declared.") { $0.books.input.unknownTopic },
        .number("unmatched", "Events that no webhook of the run takes.") { $0.books.input.unmatched },
        SummaryKey(name: "refused_samples", schema: samples, sentence: "The first refused lines.") { json, summary in
            json.array("refused_samples") { list in
                for sample in summary.books.input.samples {
                    list.object { sample.error.write(to: &$0, line: sample.line) }
                }
            }
        },
    ]

    private static var refusals: JSONValue { SummarySchema.oneOf(["total"] + EventError.reasons) }

    private static var samples: JSONValue {
        [
            "type": "array", "maxItems": .number(Books.sampleLimit),
            "items": [
                "type": "object", "additionalProperties": false, "required": ["line", "reason"],
                "properties": [
                    "line": ["type": "integer", "minimum": 1], "reason": SummarySchema.oneOf(EventError.reasons),
                    "at": [
                        "description": "The byte of the line, from 0, where the reason has a place.", "type": "integer",
                        "minimum": 0,
                    ],
                ],
            ],
        ]
    }

    /// What became of events, in the order in which the totals and each webhook name it.
    private static let states: [(name: String, part: any KeyPath<Books.Account, Int> & Sendable, sentence: String)] = [
        ("resumed", \.resumed, "Events that an earlier run left in the spool and this one took up."),
        ("delivered", \.delivered, "The receiver answered 2xx."),
        ("skipped", \.skipped, "Events of batches that a run with this --run-id settled before, or left in the spool."),
        ("dead_lettered", \.deadLettered, "In the dead-letter file."),
        ("deferred", \.deferred, "Events that this run put into the spool and that still wait there."),
        ("lost", \.lost, "Neither delivered nor in the dead-letter file, since it could not be written."),
    ]

    private static let books: [SummaryKey<Summary>] =
        [.number("matched", "Events taken.") { $0.books.total(\.matched) }]
        + states.map { state in .number(state.name, state.sentence) { $0.books.total(state.part) } }
        + [
            .number("waiting", "On neither side of the sum: what was in the spool, or in a replay's file, and stays.") {
                $0.books.total(\.waiting)
            },
            .boolean("balanced", "Whether the sums of events and lines hold.") { $0.books.balanced },
        ]

    private static let topic: [SummaryKey<Topic>] = [
        .text("name", "As declared.") { $0.name },
        .number("events", "Events that had it.") { $0.events },
    ]

    private static let webhook: [SummaryKey<Shown>] =
        [
            .text("name", "As configured.") { $0.webhook.name },
            .text("url", "Without path and query.") { $0.webhook.shownURL },
            .boolean("active", "As configured.") { $0.webhook.active },
            .number("matched", "Events taken.") { $0.account.matched },
            .number("filtered", "Events of its topics that its filter refused.") { $0.account.filtered },
        ]
        + states.map { state in .number(state.name, state.sentence) { $0.account[keyPath: state.part] } }
        + [
            .number("requests", "Attempts that were started.") { $0.account.requests },
            .number("retries", "Those of them that were not a batch's first.") { $0.account.retries },
            .number("bisections", "Batches that were refused and sent again as two halves.") { $0.account.bisections },
            .number("bytes_sent", "Bytes of request bodies.") { $0.account.bytesSent },
            .counts("status", "Answers by status.", of: ["pattern": "^[1-9][0-9]{2}$"]) {
                $0.account.statuses.sorted { $0.key < $1.key }.map { ("\($0.key)", $0.value) }
            },
            .counts("failures", "Attempts without an answer, by kind.", of: failures) { sorted($0.account.failures) },
            .object("latency_ms", "How long attempts took, in whole milliseconds, rounded up.", latency),
            .number("breaker_opened", "How often its breaker opened.") { $0.account.breakerOpened },
            .text("switched_off", "When the receiver answered 410.", ["type": ["string", "null"]]) {
                $0.account.switchedOff
            },
            SummaryKey(
                name: "last_failure", schema: ["anyOf": [["type": "null"], SummarySchema.object(failure)]],
                sentence: "The last attempt that failed."
            ) { json, shown in
                guard let last = shown.account.lastFailure else { return json.string("last_failure", nil) }
                json.object("last_failure") { SummaryKey.write(failure, of: last, to: &$0) }
            },
        ]

    private static var failures: JSONValue { SummarySchema.oneOf(DeliveryFailure.Kind.allCases.map(\.rawValue)) }

    private static let latency: [SummaryKey<Shown>] = [
        .number("p50", "Half of them took no longer.") { $0.account.latency.milliseconds(share: 0.5) },
        .number("p90", "Nine of ten took no longer.") { $0.account.latency.milliseconds(share: 0.9) },
        .number("p99", "99 of 100 took no longer.") { $0.account.latency.milliseconds(share: 0.99) },
        .number("max", "The longest.") { $0.account.latency.maximum },
        SummaryKey(
            name: "buckets_us",
            schema: [
                "type": "array",
                "items": [
                    "type": "array", "minItems": 2, "maxItems": 2,
                    "prefixItems": [SummarySchema.count, ["type": "integer", "minimum": 1]],
                ],
            ],
            sentence:
                "How many took how long, rising: the longest time of a bucket in microseconds, and how many are in it. "
                + "`hookline report` adds them up."
        ) { json, shown in
            json.array("buckets_us") { list in
                for bucket in shown.account.latency.buckets {
                    list.array {
                        $0.number(nil, bucket.upperBound)
                        $0.number(nil, bucket.count)
                    }
                }
            }
        },
    ]

    private static let failure: [SummaryKey<Books.Failure>] = [
        .text(
            "reason", "`status`, or a kind of failure.",
            SummarySchema.oneOf(["status"] + DeliveryFailure.Kind.allCases.map(\.rawValue))
        ) { $0.reason },
        SummaryKey(
            name: "status", schema: ["type": ["integer", "null"]], sentence: "The answer's; null: there was none."
        ) { $0.number("status", $1.status) },
        .text("detail", "In words.") { $0.detail },
        .text("at", "When it ended.", SummarySchema.time) { $0.at.text },
    ]

    private static func sorted(_ counts: [String: Int]) -> [(name: String, count: Int)] {
        counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
