/// `docs/man/webhooks.yaml.5`: the reference page as a manual page.
package enum ConfigManual {
    /// Takes the page's own text, so that both say the same: its headlines, paragraphs, lists, tables and examples.
    package static var text: String {
        var page = Roff.title("webhooks.yaml", section: 5, about: "File Formats")
        page +=
            Roff.section("NAME") + "webhooks.yaml \\- topics and webhooks of hookline\n" + Roff.section("DESCRIPTION")
        var example: [Substring]?
        var columns: [String] = []
        for line in ConfigReference.text.split(separator: "\n") {
            if line.hasPrefix("```") {
                if let lines = example { page += Roff.example(lines.joined(separator: "\n")) }
                example = example == nil ? [] : nil
            } else if example != nil {
                example?.append(line)
            } else if line.hasPrefix("## ") {
                columns = []
                page += Roff.section(line.dropFirst(3).replacing("`", with: "").uppercased())
            } else if line.hasPrefix("| ") {
                let cells = cells(of: line)
                if columns.isEmpty {
                    columns = cells
                } else if !line.hasPrefix("| --- ") {
                    page += row(cells, columns)
                }
            } else if line.hasPrefix("- ") {
                page += Roff.item(String(line.dropFirst(2)))
            } else if !line.hasPrefix("# "), !line.hasPrefix("<!--") {
                page += Roff.paragraph(String(line))
            }
        }
        return Roff.finished(page + Roff.section("SEE ALSO") + ".BR hookline (1)\n")
    }

    /// A row: its first cell, then the others, each but the last one behind the name of its column.
    private static func row(_ cells: [String], _ columns: [String]) -> String {
        let facts = zip(columns, cells).dropFirst().dropLast().map { "\($0): \($1)" }
        let meaning = cells[cells.count - 1]
        let text = facts.isEmpty ? meaning : "\(meaning) (\(facts.joined(separator: "; ")))"
        return Roff.term(cells[0].replacing("`", with: ""), text)
    }

    /// A `\|` is no border.
    private static func cells(of line: Substring) -> [String] {
        line.replacing("\\|", with: "\u{1}").split(separator: "|").map { cell in
            String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()).replacing("\u{1}", with: "|")
        }
    }
}
