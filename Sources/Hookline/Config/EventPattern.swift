/// What an event's content must be for a webhook to get it: an event pattern in the language of Amazon EventBridge
/// (SPEC section 5).
///
/// `$or` is multiplied out, so that a pattern matches where any one of its branches does. A field that is named twice
/// in a branch, outside of an `$or` and inside, or with dots and without, counts as it stands last.
package struct EventPattern: Equatable, Sendable {
    /// Branches that a pattern may multiply to.
    package static let branchLimit = 1_000

    /// A path, and what the leaves there may be.
    package struct Field: Equatable, Sendable {
        /// Its keys from the top; a key with dots counts as several.
        package var path: [String]
        /// One of these must hold. Never empty.
        package var alternatives: [Alternative]

        /// As it is shown: `detail.state`.
        package var name: String { path.joined(separator: ".") }
        /// Whether it is enough that there is no leaf: `exists: false` is among the alternatives.
        package var allowsAbsence: Bool { alternatives.contains(.exists(false)) }
    }

    /// What a leaf may be.
    package enum Alternative: Equatable, Sendable {
        case literal(Literal)
        case text(TextTest)
        case numeric(NumericRange)
        /// A text that is an address of the block.
        case cidr(CIDR)
        case exists(Bool)
        /// Any leaf but these: all texts, or all numbers.
        case anythingButLiterals([Literal])
        /// Any leaf but a text that passes one of the tests.
        case anythingButTexts([TextTest])
    }

    package enum Literal: Equatable, Sendable {
        case text(String)
        case number(JSONNumber)
        case boolean(Bool)
        case null
    }

    /// A test that only texts can pass.
    package enum TextTest: Equatable, Sendable {
        case equalsIgnoreCase(String)
        case prefix(String, ignoresCase: Bool)
        case suffix(String, ignoresCase: Bool)
        case wildcard(Wildcard)
    }

    /// Fields that branches share stand here once.
    package var fields: [Field]
    /// Places among `fields`; all of a branch must hold. Never empty.
    package var branches: [[Int]]
}

/// A text in which `*` stands for any text, the empty one too.
package struct Wildcard: Equatable, Sendable {
    /// As written.
    package let source: String
    /// What stands between the `*`, escapes decoded: one more than there are `*`.
    package let pieces: [String]

    package enum Problem: Error, Equatable {
        case repeatedStar
        /// What follows the backslash; nil: nothing.
        case escape(Unicode.Scalar?)
    }

    package init(_ source: String) throws(Problem) {
        var pieces = [""]
        var afterStar = false
        var rest = source.unicodeScalars[...]
        while let character = rest.popFirst() {
            if character == "*" {
                if afterStar { throw .repeatedStar }
                afterStar = true
                pieces.append("")
                continue
            }
            afterStar = false
            var literal = character
            if character == "\\" {
                let escaped = rest.popFirst()
                guard let escaped, escaped == "*" || escaped == "\\" else { throw .escape(escaped) }
                literal = escaped
            }
            pieces[pieces.count - 1].unicodeScalars.append(literal)
        }
        self.source = source
        self.pieces = pieces
    }
}

/// Numbers between two bounds, compared as IEEE 754 doubles.
package struct NumericRange: Equatable, Sendable {
    package struct Bound: Equatable, Sendable {
        package var number: JSONNumber
        package var isIncluded: Bool
    }

    /// nil: no bound.
    package var lower: Bound?
    /// Equal to `lower`, both included, for `=`.
    package var upper: Bound?

    /// The doubles that it holds, by their `order`: none if the first is above the last.
    package var orders: (first: UInt64, last: UInt64) {
        let first = lower.map { JSONNumber.order($0.number.value) + ($0.isIncluded ? 0 : 1) } ?? 0
        let last = upper.map { JSONNumber.order($0.number.value) - ($0.isIncluded ? 0 : 1) } ?? .max
        return (first, last)
    }
}
