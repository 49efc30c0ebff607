/// JSON with other white space and escapes, as other programs would print it; values, their order and the spelling of
/// numbers stay. For telling whether a body was printed again on its way.
struct JSONLayout: Equatable, Sendable {
    enum Spacing: Equatable, Sendable {
        case asItIs
        /// No white space.
        case compact
        /// A space after each `,` and `:`, as Python's `json.dumps`.
        case spaced
        /// A line for each value, indented by this many spaces a level.
        case indented(Int)
    }

    var spacing: Spacing
    /// Characters beyond ASCII as `\uXXXX`.
    var escapesUnicode = false
    /// `/` as `\/`, as PHP's `json_encode`.
    var escapesSlash = false

    static let all: [JSONLayout] = [Spacing.compact, .spaced, .indented(2), .indented(4), .asItIs].flatMap { spacing in
        [(false, false), (true, false), (false, true), (true, true)].map {
            JSONLayout(spacing: spacing, escapesUnicode: $0.0, escapesSlash: $0.1)
        }
    }.filter { $0 != JSONLayout(spacing: .asItIs) }

    /// For an explanation: "the signature fits when it is …".
    var text: String {
        let spacing =
            switch spacing {
            case .asItIs: ""
            case .compact: "printed without white space"
            case .spaced: "printed with a space after each comma and colon"
            case .indented(let count): "printed with an indent of \(count)"
            }
        let escapes = [escapesUnicode ? "\\u escapes" : nil, escapesSlash ? "escaped slashes" : nil].compactMap { $0 }
        if escapes.isEmpty { return spacing }
        return (spacing.isEmpty ? "printed" : spacing + ",") + " with " + escapes.joined(separator: " and ")
    }

    /// The text printed again; nil where it is no array or object, or its brackets or quotes don't match.
    func printed(_ json: [UInt8]) -> [UInt8]? {
        guard let first = json.first(where: { !Self.isBlank($0) }), first == 0x7B || first == 0x5B else { return nil }
        var output: [UInt8] = []
        var depth = 0
        var index = json.startIndex
        while index < json.endIndex {
            let byte = json[index]
            switch byte {
            case UInt8(ascii: "\""):
                guard let end = Self.endOfString(in: json, from: index) else { return nil }
                append(json[index..<end], to: &output)
                index = end
                continue
            case 0x20, 0x09, 0x0A, 0x0D:
                if spacing == .asItIs { output.append(byte) }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                output.append(byte)
                let next = json[(index + 1)...].first { !Self.isBlank($0) }
                depth += 1
                if next != UInt8(ascii: "}"), next != UInt8(ascii: "]") { breakLine(depth, &output) }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                guard depth >= 0 else { return nil }
                let previous = json[..<index].last { !Self.isBlank($0) }
                if previous != UInt8(ascii: "{"), previous != UInt8(ascii: "[") { breakLine(depth, &output) }
                output.append(byte)
            case UInt8(ascii: ","):
                output.append(byte)
                if spacing == .spaced { output.append(0x20) } else { breakLine(depth, &output) }
            case UInt8(ascii: ":"):
                output.append(byte)
                if spacing != .compact, spacing != .asItIs { output.append(0x20) }
            default: output.append(byte)
            }
            index += 1
        }
        return depth == 0 ? output : nil
    }

    private func breakLine(_ depth: Int, _ output: inout [UInt8]) {
        guard case .indented(let count) = spacing else { return }
        output.append(0x0A)
        output += [UInt8](repeating: 0x20, count: count * depth)
    }

    private func append(_ string: ArraySlice<UInt8>, to output: inout [UInt8]) {
        guard escapesUnicode || escapesSlash else {
            output += string
            return
        }
        for scalar in String(decoding: string, as: UTF8.self).unicodeScalars {
            if escapesSlash, scalar == "/" {
                output += "\\/".utf8
            } else if escapesUnicode, !scalar.isASCII {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    output += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
                }
            } else {
                output += String(scalar).utf8
            }
        }
    }

    /// The place behind the string's closing quote.
    private static func endOfString(in json: [UInt8], from quote: Int) -> Int? {
        var index = quote + 1
        while index < json.endIndex {
            switch json[index] {
            case UInt8(ascii: "\\"): index += 2
            case UInt8(ascii: "\""): return index + 1
            default: index += 1
            }
        }
        return nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
