import Glibc

/// Holds the leaves of one event against the tests of filters. What a leaf must be turned into for that, a hash or a
/// double, is kept for all tests.
struct LeafTests: ~Copyable {
    let program: FilterProgram
    /// By leaf; 0 and NaN where they are not known yet.
    private var hashes: [UInt64] = []
    private var numbers: [Double] = []
    private var folded: [UInt8] = []
    private var foldedLeaf = -1
    private var written = [UInt8](repeating: 0, count: 48)
    private var address = [UInt8](repeating: 0, count: 16)

    init(_ program: FilterProgram) { self.program = program }

    /// Forgets the event before.
    mutating func begin(_ count: Int) {
        while hashes.count < count {
            hashes.append(0)
            numbers.append(.nan)
        }
        for leaf in 0..<count {
            hashes[leaf] = 0
            numbers[leaf] = .nan
        }
        foldedLeaf = -1
    }

    /// Whether a leaf passes one of the field's tests.
    mutating func passes(
        _ field: FilterProgram.Field, _ index: Int, _ leaves: borrowing Leaves, in line: UnsafeRawBufferPointer
    ) -> Bool {
        unsafe anyPasses(field.firstTest, field.testCount, index, leaves, in: line)
    }

    private mutating func anyPasses(
        _ first: Int32, _ count: Int32, _ index: Int, _ leaves: borrowing Leaves, in line: UnsafeRawBufferPointer
    ) -> Bool {
        for test in Int(first)..<Int(first + count) {
            if unsafe passes(program.tests[test], index, leaves, in: line) { return true }
        }
        return false
    }

    private mutating func passes(
        _ test: FilterProgram.Test, _ index: Int, _ leaves: borrowing Leaves, in line: UnsafeRawBufferPointer
    ) -> Bool {
        let leaf = leaves[index]
        switch test.kind {
        case .exists: return true
        case .literals: return unsafe isLiteral(test, index, leaves, in: line)
        case .notLiterals: return unsafe !isLiteral(test, index, leaves, in: line)
        case .notTests:
            if !leaf.isText { return true }
            return unsafe !anyPasses(test.first, test.count, index, leaves, in: line)
        case .range:
            if leaf.kind != .number { return false }
            let order = unsafe JSONNumber.order(number(index, leaves, in: line))
            return test.low <= order && order <= test.high
        case .prefix, .suffix, .wildcard, .cidr:
            if !leaf.isText { return false }
            let bytes = unsafe leaves.bytes(of: leaf, in: line)
            switch test.kind {
            case .prefix: return unsafe isPart(test.span, of: bytes, at: 0)
            case .suffix: return unsafe isPart(test.span, of: bytes, at: bytes.count - Int(test.count))
            case .wildcard: return unsafe matches(test, bytes)
            default: return unsafe isAddress(bytes, of: test)
            }
        case .foldedEqual, .foldedPrefix, .foldedSuffix:
            if !leaf.isText { return false }
            unsafe fold(index, leaves, in: line)
            let count = Int(test.count)
            let start = test.kind == .foldedSuffix ? folded.count - count : 0
            guard start >= 0, count <= folded.count, test.kind != .foldedEqual || count == folded.count else {
                return false
            }
            for offset in 0..<count where program.texts[Int(test.first) + offset] != folded[start + offset] {
                return false
            }
            return true
        }
    }

    // MARK: Literals

    /// A leaf's hash as a literal.
    mutating func hash(_ index: Int, _ leaves: borrowing Leaves, in line: UnsafeRawBufferPointer) -> UInt64 {
        if hashes[index] == 0 {
            let leaf = leaves[index]
            hashes[index] = unsafe FilterProgram.hash(leaf.kind, leaves.bytes(of: leaf, in: line))
        }
        return hashes[index]
    }

    private mutating func isLiteral(
        _ test: FilterProgram.Test, _ index: Int, _ leaves: borrowing Leaves, in line: UnsafeRawBufferPointer
    ) -> Bool {
        let hash = unsafe hash(index, leaves, in: line)
        let end = Int(test.first + test.count)
        var low = Int(test.first)
        var high = end
        while high - low > 4 {
            let middle = (low + high) / 2
            if program.literals[middle].hash < hash { low = middle + 1 } else { high = middle }
        }
        while low < end, program.literals[low].hash < hash { low += 1 }
        while low < end, program.literals[low].hash == hash {
            if unsafe isEqual(program.literals[low], leaves[index], leaves, in: line) { return true }
            low += 1
        }
        return false
    }

    private func isEqual(
        _ literal: FilterProgram.Literal, _ leaf: Leaves.Leaf, _ leaves: borrowing Leaves,
        in line: UnsafeRawBufferPointer
    ) -> Bool {
        switch literal.kind {
        case .true, .false, .null, .replaced: return literal.kind == leaf.kind
        case .text, .decodedText:
            guard leaf.isText, leaf.count == literal.count else { return false }
            return unsafe isPart(literal.span, of: leaves.bytes(of: leaf, in: line), at: 0)
        case .number:
            guard leaf.kind == .number else { return false }
            let bytes = unsafe leaves.bytes(of: leaf, in: line)
            if leaf.count == literal.count, unsafe isPart(literal.span, of: bytes, at: 0) { return true }
            guard literal.isExact else { return false }
            return unsafe program.texts.withUnsafeBytes {
                unsafe JSONNumber.haveOneValue(UnsafeRawBufferPointer(rebasing: $0[literal.span.range]), bytes)
            }
        }
    }

    // MARK: Numbers

    mutating func number(_ index: Int, _ leaves: borrowing Leaves, in line: UnsafeRawBufferPointer) -> Double {
        if numbers[index].isNaN {
            numbers[index] = unsafe JSONNumber.double(leaves.bytes(of: leaves[index], in: line))
        }
        return numbers[index]
    }

    // MARK: Texts

    /// Whether a text of the program stands at a place.
    private func isPart(_ span: FilterProgram.Span, of bytes: UnsafeRawBufferPointer, at start: Int) -> Bool {
        let count = Int(span.count)
        guard start >= 0, start + count <= bytes.count else { return false }
        for offset in 0..<count where unsafe program.texts[Int(span.first) + offset] != bytes[start + offset] {
            return false
        }
        return true
    }

    /// The first of a wildcard's pieces begins the text, the last ends it, and those between are found one after the
    /// other, each as early as it can be.
    private func matches(_ test: FilterProgram.Test, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let first = program.pieces[Int(test.first)]
        guard unsafe isPart(first, of: bytes, at: 0) else { return false }
        if test.count == 1 { return Int(first.count) == bytes.count }
        let last = program.pieces[Int(test.first + test.count) - 1]
        let end = bytes.count - Int(last.count)
        var at = Int(first.count)
        guard end >= at, unsafe isPart(last, of: bytes, at: end) else { return false }
        for piece in Int(test.first) + 1..<Int(test.first + test.count) - 1 {
            guard let found = unsafe find(program.pieces[piece], in: bytes, at..<end) else { return false }
            at = found + Int(program.pieces[piece].count)
        }
        return true
    }

    private func find(_ span: FilterProgram.Span, in bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int? {
        guard let base = bytes.baseAddress, span.count > 0 else { return range.lowerBound }
        let first = Int32(program.texts[Int(span.first)])
        var at = range.lowerBound
        while at + Int(span.count) <= range.upperBound,
            let found = unsafe memchr(base + at, first, range.upperBound - Int(span.count) - at + 1)
        {
            at = unsafe UnsafeRawPointer(found) - base
            if unsafe isPart(span, of: bytes, at: at) { return at }
            at += 1
        }
        return nil
    }

    /// The leaf's folded form; valid until it is asked for another.
    mutating func fold(_ index: Int, _ leaves: borrowing Leaves, in line: UnsafeRawBufferPointer) {
        if foldedLeaf == index { return }
        foldedLeaf = index
        unsafe CaseFolding.table.fold(leaves.bytes(of: leaves[index], in: line), into: &folded)
    }

    /// Of the text that was folded last: of all of it, or of what it begins or ends with.
    func foldedHash(first count: Int) -> UInt64 {
        unsafe folded.withUnsafeBytes { unsafe WordHash.value(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }

    func foldedHash(last count: Int) -> UInt64 {
        unsafe folded.withUnsafeBytes {
            unsafe WordHash.value(UnsafeRawBufferPointer(rebasing: $0[($0.count - count)...]))
        }
    }

    var foldedCount: Int { folded.count }

    // MARK: Addresses

    /// Reads a text as an address.
    /// - Returns: 4 or 16, or 0: it is none.
    mutating func parseAddress(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard bytes.count < 46, bytes.count > 1 else { return 0 }
        var isIPv6 = false
        for index in 0..<bytes.count {
            let byte = unsafe bytes[index]
            // What no address holds, so that the text ends where it seems to.
            if byte == 0 { return 0 }
            isIPv6 = isIPv6 || byte == UInt8(ascii: ":")
            written[index] = byte
        }
        written[bytes.count] = 0
        let isAddress = unsafe written.withUnsafeBytes { text in
            unsafe address.withUnsafeMutableBytes { address in
                guard let text = unsafe text.bindMemory(to: CChar.self).baseAddress else { return false }
                return unsafe inet_pton(isIPv6 ? AF_INET6 : AF_INET, text, address.baseAddress) == 1
            }
        }
        return isAddress ? (isIPv6 ? 16 : 4) : 0
    }

    /// A hash of the leading bits of the address that was read last.
    func addressHash(width: Int, bits: Int) -> UInt64 {
        var state = UInt64(width)
        for index in 0..<width {
            let kept = max(0, min(8, bits - index * 8))
            state = WordHash.mix(state, UInt64(address[index] & ~UInt8(truncatingIfNeeded: 0xFF >> kept)))
        }
        return state
    }

    private mutating func isAddress(_ bytes: UnsafeRawBufferPointer, of test: FilterProgram.Test) -> Bool {
        guard unsafe parseAddress(bytes) == Int(test.count) else { return false }
        var bits = Int(test.low)
        for index in 0..<Int(test.count) where bits > 0 {
            let mask = ~UInt8(truncatingIfNeeded: 0xFF >> min(8, bits))
            if (address[index] ^ program.texts[Int(test.first) + index]) & mask != 0 { return false }
            bits -= 8
        }
        return true
    }
}

extension Leaves.Leaf {
    var isText: Bool { kind == .text || kind == .decodedText }
}

extension FilterProgram.Test {
    var span: FilterProgram.Span { FilterProgram.Span(first: first, count: count) }
}

extension FilterProgram.Literal {
    var span: FilterProgram.Span { FilterProgram.Span(first: start, count: count) }
}
