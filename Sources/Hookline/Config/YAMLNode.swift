/// A place in a configuration file.
package struct SourceMark: Hashable, Comparable, Sendable {
    /// Index of the file among those that are read together, from 0.
    package var file: Int
    /// From 1.
    package var line: Int
    /// From 1, in Unicode scalars.
    package var column: Int

    package static func < (left: SourceMark, right: SourceMark) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}

/// A node of a YAML document, its aliases already replaced by what they stand for.
package struct YAMLNode: Sendable {
    package indirect enum Content: Sendable {
        case scalar(Scalar)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    package struct Scalar: Equatable, Sendable {
        package var text: String
        /// Written without quotes and without the tag `!!str`: may stand for a number, a boolean or null.
        package var isPlain: Bool
    }

    /// One key of a mapping with its value. Keys are scalars.
    package struct Entry: Sendable {
        package var key: String
        package var keyStart: SourceMark
        package var keyEnd: SourceMark
        package var value: YAMLNode
        /// A problem was reported: a key that occurred before, or a merge key. Kept for showing the text.
        package var isRefused = false
    }

    package var content: Content
    package var start: SourceMark
    /// Just after the last character; for a block scalar the start of what follows.
    package var end: SourceMark

    /// Whether the node is null in the core schema: nothing, `~` or `null`, unquoted.
    package var isNull: Bool {
        guard case .scalar(let scalar) = content, scalar.isPlain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }

    /// The value of a key, if the node is a mapping that has it.
    package subscript(key: String) -> YAMLNode? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key && !$0.isRefused }?.value
    }
}
