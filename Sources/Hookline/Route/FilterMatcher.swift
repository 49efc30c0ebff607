/// All filters of a run as one: an event's leaves lead to the few that may match, and these are held against it.
///
/// No memory is taken per event beyond what the largest one needed.
struct FilterMatcher: ~Copyable {
    private var tests: LeafTests
    private var index: FilterIndex
    private var verifier: FilterVerifier
    /// By filter: its webhook, and that webhook's set of topics.
    private let webhooks: [Int32]
    private let sets: [Int32]
    /// By set: the filters that are found by its topics.
    private let byTopic: [[Int32]]
    /// By topic: whether some webhook of it has a filter.
    private let hasFilters: [Bool]
    private var filterOf: [Int: Int] = [:]

    /// The webhooks that the last event goes to, in order; as many as `match` said.
    private(set) var matched: [Int32]
    /// A bit for each webhook, for sorting many.
    private var marks: [UInt64]

    /// - Parameters:
    ///   - filtered: webhooks that have a filter, in order, with the set of topics that each subscribes to.
    ///   - subscriptions: those sets.
    ///   - paths: gets the paths that the filters name.
    init(
        _ filtered: [(webhook: Int, set: Int, filter: EventPattern)], _ subscriptions: Subscriptions,
        _ paths: inout PathTree
    ) {
        var program = FilterProgram()
        for entry in filtered { program.add(entry.filter, &paths) }
        paths.seal()
        webhooks = filtered.map { Int32($0.webhook) }
        sets = filtered.map { Int32($0.set) }
        for (filter, entry) in filtered.enumerated() { filterOf[entry.webhook] = filter }
        var perSet = Array(repeating: 0, count: subscriptions.setCount)
        for entry in filtered { perSet[entry.set] += 1 }
        var perTopic: [Int32: Int] = [:]
        for set in perSet.indices where perSet[set] > 0 {
            for topic in subscriptions.topics(inSet: set) { perTopic[topic, default: 0] += perSet[set] }
        }
        let sharing = perSet.indices.map { set in
            perSet[set] == 0 ? 0 : subscriptions.topics(inSet: set).map { perTopic[$0] ?? 0 }.max() ?? 0
        }
        let plan = FilterPlan(program, sharing: filtered.map { sharing[$0.set] })
        var byTopic = Array(repeating: [Int32](), count: subscriptions.setCount)
        for filter in plan.byTopic { byTopic[filtered[Int(filter)].set].append(filter) }
        self.byTopic = byTopic
        hasFilters = (0..<subscriptions.topicCount).map { perTopic[Int32($0)] != nil }
        index = FilterIndex(plan.accesses, filterCount: filtered.count, nodeCount: paths.count)
        tests = LeafTests(program)
        verifier = FilterVerifier(nodeCount: paths.count)
        matched = Array(repeating: 0, count: filtered.count)
        marks = Array(repeating: 0, count: ((filtered.last?.webhook ?? 0) >> 6) + 1)
    }

    /// The set of topics of a webhook that has a filter.
    func set(of webhook: Int) -> Int? { filterOf[webhook].map { Int(sets[$0]) } }

    /// Finds the webhooks with a filter that take the event.
    /// - Returns: how many; they stand in `matched`.
    mutating func match(
        _ topic: Int, _ subscriptions: borrowing Subscriptions, _ leaves: borrowing Leaves,
        in line: UnsafeRawBufferPointer
    ) -> Int {
        guard hasFilters[topic] else { return 0 }
        index.begin()
        tests.begin(leaves.count)
        verifier.begin(leaves)
        for set in subscriptions.sets(ofTopic: topic) {
            for filter in byTopic[Int(set)] { index.add(filter) }
        }
        unsafe index.find(&tests, leaves, in: line)
        var count = 0
        for candidate in 0..<index.count {
            let filter = index[candidate]
            guard subscriptions.isTopic(topic, inSet: Int(sets[filter])),
                unsafe verifier.matches(filter, &tests, leaves, in: line)
            else { continue }
            matched[count] = webhooks[filter]
            count += 1
        }
        sort(count)
        return count
    }

    /// How a webhook's filter decides about an event, whatever its topic; nil: it has none, or takes no part.
    mutating func verdict(
        of webhook: Int, _ leaves: borrowing Leaves, in line: UnsafeRawBufferPointer
    ) -> FilterVerdict? {
        guard let filter = filterOf[webhook] else { return nil }
        tests.begin(leaves.count)
        verifier.begin(leaves)
        var verdict = FilterVerdict(isMatch: unsafe verifier.matches(filter, &tests, leaves, in: line))
        for place in tests.program.ownFields[filter].range {
            let field = tests.program.fields[place]
            var found = FilterVerdict.Field()
            var leaf = verifier.firstLeaf(at: field.node)
            while leaf >= 0 {
                found.leaves.append(Int(leaf))
                if unsafe tests.passes(field, Int(leaf), leaves, in: line) { found.passing.append(Int(leaf)) }
                leaf = verifier.leaf(after: leaf)
            }
            verdict.fields.append(found)
        }
        return verdict
    }

    /// Sorts what matched without taking memory.
    private mutating func sort(_ count: Int) {
        if count > 32 { return sortByMarks(count) }
        for index in stride(from: 1, to: count, by: 1) {
            let webhook = matched[index]
            var place = index
            while place > 0, matched[place - 1] > webhook {
                matched[place] = matched[place - 1]
                place -= 1
            }
            matched[place] = webhook
        }
    }

    private mutating func sortByMarks(_ count: Int) {
        for index in 0..<count { marks[Int(matched[index]) >> 6] |= 1 << UInt64(matched[index] & 63) }
        var place = 0
        for word in marks.indices where marks[word] != 0 {
            var bits = marks[word]
            while bits != 0 {
                matched[place] = Int32(word << 6 | bits.trailingZeroBitCount)
                place += 1
                bits &= bits - 1
            }
            marks[word] = 0
        }
    }
}

/// How one filter decides about one event: for explaining it, since it takes memory.
package struct FilterVerdict: Equatable, Sendable {
    package struct Field: Equatable, Sendable {
        /// The event's leaves at its path, by their place in `Leaves`.
        package var leaves: [Int] = []
        /// Those that pass one of its alternatives.
        package var passing: [Int] = []
    }

    package var isMatch: Bool
    /// In the order of `EventPattern.fields`. Of a field that may be absent nothing needs to pass; and where lists share
    /// leaves, passing alone is not enough.
    package var fields: [Field] = []
}
