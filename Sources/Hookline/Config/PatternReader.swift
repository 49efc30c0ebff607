/// Reads `filter`: fields and `$or`. Each object multiplies out into branches while it is read.
extension ConfigPass {
    /// Branches under way: for each the fields by their path, as they were named first.
    private struct Branches {
        var fields: [EventPattern.Field] = []
        /// A number for each path, since texts that Unicode counts as equal are two keys.
        var paths: [[UInt8]: Int] = [:]
        var all: [[(path: Int, field: Int)]] = [[]]
        /// Whether the limit was reported: nothing is multiplied any more.
        var isFull = false

        mutating func set(_ field: EventPattern.Field) {
            let key = Array(field.name.utf8)
            let path = paths[key] ?? paths.count
            paths[key] = path
            fields.append(field)
            for branch in all.indices {
                if let place = all[branch].firstIndex(where: { $0.path == path }) {
                    all[branch][place].field = fields.count - 1
                } else {
                    all[branch].append((path, fields.count - 1))
                }
            }
        }

        var pattern: EventPattern {
            // A field that each branch replaced is in none.
            var places: [Int: Int] = [:]
            var kept: [EventPattern.Field] = []
            let branches = all.map { branch in
                branch.map { entry in
                    if let place = places[entry.field] { return place }
                    places[entry.field] = kept.count
                    kept.append(fields[entry.field])
                    return kept.count - 1
                }
            }
            return EventPattern(fields: kept, branches: branches)
        }
    }

    /// - Returns: nil for null, and where there is an error.
    mutating func filter(_ node: YAMLNode) -> EventPattern? {
        if case .scalar(let scalar) = node.content, node.isNull, !scalar.text.isEmpty { return nil }
        let hint = "write fields and their values: {object: {type: [Order]}}"
        guard let entries = entries(of: node, key: "filter", hint: hint) else { return nil }
        var branches = Branches()
        let errors = problems.count
        read(entries, of: node, at: "filter", [], &branches)
        let isWrong = problems[errors...].contains(where: \.isError)
        return isWrong ? nil : branches.pattern
    }

    private mutating func read(
        _ entries: [YAMLNode.Entry], of node: YAMLNode, at place: String, _ path: [String], _ branches: inout Branches
    ) {
        if case .mapping(let all) = node.content, all.isEmpty { fail(.emptyObject(field: place), at: node.start) }
        for entry in entries {
            let name = "\(place).\(entry.key)"
            if entry.key == "$or" {
                if let objects = disjunction(entry.value) {
                    read(objects, ofOr: entry, at: name, path, &branches)
                    continue
                }
                warn(.orAsField, at: entry.keyStart)
            }
            let keys = path + entry.key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            switch entry.value.content {
            case .mapping(let fields):
                read(fields.filter { !$0.isRefused }, of: entry.value, at: name, keys, &branches)
            case .sequence(let elements):
                guard let alternatives = alternatives(elements, of: entry.value, field: name) else { continue }
                branches.set(EventPattern.Field(path: keys, alternatives: alternatives))
            case .scalar(let scalar):
                let isEmpty = scalar.isPlain && scalar.text.isEmpty
                let shown = scalar.isPlain ? printable(scalar.text) : "\"\(printable(scalar.text))\""
                fail(
                    .notList(field: name, found: described(entry.value), list: isEmpty ? nil : "[\(shown)]"),
                    at: isEmpty ? entry.keyStart : entry.value.start)
            }
        }
    }

    /// The objects of an `$or`: two or more, none of which starts with an operator. nil: it is a field of that name.
    private func disjunction(_ node: YAMLNode) -> [YAMLNode]? {
        guard case .sequence(let elements) = node.content, elements.count >= 2 else { return nil }
        let areObjects = elements.allSatisfy { element in
            guard case .mapping(let entries) = element.content else { return false }
            return entries.first.map { PatternOperator(rawValue: $0.key) == nil } ?? true
        }
        return areObjects ? elements : nil
    }

    private mutating func read(
        _ objects: [YAMLNode], ofOr entry: YAMLNode.Entry, at place: String, _ path: [String],
        _ branches: inout Branches
    ) {
        let before = branches.all
        var after: [[(path: Int, field: Int)]] = []
        for object in objects {
            guard case .mapping(let entries) = object.content else { continue }
            branches.all = before
            read(entries.filter { !$0.isRefused }, of: object, at: place, path, &branches)
            after += branches.all
        }
        if after.count > EventPattern.branchLimit {
            if !branches.isFull {
                fail(.orBranches(count: after.count, limit: EventPattern.branchLimit), at: entry.keyStart)
            }
            branches.isFull = true
            after = before
        }
        branches.all = after
    }

    private mutating func alternatives(
        _ elements: [YAMLNode], of list: YAMLNode, field: String
    ) -> [EventPattern.Alternative]? {
        if elements.isEmpty { fail(.emptyList(field: field), at: list.start) }
        let found = elements.compactMap { element -> EventPattern.Alternative? in
            switch element.content {
            case .sequence: fail(.listInList(field: field), at: element.start)
            case .mapping(let entries): return alternative(entries, of: element, field: field)
            case .scalar:
                if let literal = literal(element) { return .literal(literal) }
                fail(.emptyValue(field: field), at: element.start)
            }
            return nil
        }
        return found.count == elements.count && !found.isEmpty ? found : nil
    }

    /// A scalar by JSON's grammar; anything else is text. nil: nothing is written there, or it is no scalar.
    func literal(_ node: YAMLNode) -> EventPattern.Literal? {
        guard case .scalar(let scalar) = node.content else { return nil }
        guard scalar.isPlain else { return .text(scalar.text) }
        switch scalar.text {
        case "": return nil
        case "null": return .null
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        default: return JSONNumber(scalar.text).map { .number($0) } ?? .text(scalar.text)
        }
    }

    /// A node in a message about a pattern.
    func described(_ node: YAMLNode) -> String {
        guard case .scalar(let scalar) = node.content else { return found(node) }
        switch literal(node) {
        case .null?: return "null"
        case nil: return "empty"
        case .text?: return "the text \(quoted(scalar.text))"
        case .number?, .boolean?: return quoted(scalar.text)
        }
    }

    mutating func fail(_ error: PatternError, at mark: SourceMark) { fail(ConfigError.pattern(error), at: mark) }
}
