/// Why one webhook takes one event, or does not, field by field, and what would turn that (SPEC section 1, `explain`).
package struct Explanation: Equatable, Sendable {
    /// A field of the filter, and what the event has there.
    package struct Field: Equatable, Sendable {
        /// `object.type`.
        package var name: String
        /// The event's values, as JSON, and which of them pass.
        package var values: [Value]
        /// What is wanted there, as JSON.
        package var alternatives: [String]
        /// Whether it may be absent, and is.
        package var isRightlyAbsent: Bool
        package var passes: Bool { isRightlyAbsent || values.contains(where: \.passes) }
    }

    package struct Value: Equatable, Sendable {
        package var json: String
        package var passes: Bool
    }

    /// Another value for a field.
    package struct Change: Equatable, Sendable {
        package var field: String
        /// As JSON; nil: none.
        package var to: String?
    }

    package var isTaken: Bool
    /// In the order of the filter.
    package var fields: [Field]
    /// If it is not taken: what together would let it be taken. If it is: each alone would not let it. Tried with the
    /// matcher itself; empty: nothing was found.
    package var changes: [Change] = []
    /// Whether every field passes, but not in the same elements of lists.
    package var needsOneElement = false
}

/// Explains the filter of one webhook.
package struct Explainer: ~Copyable {
    private let filter: EventPattern
    private var router: Router
    private var scanner: JSONScanner

    /// - Parameters:
    ///   - webhook: one that has a filter.
    ///   - config: its configuration.
    package init?(_ webhook: Int, of config: Config) {
        guard let filter = config.webhooks[webhook].filter else { return nil }
        self.filter = filter
        // Alone, and found by its filter whatever the topics.
        router = Router(topics: config.topics, webhooks: [config.webhooks[webhook]]) { _ in true }
        scanner = JSONScanner(input: config.input, paths: router.paths)
    }

    /// - Parameter line: an event that the scanner lets pass.
    /// - Returns: nil if it does not.
    package mutating func explain(_ line: [UInt8]) -> Explanation? {
        guard let verdict = verdict(line) else { return nil }
        let outline = EventOutline(line)
        var explanation = Explanation(isTaken: verdict.isMatch, fields: [])
        for (field, found) in zip(filter.fields, verdict.fields) {
            explanation.fields.append(
                Explanation.Field(
                    name: field.name, values: values(found, line), alternatives: field.alternatives.map(\.json),
                    isRightlyAbsent: field.allowsAbsence && found.leaves.isEmpty))
        }
        if verdict.isMatch {
            explanation.changes = deciding(explanation, outline, line)
        } else {
            let (changes, needsOneElement) = nearest(verdict, outline, line)
            explanation.changes = changes
            explanation.needsOneElement = needsOneElement
        }
        return explanation
    }

    private mutating func verdict(_ line: [UInt8]) -> FilterVerdict? {
        unsafe line.withUnsafeBytes { bytes in
            guard (unsafe try? scanner.scan(bytes)) != nil else { return nil }
            return unsafe router.verdict(of: 0, scanner.leaves, in: bytes)
        }
    }

    private func values(_ field: FilterVerdict.Field, _ line: [UInt8]) -> [Explanation.Value] {
        field.leaves.map { place in
            let leaf = scanner.leaves[place]
            let text = unsafe line.withUnsafeBytes { line in
                unsafe String(decoding: scanner.leaves.bytes(of: leaf, in: line), as: UTF8.self)
            }
            let json =
                switch leaf.kind {
                case .text, .decodedText: EventPattern.json(text)
                case .number: text
                case .true: "true"
                case .false: "false"
                case .null, .replaced: "null"
                }
            return Explanation.Value(json: json, passes: field.passing.contains(place))
        }
    }

    // MARK: What would turn it

    /// Values that alternatives refuse most likely; nil: none at all.
    private static let refused: [String?] = [#""another""#, "0", "null", "true", #""""#, nil]

    /// Changes of which each alone makes the filter refuse the event.
    private mutating func deciding(
        _ explanation: Explanation, _ outline: EventOutline, _ line: [UInt8]
    ) -> [Explanation.Change] {
        var changes: [Explanation.Change] = []
        for field in explanation.fields where field.passes && !changes.contains(where: { $0.field == field.name }) {
            for value in Self.refused {
                let change = Explanation.Change(field: field.name, to: value)
                guard let changed = Self.changed(line, outline, [change]), verdict(changed)?.isMatch == false else {
                    continue
                }
                changes.append(change)
                break
            }
        }
        return changes
    }

    /// The fewest changes that together make the filter take the event.
    private mutating func nearest(
        _ verdict: FilterVerdict, _ outline: EventOutline, _ line: [UInt8]
    ) -> (changes: [Explanation.Change], needsOneElement: Bool) {
        func isPassing(_ field: Int) -> Bool {
            !verdict.fields[field].passing.isEmpty
                || filter.fields[field].allowsAbsence && verdict.fields[field].leaves.isEmpty
        }
        let ranked = filter.branches.map { branch in (branch, failing: branch.filter { !isPassing($0) }) }
            .sorted { $0.failing.count < $1.failing.count }
        let needsOneElement = ranked.first?.failing.isEmpty == true
        for (branch, failing) in ranked.prefix(Self.mostBranches) {
            // Then all that some leaf misses: lists have elements in which not all fields pass.
            let partly = branch.filter { verdict.fields[$0].passing.count < verdict.fields[$0].leaves.count }
            for fields in [failing, partly] where !fields.isEmpty {
                var changes: [Explanation.Change] = []
                for field in fields { changes.append(change(field, outline, line)) }
                if let changed = Self.changed(line, outline, changes), self.verdict(changed)?.isMatch == true {
                    return (changes, needsOneElement)
                }
            }
        }
        return ([], needsOneElement)
    }

    private static let mostBranches = 20

    /// A value that lets a field pass, if one is found.
    private mutating func change(_ field: Int, _ outline: EventOutline, _ line: [UInt8]) -> Explanation.Change {
        let name = filter.fields[field].name
        var samples = filter.fields[field].alternatives.flatMap(\.samples)
        // What was most likely meant comes first.
        let texts = samples.compactMap { $0 }
        if let leaf = outline.leaves.first(where: { $0.path == name }),
            let meant = nearestName(to: String(decoding: line[leaf.range], as: UTF8.self), among: texts)
        {
            samples.insert(meant, at: 0)
        }
        for sample in samples {
            let change = Explanation.Change(field: name, to: sample)
            guard let changed = Self.changed(line, outline, [change]), let found = verdict(changed)?.fields[field]
            else {
                continue
            }
            let isAbsent = found.leaves.isEmpty && filter.fields[field].allowsAbsence
            if isAbsent || (!found.leaves.isEmpty && found.passing.count == found.leaves.count) { return change }
        }
        return Explanation.Change(field: name, to: samples[0])
    }

    /// The event with other values: each leaf of a field gets the new one. An empty list is no value, and a key with dots
    /// is a path.
    /// - Returns: nil if there is nothing to change.
    static func changed(_ line: [UInt8], _ outline: EventOutline, _ changes: [Explanation.Change]) -> [UInt8]? {
        var edits: [(range: Range<Int>, bytes: [UInt8])] = []
        for change in changes {
            let ranges = outline.leaves.filter { $0.path == change.field }.map(\.range)
            edits += ranges.map { ($0, Array((change.to ?? "[]").utf8)) }
            if ranges.isEmpty {
                guard let value = change.to else { return nil }
                let member = "," + EventPattern.json(change.field) + ":" + value
                edits.append((outline.end..<outline.end, Array(member.utf8)))
            }
        }
        var changed = line
        for edit in edits.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
            changed.replaceSubrange(edit.range, with: edit.bytes)
        }
        return changed
    }
}
