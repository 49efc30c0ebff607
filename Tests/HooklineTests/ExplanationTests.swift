import Foundation
import Hookline
import TestKit
import Testing

extension JSONTree {
    /// A scalar as JSON writes it.
    fileprivate init(scalar: String) throws {
        switch scalar {
        case "true": self = .boolean(true)
        case "false": self = .boolean(false)
        case "null": self = .null
        default:
            self =
                scalar.hasPrefix("\"")
                ? .text(try JSONDecoder().decode(String.self, from: Data(scalar.utf8))) : .number(scalar)
        }
    }

    /// With another value for each leaf of a path; an empty list is none.
    fileprivate func with(_ path: [String], _ value: JSONTree, found: inout Bool) -> JSONTree {
        switch self {
        case .object(let members):
            return .object(
                members.map { key, member in
                    let keys = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
                    guard path.starts(with: keys) else { return (key, member) }
                    return (key, member.with(Array(path.dropFirst(keys.count)), value, found: &found))
                })
        case .list(let elements):
            return .list(elements.map { $0.with(path, value, found: &found) })
        default:
            guard path.isEmpty else { return self }
            found = true
            return value
        }
    }

    /// With another value for a field, which is added if there is none.
    fileprivate func with(_ change: Explanation.Change) throws -> JSONTree {
        let value = try change.to.map { try JSONTree(scalar: $0) } ?? .list([])
        var found = false
        let path = change.field.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let changed = with(path, value, found: &found)
        guard !found, case .object(let members) = changed else { return changed }
        return .object(members + [(change.field, value)])
    }
}

@Suite struct ExplanationTests {
    /// Changed by the test itself, and judged straight from the rules.
    @Test func `what an explanation names turns the verdict, in two thousand cases`() throws {
        var (taken, refused, decided, nearest) = (0, 0, 0, 0)
        for seed in 0..<20 {
            var generator = FilterGenerator(random: SeededRandom(seed: UInt64(1_000 + seed)))
            let patterns = (0..<100).map { _ in generator.pattern() }
            let config = try FilterRouting.config(filters: patterns.map(\.json))
            for (index, pattern) in patterns.enumerated() {
                let made = Explainer(index, of: config)
                guard var explainer = made else { throw NoExplainer() }
                // One that is taken comes seldom by itself.
                let events = (0..<40).map { _ in generator.event() }
                let event = events.first { NaivePattern.matches(pattern, $0) && index % 2 == 0 } ?? events[0]
                let isTaken = NaivePattern.matches(pattern, event)
                let line = Array(FilterRouting.withTopic(event.json).utf8)
                let explanation = explainer.explain(line)
                #expect(explanation?.isTaken == isTaken, "\(pattern.json) \(event.json)")
                guard let changes = explanation?.changes, !changes.isEmpty else {
                    if isTaken { taken += 1 } else { refused += 1 }
                    continue
                }
                if isTaken {
                    decided += 1
                    for change in changes {
                        #expect(
                            try !NaivePattern.matches(pattern, event.with(change)),
                            "\(pattern.json) \(event.json) \(change)")
                    }
                } else {
                    nearest += 1
                    let changed = try changes.reduce(event) { try $0.with($1) }
                    #expect(NaivePattern.matches(pattern, changed), "\(pattern.json) \(event.json) \(changes)")
                }
            }
        }
        // Some have several ways through, or none; but most have an answer.
        #expect(decided > taken * 3, "\(decided) decided, \(taken) not")
        #expect(nearest > refused * 9, "\(nearest) nearest, \(refused) without")
        #expect(decided + nearest > 1_500)
    }

    private struct NoExplainer: Error {}

    @Test(arguments: [
        (#"{a: [{numeric: [">", 1, "<", 1.5]}]}"#, #"{"topic":"t","a":0}"#, [#"a=1.0000000000000002"#]),
        (#"{a: ["Order", "Task"]}"#, #"{"topic":"t","a":"task"}"#, [#"a="Task""#]),
        (#"{a: [{cidr: "2001:db8::/32"}]}"#, #"{"topic":"t"}"#, [#"a="2001:db8::""#]),
        (#"{a: [{wildcard: "x*\\*y"}]}"#, #"{"topic":"t","a":null}"#, [#"a="x*y""#]),
        (#"{a: [{exists: false}], b: [1]}"#, #"{"topic":"t","a":5,"b":2}"#, ["a", "b=1"]),
        (#"{a: {b: [1], c: [2]}}"#, #"{"topic":"t","a":[{"b":1,"c":0},{"b":0,"c":2}]}"#, ["a.b=1", "a.c=2"]),
        (#"{$or: [{a: [1], b: [2]}, {c: [3]}]}"#, #"{"topic":"t","a":0}"#, ["c=3"]),
        (#"{a: [{anything-but: ["another", "-"]}]}"#, #"{"topic":"t","a":"another"}"#, ["a=0"]),
    ])
    func `the nearest miss is the fewest changes`(filter: String, event: String, expected: [String]) throws {
        let config = try FilterRouting.config(filters: [filter])
        let made = Explainer(0, of: config)
        guard var explainer = made else { throw NoExplainer() }
        let found = explainer.explain(Array(event.utf8))
        let explanation = try #require(found)
        #expect(!explanation.isTaken)
        #expect(explanation.changes.map { $0.field + ($0.to.map { "=\($0)" } ?? "") } == expected)
    }
}
