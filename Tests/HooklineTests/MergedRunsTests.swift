import Foundation
import FoundationXML
import TestKit
import Testing

@testable import Hookline

/// `RECORD=1 swift test --filter MergedRunsTests` writes the expected outputs anew; read them before keeping them.
@Suite struct MergedRunsTests {
    private static let folder = packageFile("Tests/HooklineTests/Data/report").path()

    private static func report(_ arguments: String..., input: ChildProcess.Input = .empty) throws -> ProcessResult {
        try runProcess(builtProduct("hookline"), ["report"] + arguments, input: input)
    }

    private static var files: [String] { ["monday.json", "tuesday.json", "later.ndjson"].map { folder + "/" + $0 } }

    private static func merged() throws -> MergedRuns {
        MergedRuns(try files.flatMap { try RunRecord.read(Array(Data(contentsOf: URL(filePath: $0))), of: $0) })
    }

    @Test(arguments: ReportOptions.Format.allCases)
    func `many summaries are told as one`(format: ReportOptions.Format) throws {
        let result = try runProcess(builtProduct("hookline"), ["report"] + Self.files + ["--format", format.rawValue])
        #expect(result.exit == .code(0))
        #expect(result.errorText.isEmpty)
        #expect(!result.outputText.contains("\u{1b}"))
        try ConfigCases.compare(result.outputText, with: Self.folder + "/expected.\(format.rawValue)")
    }

    @Test func `the order of the files and their number do not matter`() throws {
        let text = try Self.report(Self.files[0], Self.files[1], Self.files[2]).outputText
        let all = try Self.files.reversed().reduce(into: "") { text, file in
            // Laid out for people, a summary takes many lines, so it is made one line again.
            let json = try String(contentsOfFile: file, encoding: .utf8)
            text += file.hasSuffix(".json") ? json.replacing(/\n */, with: "") + "\n" : json
        }
        #expect(try Self.report("-", input: .text(all)).outputText == text)
    }

    @Test func `the merged books balance, and are the sums of all`() throws {
        let merged = try Self.merged()
        let books = merged.books
        let sum = books.delivered + books.skipped + books.deadLettered + books.deferred + books.lost
        #expect(books.matched + books.resumed == sum)
        #expect(merged.runs.reduce(0) { $0 + $1.record.books.tally.delivered.value } == books.delivered)
        #expect(merged.webhooks.reduce(0) { $0 + $1.tally.delivered } == books.delivered)
        #expect(merged.input.lines == merged.input.blank + merged.input.events + merged.input.refusedTotal)
    }

    @Test func `percentiles of many runs are those of all their attempts together`() throws {
        var all = Latency()
        var parts = [Latency(), Latency(), Latency()]
        for index in 1...3_000 {
            let duration = Duration.microseconds(index * index % 900_001)
            all.record(duration)
            parts[index % 3].record(duration)
        }
        var merged = Latency()
        for part in parts { merged.add(Latency(buckets: part.buckets, maximumMilliseconds: part.maximum)) }
        for share in [0.01, 0.5, 0.9, 0.99, 1] {
            #expect(merged.milliseconds(share: share) == all.milliseconds(share: share))
        }
        #expect(merged.maximum == all.maximum)
        #expect(merged.count == 3_000)
    }

    @Test func `a summary that comes twice counts once`() throws {
        let once = try Self.report(Self.files[0])
        let twice = try Self.report(Self.files[0], Self.files[0])
        #expect(twice.outputText == once.outputText)
        #expect(twice.errorText == "hookline: warning: 1 summary came twice and counted once: `monday`\n")
        #expect(twice.exit == .code(0))
    }

    @Test(arguments: [true, false])
    func `a symbolic link to the page stays one, also where there is no page yet`(isThere: Bool) throws {
        let directory = try TemporaryDirectory()
        if isThere { try directory.write("old", to: "page.html") }
        try FileManager.default.createSymbolicLink(
            atPath: directory.file("link.html"), withDestinationPath: "page.html")
        #expect(try Self.report(Self.files[0], "--html", directory.file("link.html")).exit == .code(0))
        #expect(try directory.text(of: "page.html").hasPrefix("<!DOCTYPE html>"))
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: directory.file("link.html"))
        #expect(target == "page.html")
    }

    // One of them was called a summary that came twice.
    @Test func `two runs of one input that began at the same instant both count`() throws {
        let one = try String(contentsOfFile: Self.files[0], encoding: .utf8).replacing(/\n */, with: "") + "\n"
        let both = try Self.report("-", input: .text(one + one.replacing("invoicing", with: "search")))
        #expect(both.errorText.isEmpty)
        #expect(both.outputText.contains("2 runs") && both.outputText.contains("search"))
    }

    @Test func `what waited is told of the run that ended last, not of the one that began last`() throws {
        let run = try RunRecord.read(Array(Data(contentsOf: URL(filePath: Self.files[0]))), of: "monday")[0]
        var (long, short) = (run, run)
        long.books.waiting.value = 7
        short.run.startedAt.wall.milliseconds += 1_000
        short.run.finishedAt.wall.milliseconds -= 1
        short.books.waiting.value = 0
        #expect(MergedRuns([long, short]).waiting == 7 + run.books.tally.deferred.value)
    }

    @Test(arguments: [
        (#"("refused": *\{\s*"total": *)[0-9]+"#, "4", "input.refused"),
        (#"("name": *")audit""#, "invoicing\"", "webhooks["),
    ])
    func `a summary that contradicts itself is refused`(pattern: String, value: String, key: String) throws {
        let text = try String(contentsOfFile: Self.files[0], encoding: .utf8)
        let changed = text.replacing(try Regex(pattern, as: (Substring, Substring).self)) { $0.output.1 + value }
        #expect(changed != text)
        let result = try Self.report("-", input: .text(changed))
        #expect(result.exit == .code(66))
        #expect(result.errorText.contains(key), "\(result.errorText)")
    }

    @Test func `a webhook whose url changed has that of the last run`() throws {
        let webhook = try #require(try Self.merged().webhooks.first { $0.name == "invoicing" })
        #expect(webhook.url == "https://billing.example.com/…")
        #expect(webhook.earlierURLs == ["https://old.example.com/…"])
    }

    // MARK: What is no summary

    @Test(arguments: [
        ("", "is empty"), ("no", "is no summary: it is no JSON object"), ("[]", "is no summary"),
        ("{}", "is no summary: `schema` is missing"),
        (#"{"schema":"hookline.report/1"}"#, "its `schema` is `hookline.report/1`, not `hookline.summary/1`"),
        (#"{"schema":"hookline.summary/1"}"#, "is no summary: `run` is missing"),
    ])
    func `what is no summary is named`(text: String, message: String) throws {
        let directory = try TemporaryDirectory()
        try directory.write(text, to: "x.json")
        let result = try Self.report(directory.file("x.json"))
        #expect(result.exit == .code(66))
        #expect(result.errorText.contains(message), "\(result.errorText)")
        #expect(result.errorText.contains("x.json"))
        #expect(result.outputText.isEmpty)
    }

    @Test(arguments: [
        (#""delivered": 7"#, #""delivered": 8"#, "don't balance: see `webhooks[0]`"),
        (#""matched": 19"#, #""matched": 190"#, "don't balance: see `books`"),
        (#""blank": 1"#, #""blank": 2"#, "don't balance: see `input.lines`"),
        (#""balanced": true"#, #""balanced": false"#, "don't balance: see `books`"),
        (#""requests": 4"#, #""requests": "4""#, "`webhooks[0].requests` has a wrong value"),
        (#""requests": 4"#, #""requests": -4"#, "`webhooks[0].requests` has a wrong value"),
        (#""requests": 4"#, #""requests": 9223372036854775807"#, "`webhooks[0].requests` has a wrong value"),
        (#""buckets_us""#, #""buckets""#, "`webhooks[0].latency_ms.buckets_us` is missing"),
        (#"[3327, 3]"#, #"[3327]"#, "`webhooks[0].latency_ms.buckets_us` has a wrong value"),
        (#""started_at": "2026"#, #""started_at": "soon"#, "`run.started_at` has a wrong value"),
        (#""ended": "end_of_input""#, #""ended": "end_of_input", "dry_run": true"#, "is a plan"),
    ])
    func `a wrong summary is refused by file and key`(old: String, new: String, message: String) throws {
        let text = try String(contentsOfFile: Self.files[0], encoding: .utf8)
        let range = try #require(text.firstRange(of: old))
        let directory = try TemporaryDirectory()
        try directory.write(text.replacingCharacters(in: range, with: new), to: "x.json")
        let result = try Self.report(directory.file("x.json"))
        #expect(result.exit == .code(66))
        #expect(result.errorText.contains(message), "\(result.errorText)")
    }

    @Test func `of a file with many summaries the line is named`() throws {
        let directory = try TemporaryDirectory()
        let good = try String(contentsOfFile: Self.files[2], encoding: .utf8)
        try directory.write(good + "{\"schema\":1}\n", to: "x.ndjson")
        let result = try Self.report(directory.file("x.ndjson"))
        let lines = good.split(separator: "\n").count
        #expect(result.errorText.contains("x.ndjson:\(lines + 1)"), "\(result.errorText)")
    }

    @Test func `without a file, with one that is not there, and where nothing can be written, the exit code says so`()
        throws
    {
        #expect(try Self.report().exit == .code(64))
        let none = try Self.report(Self.folder + "/none.json")
        #expect(none.exit == .code(66))
        #expect(none.errorText.contains("no such file or directory"))
        let full = try runProcess(builtProduct("hookline"), ["report", Self.files[0]], output: .file("/dev/full"))
        #expect(full.exit == .code(74))
        #expect(try Self.report(Self.files[0], "--html", Self.folder + "/none/page.html").exit == .code(74))
        #expect(try Self.report(Self.files[0], "--html", Self.files[0]).exit == .code(64))
    }

    // MARK: The page

    @Test func `the page loads nothing and runs nothing, and is sound XML but for its start`() throws {
        let html = MergedPage(try Self.merged()).html
        for word in ["<script", "http://", "src=", "@import", "url(", "href="] {
            #expect(!html.contains(word), "\(word)")
        }
        // Elements without an end tag are the only ones that XML would not take.
        let xml = html.replacing("<!DOCTYPE html>", with: "").replacing(/<meta [^>]*>/, with: "")
        #expect(XMLParser(data: Data(xml.utf8)).parse())
    }

    @Test func `what others wrote is text on the page`() throws {
        let evil = #"<img src=x onerror=\"a\">&'"#
        let text = try String(contentsOfFile: Self.files[0], encoding: .utf8)
            .replacing("\"invoicing\"", with: "\"\(evil)\"").replacing("\"monday\"", with: "\"\(evil)\"")
            .replacing("\"timeout\":", with: "\"\(evil)\":").replacing("\"503\":", with: "\"\(evil)\":")
            .replacing("connection timed out", with: evil)
        #expect(text.components(separatedBy: evil).count > 4)
        let html = MergedPage(MergedRuns(try RunRecord.read(Array(text.utf8), of: "x"))).html
        #expect(!html.contains("<img"))
        #expect(html.contains("&lt;img src=x onerror=&quot;a&quot;&gt;&amp;&#39;"))
        let xml = html.replacing("<!DOCTYPE html>", with: "").replacing(/<meta [^>]*>/, with: "")
        #expect(XMLParser(data: Data(xml.utf8)).parse())
    }

    @Test func `many runs share bars, and each of them is in one`() throws {
        let one = try #require(try Self.merged().runs.first).record
        var merged = MergedRuns([one])
        merged.runs = (0..<1_000).map { _ in MergedRuns.Run(record: one, failedAttempts: 1) }
        let chart = MergedChart(merged).timeline
        #expect(chart.components(separatedBy: "<title>").count - 1 <= 2 * 96)
        #expect(chart.contains("A bar stands for up to 11 runs."))
    }
}
