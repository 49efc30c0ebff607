/// What the tests of configurations came to.
package struct TestReport: Sendable {
    /// A webhook that was to get an event and does not.
    package struct Missing: Equatable, Sendable {
        package var name: String
        /// Why, in some words without a full stop.
        package var reason: String

        package init(name: String, reason: String) { (self.name, self.reason) = (name, reason) }
    }

    package struct Result: Equatable, Sendable {
        package var name: String
        package var file: String
        /// From 1.
        package var line: Int
        package var column: Int
        /// Names of webhooks, in the order of the configuration.
        package var expected: [String]
        package var got: [String]
        package var missing: [Missing] = []
        package var extra: [String] = []

        package init(name: String, file: String, line: Int, column: Int, expected: [String], got: [String]) {
            (self.name, self.file, self.line, self.column) = (name, file, line, column)
            (self.expected, self.got) = (expected, got)
        }

        /// `file:line:column`.
        fileprivate var place: String { "\(printable(path: file)):\(line):\(column)" }

        package var isPassed: Bool { missing.isEmpty && extra.isEmpty }

        /// How it differs: each as `missing: …` or `extra: …`.
        fileprivate var differences: [String] {
            let reasons = missing.map { "\($0.name) (\($0.reason))" }.joined(separator: ", ")
            return (missing.isEmpty ? [] : ["missing: \(reasons)"]) + (extra.isEmpty ? [] : ["extra: \(list(extra))"])
        }

        /// The same in lines, after what was expected and what came.
        fileprivate var lines: [String] { ["expected: \(list(expected))", "got: \(list(got))"] + differences }

        private func list(_ names: [String]) -> String { names.isEmpty ? "nobody" : names.joined(separator: ", ") }
    }

    /// One path: its tests, or why there is no configuration.
    package struct Suite: Sendable {
        package enum Outcome: Sendable {
            case ran([Result])
            case unreadable([ConfigFinding])
        }

        package var path: String
        package var outcome: Outcome

        package init(path: String, outcome: Outcome) { (self.path, self.outcome) = (path, outcome) }

        package var results: [Result] { if case .ran(let results) = outcome { results } else { [] } }
        package var findings: [ConfigFinding] {
            if case .unreadable(let findings) = outcome { findings.filter(\.isError) } else { [] }
        }
    }

    package var suites: [Suite] = []

    package init() {}

    package var failureCount: Int { suites.reduce(0) { $0 + $1.results.count { !$0.isPassed } } }

    /// For people: what differs, and a line that counts.
    package func text(namesPassed: Bool) -> String {
        var text = ""
        for result in suites.flatMap(\.results) where namesPassed || !result.isPassed {
            text += "\(result.place): "
            text += "\(result.isPassed ? "passed" : "failed"): \(quoted(result.name))\n"
            if !result.isPassed { text += result.lines.map { "  \($0)\n" }.joined() }
        }
        return text + summary
    }

    private var summary: String {
        let count = suites.reduce(0) { $0 + $1.results.count }
        if count == 0 { return "" }
        return "\(counted(count, "test")): \(count - failureCount) passed, \(failureCount) failed\n"
    }

    /// A workflow command of GitHub Actions for each test that differs and each problem, and the line that counts.
    /// `folder` is where paths are seen from.
    package func workflowCommands(in folder: String) -> String {
        var text = ""
        for suite in suites {
            text += suite.findings.map { $0.workflowCommand(in: folder).text }.joined()
            for result in suite.results where !result.isPassed {
                text +=
                    WorkflowCommand(
                        .error, file: RelativePath.of(result.file, in: folder), line: result.line,
                        column: result.column, title: "hookline test: \(printable(result.name))",
                        message: result.lines.joined(separator: "\n")
                    ).text
            }
        }
        return text + summary
    }

    /// XML as JUnit's Ant task writes it: a `testsuite` for each path, and in it a `testcase` for each test. A
    /// configuration that is wrong is one `testcase` with an `error`.
    package func junit(in folder: String) -> String {
        let errors = suites.count { !$0.findings.isEmpty }
        let count = suites.reduce(0) { $0 + $1.results.count } + errors
        var xml = XMLText()
        xml.open(
            "testsuites", [("name", "hookline"), ("tests", count), ("failures", failureCount), ("errors", errors)])
        for suite in suites {
            let file = RelativePath.of(withoutSecrets(suite.path), in: folder)
            let failures = suite.results.count { !$0.isPassed }
            let isWrong = !suite.findings.isEmpty
            xml.open(
                "testsuite",
                [
                    ("name", file), ("tests", suite.results.count + (isWrong ? 1 : 0)), ("failures", failures),
                    ("errors", isWrong ? 1 : 0),
                ])
            if isWrong {
                xml.open("testcase", [("classname", file), ("name", "the configuration is sound")])
                let text = suite.findings.map { "\($0.place): \($0.message)" }.joined(separator: "\n")
                xml.leaf("error", [("type", "configuration"), ("message", suite.findings[0].message)], text)
                xml.close("testcase")
            }
            for result in suite.results {
                let place: [(String, any CustomStringConvertible)] = [
                    ("classname", file), ("name", withoutSecrets(result.name)),
                    ("file", RelativePath.of(result.file, in: folder)), ("line", result.line),
                ]
                if result.isPassed {
                    xml.leaf("testcase", place, "")
                    continue
                }
                xml.open("testcase", place)
                xml.leaf(
                    "failure", [("type", "deliver_to"), ("message", result.differences.joined(separator: "; "))],
                    "\(result.place)\n" + result.lines.joined(separator: "\n"))
                xml.close("testcase")
            }
            xml.close("testsuite")
        }
        xml.close("testsuites")
        return xml.text
    }
}
