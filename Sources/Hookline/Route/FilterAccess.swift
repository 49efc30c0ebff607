/// A way to come from an event to a filter: what some leaf must be if the filter is to match. Many events pass it that do
/// not match; none that matches fails it.
enum FilterAccess: Sendable {
    enum Kind: UInt8, Sendable {
        case literal, prefix, suffix, foldedEqual, foldedPrefix, foldedSuffix
        /// Somewhere in the text.
        case part
        /// Leading bits of an address: IPv4 and IPv6.
        case network4, network6
    }

    /// A leaf of this kind, of which so many bytes or bits have the hash.
    case hash(node: Int32, Kind, length: Int32, UInt64)
    /// A number in a range of orders.
    case range(node: Int32, low: UInt64, high: UInt64)
    /// Any leaf.
    case presence(node: Int32)

    /// The lengths of parts that are looked for.
    static let partLengths: [Int32] = [16, 8, 4, 2, 1]

    static func key(_ node: Int32, _ kind: Kind, _ length: Int32, _ hash: UInt64) -> UInt64 {
        WordHash.mix(
            hash ^ UInt64(truncatingIfNeeded: node) &* 0x9E37_79B9_7F4A_7C15,
            UInt64(kind.rawValue) << 32 | UInt64(truncatingIfNeeded: length))
    }
}

extension FilterProgram {
    /// One for each alternative of a field; together they are passed by all that the field lets pass.
    func accesses(of field: Field) -> [FilterAccess] {
        var accesses: [FilterAccess] = []
        for test in tests[Int(field.firstTest)..<Int(field.firstTest + field.testCount)] {
            if test.kind == .literals {
                accesses += literals[test.span.range].map { .hash(node: field.node, .literal, length: 0, $0.hash) }
            } else {
                accesses.append(access(to: test, at: field.node))
            }
        }
        return accesses
    }

    private func access(to test: Test, at node: Int32) -> FilterAccess {
        func hashed(_ kind: FilterAccess.Kind, _ span: Span) -> FilterAccess {
            span.count == 0 && kind != .foldedEqual
                ? .presence(node: node) : .hash(node: node, kind, length: span.count, hash(span.range))
        }
        switch test.kind {
        case .exists, .literals, .notLiterals, .notTests: return .presence(node: node)
        case .range: return .range(node: node, low: test.low, high: test.high)
        case .prefix: return hashed(.prefix, test.span)
        case .suffix: return hashed(.suffix, test.span)
        case .foldedEqual: return hashed(.foldedEqual, test.span)
        case .foldedPrefix: return hashed(.foldedPrefix, test.span)
        case .foldedSuffix: return hashed(.foldedSuffix, test.span)
        case .wildcard: return access(toWildcard: test, at: node)
        case .cidr:
            let bits = Int(test.low)
            var state = UInt64(test.count)
            for (index, byte) in texts[test.span.range].enumerated() {
                let kept = max(0, min(8, bits - index * 8))
                state = WordHash.mix(state, UInt64(byte & ~UInt8(truncatingIfNeeded: 0xFF >> kept)))
            }
            return .hash(node: node, test.count == 4 ? .network4 : .network6, length: Int32(bits), state)
        }
    }

    /// By the longest of its pieces.
    private func access(toWildcard test: Test, at node: Int32) -> FilterAccess {
        let spans = pieces[test.span.range]
        guard let first = spans.first, let last = spans.last else { return .presence(node: node) }
        if spans.count == 1 {
            return unsafe texts[first.range].withUnsafeBytes {
                .hash(node: node, .literal, length: 0, unsafe Self.hash(.text, $0))
            }
        }
        let longest = spans.dropFirst().dropLast().max { $0.count < $1.count } ?? Span()
        if first.count >= max(last.count, longest.count), first.count > 0 {
            return .hash(node: node, .prefix, length: first.count, hash(first.range))
        }
        if last.count >= longest.count, last.count > 0 {
            return .hash(node: node, .suffix, length: last.count, hash(last.range))
        }
        guard let length = FilterAccess.partLengths.first(where: { $0 <= longest.count }) else {
            return .presence(node: node)
        }
        let start = Int(longest.first)
        return .hash(node: node, .part, length: length, hash(start..<start + Int(length)))
    }

    private func hash(_ range: Range<Int>) -> UInt64 {
        unsafe texts[range].withUnsafeBytes { unsafe WordHash.value($0) }
    }
}
