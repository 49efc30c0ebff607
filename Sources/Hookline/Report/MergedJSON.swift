/// Many runs as one JSON object, `hookline.report/1`; docs/output.md describes it.
struct MergedJSON {
    private let merged: MergedRuns

    init(_ merged: MergedRuns) { self.merged = merged }

    /// One line, with its line ending.
    var bytes: [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.string("schema", "hookline.report/1")
            $0.array("runs") { list in for run in merged.runs { list.object { write(run, to: &$0) } } }
            $0.object("input") { input(&$0) }
            $0.object("books") {
                write(merged.books, to: &$0)
                $0.number("waiting", merged.waiting)
            }
            $0.array("topics") { list in
                for topic in merged.topics {
                    list.object {
                        $0.string("name", topic.name)
                        $0.number("events", topic.events)
                    }
                }
            }
            $0.array("webhooks") { list in for webhook in merged.webhooks { list.object { write(webhook, to: &$0) } } }
        }
        json.newline()
        return json.bytes
    }

    private func write(_ run: MergedRuns.Run, to json: inout JSONWriter) {
        let (about, tally) = (run.record.run, run.record.books.tally)
        json.string("id", about.id)
        json.string("version", about.version)
        json.string("config", about.config)
        json.string("started_at", about.startedAt.wall.text)
        json.string("finished_at", about.finishedAt.wall.text)
        json.number("duration_ms", about.durationMs.value)
        json.string("ended", about.ended)
        json.number("events", run.record.input.events.value)
        json.number("refused", run.record.input.refused["total"]?.value ?? 0)
        var own = MergedRuns.Tally()
        own.add(tally)
        write(own, to: &json)
        json.number("failed_attempts", run.failedAttempts)
    }

    private func input(_ json: inout JSONWriter) {
        let input = merged.input
        json.number("bytes", input.bytes)
        json.number("lines", input.lines)
        json.number("blank", input.blank)
        json.number("events", input.events)
        json.object("refused") {
            $0.number("total", input.refusedTotal)
            for (reason, count) in input.refused.sorted(by: { $0.key < $1.key }) { $0.number(reason, count) }
        }
        json.number("unknown_topic", input.unknownTopic)
        json.number("unmatched", input.unmatched)
    }

    private func write(_ tally: MergedRuns.Tally, to json: inout JSONWriter) {
        json.number("matched", tally.matched)
        json.number("resumed", tally.resumed)
        json.number("delivered", tally.delivered)
        json.number("skipped", tally.skipped)
        json.number("dead_lettered", tally.deadLettered)
        json.number("deferred", tally.deferred)
        json.number("lost", tally.lost)
    }

    private func write(_ webhook: MergedRuns.Webhook, to json: inout JSONWriter) {
        json.string("name", webhook.name)
        json.string("url", webhook.url)
        json.array("earlier_urls") { list in for url in webhook.earlierURLs { list.string(nil, url) } }
        write(webhook.tally, to: &json)
        json.number("filtered", webhook.filtered)
        json.number("requests", webhook.requests)
        json.number("retries", webhook.retries)
        json.number("bisections", webhook.bisections)
        json.number("bytes_sent", webhook.bytesSent)
        for (name, counts) in [("status", webhook.statuses), ("failures", webhook.failures)] {
            json.object(name) { for (key, count) in counts.sorted(by: { $0.key < $1.key }) { $0.number(key, count) } }
        }
        json.object("latency_ms") {
            $0.number("p50", webhook.latency.milliseconds(share: 0.5))
            $0.number("p90", webhook.latency.milliseconds(share: 0.9))
            $0.number("p99", webhook.latency.milliseconds(share: 0.99))
            $0.number("max", webhook.latency.maximum)
        }
        json.number("breaker_opened", webhook.breakerOpened)
        json.string("switched_off", webhook.switchedOff)
        guard let failure = webhook.lastFailure else { return json.string("last_failure", nil) }
        json.object("last_failure") {
            $0.string("reason", failure.reason)
            $0.number("status", failure.status?.value)
            $0.string("detail", failure.detail)
            $0.string("at", failure.at.wall.text)
        }
    }
}
