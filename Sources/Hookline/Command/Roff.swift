/// Pieces of manual pages in the macros of man(7), for groff and mandoc.
package enum Roff {
    /// The head of a page. It has no date: the page follows the code, not the calendar.
    package static func title(_ name: String, section: Int, about: String) -> String {
        """
        .\\" Made from the tables of options and keys; a test says how it is renewed.
        .TH \(name.uppercased()) \(section) "" "hookline \(Version.current)" "\(about)"
        .nh
        .ad l

        """
    }

    package static func section(_ title: String) -> String { ".SH \(quoted(title))\n" }

    package static func subsection(_ title: String) -> String { ".SS \(quoted(title))\n" }

    package static func paragraph(_ text: String) -> String { ".PP\n" + filled(text) }

    /// A term in bold, and what is said of it.
    package static func term(_ term: String, _ text: String) -> String {
        ".TP\n.B \(escaped(term))\n" + filled(text)
    }

    /// An item of a list.
    package static func item(_ text: String) -> String { ".IP \\(bu 2\n" + filled(text) }

    /// The page without what has no effect: a headline begins a paragraph by itself.
    package static func finished(_ page: String) -> String {
        var lines: [Substring] = []
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            let isFirst = lines.last.map { $0.hasPrefix(".SH ") || $0.hasPrefix(".SS ") } ?? false
            if line != ".PP" || !isFirst { lines.append(line) }
        }
        return lines.joined(separator: "\n")
    }

    /// Lines that stay as they are.
    package static func example(_ lines: String) -> String {
        let shown = lines.split(separator: "\n", omittingEmptySubsequences: false).map { guarded(escaped(String($0))) }
        return ".PP\n.RS 4\n.nf\n\(shown.joined(separator: "\n"))\n.fi\n.RE\n"
    }

    /// A text in lines of some 80 columns, which the reader's terminal fills anew. What stands between backquotes is bold.
    package static func filled(_ text: String) -> String {
        var lines: [String] = []
        var line = ""
        for (index, part) in text.split(separator: "`", omittingEmptySubsequences: false).enumerated() {
            let piece = index.isMultiple(of: 2) ? escaped(String(part)) : "\\fB\(escaped(String(part)))\\fR"
            for (index, word) in piece.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
                if index > 0 {
                    if line.count + word.count > 80, !line.isEmpty {
                        lines.append(line)
                        line = ""
                    } else if !line.isEmpty {
                        line += " "
                    }
                }
                line += word
            }
        }
        if !line.isEmpty { lines.append(line) }
        return lines.map { guarded($0) + "\n" }.joined()
    }

    /// A request begins with a dot or an apostrophe.
    private static func guarded(_ line: String) -> String {
        line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
    }

    private static func quoted(_ text: String) -> String {
        "\"" + escaped(text).replacing("\"", with: "\\(dq") + "\""
    }

    /// Characters that roff would obey, or show as others.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "`": result += "\\(ga"
            case "~": result += "\\(ti"
            case "^": result += "\\(ha"
            default:
                if scalar.isASCII {
                    result.unicodeScalars.append(scalar)
                } else {
                    let digits = String(scalar.value, radix: 16, uppercase: true)
                    result += "\\[u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "]"
                }
            }
        }
        return result
    }
}
