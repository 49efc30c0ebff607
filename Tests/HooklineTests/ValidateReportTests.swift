import Foundation
import TestKit
import Testing

@testable import Hookline

/// `RECORD=1 swift test --filter ValidateReportTests` writes the expected documents anew; read them before keeping them.
@Suite struct ValidateReportTests {
    private static let folder = ConfigCases.folder

    /// What `validate` would say of configurations, named from `Data/config` on.
    private static func report(of names: [String]) -> ValidateReport {
        var report = ValidateReport()
        for name in names {
            let path = folder + "/" + name
            do {
                let (config, warnings) = try ConfigCases.reader.read(path)
                report.findings += warnings.findings
                report.checked.append(.init(path: path, counts: (config.webhooks.count, config.topics.count)))
            } catch {
                report.findings += error.findings
                report.checked.append(.init(path: path, counts: nil))
            }
        }
        for index in report.findings.indices {
            report.findings[index].file = report.findings[index].file.replacing(folder + "/", with: "")
        }
        for index in report.checked.indices {
            report.checked[index].path = report.checked[index].path.replacing(folder + "/", with: "")
        }
        return report
    }

    private static let several = report(of: [
        "broken/twelve-mistakes.yaml", "formats/warnings.yaml", "formats/none.yaml",
    ])

    /// A document for people to review: one member or element a line.
    private static func pretty(_ bytes: [UInt8]) throws -> String {
        let value = try JSONSerialization.jsonObject(with: Data(bytes))
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try JSONSerialization.data(withJSONObject: value, options: options), as: UTF8.self)
            .replacing("\"\(Version.current)\"", with: "\"VERSION\"").replacing(folder, with: "FOLDER") + "\n"
    }

    @Test func `the JSON document holds each problem with place, rule and hint, and the counts`() throws {
        try ConfigCases.compare(Self.pretty(Self.several.json), with: Self.folder + "/formats/several.json")
    }

    @Test func `the SARIF log has one run with rules and results`() throws {
        let log = Self.several.sarif(in: "/", exitCode: .noInput)
        try ConfigCases.compare(Self.pretty(log), with: Self.folder + "/formats/several.sarif")
    }

    @Test func `the commands for GitHub name file, line and column`() throws {
        let text = String(decoding: Self.several.workflowCommands(in: "/"), as: UTF8.self)
        try ConfigCases.compare(
            text.replacing(Self.folder, with: "FOLDER"), with: Self.folder + "/formats/several.github")
    }

    @Test(arguments: ConfigBrokenTests.names)
    func `no format shows a secret, and each is well-formed`(name: String) throws {
        let report = Self.report(of: ["broken/\(name).yaml"])
        let documents = [report.json, report.sarif(in: "/", exitCode: .configuration)]
        for document in documents { #expect(throws: Never.self) { try Self.pretty(document) } }
        for document in documents + [report.workflowCommands(in: "/")] {
            #expect(!String(decoding: document, as: UTF8.self).contains("SECRET"))
        }
        let commands = String(decoding: report.workflowCommands(in: "/"), as: UTF8.self)
        #expect(commands.split(separator: "\n").allSatisfy { $0.hasPrefix("::error ") || $0.hasPrefix("::warning ") })
        #expect(commands.split(separator: "\n").count == report.findings.count)
    }

    @Test(arguments: ConfigBrokenTests.names)
    func `an end of a problem lies behind its start`(name: String) {
        for finding in Self.report(of: ["broken/\(name).yaml"]).findings {
            #expect(finding.isError == finding.rule.isError)
            if let end = finding.endColumn, let column = finding.column { #expect(end > column) }
        }
    }

    @Test func `each rule has a name in kebab case and a sentence without a full stop`() {
        for rule in ConfigRule.allCases {
            #expect(rule.rawValue.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil, "\(rule.rawValue)")
            #expect(!rule.sentence.isEmpty && !rule.sentence.hasSuffix("."))
        }
        let sentences = ConfigRule.allCases.map(\.sentence)
        #expect(Set(sentences).count == sentences.count)
    }

    @Test func `a workflow command escapes what would end it, as GitHub's toolkit does`() {
        let command = WorkflowCommand(
            .warning, file: "a,b:c%\r\n.yaml", line: 3, column: 4, title: "x: y, z", message: "1 % 2\r\n::error::3,")
        let expected =
            "::warning file=a%2Cb%3Ac%25%0D%0A.yaml,line=3,col=4,title=x%3A y%2C z::1 %25 2%0D%0A::error::3,\n"
        #expect(command.text == expected)
    }

    @Test(arguments: [
        ("webhooks.yaml", "webhooks.yaml"), ("./a/b.yaml", "a/b.yaml"), ("/w/x/a.yaml", "a.yaml"),
        ("/w/xy/a.yaml", "/w/xy/a.yaml"), ("../a.yaml", "../a.yaml"), (".//a.yaml", "a.yaml"), ("./", "./"),
        ("x//a.yaml", "x/a.yaml"), ("x/./y/../a.yaml", "x/a.yaml"), ("../../a.yaml", "../../a.yaml"),
        ("/w/x//a.yaml", "a.yaml"), ("/w/y/../x/a.yaml", "a.yaml"), ("/../a.yaml", "/../a.yaml"),
    ])
    func `a path below the working directory is relative`(path: String, expected: String) {
        #expect(RelativePath.of(path, in: "/w/x") == expected)
    }

    @Test func `in SARIF braces of a message are doubled, so that they are no placeholders`() throws {
        var report = ValidateReport()
        report.findings = [
            ConfigFinding(
                rule: .plainSecret, isError: true, file: "x//a.yaml", line: 1, column: 2, message: "a {b}",
                hint: "write {env: NAME}")
        ]
        let log = String(decoding: report.sarif(in: "/", exitCode: .configuration), as: UTF8.self)
        #expect(log.contains(#""text":"a {{b}}\nhint: write {{env: NAME}}""#))
        #expect(log.contains(#""uri":"x/a.yaml""#))
        #expect(log.contains("\"newlineSequences\":[\"\\r\\n\",\"\\n\",\"\\r\",\"\u{85}\",\"\u{2028}\",\"\u{2029}\"]"))
    }

    @Test(arguments: [
        ("a/b c.yaml", "a/b%20c.yaml"), ("a:b#?%.yaml", "a%3Ab%23%3F%25.yaml"), ("ü.yaml", "%C3%BC.yaml"),
        ("/etc/hooks.yaml", "file:///etc/hooks.yaml"), ("a\u{1}", "a%01"),
    ])
    func `a path becomes a URI reference`(path: String, expected: String) {
        #expect(RelativePath.uri(path) == expected)
    }

    @Test(
        arguments: ValidateOptions.Format.allCases, [["sound"], ["wrong"], ["missing"], ["wrong", "missing", "sound"]])
    func `each format has the exit codes of text, and all but text keep to standard output`(
        format: ValidateOptions.Format, names: [String]
    ) throws {
        let places = [
            "sound": "formats/warnings.yaml", "wrong": "broken/name-empty.yaml", "missing": "formats/none.yaml",
        ]
        let paths = names.map { Self.folder + "/" + (places[$0] ?? "") }
        let text = try runProcess(builtProduct("hookline"), ["validate"] + paths)
        let result = try runProcess(builtProduct("hookline"), ["validate", "--format", format.rawValue] + paths)
        #expect(result.exit == text.exit)
        #expect(result.errorText.isEmpty == (format != .text))
        switch format {
        case .text: #expect(result.outputText == text.outputText)
        case .json, .sarif: #expect(throws: Never.self) { try Self.pretty(Array(result.output)) }
        case .github: #expect(result.outputText.contains("::") && result.outputText.hasSuffix("\n"))
        }
    }

    @Test(arguments: ValidateOptions.Format.allCases.filter { $0 != .text })
    func `a document that can't be written ends with 74, unless the configuration is wrong`(
        format: ValidateOptions.Format
    ) throws {
        for (name, code) in [("formats/warnings.yaml", 74), ("broken/name-empty.yaml", 78)] {
            let arguments = ["validate", "--format", format.rawValue, Self.folder + "/" + name]
            let result = try runProcess(builtProduct("hookline"), arguments, output: .file("/dev/full"))
            #expect(result.exit == .code(Int32(code)))
        }
    }
}
