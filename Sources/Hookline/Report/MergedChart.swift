import Glibc

/// The charts of the page, in SVG whose places are shares of its width, so that text keeps its size on any screen.
struct MergedChart {
    private let merged: MergedRuns

    init(_ merged: MergedRuns) { self.merged = merged }

    // MARK: Timeline

    /// Runs that stand side by side; where there are more, several share a bar.
    private static let slotLimit = 96
    private static let height = 132

    private struct Slot {
        var runs: [MergedRuns.Run]
        var delivered: Int { runs.reduce(0) { $0 + $1.record.books.tally.delivered.value } }
        var deferred: Int { runs.reduce(0) { $0 + $1.record.books.tally.deferred.value } }
        var failed: Int {
            runs.reduce(0) { $0 + $1.record.books.tally.deadLettered.value + $1.record.books.tally.lost.value }
        }
        var failedAttempts: Int { runs.reduce(0) { $0 + $1.failedAttempts } }
        var name: String {
            guard let first = runs.first, let last = runs.last else { return "" }
            let start = MergedText.minute(first.record.run.startedAt.wall)
            return runs.count == 1
                ? "\(start), \(first.record.run.id)"
                : "\(runs.count) runs, \(start) to \(MergedText.minute(last.record.run.startedAt.wall))"
        }
    }

    private var slots: [Slot] {
        let each = (merged.runs.count + Self.slotLimit - 1) / Self.slotLimit
        return stride(from: 0, to: merged.runs.count, by: each).map { start in
            Slot(runs: Array(merged.runs[start..<min(start + each, merged.runs.count)]))
        }
    }

    /// What became of the events of each run, and below it the attempts that failed.
    var timeline: String {
        let slots = slots
        let events = bars(
            slots, label: "Events of each run by what became of them",
            [
                ("good", "delivered", { $0.delivered }), ("wait", "deferred", { $0.deferred }),
                ("bad", "dead-lettered or lost", { $0.failed }),
            ])
        let attempts = bars(
            slots, label: "Failed attempts of each run", [("fail", "failed attempts", { $0.failedAttempts })])
        let (first, last) = (merged.runs.first, merged.runs.last)
        let axis =
            "<div class=\"axis\"><span>\(first.map { MergedText.minute($0.record.run.startedAt.wall) } ?? "")</span>"
            + (merged.runs.count > 1
                ? "<span>\(last.map { MergedText.minute($0.record.run.startedAt.wall) } ?? "")</span>" : "")
            + "</div>"
        let legend = [("good", "delivered"), ("wait", "deferred"), ("bad", "dead-lettered or lost")]
            .map { "<span><i class=\"\($0)\"></i>\($1)</span>" }.joined()
        let more = slots.count < merged.runs.count ? "<p>A bar stands for up to \(slots[0].runs.count) runs.</p>" : ""
        return "<section><h2>Runs over time</h2><p class=\"legend\">\(legend)</p>\(events)\(axis)"
            + "<p class=\"legend\"><span><i class=\"fail\"></i>failed attempts, retried ones among them</span></p>"
            + "\(attempts)\(axis)\(more)</section>"
    }

    private func bars(
        _ slots: [Slot], label: String, _ parts: [(kind: String, name: String, get: (Slot) -> Int)]
    ) -> String {
        let top = Self.roundUp(slots.map { slot in parts.reduce(0) { $0 + $1.get(slot) } }.max() ?? 0)
        // A lone run is no wall.
        let width = 100 / Double(max(slots.count, 12))
        let height = parts.count == 1 ? Self.height / 2 : Self.height
        var svg =
            "<svg class=\"bars\" role=\"img\" aria-label=\"\(htmlText(label))\" width=\"100%\" height=\"\(height)\">"
        for line in 0...2 {
            let y = Double(height - 1) * Double(line) / 2 + 0.5
            svg += "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"\(Self.text(y))\" y2=\"\(Self.text(y))\"/>"
        }
        for (index, slot) in slots.enumerated() {
            let shown = parts.filter { $0.get(slot) > 0 }
            let values = shown.map { "\($0.get(slot)) \($0.name)" }.joined(separator: ", ")
            svg += "<g><title>\(htmlText(slot.name)): \(values.isEmpty ? "nothing" : values)</title>"
            var y = Double(height)
            for part in shown {
                // What is there can be seen.
                let size = max(2, Double(part.get(slot)) / Double(max(top, 1)) * Double(height - 4))
                y -= size
                svg += "<rect class=\"\(part.kind)\" x=\"\(Self.text(Double(index) * width + width * 0.1))%\" "
                svg += "y=\"\(Self.text(y))\" width=\"\(Self.text(width * 0.8))%\" height=\"\(Self.text(size))\"/>"
            }
            svg += "</g>"
        }
        return "<div class=\"chart\"><span class=\"top\">\(grouped(top))</span>\(svg)</svg></div>"
    }

    // MARK: Latency

    /// For each webhook a line on a logarithmic scale: from p50 to p99, with a dot at p90 and a tick at the longest.
    var latencies: String {
        let timed = merged.webhooks.filter { $0.latency.count > 0 }
        guard let longest = timed.map(\.latency.maximum).max() else { return "" }
        let powers = max(1, Int(log10(Double(max(longest, 1))).rounded(.up)))
        func place(_ milliseconds: Int) -> Double {
            2 + log10(Double(max(milliseconds, 1))) / Double(powers) * 96
        }
        let grid = (0...powers).map { power in
            let x = Self.text(2 + Double(power) / Double(powers) * 96)
            return "<line class=\"grid\" x1=\"\(x)%\" x2=\"\(x)%\" y1=\"0\" y2=\"26\"/>"
        }.joined()
        let rows = timed.map { webhook in
            let latency = webhook.latency
            let (p50, p90, p99) = (
                latency.milliseconds(share: 0.5), latency.milliseconds(share: 0.9), latency.milliseconds(share: 0.99)
            )
            let words =
                "p50 \(Self.duration(p50)) · p90 \(Self.duration(p90)) · p99 \(Self.duration(p99)) · longest "
                + Self.duration(latency.maximum)
            let (start, end, last) = (place(p50), place(p99), Self.text(place(latency.maximum)))
            return "<div class=\"latency\"><p><b>\(htmlText(webhook.name))</b> <span>\(words)</span></p>"
                + "<svg role=\"img\" aria-label=\"\(htmlText(words))\" width=\"100%\" height=\"26\">\(grid)"
                + "<line class=\"whisker\" x1=\"\(Self.text(start))%\" x2=\"\(last)%\" y1=\"13\" y2=\"13\"/>"
                + "<rect class=\"range\" x=\"\(Self.text(start))%\" width=\"\(Self.text(max(0.6, end - start)))%\" y=\"7\" "
                + "height=\"12\" rx=\"3\"/><circle class=\"dot\" cx=\"\(Self.text(place(p90)))%\" cy=\"13\" r=\"4\"/>"
                + "<line class=\"whisker\" x1=\"\(last)%\" x2=\"\(last)%\" y1=\"6\" y2=\"20\"/></svg></div>"
        }
        let labels = (0...powers).map { power in
            let x = Self.text(2 + Double(power) / Double(powers) * 96)
            let anchor = power == 0 ? "start" : power == powers ? "end" : "middle"
            let name = Self.duration(Int(pow(10, Double(power))))
            return "<text x=\"\(x)%\" y=\"12\" text-anchor=\"\(anchor)\">\(name)</text>"
        }.joined()
        return "<section><h2>Latency of attempts</h2><p class=\"legend\"><span><i class=\"range\"></i>p50 to p99</span>"
            + "<span><i class=\"dot\"></i>p90</span><span><i class=\"whisker\"></i>longest</span></p>"
            + rows.joined(separator: "\n")
            + "<svg class=\"labels\" aria-hidden=\"true\" width=\"100%\" height=\"16\">\(labels)</svg></section>"
    }

    // MARK: Pieces

    /// A bar of the classes of status, by their share.
    static func share(of counts: [(status: String, count: Int)]) -> String {
        let total = counts.reduce(0) { $0 + $1.count }
        var (x, svg) = (0.0, "<svg class=\"share\" aria-hidden=\"true\" width=\"100%\" height=\"8\">")
        for (status, count) in counts where total > 0 {
            let width = Double(count) / Double(total) * 100
            svg +=
                "<rect class=\"c\(htmlText(String(status.prefix(1))))\" x=\"\(text(x))%\" width=\"\(text(width))%\" height=\"8\"/>"
            x += width
        }
        return svg + "</svg>"
    }

    /// `4 ms`, `1.5 s`, `2 min`.
    static func duration(_ milliseconds: Int) -> String {
        switch milliseconds {
        case ..<1_000: "\(milliseconds) ms"
        case ..<120_000: short(milliseconds, 1_000) + " s"
        case ..<3_600_000: short(milliseconds, 60_000) + " min"
        default: short(milliseconds, 3_600_000) + " h"
        }
    }

    /// With one digit behind the point, unless that is 0.
    private static func short(_ number: Int, _ unit: Int) -> String {
        let tenths = number * 10 / unit
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    /// One or two digits and zeros, at least the number.
    private static func roundUp(_ number: Int) -> Int {
        var power = 1
        while power * 10 <= number { power *= 10 }
        return [1, 2, 3, 4, 5, 6, 8, 10].map { $0 * power }.first { $0 >= number } ?? number
    }

    /// With two digits behind the point at most.
    private static func text(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        return hundredths % 100 == 0 ? "\(hundredths / 100)" : "\(Double(hundredths) / 100)"
    }
}
