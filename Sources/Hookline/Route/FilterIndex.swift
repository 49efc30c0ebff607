/// Finds the filters that the event at hand may match: some look-ups for each leaf, however many filters there are.
struct FilterIndex: ~Copyable {
    private typealias Span = FilterProgram.Span
    private struct Slot {
        var key: UInt64 = 0
        /// Among `postings`; count 0: the slot is empty.
        var span = Span()
    }

    /// Open addressing with linear probing, at most half full.
    private var slots: [Slot]
    private var postings: [Int32] = []
    /// By node: its plan among `plans`, or -1.
    private var planOf: [Int32]
    private var plans: [Plan] = []
    private var lengths: [Int32] = []
    private var intervals: [Interval] = []

    /// What to look up for the leaves of a node. Lists are of lengths, the shortest first.
    private struct Plan {
        var hasLiterals = false
        var hasFoldedEquals = false
        var usesText = false
        var usesFolded = false
        var prefixes = Span()
        var suffixes = Span()
        var foldedPrefixes = Span()
        var foldedSuffixes = Span()
        var parts = Span()
        var networks4 = Span()
        var networks6 = Span()
        var ranges = Span()
        var presences = Span()
    }

    /// A range of orders; in the middle of each part of the list stands the highest end of that part.
    private struct Interval {
        var low: UInt64
        var high: UInt64
        var highest: UInt64 = 0
        var filter: Int32
    }

    /// By filter: the event that found it last.
    private var stamps: [Int]
    private var event = 0
    private var candidates: [Int32]
    private(set) var count = 0

    init(_ accesses: [(FilterAccess, filter: Int32)], filterCount: Int, nodeCount: Int) {
        stamps = Array(repeating: 0, count: filterCount)
        candidates = Array(repeating: 0, count: filterCount)
        planOf = Array(repeating: -1, count: nodeCount)
        slots = [Slot()]
        var byKey: [UInt64: [Int32]] = [:]
        var found: [Int32: NodeAccesses] = [:]
        for (access, filter) in accesses {
            switch access {
            case .hash(let node, let kind, let length, let hash):
                byKey[FilterAccess.key(node, kind, length, hash), default: []].append(filter)
                found[node, default: NodeAccesses()].lengths[kind, default: []].insert(length)
            case .range(let node, let low, let high):
                found[node, default: NodeAccesses()].intervals.append(Interval(low: low, high: high, filter: filter))
            case .presence(let node): found[node, default: NodeAccesses()].presences.append(filter)
            }
        }
        for (node, accesses) in found {
            planOf[Int(node)] = Int32(plans.count)
            add(accesses)
        }
        fill(byKey)
    }

    private struct NodeAccesses {
        var lengths: [FilterAccess.Kind: Set<Int32>] = [:]
        var intervals: [Interval] = []
        var presences: [Int32] = []
    }

    private mutating func add(_ accesses: NodeAccesses) {
        var plan = Plan()
        plan.hasLiterals = accesses.lengths[.literal] != nil
        plan.hasFoldedEquals = accesses.lengths[.foldedEqual] != nil
        plan.prefixes = list(accesses.lengths[.prefix])
        plan.suffixes = list(accesses.lengths[.suffix])
        plan.foldedPrefixes = list(accesses.lengths[.foldedPrefix])
        plan.foldedSuffixes = list(accesses.lengths[.foldedSuffix])
        plan.parts = list(accesses.lengths[.part])
        plan.networks4 = list(accesses.lengths[.network4])
        plan.networks6 = list(accesses.lengths[.network6])
        plan.usesFolded = plan.hasFoldedEquals || plan.foldedPrefixes.count + plan.foldedSuffixes.count > 0
        plan.usesText =
            plan.usesFolded || plan.prefixes.count + plan.suffixes.count + plan.parts.count > 0
            || plan.networks4.count + plan.networks6.count > 0
        plan.ranges = Span(first: Int32(intervals.count), count: Int32(accesses.intervals.count))
        intervals += accesses.intervals.sorted { $0.low < $1.low }
        _ = mark(plan.ranges.range)
        plan.presences = Span(first: Int32(postings.count), count: Int32(accesses.presences.count))
        postings += accesses.presences
        plans.append(plan)
    }

    private mutating func list(_ found: Set<Int32>?) -> Span {
        let sorted = (found ?? []).sorted()
        lengths += sorted
        return Span(first: Int32(lengths.count - sorted.count), count: Int32(sorted.count))
    }

    /// Notes the highest end of each part of the list.
    private mutating func mark(_ range: Range<Int>) -> UInt64 {
        if range.isEmpty { return 0 }
        let middle = (range.lowerBound + range.upperBound) / 2
        let highest = max(
            intervals[middle].high, mark(range.lowerBound..<middle), mark(middle + 1..<range.upperBound))
        intervals[middle].highest = highest
        return highest
    }

    private mutating func fill(_ byKey: [UInt64: [Int32]]) {
        var capacity = 2
        while capacity < byKey.count * 2 { capacity *= 2 }
        slots = Array(repeating: Slot(), count: capacity)
        for (key, filters) in byKey {
            var slot = Int(truncatingIfNeeded: key) & (capacity - 1)
            while slots[slot].span.count > 0 { slot = (slot + 1) & (capacity - 1) }
            slots[slot] = Slot(key: key, span: Span(first: Int32(postings.count), count: Int32(filters.count)))
            postings += filters
        }
    }

    // MARK: Look-up

    mutating func begin() {
        event += 1
        count = 0
    }

    subscript(index: Int) -> Int { Int(candidates[index]) }

    mutating func add(_ filter: Int32) {
        if stamps[Int(filter)] == event { return }
        stamps[Int(filter)] = event
        candidates[count] = filter
        count += 1
    }

    /// Adds the filters that the event's leaves lead to.
    mutating func find(_ tests: inout LeafTests, _ leaves: borrowing Leaves, in line: UnsafeRawBufferPointer) {
        for index in 0..<leaves.count {
            let leaf = leaves[index]
            let place = planOf[Int(leaf.node)]
            if place < 0 || leaf.kind == .replaced { continue }
            let plan = plans[Int(place)]
            for posting in plan.presences.range { add(postings[posting]) }
            if plan.hasLiterals { look(leaf.node, .literal, 0, unsafe tests.hash(index, leaves, in: line)) }
            if leaf.kind == .number, plan.ranges.count > 0 {
                let order = unsafe JSONNumber.order(tests.number(index, leaves, in: line))
                stab(plan.ranges.range, order)
            } else if plan.usesText, leaf.isText {
                unsafe find(plan, leaf.node, leaves.bytes(of: leaf, in: line), &tests)
                if plan.usesFolded {
                    unsafe tests.fold(index, leaves, in: line)
                    findFolded(plan, leaf.node, tests)
                }
            }
        }
    }

    private mutating func find(
        _ plan: Plan, _ node: Int32, _ bytes: UnsafeRawBufferPointer, _ tests: inout LeafTests
    ) {
        for place in plan.prefixes.range {
            let length = Int(lengths[place])
            if length > bytes.count { break }
            look(
                node, .prefix, lengths[place],
                unsafe WordHash.value(UnsafeRawBufferPointer(rebasing: bytes[..<length])))
        }
        for place in plan.suffixes.range {
            let length = Int(lengths[place])
            if length > bytes.count { break }
            look(
                node, .suffix, lengths[place],
                unsafe WordHash.value(UnsafeRawBufferPointer(rebasing: bytes[(bytes.count - length)...])))
        }
        for place in plan.parts.range {
            let length = Int(lengths[place])
            if length > bytes.count { break }
            for start in 0...bytes.count - length {
                look(
                    node, .part, lengths[place],
                    unsafe WordHash.value(UnsafeRawBufferPointer(rebasing: bytes[start..<start + length])))
            }
        }
        guard plan.networks4.count + plan.networks6.count > 0 else { return }
        let width = unsafe tests.parseAddress(bytes)
        if width == 0 { return }
        for place in (width == 4 ? plan.networks4 : plan.networks6).range {
            let bits = lengths[place]
            look(node, width == 4 ? .network4 : .network6, bits, tests.addressHash(width: width, bits: Int(bits)))
        }
    }

    private mutating func findFolded(_ plan: Plan, _ node: Int32, _ tests: borrowing LeafTests) {
        let count = tests.foldedCount
        if plan.hasFoldedEquals { look(node, .foldedEqual, Int32(count), tests.foldedHash(first: count)) }
        for place in plan.foldedPrefixes.range where lengths[place] <= count {
            look(node, .foldedPrefix, lengths[place], tests.foldedHash(first: Int(lengths[place])))
        }
        for place in plan.foldedSuffixes.range where lengths[place] <= count {
            look(node, .foldedSuffix, lengths[place], tests.foldedHash(last: Int(lengths[place])))
        }
    }

    @inline(__always)
    private mutating func look(_ node: Int32, _ kind: FilterAccess.Kind, _ length: Int32, _ hash: UInt64) {
        let key = FilterAccess.key(node, kind, length, hash)
        var slot = Int(truncatingIfNeeded: key) & (slots.count - 1)
        while slots[slot].span.count > 0 {
            if slots[slot].key == key {
                for posting in slots[slot].span.range { add(postings[posting]) }
                return
            }
            slot = (slot + 1) & (slots.count - 1)
        }
    }

    /// Adds the filters of all ranges that hold the number.
    private mutating func stab(_ range: Range<Int>, _ order: UInt64) {
        var range = range
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            if intervals[middle].highest < order { return }
            stab(range.lowerBound..<middle, order)
            if intervals[middle].low > order { return }
            if intervals[middle].high >= order { add(intervals[middle].filter) }
            range = middle + 1..<range.upperBound
        }
    }
}
