/// The text of one configuration file, for showing the line that a problem is about.
struct SourceText: Sendable {
    /// As the user gave it.
    var path: String
    var bytes: [UInt8]

    /// The lines as YAML 1.1 counts them, each without its line break: LF, CR, CR LF, NEL, LS and PS end one.
    ///
    /// Bytes that are not UTF-8 become U+FFFD, the byte order mark is left out.
    func lines() -> [[Unicode.Scalar]] {
        var lines: [[Unicode.Scalar]] = [[]]
        var previous: Unicode.Scalar?
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\n" where previous == "\r": break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lines.append([])
            case "\u{FEFF}" where previous == nil: break
            default: lines[lines.count - 1].append(scalar)
            }
            previous = scalar
        }
        return lines
    }

    /// The mark of the character that begins at a byte, counted from 0.
    func mark(ofByte offset: Int, file: Int) -> SourceMark {
        let before = SourceText(path: path, bytes: Array(bytes.prefix(offset))).lines()
        return SourceMark(file: file, line: before.count, column: (before.last?.count ?? 0) + 1)
    }

    /// Where the first byte stands that is not part of a UTF-8 character; nil if there is none.
    func firstInvalidUTF8(file: Int) -> SourceMark? {
        if String(validating: bytes, as: UTF8.self) != nil { return nil }
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): offset += UTF8.width(scalar)
            case .emptyInput: return nil
            case .error: return mark(ofByte: offset, file: file)
            }
        }
    }
}
