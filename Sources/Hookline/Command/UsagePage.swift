/// `docs/usage.md`: commands, options, variables and exit codes, from the same tables as parser and help.
package enum UsagePage {
    package static var markdown: String {
        var page = """
            # Commands and options

            This page is generated from the option tables. A test fails when it is stale and says how to renew it.

            Options are written in GNU's way: `--opt value` or `--opt=value`, short flags alone or bundled, before or after
            operands; `--` ends them. Of an option that can't be given again the last one wins. `-h`, `--help` and
            `--version` work with every command.

            """
        for command in Command.allCases {
            page += "\n## hookline \(command.rawValue)\n\n"
            page += "`hookline \(command.synopsis)`\n\n"
            page += prose(command.details.joined(separator: "\n\n")) + "\n"
            if !command.options.isEmpty { page += options(of: command) }
            page += "\n```sh\n" + command.examples.map { "\($0.line)   # \($0.does)\n" }.joined() + "```\n"
        }
        page += "\n## Exit codes\n\n| code | means |\n| --- | --- |\n"
        page += ExitCode.table.map { "| \($0.code) | \($0.means) |\n" }.joined()
        page += "\nWhere several apply: 64, 66 and 78 first, then 74, 128+n, 1, 75, 0.\n"
        page += "\n## Not in this version\n\nThese names are known and refused with exit code 64.\n\n"
        page += "| name | is to |\n| --- | --- |\n"
        for option in Command.run.options where !option.isAvailable {
            page += "| `--\(option.name)` | \(option.sentence) |\n"
        }
        return page
    }

    /// Text in which Markdown finds nothing to obey.
    private static func prose(_ text: String) -> String {
        text.replacing("*", with: "\\*").replacing("<", with: "\\<")
    }

    private static func options(of command: Command) -> String {
        var rows = "\n| option | range | default | variable | meaning |\n| --- | --- | --- | --- | --- |\n"
        for option in command.options where option.isAvailable {
            let name = (option.short.map { "-\($0), " } ?? "") + "--\(option.name)"
            let written = [name, option.placeholder].compactMap(\.self).joined(separator: " ")
            let cells = [
                "`\(written.replacing("|", with: "\\|"))`", option.range ?? "", option.initial.map { "`\($0)`" } ?? "",
                "`\(option.variable)`", prose(option.sentence),
            ]
            rows += "| " + cells.joined(separator: " | ") + " |\n"
        }
        return rows
    }
}
