/// Filters in the form in which events are held against them: flat lists that name each other by place.
struct FilterProgram: Sendable {
    struct Literal: Sendable {
        var hash: UInt64
        var kind: Leaves.Kind
        /// A number of which equal ones may be written otherwise.
        var isExact = false
        /// In `texts`: a text, or a number as written.
        var start: Int32 = 0
        var count: Int32 = 0
    }

    enum Kind: UInt8, Sendable {
        /// One of `literals`, from `first` on.
        case literals
        case notLiterals
        /// In `texts`.
        case prefix, suffix
        /// In `texts`, folded.
        case foldedEqual, foldedPrefix, foldedSuffix
        /// Of `pieces`.
        case wildcard
        /// Numbers by their order.
        case range
        /// The network in `texts`; `low` is the prefix length.
        case cidr
        case exists
        /// None of `tests`.
        case notTests
    }

    struct Test: Sendable {
        var kind: Kind
        var first: Int32 = 0
        var count: Int32 = 0
        var low: UInt64 = 0
        var high: UInt64 = 0
    }

    struct Field: Sendable {
        /// Of the path tree.
        var node: Int32
        var firstTest: Int32
        var testCount: Int32
        var allowsAbsence: Bool
    }

    /// Places in the next list, from `first` on.
    struct Span: Sendable {
        var first: Int32 = 0
        var count: Int32 = 0

        var range: Range<Int> { Int(first)..<Int(first + count) }
    }

    var texts: [UInt8] = []
    var pieces: [Span] = []
    var literals: [Literal] = []
    var tests: [Test] = []
    var fields: [Field] = []
    /// Places among `fields`.
    var branchFields: [Int32] = []
    var branches: [Span] = []
    /// By filter: its branches.
    var filters: [Span] = []
    /// By filter: its fields, in the order of `EventPattern.fields`.
    var ownFields: [Span] = []
    /// Whether some test folds case, or looks for addresses.
    var foldsCase = false

    /// Adds a filter, whose paths become nodes of the tree.
    mutating func add(_ pattern: EventPattern, _ tree: inout PathTree) {
        let first = Int32(fields.count)
        for field in pattern.fields {
            let node = Int32(tree.insert(field.path))
            var own = compile(field.alternatives)
            // A test of a test's own was appended already; those of one field stand together.
            let start = Int32(tests.count)
            tests += own
            fields.append(
                Field(
                    node: node, firstTest: start, testCount: Int32(own.count), allowsAbsence: field.allowsAbsence))
            own.removeAll()
        }
        ownFields.append(Span(first: first, count: Int32(pattern.fields.count)))
        filters.append(Span(first: Int32(branches.count), count: Int32(pattern.branches.count)))
        for branch in pattern.branches {
            branches.append(Span(first: Int32(branchFields.count), count: Int32(branch.count)))
            branchFields += branch.map { first + Int32($0) }
        }
    }

    private mutating func compile(_ alternatives: [EventPattern.Alternative]) -> [Test] {
        var own: [Test] = []
        var literals: [EventPattern.Literal] = []
        for alternative in alternatives {
            switch alternative {
            case .literal(let literal): literals.append(literal)
            case .text(let test): own.append(compile(test))
            case .numeric(let range):
                let (low, high) = range.orders
                own.append(Test(kind: .range, low: low, high: high))
            case .cidr(let block):
                let span = add(block.network)
                own.append(
                    Test(kind: .cidr, first: span.first, count: span.count, low: UInt64(block.prefixLength)))
            case .exists(true): own.append(Test(kind: .exists))
            case .exists(false): break
            case .anythingButLiterals(let excluded):
                let span = add(excluded)
                own.append(Test(kind: .notLiterals, first: span.first, count: span.count))
            case .anythingButTexts(let excluded):
                let compiled = excluded.map { compile($0) }
                own.append(Test(kind: .notTests, first: Int32(tests.count), count: Int32(compiled.count)))
                tests += compiled
            }
        }
        if !literals.isEmpty {
            let span = add(literals)
            own.insert(Test(kind: .literals, first: span.first, count: span.count), at: 0)
        }
        return own
    }

    private mutating func compile(_ test: EventPattern.TextTest) -> Test {
        func made(_ kind: Kind, _ span: Span) -> Test { Test(kind: kind, first: span.first, count: span.count) }
        switch test {
        case .equalsIgnoreCase(let text): return made(.foldedEqual, addFolded(text))
        case .prefix(let text, let ignoresCase):
            return ignoresCase ? made(.foldedPrefix, addFolded(text)) : made(.prefix, add(Array(text.utf8)))
        case .suffix(let text, let ignoresCase):
            return ignoresCase ? made(.foldedSuffix, addFolded(text)) : made(.suffix, add(Array(text.utf8)))
        case .wildcard(let wildcard):
            let spans = wildcard.pieces.map { add(Array($0.utf8)) }
            pieces += spans
            return made(.wildcard, Span(first: Int32(pieces.count - spans.count), count: Int32(spans.count)))
        }
    }

    private mutating func addFolded(_ text: String) -> Span { add(CaseFolding.table.folded(text)) }

    private mutating func add(_ bytes: [UInt8]) -> Span {
        texts += bytes
        return Span(first: Int32(texts.count - bytes.count), count: Int32(bytes.count))
    }

    /// Literals of one set, by their hash.
    private mutating func add(_ set: [EventPattern.Literal]) -> Span {
        let compiled = set.map { literal -> Literal in
            switch literal {
            case .text(let text):
                let span = add(Array(text.utf8))
                return Literal(
                    hash: Self.hash(.text, Array(text.utf8)), kind: .text, start: span.first, count: span.count)
            case .number(let number):
                let span = add(Array(number.text.utf8))
                return Literal(
                    hash: Self.hash(.number, Array(number.text.utf8)), kind: .number, isExact: number.isExact,
                    start: span.first, count: span.count)
            case .boolean(let value):
                return Literal(hash: Self.hash(value ? .true : .false, []), kind: value ? .true : .false)
            case .null: return Literal(hash: Self.hash(.null, []), kind: .null)
            }
        }
        literals += compiled.sorted { $0.hash < $1.hash }
        return Span(first: Int32(literals.count - compiled.count), count: Int32(compiled.count))
    }

    private static func hash(_ kind: Leaves.Kind, _ bytes: [UInt8]) -> UInt64 {
        unsafe bytes.withUnsafeBytes { unsafe hash(kind, $0) }
    }

    /// The same for all that is equal as a literal: never 0.
    static func hash(_ kind: Leaves.Kind, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
        switch kind {
        case .text, .decodedText: unsafe WordHash.value(bytes) | 1
        case .number: unsafe WordHash.mix(JSONNumber.hash(bytes), 0x5bd1_e995) | 1
        case .true, .false, .null, .replaced: UInt64(kind.rawValue) << 1 | 1
        }
    }
}
