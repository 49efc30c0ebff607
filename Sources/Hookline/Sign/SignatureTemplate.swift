/// A text with places that each request fills: what is signed, or the header that holds the signature (SPEC section 7).
package struct SignatureTemplate: Equatable, Sendable {
    package enum Part: Equatable, Sendable {
        case text([UInt8])
        case id, timestamp, body, signature
    }

    package let parts: [Part]

    /// Reads `{id}`, `{timestamp}`, `{body}` and `{signature}`; all else, other braces too, is text. No text is without
    /// meaning here: which places a setting may have is for the reader of the configuration to check.
    package init(_ text: String) {
        let places: [(name: [UInt8], part: Part)] = [
            (Array("{id}".utf8), .id), (Array("{timestamp}".utf8), .timestamp), (Array("{body}".utf8), .body),
            (Array("{signature}".utf8), .signature),
        ]
        var parts: [Part] = []
        var plain: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.first {
            if let place = places.first(where: { rest.starts(with: $0.name) }) {
                if !plain.isEmpty { parts.append(.text(plain)) }
                plain = []
                parts.append(place.part)
                rest = rest.dropFirst(place.name.count)
            } else {
                plain.append(byte)
                rest = rest.dropFirst()
            }
        }
        if !plain.isEmpty { parts.append(.text(plain)) }
        self.parts = parts
    }

    /// Standard Webhooks: `{id}.{timestamp}.{body}`.
    package static let standard = SignatureTemplate("{id}.{timestamp}.{body}")

    /// What a place stands for in one request. What a template has no place for may be empty.
    @safe package struct Values {
        package var id: [UInt8]
        package var timestamp: [UInt8]
        package var body: UnsafeRawBufferPointer
        package var signature: [UInt8] = []

        package init(id: String, timestamp: String, body: UnsafeRawBufferPointer) {
            self.id = Array(id.utf8)
            self.timestamp = Array(timestamp.utf8)
            unsafe self.body = body
        }
    }

    /// Gives the filled text piece by piece; the pieces live as long as the call.
    package func forEachPiece(of values: Values, _ take: (UnsafeRawBufferPointer) -> Void) {
        for part in parts {
            switch part {
            case .text(let bytes): unsafe bytes.withUnsafeBytes { unsafe take($0) }
            case .id: unsafe values.id.withUnsafeBytes { unsafe take($0) }
            case .timestamp: unsafe values.timestamp.withUnsafeBytes { unsafe take($0) }
            case .body: unsafe take(values.body)
            case .signature: unsafe values.signature.withUnsafeBytes { unsafe take($0) }
            }
        }
    }

    /// The filled text in one piece: a copy.
    package func filled(_ values: Values) -> [UInt8] {
        var bytes: [UInt8] = []
        unsafe forEachPiece(of: values) { unsafe bytes.append(contentsOf: $0) }
        return bytes
    }
}
