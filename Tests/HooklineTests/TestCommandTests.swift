import Foundation
import Hookline
import TestKit
import Testing

/// `RECORD=1 swift test --filter TestCommandTests` writes the expected outputs anew; read them before keeping them.
@Suite struct TestCommandTests {
    private static let folder = packageFile("Tests/HooklineTests/Data/tests").path()

    private static func test(_ arguments: String..., environment: [String: String] = [:]) throws -> ProcessResult {
        try runProcess(builtProduct("hookline"), ["test"] + arguments, environment: environment)
    }

    /// A configuration whose `tests` are these, in a folder of its own.
    private static func configuration(_ tests: String) throws -> (TemporaryDirectory, path: String) {
        let directory = try TemporaryDirectory()
        let text = """
            version: 1
            topics: {object.created: Fires when a new object is created}
            webhooks:
              - {name: all, url: "https://a.example.com/", topics: ["*"]}
              - {name: orders, url: "https://b.example.com/", topics: [object.created], filter: {type: [Order, 3e2, null]}}
            tests:
            \(tests)
            """
        try directory.write(text, to: "webhooks.yaml")
        return (directory, directory.file("webhooks.yaml"))
    }

    @Test(arguments: TestOptions.Format.allCases)
    func `tests that differ are told with place, expected and got`(format: TestOptions.Format) throws {
        let path = Self.folder + "/webhooks.yaml"
        let result = try Self.test("--format", format.rawValue, "-v", path)
        #expect(result.exit == .code(1))
        #expect(result.errorText.isEmpty)
        #expect(!result.outputText.contains("SECRET"))
        let shown = result.outputText.replacing(Self.folder, with: "FOLDER")
            .replacing("Tests/HooklineTests/Data/tests", with: "FOLDER")
        try ConfigCases.compare(shown, with: Self.folder + "/expected.\(format.rawValue)")
    }

    @Test func `what passed is named with -v alone`() throws {
        let path = Self.folder + "/webhooks.yaml"
        #expect(try !Self.test(path).outputText.contains("passed:"))
        #expect(try Self.test("-v", path).outputText.contains("passed: `an order goes to invoicing`"))
    }

    @Test(arguments: [
        ("{topic: object.created, type: Order}", "[all, orders]"), ("{topic: object.created, type: \"3e2\"}", "[all]"),
        ("{topic: object.created, type: 300}", "[orders, all]"),
        ("{topic: object.created, type: null}", "[all, orders]"),
        ("{topic: object.created, type: \"null\"}", "[all]"), ("{topic: object.created, type: ~}", "[all]"),
        ("{topic: object.created, type: [Task, Order]}", "[all, orders]"), ("{topic: object.created}", "[all]"),
        ("'{\"type\":\"Order\",\"topic\":\"object\\u002ecreated\"}'", "[all, orders]"),
        ("|-\n      {\n        \"topic\": \"object.created\"\n      }", "[all]"), ("{topic: object.gone}", "[]"),
    ])
    func `an event goes where a run would send it`(event: String, takers: String) throws {
        let (_directory, path) = try Self.configuration("  - name: one\n    event: \(event)\n    deliver_to: \(takers)")
        let result = try withExtendedLifetime(_directory) { try Self.test(path) }
        #expect(result.outputText == "1 test: 1 passed, 0 failed\n", "\(result.errorText)")
        #expect(result.exit == .code(0))
    }

    @Test(arguments: [TestOptions.Format.text, .github])
    func `without tests the code is 0 and a note says so`(format: TestOptions.Format) throws {
        let (_directory, path) = try Self.configuration("  []")
        let result = try withExtendedLifetime(_directory) { try Self.test("--format", format.rawValue, path) }
        #expect(result.exit == .code(0))
        #expect(result.outputText.isEmpty)
        #expect(result.errorText == "hookline: \(path): there are no tests\n")
    }

    @Test(arguments: TestOptions.Format.allCases)
    func `a wrong configuration is 78, a missing one 66, also beside tests that differ`(format: TestOptions.Format)
        throws
    {
        let failing = Self.folder + "/webhooks.yaml"
        let wrong = ConfigCases.folder + "/broken/tests-no-list.yaml"
        let missing = Self.folder + "/none.yaml"
        #expect(try Self.test("--format", format.rawValue, failing, wrong).exit == .code(78))
        #expect(try Self.test("--format", format.rawValue, missing, wrong).exit == .code(66))
        let result = try Self.test("--format", format.rawValue, wrong, missing, failing)
        #expect(result.exit == .code(66))
        #expect(result.errorText.contains("`tests` must be a list") && result.errorText.contains("none.yaml"))
        switch format {
        case .text: #expect(result.outputText.contains("5 tests: 2 passed, 3 failed"))
        case .junit: #expect(result.outputText.contains("tests=\"7\" failures=\"3\" errors=\"2\""))
        case .github: #expect(result.outputText.contains("title=hookline%3A wrong-type::"))
        }
    }

    @Test func `results that can't be written end with 74, unless the configuration is wrong`() throws {
        for (path, code) in [
            (Self.folder + "/webhooks.yaml", 74), (ConfigCases.folder + "/broken/tests-no-list.yaml", 78),
        ] {
            let arguments = ["test", "--format", "junit", path]
            let result = try runProcess(builtProduct("hookline"), arguments, output: .file("/dev/full"))
            #expect(result.exit == .code(Int32(code)))
        }
    }

    @Test func `the tests of all files of a directory are run`() throws {
        let directory = try TemporaryDirectory()
        let first = """
            version: 1
            topics: {object.created: Fires when a new object is created}
            webhooks: [{name: all, url: "https://a.example.com/", topics: ["*"]}]
            tests: [{name: one, event: {topic: object.created}, deliver_to: [all, late]}]
            """
        let second = """
            version: 1
            webhooks: [{name: late, url: "https://b.example.com/", topics: [object.created]}]
            tests: [{name: two, event: {topic: object.created}, deliver_to: [late]}]
            """
        try directory.write(first, to: "a.yaml")
        try directory.write(second, to: "b.yaml")
        let folder = directory.file("a.yaml").dropLast("a.yaml".count)
        let result = try Self.test(String(folder))
        #expect(result.exit == .code(1))
        let expected = "\(folder)b.yaml:3:9: failed: `two`\n  expected: late\n  got: all, late\n  extra: all\n"
        #expect(result.outputText == expected + "2 tests: 1 passed, 1 failed\n")
    }

    @Test(arguments: [
        ("a<b>&\"'", "a&lt;b&gt;&amp;&quot;'"), ("\u{1b}[0m\u{0}", "\\u{1b}[0m\\u{0}"),
        ("a\n\tb\r", "a&#10;&#9;b&#13;"), ("\u{ffff}\u{85}ü😀", "\\u{ffff}\\u{85}ü😀"),
    ])
    func `XML holds no character that it can't hold`(text: String, expected: String) {
        var xml = XMLText()
        xml.leaf("a", [("b", text)], "")
        #expect(xml.text == "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b=\"\(expected)\"/>\n")
    }
}
