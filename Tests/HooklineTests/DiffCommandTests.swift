import Foundation
import Hookline
import TestKit
import Testing

/// `RECORD=1 swift test --filter DiffCommandTests` writes the expected outputs anew; read them before keeping them.
@Suite struct DiffCommandTests {
    private static let folder = packageFile("Tests/HooklineTests/Data/diff").path()

    private static func diff(_ arguments: String..., input: ChildProcess.Input = .empty) throws -> ProcessResult {
        try runProcess(builtProduct("hookline"), ["diff"] + arguments, input: input)
    }

    @Test(arguments: DiffOptions.Format.allCases, [false, true])
    func `what differs is told, with a sample where events go`(format: DiffOptions.Format, hasSample: Bool) throws {
        let sample = hasSample ? ["--sample", Self.folder + "/events.ndjson"] : []
        let arguments = ["diff", Self.folder + "/old/webhooks.yaml", Self.folder + "/new"] + sample
        let result = try runProcess(builtProduct("hookline"), arguments + ["--format", format.rawValue])
        #expect(result.exit == .code(1))
        #expect(result.errorText.isEmpty)
        #expect(!result.outputText.contains("SECRET"))
        if format == .json { _ = try JSONSerialization.jsonObject(with: Data(result.output)) }
        let name = "expected.\(hasSample ? "sample." : "")\(format.rawValue)"
        try ConfigCases.compare(result.outputText, with: Self.folder + "/" + name)
    }

    @Test func `a sample on standard input counts as one in a file, and -v shows its events`() throws {
        let (old, new, events) = (Self.folder + "/old", Self.folder + "/new", Self.folder + "/events.ndjson")
        let named = try Self.diff(old, new, "--sample", events)
        #expect(named.outputText.contains("sample: 5 events, 4 change destination; 1 line refused\n"))
        let bytes = Array(try Data(contentsOf: URL(filePath: events)))
        #expect(try Self.diff(old, new, input: .bytes(bytes)).outputText == named.outputText)
        #expect(try Self.diff(old, new, "-v", "--sample", events).outputText.contains("\"secret\":\"SECRET\""))
    }

    @Test func `configurations that say the same in other ways do not differ`() throws {
        let directory = try TemporaryDirectory()
        let old = """
            version: 1
            topics: {a: first, b: second}
            defaults: {timeout: 20s, headers: {X-A: a}}
            spool: {directory: kept}
            webhooks:
              - {name: one, url: "https://a.example/", topics: [a, b], filter: {x: [1, 2], y: [z]}, tls: {ca_file: ca.pem}}
              - {name: two, url: {file: url}, topics: [a], signing: {secrets: [{file: key}]}}
            """
        let new = """
            version: 1
            webhooks:
              - {name: two, signing: {scheme: standard, secrets: [{file: key}]}, url: {file: url}, topics: [a], timeout: 20000ms, headers: {x-a: a}}
              - name: one
                url: "https://A.example:443/"
                topics: [b, a]
                filter: {y: [z], x: [2, 1]}
                tls: {ca_file: ca.pem}
                timeout: 20s
                headers: {X-A: a}
                concurrency: 4
            topics: {b: second, a: first}
            spool: {directory: kept, max_age: 80h}
            """
        try FileManager.default.createDirectory(
            atPath: directory.file("other"), withIntermediateDirectories: false)
        try directory.write(old, to: "old.yaml")
        try directory.write(new, to: "other/new.yaml")
        for path in ["other/new.yaml", "other"] {
            let result = try Self.diff(directory.file("old.yaml"), directory.file(path))
            #expect(result.outputText == "no differences\n")
            #expect(result.exit == .code(0))
        }
    }

    @Test(arguments: [
        (["old", "none"], 66), (["none", "new"], 66), (["old", "new", "--sample", "none"], 66),
        (["old", "../config/broken/name-empty.yaml"], 78), (["../config/broken/name-empty.yaml", "none"], 66),
        (["old"], 64), (["old", "new", "old"], 64), (["old", "new", "--sample", "old"], 66), (["old", "old"], 0),
    ])
    func `what can't be compared has the exit code of its cause`(arguments: [String], code: Int) throws {
        let words = arguments.map { $0.hasPrefix("-") ? $0 : Self.folder + "/" + $0 }
        let result = try runProcess(builtProduct("hookline"), ["diff"] + words)
        #expect(result.exit == .code(Int32(code)), "\(result.errorText)")
        #expect(result.errorText.isEmpty == (code == 0))
    }

    @Test func `a sample that can't be read is named`() throws {
        let result = try Self.diff(Self.folder + "/old", Self.folder + "/new", "--sample", Self.folder)
        #expect(result.errorText.hasPrefix("hookline: error: can't read sample `\(Self.folder)`: is a directory\n"))
        #expect(result.outputText.isEmpty)
    }

    @Test func `the problems of both configurations are told`() throws {
        let broken = ConfigCases.folder + "/broken/"
        let result = try Self.diff(broken + "name-empty.yaml", broken + "twelve-mistakes.yaml")
        #expect(result.errorText.contains("name-empty.yaml:") && result.errorText.contains("twelve-mistakes.yaml:"))
        #expect(result.exit == .code(78))
    }

    @Test func `differences that can't be written end with 74`() throws {
        let arguments = ["diff", Self.folder + "/old", Self.folder + "/new"]
        #expect(try runProcess(builtProduct("hookline"), arguments, output: .file("/dev/full")).exit == .code(74))
    }
}
