import Foundation
import TestKit
import Testing

@testable import Hookline

/// docs/troubleshooting.md has an entry for each message and each name of a problem.
@Suite struct TroubleshootingTests {
    @Test func `each message of the sources has an entry`() throws {
        let entries = try Self.entries()
        let messages = try MessagesInSources.all()
        #expect(messages.count > 100)
        let missing = messages.filter { !entries.contains($0.key) }
        #expect(missing.isEmpty, "\(missing.map { "\($0.value): \($0.key)" }.sorted().joined(separator: "\n"))")
    }

    @Test(arguments: [
        ("rules of validate", ConfigRule.allCases.map(\.rawValue)),
        ("kinds of failures", DeliveryFailure.Kind.allCases.map(\.rawValue)),
        ("reasons of dead letters", DeadLetterReason.names), ("reasons of refused lines", EventError.reasons),
    ])
    func `each name of a problem has an entry`(kind: String, names: [String]) throws {
        let entries = try Self.entries()
        let missing = names.filter { !entries.contains($0) }
        #expect(missing.isEmpty, "\(kind): \(missing)")
    }

    @Test func `no entry is about what there is not`() throws {
        let known = Set(
            try Array(MessagesInSources.all().keys) + ConfigRule.allCases.map(\.rawValue) + DeadLetterReason.names
                + EventError.reasons)
        let stale = try Self.entries().subtracting(known)
        #expect(stale.isEmpty, "\(stale.sorted().joined(separator: "\n"))")
    }

    @Test func `messages are found in all their forms`() {
        let source = """
            enum SomeError {
                var message: String {
                    switch self {
                    case .plain: "a plain message"
                    // "a comment" is none
                    case .value(let path): "can't read \\(quoted(path, "x")): \\(reason)"
                    case .joined: "the first part, "
                        + "the second part"
                    case .either(let isOne): "it is \\(isOne ? "one" : "two") of them"
                    }
                }
                var hint: String? { "a hint is none" }
            }
            func tell() {
                console.warning(
                    "\\(name): it is slow", hint: "wait a while")
                console.error(error)
                let message =
                    count == 1
                    ? "line \\(first) is wrong"
                    : "\\(count) lines are wrong"
                Note(message: counted(1, "event is left", "events are left"), hint: "do it again")
            }
            """
        #expect(
            MessagesInSources.messages(in: source) == [
                "a plain message", "can't read …: …", "the first part, the second part", "it is … of them",
                "…: it is slow", "event is left", "line … is wrong", "… lines are wrong",
            ])
    }

    /// The code spans in the first cells of the page's tables.
    private static func entries() throws -> Set<String> {
        let page = try String(contentsOf: packageFile("docs/troubleshooting.md"), encoding: .utf8)
        let cells = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { $0.split(separator: "|")[0] }
        return Set(
            cells.flatMap { cell in
                cell.matches(of: /`` (.*?) ``|`([^`]+)`/).map { String($0.1 ?? $0.2 ?? "") }
            })
    }
}
