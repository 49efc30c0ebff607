/// Columns for a person: as wide as their widest cell, two spaces apart, without spaces at the ends of lines.
///
/// - Parameter rows: at least one, all with as many cells.
/// - Returns: a line for each row.
package func textTable(_ rows: [[String]]) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
        let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
        let line = cells.joined(separator: "  ")
        return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
    }.joined()
}
