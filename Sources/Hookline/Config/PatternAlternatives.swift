/// Alternatives of a field that are objects: one operator each.
extension ConfigPass {
    /// - Returns: nil where there is an error.
    mutating func alternative(
        _ all: [YAMLNode.Entry], of node: YAMLNode, field: String
    ) -> EventPattern.Alternative? {
        guard let (name, value) = onlyOperator(all, of: node, among: PatternOperator.names, field: field),
            let found = PatternOperator(rawValue: name)
        else { return nil }
        switch found {
        case .prefix, .suffix: return affix(value, of: found, field: field).map { .text($0) }
        case .equalsIgnoreCase, .wildcard: return textTest(value, of: found, field: field).map { .text($0) }
        case .numeric: return numericRange(value, field: field).map { .numeric($0) }
        case .cidr:
            guard let text = patternText(value, of: name, field: field) else { return nil }
            if let block = CIDR(masking: text) { return .cidr(block) }
            fail(.cidr(text, field: field), at: value.start)
        case .exists:
            if case .boolean(let exists) = literal(value) { return .exists(exists) }
            fail(.exists(field: field, found: described(value)), at: value.start)
        case .anythingBut: return exclusion(value, field: field)
        }
        return nil
    }

    private mutating func onlyOperator(
        _ all: [YAMLNode.Entry], of node: YAMLNode, among known: [String], field: String
    ) -> (String, YAMLNode)? {
        let entries = all.filter { !$0.isRefused }
        guard let first = entries.first else {
            fail(.noOperator(field: field), at: node.start)
            return nil
        }
        if let unknown = entries.first(where: { !known.contains($0.key) }) {
            fail(.unknownOperator(unknown.key, field: field, known: known), at: unknown.keyStart)
            return nil
        }
        if entries.count > 1 {
            fail(.severalOperators(entries.map(\.key), field: field), at: entries[1].keyStart)
            return nil
        }
        return (first.key, first.value)
    }

    private mutating func patternText(_ node: YAMLNode, of name: String, field: String) -> String? {
        if case .text(let text) = literal(node) { return text }
        fail(.needsTextAlone(operator: name, field: field, found: described(node)), at: node.start)
        return nil
    }

    /// A text, or `{equals-ignore-case: …}`.
    private mutating func affix(
        _ node: YAMLNode, of found: PatternOperator, field: String
    ) -> EventPattern.TextTest? {
        guard case .mapping(let entries) = node.content else { return textTest(node, of: found, field: field) }
        let known = [PatternOperator.equalsIgnoreCase.rawValue]
        guard let (name, value) = onlyOperator(entries, of: node, among: known, field: field),
            let text = patternText(value, of: name, field: field)
        else { return nil }
        return found == .prefix ? .prefix(text, ignoresCase: true) : .suffix(text, ignoresCase: true)
    }

    private mutating func textTest(
        _ node: YAMLNode, of found: PatternOperator, field: String
    ) -> EventPattern.TextTest? {
        guard let text = patternText(node, of: found.rawValue, field: field) else { return nil }
        switch found {
        case .prefix: return .prefix(text, ignoresCase: false)
        case .suffix: return .suffix(text, ignoresCase: false)
        case .equalsIgnoreCase: return .equalsIgnoreCase(text)
        case .numeric, .cidr, .exists, .anythingBut: return nil
        case .wildcard:
            do {
                return .wildcard(try Wildcard(text))
            } catch {
                fail(.wildcard(text, error, field: field), at: node.start)
                return nil
            }
        }
    }

    // MARK: anything-but

    private mutating func exclusion(_ node: YAMLNode, field: String) -> EventPattern.Alternative? {
        guard case .mapping(let entries) = node.content else { return excludedLiterals(node, field: field) }
        let known = PatternOperator.excludable.map(\.rawValue)
        guard let (name, value) = onlyOperator(entries, of: node, among: known, field: field),
            let found = PatternOperator(rawValue: name)
        else { return nil }
        var nodes = [value]
        if case .sequence(let elements) = value.content { nodes = elements }
        if nodes.isEmpty { fail(.anythingButEmpty(field: field), at: value.start) }
        var tests: [EventPattern.TextTest] = []
        for node in nodes {
            guard case .text(let text) = literal(node) else {
                fail(.needsText(operator: name, field: field, found: described(node)), at: node.start)
                continue
            }
            if text.isEmpty, found == .prefix || found == .suffix {
                fail(.emptyText(operator: name, field: field), at: node.start)
            } else if let test = textTest(node, of: found, field: field) {
                tests.append(test)
            }
        }
        return tests.count == nodes.count && !tests.isEmpty ? .anythingButTexts(tests) : nil
    }

    private mutating func excludedLiterals(_ node: YAMLNode, field: String) -> EventPattern.Alternative? {
        var nodes = [node]
        if case .sequence(let elements) = node.content { nodes = elements }
        if nodes.isEmpty { fail(.anythingButEmpty(field: field), at: node.start) }
        var literals: [EventPattern.Literal] = []
        var texts = 0
        for node in nodes {
            switch literal(node) {
            case .text(let text)?:
                texts += 1
                literals.append(.text(text))
            case .number(let number)?: literals.append(.number(number))
            case .boolean?, .null?, nil:
                fail(.anythingButValue(field: field, found: described(node)), at: node.start)
            }
            if texts > 0, texts < literals.count {
                fail(.anythingButMixed(field: field), at: node.start)
                return nil
            }
        }
        return literals.count == nodes.count && !literals.isEmpty ? .anythingButLiterals(literals) : nil
    }

    // MARK: numeric

    private mutating func numericRange(_ node: YAMLNode, field: String) -> NumericRange? {
        guard case .sequence(let elements) = node.content, !elements.isEmpty else {
            let isList = if case .sequence = node.content { true } else { false }
            fail(.numericForm(field: field, found: isList ? "an empty one" : described(node)), at: node.start)
            return nil
        }
        var comparisons: [(name: String, number: JSONNumber)] = []
        for index in stride(from: 0, to: elements.count, by: 2) {
            let node = elements[index]
            guard case .text(let name) = literal(node), ["=", "<", "<=", ">", ">="].contains(name) else {
                let written = if case .scalar(let scalar) = node.content { scalar.text } else { found(node) }
                fail(.comparison(written, field: field), at: node.start)
                return nil
            }
            guard index + 1 < elements.count else {
                fail(.comparisonAlone(name, field: field), at: node.start)
                return nil
            }
            let operand = elements[index + 1]
            guard case .number(let number) = literal(operand) else {
                fail(.comparisonNumber(name, field: field, found: described(operand)), at: operand.start)
                return nil
            }
            if comparisons.count == 2 {
                fail(.tooManyComparisons(field: field), at: node.start)
                return nil
            }
            if let first = comparisons.first, !first.name.hasPrefix(">") || !name.hasPrefix("<") {
                fail(.comparisonAfter(name, first: first.name, field: field), at: node.start)
                return nil
            }
            comparisons.append((name, number))
        }
        return range(comparisons, at: node.start, field: field)
    }

    private mutating func range(
        _ comparisons: [(name: String, number: JSONNumber)], at mark: SourceMark, field: String
    ) -> NumericRange? {
        var range = NumericRange()
        for (name, number) in comparisons {
            let bound = NumericRange.Bound(number: number, isIncluded: name.hasSuffix("="))
            if name.hasPrefix(">") || name == "=" { range.lower = bound }
            if name.hasPrefix("<") || name == "=" { range.upper = bound }
        }
        if comparisons.count == 2, let lower = range.lower?.number, let upper = range.upper?.number,
            lower.value >= upper.value
        {
            fail(.emptyRange(field: field, lower: lower.text, upper: upper.text), at: mark)
            return nil
        }
        return range
    }
}

extension CIDR {
    /// Parses `address/length`, as patterns have it: the length must be there, and bits after it do not count.
    fileprivate init?(masking text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, var address = Self.address(String(parts[0])), let length = Int(parts[1]),
            (0...address.count * 8).contains(length), String(length) == parts[1]
        else { return nil }
        for bit in length..<address.count * 8 { address[bit / 8] &= ~(0x80 >> UInt8(bit % 8)) }
        self.init(network: address, prefixLength: length)
    }
}
