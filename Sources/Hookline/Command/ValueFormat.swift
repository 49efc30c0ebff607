/// How a kind of option value is written: one check, and the words by which help and errors describe it.
package struct ValueFormat<Field>: Sendable {
    /// What help shows in the value's place.
    package var placeholder: String
    /// What is accepted, as help shows it; nil: the placeholder says it.
    package var range: String?
    /// What is accepted, as a noun that ends "`--memory` needs …".
    package var expected: String
    package var example: String
    /// Nil: the text is not what is expected.
    package var parse: @Sendable (String) -> Field?
    /// Writes a value as a user would.
    package var text: @Sendable (Field) -> String
    /// How a shell completes it.
    package var completion = Suggestion.none
}

extension ValueFormat where Field == Duration {
    package static func duration(_ range: ClosedRange<Duration>, example: String) -> Self {
        let shown = Quantity.text(range)
        return Self(
            placeholder: "DURATION", range: shown, expected: "a duration in ms, s, m or h, \(shown)", example: example,
            parse: { Quantity.duration($0).flatMap { range.contains($0) ? $0 : nil } },
            text: { Quantity.text($0) })
    }
}

extension ValueFormat where Field == Int {
    /// A size in bytes.
    package static func size(_ range: ClosedRange<Int>, example: String) -> Self {
        let shown = Quantity.text(bytes: range)
        return Self(
            placeholder: "SIZE", range: shown, expected: "a size in bytes, KiB, MiB or GiB, \(shown)",
            example: example,
            parse: { Quantity.size($0).flatMap { range.contains($0) ? $0 : nil } },
            text: { Quantity.text(bytes: $0) })
    }
}

extension ValueFormat where Field: FixedWidthInteger & Sendable {
    /// A whole number in decimal digits, without a sign.
    package static func number(_ range: ClosedRange<Field>, example: String) -> Self {
        let shown = Quantity.text(range)
        return Self(
            placeholder: "N", range: shown, expected: "a whole number, \(shown)", example: example,
            parse: { text in
                guard Quantity.isDigits(text) else { return nil }
                return Field(text).flatMap { range.contains($0) ? $0 : nil }
            },
            text: { "\($0)" })
    }
}

extension ValueFormat where Field == Double {
    /// A number from 0 to 1 as decimal digits with at most one point.
    package static var fraction: Self {
        Self(
            placeholder: "X", range: "0 to 1", expected: "a number from 0 to 1", example: "0.25",
            parse: { text in
                // Double's own grammar also takes `0x1p-2`, `nan` and `1e-1`.
                guard text.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || (48...57).contains($0) }) else { return nil }
                return Double(text).flatMap { (0...1).contains($0) ? $0 : nil }
            },
            text: { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" })
    }
}

extension ValueFormat where Field == String {
    /// The path of a file or directory.
    package static func path(_ placeholder: String, example: String) -> Self {
        var format = text(placeholder, expected: "a path", example: example)
        format.completion = placeholder == "DIR" ? .directory : .file
        return format
    }

    /// The name of a webhook of the configuration.
    package static var webhookName: Self {
        var format = text("NAME", expected: "the name of a webhook", example: "invoicing")
        format.completion = .webhook
        return format
    }

    /// Any text but the empty one.
    package static func text(_ placeholder: String, expected: String, example: String) -> Self {
        Self(
            placeholder: placeholder, range: nil, expected: expected, example: example,
            parse: { $0.isEmpty ? nil : $0 },
            text: { $0 })
    }

    /// The value of an HTTP header: no control character (RFC 9110 section 5.5).
    package static func headerValue(_ placeholder: String, example: String) -> Self {
        Self(
            placeholder: placeholder, range: nil, expected: "text without control characters", example: example,
            parse: { $0.isEmpty || $0.utf8.contains(where: \.isControl) ? nil : $0 },
            text: { $0 })
    }

    /// SPEC section 7: `[A-Za-z0-9_-]{1,64}`, so that it fits into a file's name and into a webhook-id.
    package static var runID: Self {
        Self(
            placeholder: "ID", range: "1 to 64 of A-Z a-z 0-9 _ -", expected: "1 to 64 characters of A-Z a-z 0-9 _ -",
            example: "orders-2026-01-31",
            parse: { text in
                let isAllowed = text.utf8.allSatisfy { $0.isLetterOrDigit || "_-".utf8.contains($0) }
                return isAllowed && (1...64).contains(text.utf8.count) ? text : nil
            },
            text: { $0 })
    }
}

extension ValueFormat where Field: RawRepresentable<String> & CaseIterable & SendableMetatype {
    /// One of an enumeration's names.
    package static func choice(example: Field) -> Self {
        let names = Field.allCases.map(\.rawValue)
        return Self(
            placeholder: names.joined(separator: "|"), range: nil, expected: "one of " + names.joined(separator: ", "),
            example: example.rawValue, parse: { Field(rawValue: $0) }, text: \.rawValue,
            completion: .words(names))
    }
}
