/// A place in a configuration file.
package struct SourceMark: Hashable, Comparable, Sendable {
    /// Index of the file among those that are read together, from 0.
    package var file: Int
    /// From 1.
    package var line: Int
    /// From 1, in Unicode scalars.
    package var column: Int

    package init(file: Int, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package static func < (left: SourceMark, right: SourceMark) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}

/// A node of a YAML document, its aliases already replaced by what they stand for.
struct YAMLNode: Sendable {
    indirect enum Content: Sendable {
        case scalar(Scalar)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    struct Scalar: Equatable, Sendable {
        var text: String
        /// Written without quotes and without the tag `!!str`: may stand for a number, a boolean or null.
        var isPlain: Bool
    }

    /// One key of a mapping with its value. Keys are scalars.
    struct Entry: Sendable {
        var key: String
        var keyStart: SourceMark
        var keyEnd: SourceMark
        var value: YAMLNode
        /// A problem was reported: a key that occurred before, or a merge key. Kept for showing the text.
        var isRefused = false
    }

    var content: Content
    var start: SourceMark
    /// Just after the last character; for a block scalar the start of what follows.
    var end: SourceMark

    /// Whether the node is null in the core schema: nothing, `~` or `null`, unquoted.
    var isNull: Bool {
        guard case .scalar(let scalar) = content, scalar.isPlain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }

    var isMapping: Bool { if case .mapping = content { true } else { false } }

    /// The value of a key, if the node is a mapping that has it.
    subscript(key: String) -> YAMLNode? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key && !$0.isRefused }?.value
    }
}
