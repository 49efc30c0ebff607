import Testing

@testable import Hookline

struct ProgressTests {
    private let start = ContinuousClock.now
    private let escape = "\u{1b}["

    private func reading(events: Int, _ change: (inout Progress.Reading) -> Void = { _ in }) -> Progress.Reading {
        var reading = Progress.Reading()
        reading.events = events
        change(&reading)
        return reading
    }

    private func progress() -> Progress { Progress(from: start, every: .milliseconds(100)) }

    @Test func `the events a second are those of the last three seconds`() {
        var progress = progress()
        for tenth in 1...100 {
            // 1,000 a second for five seconds, then 100 a second.
            let events = tenth <= 50 ? tenth * 100 : 5_000 + (tenth - 50) * 10
            let line = progress.line(reading(events: events), start + .milliseconds(100 * tenth))
            if tenth == 1 { #expect(line.hasPrefix("100 events read, 1,000/s; ")) }
            if tenth == 50 { #expect(line.hasPrefix("5,000 events read, 1,000/s; ")) }
            if tenth == 100 { #expect(line.hasPrefix("5,500 events read, 100/s; ")) }
        }
    }

    @Test(
        arguments: [
            (100, 1_000, "10 % of 1.0 kB, 9 s left to read"), (0, 1_000, "0 % of 1.0 kB"),
            (1_000, 1_000, "100 % of 1.0 kB, 0 s left to read"),
            (1_000, 10_000_000, "0 % of 10.0 MB, 2 h 46 min left to read"),
            (2_000, 1_000_000, "0 % of 1.0 MB, 8 min 19 s left to read"),
            (10, 1_000_000_000, "0 % of 1.0 GB, 1000 h 0 min left to read"),
            (2_000, 1_000, "100 % of 1.0 kB, 0 s left to read"),
        ])
    func `of a file it tells the share and the time that is left`(bytes: Int, all: Int, text: String) {
        var progress = progress()
        let line = progress.line(
            reading(events: 1) {
                $0.bytes = bytes
                $0.bytesInAll = all
            }, start + .seconds(1))
        #expect(line == "1 event read, 1/s, \(text); 0 delivered, 0 requests under way")
    }

    @Test func `when all is read it tells how much is to be delivered, how fast, and the time that takes`() {
        var progress = progress()
        func line(settled: Int, after seconds: Int) -> String {
            progress.line(
                reading(events: 10_000) {
                    $0.isRead = true
                    $0.unsettled = 10_000 - settled
                    $0.settled = settled
                    $0.delivered = settled
                }, start + .seconds(seconds))
        }
        #expect(line(settled: 0, after: 1).hasPrefix("10,000 events read, no more to read, 10,000 to deliver at 0/s; "))
        #expect(
            line(settled: 4_000, after: 2)
                == "10,000 events read, no more to read, 6,000 to deliver at 2,000/s, 3 s left; 4,000 delivered, "
                + "0 requests under way")
        #expect(line(settled: 10_000, after: 3).hasPrefix("10,000 events read, no more to read; "))
    }

    @Test func `when all is read and nothing is to be delivered there is neither a rate nor a time left`() {
        var progress = progress()
        let line = progress.line(
            reading(events: 1_234_567) {
                $0.bytes = 5
                $0.bytesInAll = 5
                $0.isRead = true
                $0.delivered = 1_000_000
                $0.underWay = 1
            }, start + .seconds(1))
        #expect(line == "1,234,567 events read, no more to read; 1,000,000 delivered, 1 request under way")
    }

    @Test func `what is not simply delivered is told only where there is some`() {
        var progress = progress()
        let line = progress.line(
            reading(events: 2) {
                $0.retrying = 1
                $0.deferred = 1_000
                $0.deadLettered = 1
                $0.lost = 7
            }, start + .seconds(2))
        #expect(
            line == "2 events read, 1/s; 0 delivered, 0 requests under way, 1 batch retrying, 1,000 in the spool, "
                + "1 dead letter, 7 lost")
    }

    @Test func `of webhooks in trouble the worst three are named`() {
        var progress = progress()
        let troubles: [(String, Trouble)] = [
            ("slow", .retrying(2)), ("held", .held), ("down", .leftAlone), ("gone", .switchedOff),
            ("late", .retrying(1)),
        ]
        let lines = progress.lines(
            reading(events: 0) { reading in
                reading.troubled = troubles.map {
                    Progress.Troubled(name: $0, trouble: $1, failure: "the receiver answered 503")
                }
            }, start + .seconds(1), columns: 200, hasColours: false)
        #expect(
            lines.dropFirst(2) == [
                "gone: switched off (the receiver answered 503)",
                "down: left alone, tried from time to time (the receiver answered 503)",
                "slow: 2 batches retrying (the receiver answered 503)", "and 2 webhooks more in trouble",
            ])
    }

    @Test(arguments: [1, 10, 33, 80])
    func `no line is wider than the terminal, whatever its colours`(columns: Int) {
        var progress = progress()
        let lines = progress.lines(
            reading(events: 1_000_000) {
                $0.deadLettered = 1_000
                $0.retrying = 5
                $0.troubled = [Progress.Troubled(name: "billing", trouble: .leftAlone, failure: "timed out after 15s")]
            }, start + .seconds(1), columns: columns, hasColours: true)
        #expect(lines.count == 3)
        for line in lines {
            let bare = line.replacing(/\u{1b}\[\d+m/, with: "")
            #expect(bare.count <= columns)
            let ends = line.matches(of: /\u{1b}\[0m/).count
            #expect(line.matches(of: /\u{1b}\[\d+m/).count == 2 * ends, "a colour that begins ends: \(line)")
        }
    }

    @Test func `dead letters are red, but not without colours`() {
        var progress = progress()
        let sad = reading(events: 1) { $0.deadLettered = 1 }
        let coloured = progress.lines(sad, start + .seconds(1), columns: 80, hasColours: true)
        #expect(coloured[1] == "0 delivered  0 requests under way  \(escape)31m1 dead letter\(escape)0m")
        let plain = progress.lines(sad, start + .seconds(2), columns: 80, hasColours: false)
        #expect(plain[1] == "0 delivered  0 requests under way  1 dead letter")
    }

    @Test func `what a receiver says can't move the cursor`() {
        var progress = progress()
        let lines = progress.lines(
            reading(events: 1) {
                $0.troubled = [Progress.Troubled(name: "a", trouble: .held, failure: "\(escape)2J")]
            }, start + .seconds(1), columns: 80, hasColours: false)
        #expect(lines[2] == "a: waits as Retry-After says (\\u{1b}[2J)")
    }

    @Test func `it is due an interval after it was shown`() {
        var progress = progress()
        #expect(progress.due == start + .milliseconds(100))
        _ = progress.line(reading(events: 1), start + .milliseconds(250))
        #expect(progress.due == start + .milliseconds(350))
    }

    @Test(
        arguments: [
            (0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (99_900, "99.9 kB"), (99_950, "100 kB"), (999_499, "999 kB"),
            (999_500, "1.0 MB"), (3_140_000_000, "3.1 GB"), (5_000_000_000_000_000, "5000 TB"),
        ])
    func `sizes have two digits or three`(bytes: Int, text: String) { #expect(Progress.size(bytes) == text) }

    @Test(
        arguments: [
            (0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567"), (100_000, "100,000"),
            (Int.min, "-9,223,372,036,854,775,808"),
        ])
    func `numbers have commas between groups of three`(number: Int, text: String) { #expect(grouped(number) == text) }
}
