/// What `hookline help` and `hookline help COMMAND` print, for a terminal of 80 columns.
package enum Help {
    private static let width = 80
    /// Where the right column starts.
    private static let column = 26

    /// The help of a command; nil: of the program as a whole.
    package static func text(of command: Command?) -> String {
        guard let command else { return overview }
        var text = "usage: hookline \(command.synopsis)\n"
        for paragraph in command.details { text += "\n" + wrapped(paragraph, indent: 0) + "\n" }
        text += section("options", options(of: command))
        if command == .run { text += section("exit codes", ExitCode.table) }
        return text + examples(of: command)
    }

    private static var overview: String {
        var text = "hookline \(Version.current): deliver NDJSON events to webhooks\n\n"
        for (index, command) in Command.allCases.enumerated() {
            text += (index == 0 ? "usage: " : "       ") + "hookline \(command.synopsis)\n"
        }
        text += section("commands", Command.allCases.map { ($0.rawValue, $0.sentence) })
        text += section("options of run", options(of: .run))
        text += section("exit codes", ExitCode.table)
        text += examples(of: .run)
        return text
            + "\n"
            + wrapped(
                "Documentation: README.md; docs/usage.md for commands, options and variables; docs/webhooks.yaml.md "
                    + "for the configuration; docs/output.md for the summary.", indent: 0) + "\n"
    }

    private static func options(of command: Command) -> [(String, String)] {
        command.options.filter(\.isAvailable).map { option in
            guard let placeholder = option.placeholder else {
                return (option.short.map { "-\($0), --\(option.name)" } ?? "--\(option.name)", option.sentence)
            }
            return (
                "--\(option.name) \(placeholder)",
                [
                    option.sentence, option.range.map { "(\($0))" }, option.initial.map { "[default: \($0)]" },
                ].compactMap { $0 }.joined(separator: " ")
            )
        } + [("-h, --help", "show help and exit"), ("--version", "show the version and exit")]
    }

    private static func section(_ title: String, _ rows: [(String, String)]) -> String {
        var text = "\n\(title):\n"
        for (left, right) in rows {
            let start = "  " + left
            if start.count + 2 <= column {
                let padding = String(repeating: " ", count: column - start.count)
                text += start + padding + wrapped(right, indent: column).dropFirst(column) + "\n"
            } else {
                text += start + "\n" + wrapped(right, indent: column) + "\n"
            }
        }
        return text
    }

    private static func examples(of command: Command) -> String {
        "\nexamples:\n" + command.examples.map { "  \($0.line)\n      \($0.does)\n" }.joined()
    }

    /// Breaks text at spaces; each line starts with `indent` spaces.
    private static func wrapped(_ text: String, indent: Int) -> String {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, indent + line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        lines.append(line)
        return lines.map { String(repeating: " ", count: indent) + $0 }.joined(separator: "\n")
    }
}
