/// What a terminal shows after it was written to: line feeds, carriage returns, and the few escape sequences that move up,
/// erase, or colour.
///
///     Screen("one\r\u{1b}[Jtwo\n").lines == ["two"]
package struct Screen {
    private var rows: [[Character]] = [[]]
    private var (row, column) = (0, 0)

    package init(_ text: String) {
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\r": column = 0
            case "\n":
                row += 1
                column = 0
                if row == rows.count { rows.append([]) }
            case "\u{1b}":
                rest = rest.dropFirst()
                let number = rest.prefix { "0"..."9" ~= $0 }
                rest = rest.dropFirst(number.count)
                if let command = rest.popFirst() { obey(command, Int(String(number))) }
            default:
                rows[row] += repeatElement(" ", count: max(0, column + 1 - rows[row].count))
                rows[row][column] = Character(scalar)
                column += 1
            }
        }
    }

    /// From top to bottom, without empty ones at the end.
    package var lines: [String] {
        let texts = rows.map { String($0) }
        return Array(texts.prefix((texts.lastIndex { !$0.isEmpty } ?? -1) + 1))
    }

    private mutating func obey(_ command: Unicode.Scalar, _ number: Int?) {
        switch command {
        case "A": row = max(0, row - (number ?? 1))
        case "K": rows[row] = Array(rows[row].prefix(column))
        case "J":
            rows[row] = Array(rows[row].prefix(column))
            rows = Array(rows.prefix(row + 1))
        case "m": break
        default: preconditionFailure("an escape sequence that this screen does not know: \(command)")
        }
    }
}
