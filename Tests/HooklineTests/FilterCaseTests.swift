import Foundation
import Hookline
import TestKit
import Testing

/// Cases of a reference: a pattern, an event, and the verdict or `error`. They lie beside the checkout; where there are
/// none, nothing is tested.
private struct FilterCase: Sendable {
    var line: Int
    var pattern: String
    var event: String
    var expect: String

    /// The folder `shared/cases` beside this package, or beside a folder that it is in.
    static let folder: URL? = {
        var folder = packageFile("").standardizedFileURL
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let cases = folder.appending(path: "shared/cases")
            if FileManager.default.fileExists(atPath: cases.path) { return cases }
        }
        return ProcessInfo.processInfo.environment["HOOKLINE_TEST_CASES"].map { URL(filePath: $0) }
    }()

    static func read(_ name: String) throws -> [FilterCase] {
        guard let folder else { return [] }
        let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
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

@Suite(.enabled(if: FilterCase.folder != nil, "no cases beside the checkout"))
struct FilterCaseTests {
    @Test(arguments: ["patterns-aws.jsonl", "patterns-random.jsonl"])
    func `a filter decides as the reference does`(name: String) throws {
        for entry in try FilterCase.read(name) {
            var verdict = "error"
            if var routing = try? FilterRouting(filters: [entry.pattern]) {
                verdict = try routing.webhooks(of: entry.event) == [0] ? "true" : "false"
            }
            #expect(verdict == entry.expect, "\(name):\(entry.line)")
        }
    }

    @Test(arguments: ["patterns-aws.jsonl", "patterns-random.jsonl"])
    func `filters decide together as they do alone`(name: String) throws {
        let cases = try FilterCase.read(name).filter { $0.expect != "error" }
        var routing = try FilterRouting(filters: cases.map(\.pattern))
        for (index, entry) in cases.enumerated() {
            let verdict = try routing.webhooks(of: entry.event).contains(index) ? "true" : "false"
            #expect(verdict == entry.expect, "\(name):\(entry.line)")
        }
    }
}
