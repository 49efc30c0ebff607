/// Lines of a configuration file as they may be shown: without values that can be secrets, without comments, and
/// without control characters.
///
/// What may be seen is listed, not what may not: values of known keys that never hold a secret. Where the syntax is
/// broken and so nobody knows what a value belongs to, the line's own text decides, and in doubt shows its key alone.
struct ShownLines {
    /// Characters of one line that stand or fall together; columns from 0.
    private struct Span {
        var start: Int
        var end: Int
        /// Nil: shown as it is.
        var mask: String?
    }

    /// Characters of one line that are shown, at most.
    private static let widthLimit = 160

    /// A line as it may be shown.
    private struct Shown {
        var line: Int
        var characters: [Unicode.Scalar] = []
        /// For each column, and for the end, the index in `characters`.
        var positions: [Int] = []
    }

    private let lines: [[Unicode.Scalar]]
    private var spans: [Int: [Span]] = [:]
    private let isParsed: Bool
    /// The last one shown: a line with many problems is made once.
    private var last = Shown(line: 0)

    init(_ source: SourceText, root: YAMLNode?) {
        lines = source.lines()
        isParsed = root != nil
        guard let root else { return }
        if case .mapping = root.content {
            note(root, keys: ConfigTable.documentOutline)
        } else {
            hide(root, keepsKeys: false)
        }
    }

    /// The line of a mark and, below it, a caret at its column. Nothing where the line is blank or does not exist.
    mutating func excerpt(at mark: SourceMark) -> String {
        guard lines.indices.contains(mark.line - 1) else { return "" }
        guard isParsed else {
            let (characters, caret) = BrokenText(lines: lines).shown(mark)
            return excerpt(of: characters, caret: caret)
        }
        if last.line != mark.line { last = shownLine(mark.line) }
        return excerpt(of: last.characters, caret: last.positions[min(mark.column, last.positions.count) - 1])
    }

    private func excerpt(of characters: [Unicode.Scalar], caret: Int) -> String {
        let isLong = characters.count > Self.widthLimit
        let start = isLong && caret > Self.widthLimit / 2 ? caret - Self.widthLimit / 2 : 0
        let end = min(characters.count, start + Self.widthLimit)
        let window = characters[start..<end].map {
            $0 != "\t" && $0.properties.generalCategory == .control ? "\u{FFFD}" : $0
        }
        if window.allSatisfy(\.properties.isWhitespace) { return "" }
        let (head, tail) = (start > 0 ? "…" : "", end < characters.count ? "…" : "")
        let padding = (start > 0 ? " " : "") + window.prefix(caret - start).map(blank).joined()
        return "  \(head)\(text(window))\(tail)\n  \(padding)^\n"
    }

    private func shownLine(_ number: Int) -> Shown {
        let line = lines[number - 1]
        var shown = Shown(line: number)
        // Where a value is noted twice, by way of an alias, the mask comes first.
        let ordered = (spans[number] ?? []).sorted {
            ($0.start, $0.mask == nil ? 1 : 0) < ($1.start, $1.mask == nil ? 1 : 0)
        }
        for span in ordered + [Span(start: line.count, end: line.count)] where span.start >= shown.positions.count {
            // Between values stands punctuation and names of anchors. Any other text is a comment or was refused.
            var isName = false
            for scalar in line[shown.positions.count..<min(span.start, line.count)] {
                shown.positions.append(shown.characters.count)
                if scalar == "#" {
                    shown.characters.append("…")
                    return padded(shown, line.count)
                }
                if " \t-:,[]{}?&*!|>\"'".unicodeScalars.contains(scalar) {
                    shown.characters.append(scalar)
                    isName = scalar == "&" || scalar == "*"
                } else if isName {
                    shown.characters.append(scalar)
                } else if shown.characters.last != "…" {
                    shown.characters.append("…")
                }
            }
            let first = shown.characters.count
            for index in shown.positions.count..<max(shown.positions.count, min(span.end, line.count)) {
                shown.positions.append(span.mask == nil ? shown.characters.count : first)
                if span.mask == nil { shown.characters.append(line[index]) }
            }
            if let mask = span.mask { shown.characters += mask.unicodeScalars }
        }
        return padded(shown, line.count)
    }

    /// Gives what is left of the line, and its end, the last position.
    private func padded(_ shown: Shown, _ count: Int) -> Shown {
        var shown = shown
        let rest = max(0, count + 1 - shown.positions.count)
        shown.positions += Array(repeating: shown.characters.count, count: rest)
        return shown
    }

    /// Notes each scalar of the tree as shown or masked.
    /// `keys` are the known ones; nil where the user makes up the names, as for topics.
    /// In a group, a key that is like none of them may be a secret in the wrong place.
    private mutating func note(_ node: YAMLNode, keys: [ConfigOutline]?, isGroup: Bool = false) {
        switch node.content {
        case .scalar(let scalar): noteScalar(node.start, node.end, mask: mask(forVisible: scalar.text))
        case .sequence(let elements): for element in elements { note(element, keys: keys) }
        case .mapping(let entries):
            for entry in entries {
                let known = keys?.first { $0.name == entry.key }
                let isStray = isGroup && known == nil && meantKey(entry.key, among: (keys ?? []).map(\.name)) == nil
                noteScalar(entry.keyStart, entry.keyEnd, mask: isStray ? "…" : mask(forVisible: entry.key))
                if known?.isOpen == true {
                    show(entry.value)
                } else if keys == nil {
                    note(entry.value, keys: [])
                } else if let known, !known.isSecret, !known.isGroup || entry.value.isMapping {
                    note(entry.value, keys: known.namesAreFree ? nil : known.children, isGroup: known.isGroup)
                } else {
                    hide(entry.value, keepsKeys: known?.name == "headers")
                }
            }
        }
    }

    private mutating func show(_ node: YAMLNode) {
        switch node.content {
        case .scalar(let scalar): noteScalar(node.start, node.end, mask: mask(forVisible: scalar.text))
        case .sequence(let elements): for element in elements { show(element) }
        case .mapping(let entries):
            for entry in entries {
                noteScalar(entry.keyStart, entry.keyEnd, mask: mask(forVisible: entry.key))
                show(entry.value)
            }
        }
    }

    private mutating func hide(_ node: YAMLNode, keepsKeys: Bool) {
        switch node.content {
        case .scalar(let scalar):
            noteScalar(node.start, node.end, mask: scalar.text.isEmpty ? nil : mask(for: scalar.text))
        case .sequence(let elements): for element in elements { hide(element, keepsKeys: false) }
        case .mapping(let entries):
            for entry in entries {
                let isName = keepsKeys && isHTTPToken(entry.key.utf8)
                let isReference = entry.key == "env" || entry.key == "file"
                noteScalar(entry.keyStart, entry.keyEnd, mask: isName || isReference ? nil : "…")
                hide(entry.value, keepsKeys: false)
            }
        }
    }

    private mutating func noteScalar(_ start: SourceMark, _ end: SourceMark, mask: String?) {
        for line in start.line...max(start.line, end.line) {
            let first = line == start.line ? start.column - 1 : 0
            let last = line == end.line ? end.column - 1 : lines.indices.contains(line - 1) ? lines[line - 1].count : 0
            if last > first { spans[line, default: []].append(Span(start: first, end: last, mask: mask)) }
        }
    }

    private func mask(forVisible text: String) -> String? { text.contains("://") ? mask(for: text) : nil }

    /// Scheme and host of a URL, and nothing of any other text.
    private func mask(for text: String) -> String {
        guard text.hasPrefix("https://") else { return "…" }
        let host = text.dropFirst(8).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let isHost = !host.isEmpty && host.allSatisfy { $0.isLetter || $0.isNumber || ".-:[]".contains($0) }
        return isHost ? "https://\(host)/…" : "https://…"
    }

    /// The room that a character takes before the caret.
    private func blank(_ scalar: Unicode.Scalar) -> String {
        if scalar == "\t" { return "\t" }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return ""
        default: break
        }
        switch scalar.value {
        // Wide in East Asian terms (UAX 11), and emoji.
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return "  "
        default: return " "
        }
    }

    private func text(_ scalars: [Unicode.Scalar]) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
