/// Many runs as one page of HTML: it loads nothing, has no script, follows the reader's light or dark, and prints.
struct MergedPage {
    let merged: MergedRuns

    init(_ merged: MergedRuns) { self.merged = merged }

    var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>\(htmlText(title))</title>
        <style>
        \(Self.style)
        </style>
        </head>
        <body>
        <main>
        <header><h1>\(htmlText(title))</h1><p>\(htmlText(subtitle))</p></header>
        \(books)
        \(MergedChart(merged).timeline)
        \(webhooks)
        \(MergedChart(merged).latencies)
        \(statuses)
        \(problems)
        \(runs)
        <footer>hookline \(htmlText(Version.current)) report</footer>
        </main>
        </body>
        </html>

        """
    }

    private var title: String { "\(counted(merged.runs.count, "run")) of hookline" }

    private var subtitle: String {
        let (from, to) = merged.period
        let early = merged.endedEarly.map { "\($0.reason) × \($0.count)" }
        return "\(MergedText.minute(from)) to \(MergedText.minute(to)) UTC"
            + (early.isEmpty ? "" : " · ended early: \(early.joined(separator: ", "))")
    }

    // MARK: Books

    private var books: String {
        let (books, input) = (merged.books, merged.input)
        let cards: [(String, Int, String)] = [
            ("delivered", books.delivered, "good"), ("dead-lettered", books.deadLettered, "bad"),
            ("lost", books.lost, "bad"), ("deferred", books.deferred, "wait"), ("skipped", books.skipped, "plain"),
            ("lines refused", input.refusedTotal, "bad"),
        ]
        let shown = cards.map { name, count, kind in
            "<div class=\"card \(count == 0 ? "plain" : kind)\"><b>\(grouped(count))</b><span>\(name)</span></div>"
        }
        let reasons = input.refused.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        var notes = [
            "\(grouped(input.lines)) lines: \(grouped(input.events)) events, \(grouped(input.blank)) blank, "
                + "\(grouped(input.refusedTotal)) refused"
                + (reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ")))")
        ]
        if input.unknownTopic > 0 { notes.append("\(grouped(input.unknownTopic)) events of an unknown topic") }
        if input.unmatched > 0 { notes.append("\(grouped(input.unmatched)) events that no webhook takes") }
        if merged.waiting > 0 { notes.append("\(grouped(merged.waiting)) events waited when the last run ended") }
        let sum =
            "\(grouped(books.matched)) matched + \(grouped(books.resumed)) resumed = \(grouped(books.delivered)) delivered"
            + " + \(grouped(books.skipped)) skipped + \(grouped(books.deadLettered)) dead-lettered"
            + " + \(grouped(books.deferred)) deferred + \(grouped(books.lost)) lost"
        return "<section><h2>Books</h2><div class=\"cards\">\(shown.joined())</div>"
            + "<p class=\"sum\">\(sum)</p><p>\(htmlText(notes.joined(separator: " · ")))</p></section>"
    }

    private var webhooks: String {
        let rows = merged.webhooks.map { webhook -> [String] in
            let tally = webhook.tally
            let before = webhook.earlierURLs.isEmpty ? "" : ", before: \(webhook.earlierURLs.joined(separator: ", "))"
            return [
                "<b>\(htmlText(webhook.name))</b><small>\(htmlText(webhook.url + before))</small>",
                grouped(tally.matched), grouped(tally.resumed), grouped(tally.delivered), grouped(tally.skipped),
                mark(tally.deadLettered, "bad"), mark(tally.deferred, "wait"), mark(tally.lost, "bad"),
                grouped(webhook.requests), grouped(webhook.retries),
            ]
        }
        let heading = [
            "Webhook", "Matched", "Resumed", "Delivered", "Skipped", "Dead", "Deferred", "Lost", "Requests", "Retries",
        ]
        return section("Webhooks", table(heading, rows, numbers: 1...9))
    }

    private var statuses: String {
        let rows = merged.webhooks.filter { !$0.statuses.isEmpty }.map { webhook in
            let counts = webhook.statuses.sorted { $0.key < $1.key }
            let shown = counts.map { status, count in
                "<span class=\"pill c\(htmlText(String(status.prefix(1))))\">\(htmlText(status)) × \(grouped(count))</span>"
            }
            return [
                "<b>\(htmlText(webhook.name))</b>" + MergedChart.share(of: counts.map { ($0.key, $0.value) }),
                shown.joined(separator: " "),
            ]
        }
        return rows.isEmpty
            ? "" : section("Answers by status", table(["Webhook", "Status × answers"], rows, numbers: nil))
    }

    private var problems: String {
        let problems = merged.problems
        if problems.isEmpty { return section("Failures", "<p>No attempt failed.</p>") }
        let rows = problems.map { problem in
            [
                "<b>\(htmlText(problem.webhook))</b>", "<code>\(htmlText(problem.what))</code>", grouped(problem.count),
                htmlText(problem.advice),
            ]
        }
        let last = merged.webhooks.compactMap { webhook in
            webhook.lastFailure.map { failure in
                "<li><b>\(htmlText(webhook.name))</b>, \(htmlText(MergedText.minute(failure.at.wall))): \(htmlText(failure.detail))</li>"
            }
        }
        return section(
            "Failed attempts",
            table(["Webhook", "Why", "Attempts", "What to do"], rows, numbers: 2...2)
                + (last.isEmpty ? "" : "<h3>The last of each webhook</h3><ul>\(last.joined())</ul>"))
    }

    private var runs: String {
        let shown = merged.runs.suffix(Self.runLimit).reversed().map { run -> [String] in
            let (about, tally) = (run.record.run, run.record.books.tally)
            return [
                "<b>\(htmlText(MergedText.minute(about.startedAt.wall)))</b><small>\(htmlText(about.id))</small>",
                htmlText(about.ended), MergedChart.duration(about.durationMs.value), grouped(tally.delivered.value),
                mark(tally.deadLettered.value + tally.lost.value, "bad"), mark(tally.deferred.value, "wait"),
                mark(run.failedAttempts, "wait"),
            ]
        }
        let heading = ["Run", "Ended", "Took", "Delivered", "Dead or lost", "Deferred", "Failed attempts"]
        let title = merged.runs.count > Self.runLimit ? "The last \(Self.runLimit) runs" : "Runs"
        return section(title, table(heading, shown, numbers: 2...6))
    }

    private static let runLimit = 30

    // MARK: Pieces

    private func section(_ title: String, _ content: String) -> String {
        "<section><h2>\(htmlText(title))</h2>\(content)</section>"
    }

    /// Cells are HTML already. It scrolls by itself where the screen is narrow.
    private func table(_ heading: [String], _ rows: [[String]], numbers: ClosedRange<Int>?) -> String {
        func cells(_ row: [String], _ element: String) -> String {
            row.enumerated().map { index, cell in
                let isNumber = numbers?.contains(index) ?? false
                return "<\(element)\(isNumber ? " class=\"n\"" : "")>\(cell)</\(element)>"
            }.joined()
        }
        let body = rows.map { "<tr>\(cells($0, "td"))</tr>" }.joined(separator: "\n")
        return
            "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>\(cells(heading.map { htmlText($0) }, "th"))</tr></thead>"
            + "<tbody>\(body)</tbody></table></div>"
    }

    private func mark(_ count: Int, _ kind: String) -> String {
        count == 0 ? "0" : "<span class=\"\(kind)\">\(grouped(count))</span>"
    }
}

/// Text as HTML has it, in an element or in an attribute's quotes; controls are shown as `\u{1b}`.
func htmlText(_ text: String) -> String {
    withoutControls(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
}
