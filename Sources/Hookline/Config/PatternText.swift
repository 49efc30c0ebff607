/// Alternatives of a filter as JSON, and values that they take or refuse: for explaining.
extension EventPattern.Alternative {
    /// As it stands in a pattern that is written in JSON.
    package var json: String {
        switch self {
        case .literal(let literal): literal.json
        case .text(let test): test.json
        case .numeric(let range): #"{"numeric":["# + range.json + "]}"
        case .cidr(let block): #"{"cidr":"\#(block.description)"}"#
        case .exists(let isThere): #"{"exists":\#(isThere)}"#
        case .anythingButLiterals(let literals): #"{"anything-but":["# + Self.list(literals.map(\.json)) + "]}"
        case .anythingButTexts(let tests):
            tests.count == 1
                ? #"{"anything-but":"# + tests[0].json + "}"
                : #"{"anything-but":["# + Self.list(tests.map(\.json)) + "]}"
        }
    }

    /// Values, as JSON, of which it takes one most likely; nil stands for none at all.
    var samples: [String?] {
        switch self {
        case .literal(let literal): [literal.json]
        case .text(let test): [EventPattern.json(test.sample)]
        case .numeric(let range): range.samples.map { $0 }
        case .cidr(let block): [EventPattern.json(block.addressText)]
        case .exists(true): [#""a value""#]
        case .exists(false): [nil]
        case .anythingButLiterals, .anythingButTexts: [#""another""#, #""-""#, "0", "true"]
        }
    }

    private static func list(_ parts: [String]) -> String { parts.joined(separator: ",") }
}

extension EventPattern {
    /// A text as JSON.
    package static func json(_ text: String) -> String {
        var json = JSONWriter()
        json.string(nil, text)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}

extension EventPattern.Literal {
    var json: String {
        switch self {
        case .text(let text): EventPattern.json(text)
        case .number(let number): number.text
        case .boolean(let value): "\(value)"
        case .null: "null"
        }
    }
}

extension EventPattern.TextTest {
    var json: String {
        switch self {
        case .equalsIgnoreCase(let text): #"{"equals-ignore-case":\#(EventPattern.json(text))}"#
        case .prefix(let text, let ignoresCase): Self.affix("prefix", text, ignoresCase)
        case .suffix(let text, let ignoresCase): Self.affix("suffix", text, ignoresCase)
        case .wildcard(let wildcard): #"{"wildcard":\#(EventPattern.json(wildcard.source))}"#
        }
    }

    private static func affix(_ name: String, _ text: String, _ ignoresCase: Bool) -> String {
        let text = EventPattern.json(text)
        return #"{"\#(name)":"# + (ignoresCase ? #"{"equals-ignore-case":\#(text)}"# : text) + "}"
    }

    /// A text that passes it.
    var sample: String {
        switch self {
        case .equalsIgnoreCase(let text), .prefix(let text, _), .suffix(let text, _): text
        case .wildcard(let wildcard): wildcard.pieces.joined()
        }
    }
}

extension NumericRange {
    fileprivate var json: String {
        if let lower, lower == upper { return #""=","# + lower.number.text }
        var parts: [String] = []
        if let lower { parts.append((lower.isIncluded ? #"">=","# : #"">","#) + lower.number.text) }
        if let upper { parts.append((upper.isIncluded ? #""<=","# : #""<","#) + upper.number.text) }
        return parts.joined(separator: ",")
    }

    /// Numbers at and beside its bounds.
    fileprivate var samples: [String] {
        var samples: [String] = []
        if let lower {
            let value = lower.number.value
            samples += lower.isIncluded ? [lower.number.text] : [Self.text(value + 1), Self.text(value.nextUp)]
        }
        if let upper {
            let value = upper.number.value
            samples += upper.isIncluded ? [upper.number.text] : [Self.text(value - 1), Self.text(value.nextDown)]
        }
        return samples
    }

    private static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }
}
