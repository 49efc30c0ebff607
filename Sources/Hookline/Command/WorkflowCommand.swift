/// A line on standard output that GitHub Actions turns into an annotation of a file:
/// `::error file=…,line=…,col=…,title=…::message`.
///
/// The escapes are those of GitHub's toolkit (`packages/core/src/command.ts`): in the message `%`, CR and LF, in a
/// property `:` and `,` too.
package struct WorkflowCommand: Equatable, Sendable {
    package enum Level: String, Sendable { case error, warning, notice }

    package var level: Level
    /// Nil: the annotation belongs to no file.
    package var file: String?
    /// From 1.
    package var line: Int?
    package var column: Int?
    package var endColumn: Int?
    package var title: String
    package var message: String

    package init(
        _ level: Level, file: String?, line: Int? = nil, column: Int? = nil, endColumn: Int? = nil, title: String,
        message: String
    ) {
        (self.level, self.file, self.line, self.column) = (level, file, line, column)
        (self.endColumn, self.title, self.message) = (endColumn, title, message)
    }

    /// The line, with its line feed.
    package var text: String {
        var properties: [String] = []
        if let file { properties.append("file=" + Self.escaped(property: file)) }
        if let line { properties.append("line=\(line)") }
        if let column { properties.append("col=\(column)") }
        if let endColumn { properties.append("endColumn=\(endColumn)") }
        properties.append("title=" + Self.escaped(property: title))
        return "::\(level.rawValue) \(properties.joined(separator: ","))::\(Self.escaped(message))\n"
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "%": escaped += "%25"
            case "\r": escaped += "%0D"
            case "\n": escaped += "%0A"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func escaped(property text: String) -> String {
        escaped(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
    }
}
