/// Lines of a file whose syntax is broken: which part of one may be shown is told by its text alone.
struct BrokenText {
    let lines: [[Unicode.Scalar]]

    /// The line as it may be shown, and where in it the mark stands.
    func shown(_ mark: SourceMark) -> ([Unicode.Scalar], caret: Int) {
        let line = lines[mark.line - 1]
        if mayBeShown(mark.line - 1) { return (line, min(mark.column - 1, line.count)) }
        let visible = Array(line.prefix(visibleCount(line)))
        if visible.count == line.count { return (line, min(mark.column - 1, line.count)) }
        return (visible + "…".unicodeScalars, min(mark.column - 1, visible.count))
    }

    /// Whether the line is a value of a key that never holds a secret, and holds no other key that does.
    private func mayBeShown(_ index: Int) -> Bool {
        let line = String(String.UnicodeScalarView(lines[index]))
        let suspicious = ["://", "#", "url", "header", "auth", "sign", "secret", "token", "proxy", "key", "password"]
        if suspicious.contains(where: { line.lowercased().contains($0) }) { return false }
        var owner = index
        var indent = Int.max
        while owner >= 0 {
            let candidate = lines[owner]
            let depth = depth(of: candidate)
            if depth < indent, let key = key(of: candidate) { return isHarmless(key) }
            if depth < candidate.count { indent = min(indent, depth + 1) }
            owner -= 1
        }
        return false
    }

    /// Indentation, dashes, and the key with its colon; the bracket of a mapping in one line too.
    private func visibleCount(_ line: [Unicode.Scalar]) -> Int {
        let depth = line.prefix { " \t-{[".unicodeScalars.contains($0) }.count
        let keyLength = line.dropFirst(depth).prefix(while: isKeyCharacter).count
        let end = depth + keyLength
        guard keyLength > 0, end < line.count, line[end] == ":" else { return depth }
        let isEnded = end + 1 == line.count || line[end + 1] == " "
        let key = String(String.UnicodeScalarView(line[depth..<end]))
        return isEnded && isKnown(key) ? min(end + 2, line.count) : depth
    }

    private func key(of line: [Unicode.Scalar]) -> String? {
        let depth = depth(of: line)
        let name = line.dropFirst(depth).prefix(while: isKeyCharacter)
        let end = depth + name.count
        guard !name.isEmpty, end < line.count, line[end] == ":" else { return nil }
        return String(String.UnicodeScalarView(name))
    }

    /// Indentation and dashes of a list.
    private func depth(of line: [Unicode.Scalar]) -> Int {
        line.prefix { $0 == " " || $0 == "\t" || $0 == "-" }.count
    }

    private func isKeyCharacter(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar == "." || (scalar.isASCII && scalar.properties.isAlphabetic)
            || ("0"..."9").contains(scalar)
    }

    /// A key of the table, or one of `topics`: that is known by its dots.
    private func isKnown(_ key: String) -> Bool { key.contains(".") || !outlines(of: key).isEmpty }

    /// Known, and never secret wherever it stands.
    private func isHarmless(_ key: String) -> Bool {
        isKnown(key) && outlines(of: key).allSatisfy { !$0.isSecret && !$0.isGroup }
    }

    private func outlines(of key: String) -> [ConfigOutline] {
        ConfigTable.documentOutline.flatMap(\.withDescendants).filter { $0.name == key }
    }
}
