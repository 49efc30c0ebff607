import Foundation
import TestKit
import Testing

/// Patterns and events of few keys and values, so that they often meet.
struct FilterGenerator {
    var random: SeededRandom

    private static let texts = [
        "", "a", "abc", "ABC", "abcabc", "order", "Order", "ünï", "ÜNÏ", "é", "ς", "Σ", "K", "k", "a*b", "a\\b",
        "obj_12",
        "obj_1", "10.0.0.7", "10.1.2.3", "192.168.7.9", "2001:db8::7", "2001:db9::7", "eu-west-1", "eu-west-2", "t\"q",
        "0",
        "123", "ordner", "x.order.y",
    ]
    private static let numbers = [
        "0", "-0", "0.0", "1", "1.0", "10e-1", "-1", "-0.5", "-5e-1", "0.1", "0.10", "1e-1", "5", "10", "1e1", "123",
        "300",
        "3e2", "9007199254740992", "9007199254740993", "1e300", "0.5", "12345678901234567890", "2.5", "99",
    ]
    private static let keys = ["a", "b", "c", "a.b"]

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[random.below(elements.count)] }
    private mutating func chance(_ percent: Int) -> Bool { random.below(100) < percent }
    private mutating func text() -> JSONTree { .text(pick(Self.texts)) }
    private mutating func number() -> JSONTree { .number(pick(Self.numbers)) }

    private mutating func literal() -> JSONTree {
        switch random.below(10) {
        case 0...5: text()
        case 6...7: number()
        case 8: .boolean(chance(50))
        default: .null
        }
    }

    private mutating func part(ofStart: Bool) -> String {
        let text = Array(pick(Self.texts.filter { !$0.isEmpty }))
        let length = 1 + random.below(text.count)
        return String(ofStart ? text.prefix(length) : text.suffix(length))
    }

    private mutating func wildcard() -> String {
        let escaped = pick(Self.texts).replacing("\\", with: "\\\\").replacing("*", with: "\\*")
        var text = Array(escaped)
        for _ in 0...random.below(2) {
            let place = random.below(text.count + 1)
            let before = place > 0 ? text[place - 1] : " "
            let after = place < text.count ? text[place] : " "
            // Neither beside another star nor into an escape.
            if before != "*", before != "\\", after != "*" { text.insert("*", at: place) }
            if chance(30), !text.isEmpty, text[0] != "*" { text.insert("*", at: 0) }
        }
        return String(text)
    }

    private mutating func range() -> JSONTree {
        let bounds = (number(), number())
        guard case .number(let low) = bounds.0, case .number(let high) = bounds.1, let first = Double(low),
            let last = Double(high), first < last, chance(60)
        else { return .list([.text(pick(["=", "<", "<=", ">", ">="])), bounds.0]) }
        return .list([.text(pick([">", ">="])), bounds.0, .text(pick(["<", "<="])), bounds.1])
    }

    private mutating func alternative() -> JSONTree {
        let fold = chance(40)
        func affix(_ text: String) -> JSONTree {
            fold ? .object([("equals-ignore-case", .text(text.uppercased()))]) : .text(text)
        }
        switch random.below(16) {
        case 0...5: return literal()
        case 6: return .object([("prefix", affix(part(ofStart: true)))])
        case 7: return .object([("suffix", affix(part(ofStart: false)))])
        case 8: return .object([("equals-ignore-case", text())])
        case 9...10: return .object([("wildcard", .text(wildcard()))])
        case 11: return .object([("numeric", range())])
        case 12:
            let blocks = ["10.0.0.0/8", "10.0.0.0/29", "192.168.7.8/31", "2001:db8::/32", "2001:db8::/31", "0.0.0.0/0"]
            return .object([("cidr", .text(pick(blocks)))])
        case 13: return .object([("exists", .boolean(chance(50)))])
        default: return .object([("anything-but", exclusion())])
        }
    }

    private mutating func exclusion() -> JSONTree {
        switch random.below(5) {
        case 0: return text()
        case 1: return .list((0...random.below(3)).map { _ in number() })
        case 2: return .list((0...random.below(3)).map { _ in text() })
        case 3:
            return .object([(pick(["prefix", "suffix"]), .list([.text(part(ofStart: chance(50))), .text("ord")]))])
        default:
            return chance(50)
                ? .object([("wildcard", .text(wildcard()))])
                : .object([("equals-ignore-case", .list([text(), text()]))])
        }
    }

    mutating func pattern(depth: Int = 0) -> JSONTree {
        var members: [(key: String, value: JSONTree)] = []
        for key in shuffledKeys().prefix(1 + random.below(depth == 0 ? 2 : 3)) {
            let isObject = depth < 2 && chance(30)
            members.append(
                (key, isObject ? pattern(depth: depth + 1) : .list((0...random.below(3)).map { _ in alternative() })))
        }
        if chance(20), depth < 2 {
            let objects = (0...1 + random.below(2)).map { _ in pattern(depth: depth + 1) }
            members.insert(("$or", .list(objects)), at: random.below(members.count + 1))
        }
        return .object(members)
    }

    private mutating func shuffledKeys() -> [String] {
        var keys = Self.keys
        for index in keys.indices { keys.swapAt(index, random.below(keys.count)) }
        return keys
    }

    mutating func event(depth: Int = 0) -> JSONTree {
        // A path that is reached with a dot in a key and without is left to a test of its own.
        var keys = shuffledKeys()
        keys.removeAll { $0 == (chance(50) ? "a" : "a.b") }
        if keys.contains("a"), keys.contains("a.b") { keys.removeAll { $0 == "a.b" } }
        var members = keys.prefix(depth == 0 ? 4 : 1 + random.below(3)).map { (key: $0, value: value(depth)) }
        if chance(10), let repeated = members.first { members.append((repeated.key, value(depth))) }
        return .object(members)
    }

    private mutating func value(_ depth: Int) -> JSONTree {
        switch random.below(depth < 3 ? 10 : 6) {
        case 0...5: literal()
        case 6...7: .list((0..<random.below(5)).map { _ in value(depth + 1) })
        default: event(depth: depth + 1)
        }
    }
}

/// SplitMix64.
struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((bits ^ (bits >> 31)) % UInt64(limit))
    }
}

/// `HOOKLINE_FILTER_CASES` says how many pairs of a filter and an event are tried; 100,000 without it.
@Test func `many filters together decide as each does alone, straight from the rules`() throws {
    let wanted = ProcessInfo.processInfo.environment["HOOKLINE_FILTER_CASES"].flatMap { Int($0) } ?? 100_000
    var matched = 0
    for seed in 0..<(wanted + 4_999) / 5_000 {
        var generator = FilterGenerator(random: SeededRandom(seed: UInt64(seed)))
        let patterns = (0..<100).map { _ in generator.pattern() }
        var routing = try FilterRouting(filters: patterns.map(\.json))
        for _ in 0..<50 {
            let event = generator.event()
            let found = try routing.webhooks(of: event.json)
            let expected = patterns.indices.filter { NaivePattern.matches(patterns[$0], event) }
            matched += found.count
            if found != expected {
                let wrong = Set(found).symmetricDifference(expected).sorted()
                Issue.record("seed \(seed), event \(event.json), filters \(wrong.map { patterns[$0].json })")
            }
        }
    }
    // Neither a matcher that takes nothing nor one that takes all would be noticed otherwise.
    #expect((wanted / 40..<wanted / 2).contains(matched))
}
