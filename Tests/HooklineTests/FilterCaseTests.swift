import Foundation
import Hookline
import TestKit
import Testing

/// Cases of a reference: a pattern, an event, and the verdict or `error`. Those of `Data/filters` are always tried; others
/// may lie beside the checkout, or where `HOOKLINE_TEST_CASES` says.
private struct FilterCase: Sendable {
    var line: Int
    var pattern: String
    var event: String
    var expect: String

    /// The files that are there.
    static let files: [URL] =
        [packageFile("Tests/HooklineTests/Data/filters/random.jsonl")] + (beside.map { [$0] } ?? [])

    /// In the folder `shared/cases` beside this package, or beside a folder that it is in.
    private static let beside: URL? = {
        var folders = ProcessInfo.processInfo.environment["HOOKLINE_TEST_CASES"].map { [URL(filePath: $0)] } ?? []
        var folder = packageFile("").standardizedFileURL
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            folders.append(folder.appending(path: "shared/cases"))
        }
        let files = folders.map { $0.appending(path: "patterns-aws.jsonl") }
        return files.first { FileManager.default.fileExists(atPath: $0.path) }
    }()

    static func read(_ file: URL) throws -> [FilterCase] {
        let text = try String(contentsOf: file, encoding: .utf8)
        return try text.split(separator: "\n").enumerated().map { index, line in
            func part(_ from: String, _ to: String?) throws -> String {
                let start = try #require(line.range(of: from)).upperBound
                let end = try to.map { try #require(line.range(of: $0, options: .backwards)).lowerBound }
                return String(line[start..<(end ?? line.index(before: line.endIndex))])
            }
            return FilterCase(
                line: index + 1, pattern: try part(",\"pattern\":", ",\"event\":"),
                event: try #require(line.range(of: ",\"event\":", options: .backwards)).upperBound.text(of: line),
                expect: try part("\"expect\":", ",\"pattern\":").trimmingCharacters(in: ["\""]))
        }
    }
}

extension String.Index {
    fileprivate func text(of line: Substring) -> String { String(line[self...].dropLast()) }
}

@Suite struct FilterCaseTests {
    @Test(arguments: FilterCase.files)
    func `a filter decides as the reference does`(file: URL) throws {
        let cases = try FilterCase.read(file)
        #expect(cases.count > 100)
        for entry in cases {
            var verdict = "error"
            if var routing = try? FilterRouting(filters: [entry.pattern]) {
                verdict = try routing.webhooks(of: entry.event) == [0] ? "true" : "false"
            }
            #expect(verdict == entry.expect, "\(file.lastPathComponent):\(entry.line)")
        }
    }

    @Test(arguments: FilterCase.files)
    func `filters decide together as they do alone`(file: URL) throws {
        let cases = try FilterCase.read(file).filter { $0.expect != "error" }
        var routing = try FilterRouting(filters: cases.map(\.pattern))
        for (index, entry) in cases.enumerated() {
            let verdict = try routing.webhooks(of: entry.event).contains(index) ? "true" : "false"
            #expect(verdict == entry.expect, "\(file.lastPathComponent):\(entry.line)")
        }
    }
}
