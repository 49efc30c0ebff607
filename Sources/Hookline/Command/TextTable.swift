/// Columns for a person: as wide as their widest cell, two spaces apart, without spaces at the ends of lines.
///
/// - Parameters:
///   - rows: at least one, all with as many cells.
///   - numbers: columns that stand at the right of their width.
/// - Returns: a line for each row.
package func textTable(_ rows: [[String]], numbers: ClosedRange<Int>? = nil) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
        let cells = zip(row, widths).enumerated().map { column, cell in
            let space = String(repeating: " ", count: cell.1 - cell.0.count)
            return numbers?.contains(column) == true ? space + cell.0 : cell.0 + space
        }
        let line = cells.joined(separator: "  ")
        return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
    }.joined()
}
