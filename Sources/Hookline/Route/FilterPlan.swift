/// Chooses for each filter the way by which it is found: the field, or its topics, that the fewest others share. So one
/// event leads to few filters that do not match it, and memory grows with what the configuration says alone.
struct FilterPlan {
    /// Of all filters that are found by what an event holds.
    private(set) var accesses: [(FilterAccess, filter: Int32)] = []
    /// The filters that are found by their topics.
    private(set) var byTopic: [Int32] = []

    private let program: FilterProgram
    /// How many fields name each hash, each node's presence, and each range's node.
    private var hashes: [UInt64: Int32] = [:]
    private var presences: [Int32: Int32] = [:]
    private var ranges: [Int32: (lows: [UInt64], highs: [UInt64])] = [:]

    /// What a presence and a topic cost beside a value that as many share: most events have them.
    private static let presenceFactor = 16
    private static let topicFactor = 8

    /// - Parameters:
    ///   - program: the filters.
    ///   - sharing: by filter, how many have its most common topic.
    init(_ program: FilterProgram, sharing: [Int]) {
        self.program = program
        let found = program.fields.map { $0.allowsAbsence ? [] : program.accesses(of: $0) }
        for access in found.joined() { count(access) }
        for node in Array(ranges.keys) {
            ranges[node]?.lows.sort()
            ranges[node]?.highs.sort()
        }
        let costs = found.map { $0.isEmpty ? Int.max / 2 : $0.reduce(0) { $0 + cost($1) } }
        for filter in program.filters.indices {
            let cheapest = program.filters[filter].range.map { branch in
                program.branches[branch].range.map { Int(program.branchFields[$0]) }
                    .min { costs[$0] < costs[$1] } ?? 0
            }
            // Branches may share a field.
            let fields = Set(cheapest)
            let cost = fields.reduce(0) { min(Int.max / 2, $0 + costs[$1]) }
            if cost >= Int.max / 2 || cost > sharing[filter] * Self.topicFactor {
                byTopic.append(Int32(filter))
            } else {
                for field in fields.sorted() { accesses += found[field].map { ($0, Int32(filter)) } }
            }
        }
    }

    private mutating func count(_ access: FilterAccess) {
        switch access {
        case .hash(let node, let kind, let length, let hash):
            hashes[FilterAccess.key(node, kind, length, hash), default: 0] += 1
        case .range(let node, let low, let high):
            ranges[node, default: ([], [])].lows.append(low)
            ranges[node]?.highs.append(high)
        case .presence(let node): presences[node, default: 0] += 1
        }
    }

    private func cost(_ access: FilterAccess) -> Int {
        switch access {
        case .hash(let node, let kind, let length, let hash):
            Int(hashes[FilterAccess.key(node, kind, length, hash)] ?? 0)
        case .range(let node, let low, let high):
            // Those that meet it: all but those that end before it and those that begin after it.
            ranges[node].map { ranges in
                Self.count(ranges.lows) { $0 <= high } - Self.count(ranges.highs) { $0 < low }
            } ?? 0
        case .presence(let node): Int(presences[node] ?? 0) * Self.presenceFactor
        }
    }

    /// How many of a sorted list are so; these come first.
    private static func count(_ sorted: [UInt64], where isSo: (UInt64) -> Bool) -> Int {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if isSo(sorted[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
