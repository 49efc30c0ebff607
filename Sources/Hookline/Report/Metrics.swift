/// A run as metrics in Prometheus' text format, for the textfile collector of node_exporter.
///
/// A run ends before anything could ask it, so all are gauges that say what the last run did; `hookline_run_latency_seconds`
/// is a summary. Names and labels are stable.
package struct Metrics {
    private let summary: Summary

    package init(_ summary: Summary) { self.summary = summary }

    /// What one family says.
    struct Family {
        enum Kind: String { case gauge, summary }

        struct Sample {
            /// What follows the family's name, e.g. `_sum`.
            var suffix = ""
            var labels: [(name: String, value: String)] = []
            var value: String
        }

        var name: String
        var kind = Kind.gauge
        var help: String
        var samples: [Sample]
    }

    /// Each family with its HELP and TYPE, one sample a line. A family without samples is left out.
    package var text: String {
        families.filter { !$0.samples.isEmpty }.map { family in
            var text =
                "# HELP \(family.name) \(Self.escaped(family.help))\n# TYPE \(family.name) \(family.kind.rawValue)\n"
            for sample in family.samples {
                let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value, isLabel: true))\"" }
                text += family.name + sample.suffix
                text += (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}") + " \(sample.value)\n"
            }
            return text
        }.joined()
    }

    private var families: [Family] { run + input + books + webhooks }

    private var run: [Family] {
        [
            Family(
                name: "hookline_run_info", help: "Version and way of the last run's end; always 1.",
                samples: [
                    .init(
                        labels: [("version", Version.current), ("ended", summary.ended.rawValue)], value: "1")
                ]),
            one(
                "run_timestamp_seconds", "When the last run ended, Unix time.",
                Self.thousandth(summary.finished.wall.milliseconds)),
            one("run_duration_seconds", "How long it took.", Self.thousandth(summary.milliseconds)),
            one("run_exit_code", "Its exit code.", "\(summary.exitCode.rawValue)"),
            one("run_balanced", "Whether its books balance: 1 or 0.", summary.books.balanced ? "1" : "0"),
        ]
    }

    private var input: [Family] {
        let input = summary.books.input
        return [
            one("run_input_complete", "Whether all of the input was read: 1 or 0.", input.complete ? "1" : "0"),
            one("run_input_bytes", "Bytes that were read.", "\(input.bytes)"),
            family(
                "run_input_lines", "Lines that were read, by what they are.", label: "kind",
                [("blank", input.blank), ("event", input.events), ("refused", input.refusedTotal)]),
            family(
                "run_refused_lines", "Lines that are no event, by reason.", label: "reason",
                input.refused.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }),
            one("run_unknown_topic_events", "Events whose topic is not declared.", "\(input.unknownTopic)"),
            one("run_unmatched_events", "Events that no webhook of the run takes.", "\(input.unmatched)"),
        ]
    }

    private var books: [Family] {
        let books = summary.books
        let waiting = books.total(\.deferred) + books.total(\.waiting)
        return [
            one(
                "spool_waiting_events",
                "Events that wait for a later run: in the spool, or of a replay in the dead-letter file.", "\(waiting)")
        ]
    }

    private var webhooks: [Family] {
        [
            each("run_matched_events", "Events that a webhook takes.") { [([], $0.matched)] },
            each("run_filtered_events", "Events of a webhook's topics that its filter refused.") {
                [([], $0.filtered)]
            },
            each("run_resumed_events", "Events that an earlier run left in the spool and this one took up.") {
                [([], $0.resumed)]
            },
            each("run_events", "What became of the events matched and resumed: their sum, by state.") {
                [
                    ("delivered", $0.delivered), ("skipped", $0.skipped), ("dead_lettered", $0.deadLettered),
                    ("deferred", $0.deferred), ("lost", $0.lost),
                ].map { ([("state", $0)], $1) }
            },
            each("run_requests", "Attempts that were started.") { [([], $0.requests)] },
            each("run_retries", "Those of them that were not a batch's first.") { [([], $0.retries)] },
            each("run_sent_bytes", "Bytes of request bodies.") { [([], $0.bytesSent)] },
            each("run_responses", "Answers by status.") { account in
                account.statuses.sorted { $0.key < $1.key }.map { ([("code", "\($0.key)")], $0.value) }
            },
            each("run_failures", "Attempts without an answer, by reason.") { account in
                account.failures.sorted { $0.key < $1.key }.map { ([("reason", $0.key)], $0.value) }
            },
            each("run_breaker_opened", "How often a webhook's breaker opened.") { [([], $0.breakerOpened)] },
            each("run_switched_off", "Whether a webhook answered 410: 1 or 0.") {
                [([], $0.switchedOff == nil ? 0 : 1)]
            },
            latency,
        ]
    }

    private var latency: Family {
        var samples: [Family.Sample] = []
        for index in summary.shown {
            let latency = summary.books.webhooks[index].latency
            if latency.count == 0 { continue }
            let name = ("webhook", summary.config.webhooks[index].name)
            for (text, share) in [("0.5", 0.5), ("0.9", 0.9), ("0.99", 0.99), ("1", 1)] {
                let value = Self.thousandth(latency.milliseconds(share: share))
                samples.append(.init(labels: [name, ("quantile", text)], value: value))
            }
            samples.append(.init(suffix: "_sum", labels: [name], value: Self.decimal(latency.sum, places: 6)))
            samples.append(.init(suffix: "_count", labels: [name], value: "\(latency.count)"))
        }
        return Family(
            name: "hookline_run_latency_seconds", kind: .summary, help: "How long attempts took.", samples: samples)
    }

    private func one(_ name: String, _ help: String, _ value: String) -> Family {
        Family(name: "hookline_" + name, help: help, samples: [.init(value: value)])
    }

    private func family(_ name: String, _ help: String, label: String, _ counts: [(String, Int)]) -> Family {
        Family(
            name: "hookline_" + name, help: help,
            samples: counts.map { .init(labels: [(label, $0)], value: "\($1)") })
    }

    /// A family with samples for each webhook of the run.
    private func each(
        _ name: String, _ help: String, _ get: (Books.Account) -> [([(name: String, value: String)], Int)]
    ) -> Family {
        let samples = summary.shown.flatMap { index in
            get(summary.books.webhooks[index]).map { labels, value in
                Family.Sample(
                    labels: [("webhook", summary.config.webhooks[index].name)] + labels, value: "\(value)")
            }
        }
        return Family(name: "hookline_" + name, help: help, samples: samples)
    }

    /// The exposition format escapes backslash and line feed, and in a label's value the quote too.
    static func escaped(_ text: String, isLabel: Bool = false) -> String {
        let escaped = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        return isLabel ? escaped.replacing("\"", with: "\\\"") : escaped
    }

    private static func thousandth(_ number: Int) -> String { decimal(number, places: 3) }

    /// A number with its last digits behind a point.
    private static func decimal(_ number: Int, places: Int) -> String {
        let digits = String(number)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return padded.dropLast(places) + "." + padded.suffix(places)
    }
}
