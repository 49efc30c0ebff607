/// Scalars: each function returns the value, or adds a problem and returns nil.
extension ConfigPass {
    /// Text in any style. An unquoted `no`, `on` or `1.10` is text as it stands.
    /// `hint`: what to write in place of a list or a mapping.
    mutating func text(_ node: YAMLNode, key: String, hint shape: String? = nil) -> String? {
        if case .scalar(let scalar) = node.content, !node.isNull { return scalar.text }
        let hint =
            switch found(node) {
            case "null": "quote it if the text `null` is meant"
            case "empty": "write a value after the colon"
            default: shape
            }
        fail(.wrongType(key: key, expected: "text", found: found(node), hint: hint), at: node.start)
        return nil
    }

    mutating func duration(_ node: YAMLNode, key: String, range: ClosedRange<Duration>) -> Duration? {
        guard let text = scalar(node, key: key, expected: "a duration such as 5s") else { return nil }
        guard let value = Quantity.duration(text) else {
            if Quantity.isDigits(text) {
                fail(
                    .unitMissing(key: key, hint: "write \(text)s for seconds; units are ms, s, m, h"),
                    at: node.start)
            } else {
                let meant = Quantity.durationMeant(by: text, within: range)
                let hint =
                    meant.map { "write \($0); units are ms, s, m, h" }
                    ?? "write a whole number and a unit: 500ms, 5s, 2m, 1h"
                fail(.wrongType(key: key, expected: "a duration", found: quoted(text), hint: hint), at: node.start)
            }
            return nil
        }
        return within(range, value, written: text, bounds: Quantity.text(range), node, key: key)
    }

    mutating func size(_ node: YAMLNode, key: String, range: ClosedRange<Int>) -> Int? {
        guard let text = scalar(node, key: key, expected: "a size such as 1MiB") else { return nil }
        guard let value = Quantity.size(text) else {
            let hint =
                Quantity.sizeMeant(by: text, within: range).map {
                    "write \($0); units are B, KB, MB, GB, KiB, MiB, GiB"
                }
                ?? "write a whole number of bytes, or one with a unit: 64KiB, 1MiB, 10MB"
            fail(.wrongType(key: key, expected: "a size", found: quoted(text), hint: hint), at: node.start)
            return nil
        }
        return within(range, value, written: text, bounds: Quantity.text(bytes: range), node, key: key)
    }

    mutating func count(_ node: YAMLNode, key: String, range: ClosedRange<Int>) -> Int? {
        guard let text = scalar(node, key: key, expected: "a whole number") else { return nil }
        let digits = text.hasPrefix("-") ? String(text.dropFirst()) : text
        let isQuoted = if case .scalar(let scalar) = node.content { !scalar.isPlain } else { false }
        guard Quantity.isDigits(digits), digits == "0" || !digits.hasPrefix("0"), !isQuoted else {
            let hint =
                !Quantity.isDigits(digits)
                ? "write digits only" : "write it without " + (isQuoted ? "quotes" : "a leading zero")
            fail(.wrongType(key: key, expected: "a whole number", found: found(node), hint: hint), at: node.start)
            return nil
        }
        return within(range, Int(text), written: text, bounds: Quantity.text(range), node, key: key)
    }

    /// The value if the range holds it; nil, for a number beyond all ranges, lies in none.
    private mutating func within<Value>(
        _ range: ClosedRange<Value>, _ value: Value?, written text: String, bounds: String, _ node: YAMLNode,
        key: String
    ) -> Value? {
        if let value, range.contains(value) { return value }
        fail(.outOfRange(key: key, value: text, range: bounds), at: node.start)
        return nil
    }

    mutating func boolean(_ node: YAMLNode, key: String) -> Bool? {
        guard let text = scalar(node, key: key, expected: "true or false"), case .scalar(let scalar) = node.content
        else { return nil }
        let meaning: Bool? =
            switch text.lowercased() {
            case "true", "yes", "on": true
            case "false", "no", "off": false
            default: nil
            }
        if let meaning, scalar.isPlain, text == "\(meaning)" { return meaning }
        let hint = meaning.map { "write \($0)" + (scalar.isPlain ? "" : " without quotes") }
        fail(.wrongType(key: key, expected: "true or false", found: found(node), hint: hint), at: node.start)
        return nil
    }

    mutating func choice(_ node: YAMLNode, key: String, values: [String]) -> String? {
        guard let text = scalar(node, key: key, expected: "one of \(values.joined(separator: ", "))") else {
            return nil
        }
        if values.contains(text) { return text }
        fail(.unknownChoice(key: key, value: text, choices: values), at: node.start)
        return nil
    }

    /// The elements of a list; an error and nil for anything else.
    /// The hint says how to write what was found as a list; it gets the text of a scalar.
    mutating func elements(of node: YAMLNode, key: String, hint: (String?) -> String?) -> [YAMLNode]? {
        switch node.content {
        case .sequence(let elements): return elements
        case .scalar(let scalar) where !node.isNull:
            let advice = hint(scalar.text)
            fail(.wrongType(key: key, expected: "a list", found: found(node), hint: advice), at: node.start)
        case .scalar, .mapping:
            fail(.wrongType(key: key, expected: "a list", found: found(node), hint: hint(nil)), at: node.start)
        }
        return nil
    }

    /// A node in a message: what it is, or a scalar's text.
    func found(_ node: YAMLNode) -> String {
        switch node.content {
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .scalar(let scalar) where node.isNull: scalar.text.isEmpty ? "empty" : "null"
        case .scalar(let scalar): (scalar.isPlain ? "" : "the text ") + quoted(scalar.text)
        }
    }

    private mutating func scalar(_ node: YAMLNode, key: String, expected: String) -> String? {
        if case .scalar(let scalar) = node.content, !node.isNull { return scalar.text }
        fail(.wrongType(key: key, expected: expected, found: found(node), hint: nil), at: node.start)
        return nil
    }
}
