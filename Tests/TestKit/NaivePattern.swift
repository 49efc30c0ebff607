import Foundation

/// JSON as a tree, numbers as they are written. Of a key that is repeated the last value counts.
package indirect enum JSONTree: Equatable, Sendable {
    case text(String)
    case number(String)
    case boolean(Bool)
    case null
    case list([JSONTree])
    /// In the order of the text.
    case object([(key: String, value: JSONTree)])

    package static func == (left: JSONTree, right: JSONTree) -> Bool { left.json == right.json }

    /// The tree as JSON, texts with as few escapes as can be.
    package var json: String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .number(let text): text
        case .boolean(let value): "\(value)"
        case .null: "null"
        case .list(let elements): "[" + elements.map(\.json).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { Self.quoted($0.key) + ":" + $0.value.json }.joined(separator: ",") + "}"
        }
    }

    package static func quoted(_ text: String) -> String {
        "\"" + text.unicodeScalars.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "\""
    }
}

/// Event patterns straight from the rules (SPEC section 5): one pattern, one event, every choice tried.
package enum NaivePattern {
    private typealias Rule = [(path: String, alternatives: [JSONTree])]
    /// A leaf and the element of each array that it is in.
    private typealias Leaf = (value: JSONTree, elements: [Int: Int])

    private static let operators: Set = [
        "prefix", "suffix", "equals-ignore-case", "wildcard", "numeric", "cidr", "exists", "anything-but",
    ]

    /// `pattern` must be a sound one.
    package static func matches(_ pattern: JSONTree, _ event: JSONTree) -> Bool {
        var leaves: [String: [Leaf]] = [:]
        var arrays = 0
        collect(event, at: [], [:], &arrays, &leaves)
        return rules(pattern, at: [], [[]]).contains { rule in choose(rule[...], [], [], leaves) }
    }

    // MARK: Pattern and event as lists

    private static func rules(_ pattern: JSONTree, at path: [String], _ before: [Rule]) -> [Rule] {
        guard case .object(let members) = pattern else { return before }
        var rules = before
        for (key, value) in members {
            if key == "$or", let objects = disjunction(value) {
                rules = objects.flatMap { object in self.rules(object, at: path, rules) }
            } else if case .list(let alternatives) = value {
                let name = (path + [key]).joined(separator: ".")
                rules = rules.map { rule in rule.filter { $0.path != name } + [(name, alternatives)] }
            } else {
                rules = self.rules(value, at: path + [key], rules)
            }
        }
        return rules
    }

    private static func disjunction(_ value: JSONTree) -> [JSONTree]? {
        guard case .list(let elements) = value, elements.count > 1 else { return nil }
        let areObjects = elements.allSatisfy { element in
            if case .object(let members) = element { !operators.contains(members.first?.key ?? "") } else { false }
        }
        return areObjects ? elements : nil
    }

    private static func collect(
        _ value: JSONTree, at path: [String], _ elements: [Int: Int], _ arrays: inout Int,
        _ leaves: inout [String: [Leaf]]
    ) {
        switch value {
        case .object(let members):
            for (index, member) in members.enumerated()
            where !members[(index + 1)...].contains(where: { $0.key == member.key }) {
                collect(member.value, at: path + [member.key], elements, &arrays, &leaves)
            }
        case .list(let list):
            arrays += 1
            let array = arrays
            for (index, element) in list.enumerated() {
                collect(element, at: path, elements.merging([array: index]) { $1 }, &arrays, &leaves)
            }
        case .text, .number, .boolean, .null:
            leaves[path.joined(separator: "."), default: []].append((value, elements))
        }
    }

    // MARK: Choice

    private static func agree(_ left: Leaf, _ right: Leaf) -> Bool {
        left.elements.allSatisfy { right.elements[$0.key] ?? $0.value == $0.value }
    }

    /// Tries each leaf for each field; then no leaf of an absent one may agree with all that were chosen.
    private static func choose(
        _ fields: ArraySlice<(path: String, alternatives: [JSONTree])>, _ chosen: [Leaf], _ absent: [String],
        _ leaves: [String: [Leaf]]
    ) -> Bool {
        guard let field = fields.first else {
            return absent.allSatisfy { path in
                !(leaves[path] ?? []).contains { leaf in chosen.allSatisfy { agree(leaf, $0) } }
            }
        }
        for leaf in leaves[field.path] ?? []
        where field.alternatives.contains(where: { passes($0, leaf.value) })
            && chosen.allSatisfy({ agree(leaf, $0) })
        {
            if choose(fields.dropFirst(), chosen + [leaf], absent, leaves) { return true }
        }
        let mayBeAbsent = field.alternatives.contains { $0 == .object([("exists", .boolean(false))]) }
        return mayBeAbsent && choose(fields.dropFirst(), chosen, absent + [field.path], leaves)
    }

    // MARK: Leaf

    private static func passes(_ alternative: JSONTree, _ leaf: JSONTree) -> Bool {
        guard case .object(let members) = alternative, let (name, operand) = members.first else {
            return isEqual(alternative, leaf)
        }
        switch (name, operand) {
        case ("exists", .boolean(let exists)): return exists
        case ("anything-but", .object(let inner)):
            guard let (name, operand) = inner.first else { return false }
            let operands = if case .list(let list) = operand { list } else { [operand] }
            return !operands.contains { passes(.object([(name, $0)]), leaf) }
        case ("anything-but", .list(let values)): return !values.contains { isEqual($0, leaf) }
        case ("anything-but", _): return !isEqual(operand, leaf)
        case ("numeric", .list(let terms)):
            guard case .number(let text) = leaf, let value = Double(text) else { return false }
            return stride(from: 0, to: terms.count, by: 2).allSatisfy { compare(value, terms[$0], terms[$0 + 1]) }
        default:
            guard case .text(let text) = leaf else { return false }
            return passes(name, operand, text)
        }
    }

    private static func compare(_ value: Double, _ comparison: JSONTree, _ number: JSONTree) -> Bool {
        guard case .text(let name) = comparison, case .number(let text) = number, let bound = Double(text) else {
            return false
        }
        return switch name {
        case "=": value == bound
        case "<": value < bound
        case "<=": value <= bound
        case ">": value > bound
        default: value >= bound
        }
    }

    private static func passes(_ name: String, _ operand: JSONTree, _ text: String) -> Bool {
        switch (name, operand) {
        case ("prefix", .text(let part)): text.utf8.starts(with: part.utf8)
        case ("suffix", .text(let part)): text.utf8.reversed().starts(with: part.utf8.reversed())
        case ("prefix", .object(let inner)): folded(text).utf8.starts(with: folded(inner[0].value).utf8)
        case ("suffix", .object(let inner)):
            folded(text).utf8.reversed().starts(with: folded(inner[0].value).utf8.reversed())
        case ("equals-ignore-case", _): folded(text) == folded(operand)
        case ("wildcard", .text(let pattern)): matches(Array(pattern.utf8)[...], Array(text.utf8)[...])
        case ("cidr", .text(let block)): contains(block, text)
        default: false
        }
    }

    private static func isEqual(_ literal: JSONTree, _ leaf: JSONTree) -> Bool {
        guard case .number(let left) = literal, case .number(let right) = leaf else { return literal.json == leaf.json }
        if left == right { return true }
        guard let exact = Decimal(string: left), let other = Decimal(string: right), let value = Double(left) else {
            return false
        }
        // With the digits that tests use, a decimal holds a double exactly.
        return exact == other && Decimal(string: String(format: "%.40f", value)) == exact
    }

    private static func folded(_ text: JSONTree) -> String {
        if case .text(let text) = text { folded(text) } else { "" }
    }

    private static func folded(_ text: String) -> String { text.uppercased().lowercased() }

    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == UInt8(ascii: "*") {
            return (text.startIndex...text.endIndex).contains { matches(pattern.dropFirst(), text[$0...]) }
        }
        let literal = first == UInt8(ascii: "\\") ? pattern.dropFirst() : pattern
        return text.first == literal.first && matches(literal.dropFirst(), text.dropFirst())
    }

    private static func contains(_ block: String, _ text: String) -> Bool {
        let parts = block.split(separator: "/")
        guard let network = bits(String(parts[0])), let address = bits(text), network.count == address.count else {
            return false
        }
        return network.prefix(Int(parts[1]) ?? 0) == address.prefix(Int(parts[1]) ?? 0)
    }

    /// An address as a text of 0 and 1, without the shortest spellings that tests do not use.
    private static func bits(_ text: String) -> String? {
        func binary(_ value: Int, _ width: Int) -> String {
            let digits = String(value, radix: 2)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        if text.contains(":") {
            let halves = text.components(separatedBy: "::")
            let groups = halves.map { $0.split(separator: ":").compactMap { Int($0, radix: 16) } }
            let count = groups.joined().count
            guard halves.count <= 2, count == text.split(separator: ":").count, halves.count == 2 || count == 8,
                count <= 8, groups.joined().allSatisfy({ $0 < 65_536 })
            else { return nil }
            let all =
                (groups.first ?? []) + Array(repeating: 0, count: 8 - count) + (halves.count == 2 ? groups[1] : [])
            return all.map { binary($0, 16) }.joined()
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { UInt8($0) }
        guard parts.count == 4, bytes.count == 4 else { return nil }
        return bytes.map { binary(Int($0), 8) }.joined()
    }
}
