import Foundation
import TestKit
import Testing

@testable import Hookline

/// `RECORD=1 swift test --filter SchemaTests` writes `docs/schema` anew.
@Suite struct SchemaTests {
    @Test(arguments: SchemaCommand.Subject.allCases)
    func `the schema that is kept is the one that is printed`(subject: SchemaCommand.Subject) throws {
        let result = try runProcess(builtProduct("hookline"), ["schema", subject.rawValue])
        #expect(result.exit == .code(0))
        try ConfigCases.compare(result.outputText, with: packageFile("docs/schema/\(subject.rawValue).json").path())
        let parsed = try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any]
        #expect(parsed?["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
    }

    @Test func `without a name it is that of the configuration, and an unknown name is refused`() throws {
        let hookline = try builtProduct("hookline")
        let named = try runProcess(hookline, ["schema", "config"])
        #expect(try runProcess(hookline, ["schema"]).outputText == named.outputText)
        let unknown = try runProcess(hookline, ["schema", "sumary"])
        #expect(unknown.exit == .code(64))
        #expect(unknown.errorText.hasSuffix("there is no schema of `sumary`\n  hint: did you mean `summary`?\n"))
        #expect(try runProcess(hookline, ["schema"], output: .file("/dev/full")).exit == .code(74))
    }

    @Test(arguments: [
        ("webhooks.yaml", "docs/schema/config.json"), ("docs/examples/webhooks.yaml", "../schema/config.json"),
    ])
    func `an editor finds the schema from the first line`(file: String, schema: String) throws {
        let text = try String(contentsOf: packageFile(file), encoding: .utf8)
        #expect(text.split(separator: "\n").first == "# yaml-language-server: $schema=\(schema)")
        let folder = packageFile(file).deletingLastPathComponent()
        #expect(FileManager.default.fileExists(atPath: folder.appending(path: schema).path()))
    }

    // MARK: Quantities

    @Test(arguments: [0...0, 1...9, 7...100, 10...3_600_000, 99...1_001, 1_024...67_108_864, 1...1_000_000])
    func `a pattern of numbers takes those of its range and no other`(range: ClosedRange<Int>) throws {
        let pattern = try Regex("(?:\(NumberPattern.number(in: range)))")
        let edges = [range.lowerBound, range.upperBound, range.upperBound / 2, 9, 10, 99, 100, 101, 999, 1_000, 65_536]
        for number in edges.flatMap({ [$0 - 1, $0, $0 + 1, $0 * 10] }) where number >= 0 {
            #expect((try pattern.wholeMatch(in: "\(number)") != nil) == range.contains(number), "\(number)")
        }
    }

    @Test(arguments: [
        "0ms", "9ms", "10ms", "3600s", "3601s", "007s", "60m", "61m", "1h", "2h", "5", "5 s", "1.5s", "-1s", "s",
    ])
    func `a pattern of durations takes what the reader takes`(text: String) throws {
        let range = Duration.milliseconds(10)...(.seconds(3_600))
        let isTaken = try Regex(NumberPattern.duration(range)).wholeMatch(in: text) != nil
        #expect(isTaken == Quantity.duration(text).map { range.contains($0) } ?? false)
    }

    @Test(arguments: [
        "1024", "1023", "1KiB", "1KB", "2KB", "64MiB", "65MiB", "67108864B", "67108865B", "1mb", "0KiB", "00064KiB",
    ])
    func `a pattern of sizes takes what the reader takes`(text: String) throws {
        let range = 1 << 10...64 << 20
        let isTaken = try Regex(NumberPattern.size(range)).wholeMatch(in: text) != nil
        #expect(isTaken == Quantity.size(text).map { range.contains($0) } ?? false)
    }

    // MARK: Dead letters

    private static let letter = [
        "webhook": #""a""#, "webhook_id": #""msg_00000000000000000000000000000000""#,
        "batch": #"{"size":2,"index":1}"#, "content_type": #""application/json""#, "reason": #""timeout""#,
        "status": "null", "attempts": "4", "first_attempt": "null", "last_attempt": "null", "line": "7",
        "topic": #""t""#, "event": "{}",
    ]

    private static func isLetter(_ members: [String: String]) -> Bool {
        let line = "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
        return unsafe Array(line.utf8).withUnsafeBytes { unsafe (try? Letter($0)) != nil }
    }

    @Test func `a dead letter has the members of its schema, and needs those that are required`() throws {
        let schema = DeadLetterSchema.tree
        #expect(Set(schema["properties"]?.names ?? []) == Set(Self.letter.keys))
        #expect(Self.isLetter(Self.letter))
        for name in Self.letter.keys {
            var members = Self.letter
            members[name] = nil
            let isRequired = Self.texts(schema["required"]).contains(name)
            #expect(Self.isLetter(members) == !isRequired, "\(name)")
        }
    }

    /// Those that the end-to-end cases recorded; what differs from run to run is replaced there.
    @Test func `what runs wrote as dead letters is what the schema says`() throws {
        var lines = 0
        for text in try Self.recorded("expected.dead-letters.ndjson") {
            for line in text.split(separator: "\n") {
                let json = try JSONSerialization.jsonObject(with: Data(line.utf8))
                #expect(Self.problems(of: json, in: DeadLetterSchema.tree, isClosed: true) == [])
                lines += 1
            }
        }
        #expect(lines > 10)
    }

    // MARK: Summary

    @Test func `the summaries of all end-to-end cases have the members of the schema`() throws {
        let texts = try Self.recorded("expected.summary.json")
        #expect(texts.count > 30)
        for text in texts {
            let json = try JSONSerialization.jsonObject(with: Data(text.utf8))
            #expect(Self.problems(of: json, in: SummarySchema.tree, isClosed: false) == [])
        }
    }

    @Test func `a member too many, one too few and one in a wrong place are seen`() throws {
        let text = try #require(try Self.recorded("expected.summary.json").first)
        for (old, new) in [(#""blank""#, #""blanc""#), (#""balanced":true"#, #""balanced":true,"more":1"#)] {
            let json = try JSONSerialization.jsonObject(with: Data(text.replacing(old, with: new).utf8))
            #expect(!Self.problems(of: json, in: SummarySchema.tree, isClosed: false).isEmpty)
        }
    }

    @Test func `docs say what each member of the summary means`() throws {
        let page = try String(contentsOf: packageFile("docs/output.md"), encoding: .utf8)
        func names(_ schema: JSONValue) -> [String] {
            let own = schema["properties"]?.names ?? []
            return own + own.flatMap { name in schema["properties"]?[name].map(names) ?? [] }
                + (schema["items"].map(names) ?? [])
        }
        let all = names(SummarySchema.tree)
        #expect(all.count > 60)
        for name in all { #expect(page.contains("`\(name)`"), "\(name)") }
    }

    private static func texts(_ list: JSONValue?) -> [String] {
        guard case .list(let elements)? = list else { return [] }
        return elements.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }

    private static func recorded(_ file: String) throws -> [String] {
        let cases = packageFile("Tests/EndToEndTests/Cases")
        return try FileManager.default.contentsOfDirectory(atPath: cases.path()).sorted().compactMap { name in
            try? String(contentsOf: cases.appending(path: name).appending(path: file), encoding: .utf8)
        }
    }

    /// Members that the schema lacks or demands, as paths. Their values are checked by scripts/interop. `isClosed`: all
    /// objects that have `properties` are meant to have no others.
    private static func problems(of json: Any, in schema: JSONValue, isClosed: Bool, at path: String = "") -> [String] {
        if case .list(let choices)? = schema["anyOf"] {
            let found = choices.map { problems(of: json, in: $0, isClosed: isClosed, at: path) }
            return json is NSNull ? [] : found.filter { !$0.isEmpty }.first ?? []
        }
        if let list = json as? [Any], let items = schema["items"] {
            return list.enumerated().flatMap {
                problems(of: $0.element, in: items, isClosed: isClosed, at: "\(path)[\($0.offset)]")
            }
        }
        guard let object = json as? [String: Any], let properties = schema["properties"] else { return [] }
        var found = texts(schema["required"]).filter { object[$0] == nil }.map { "\(path).\($0) is missing" }
        for (name, value) in object {
            if let known = properties[name] {
                found += problems(of: value, in: known, isClosed: isClosed, at: "\(path).\(name)")
            } else if isClosed || schema["additionalProperties"] == false {
                found.append("\(path).\(name) is not in the schema")
            }
        }
        return found
    }
}
