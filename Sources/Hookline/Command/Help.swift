/// What `hookline help` and `hookline help COMMAND` print, for a terminal of 80 columns.
package enum Help {
    private static let width = 80
    /// Where the right column starts.
    private static let column = 26

    /// The help of a command; nil: of the program as a whole.
    package static func text(of command: Command?) -> String {
        guard let command else { return overview }
        var text = "usage: hookline \(command.synopsis ?? command.rawValue)\n"
        for paragraph in command.details { text += "\n" + wrapped(paragraph, indent: 0) + "\n" }
        switch command {
        case .run: text += section("options", options(Options.table))
        case .validate: text += section("options", options(ValidateOptions.table))
        case .listen: text += section("options", options(ListenOptions.table))
        case .replay: text += section("options", options(ReplayOptions.table))
        case .spool: text += section("options", options(SpoolOptions.table))
        case .plan: text += section("options", options(PlanOptions.table))
        case .explain: text += section("options", options(ExplainOptions.table))
        case .test: text += section("options", options(TestOptions.table))
        case .diff: text += section("options", options(DiffOptions.table))
        case .verify: text += section("options", options(VerifyOptions.table))
        case .secret: text += section("options", options(SecretOptions.table))
        case .report: text += section("options", options(ReportOptions.table))
        default: text += section("options", options(NoOptions.table))
        }
        if command == .run { text += section("exit codes", ExitCode.table) }
        return text + examples(of: command)
    }

    private static var overview: String {
        var text = "hookline \(Version.current): deliver NDJSON events to webhooks\n\n"
        for (index, command) in Command.allCases.filter(\.isAvailable).enumerated() {
            text += (index == 0 ? "usage: " : "       ") + "hookline \(command.synopsis ?? command.rawValue)\n"
        }
        text += section("commands", Command.allCases.filter(\.isAvailable).map { ($0.rawValue, $0.sentence) })
        text += section("options of run", options(Options.table))
        text += section("exit codes", ExitCode.table)
        text += examples(of: .run)
        return text
            + "\n"
            + wrapped(
                "Documentation: README.md; docs/usage.md for commands, options and variables; docs/webhooks.yaml.md "
                    + "for the configuration; docs/output.md for the summary.", indent: 0) + "\n"
    }

    private static func options<Target>(_ table: [Option<Target>]) -> [(String, String)] {
        table.compactMap { option in
            switch option.kind {
            case .flag(let short, _):
                (short.map { "-\($0), --\(option.name)" } ?? "--\(option.name)", option.sentence)
            case .value(let value):
                (
                    "--\(option.name) \(value.placeholder)",
                    [
                        option.sentence, value.range.map { "(\($0))" }, value.initial.map { "[default: \($0)]" },
                    ].compactMap { $0 }.joined(separator: " ")
                )
            case .unavailable: nil
            }
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
