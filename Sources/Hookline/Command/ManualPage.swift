/// `docs/man/hookline.1`: commands, options, variables and exit codes, from the same tables as parser and help.
package enum ManualPage {
    package static var text: String {
        let commands = Command.allCases
        var page = Roff.title("hookline", section: 1, about: "User Commands")
        page += Roff.section("NAME") + "hookline \\- deliver NDJSON events to webhooks\n"
        page += Roff.section("SYNOPSIS")
        page += commands.map { ".B hookline\n" + Roff.filled($0.synopsis) }.joined(separator: ".br\n")
        page += Roff.section("DESCRIPTION")
        for paragraph in Command.run.details { page += Roff.paragraph(paragraph) }
        page += Roff.paragraph(
            "Options are written in GNU's way: `--opt value` or `--opt=value`, short flags alone or bundled, before or "
                + "after operands; `--` ends them. Of an option that can't be given again the last one wins.")
        page += Roff.section("COMMANDS")
        for command in commands {
            page += Roff.subsection("hookline \(command.rawValue)")
            // Those of `run` are what the page begins with.
            let details = command == .run ? [command.sentence] : command.details
            for paragraph in details { page += Roff.paragraph(paragraph) }
            for option in command.options where option.isAvailable { page += term(option) }
        }
        page += Roff.subsection("of every command")
        page += Roff.term("-h, --help", "show help and exit") + Roff.term("--version", "show the version and exit")
        page += Roff.section("EXIT STATUS")
        for row in ExitCode.table { page += Roff.term(row.code, row.means) }
        page += Roff.paragraph("Where several apply: 64, 66 and 78 first, then 74, 128+n, 1, 75, 0.")
        page += Roff.section("ENVIRONMENT")
        let variables = Set(commands.flatMap { $0.options.filter(\.isAvailable).map(\.variable) }).sorted()
        page += Roff.paragraph("Each sets the option of its name: " + variables.joined(separator: ", ") + ".")
        page += Roff.section("FILES")
        page += Roff.term(
            Options().config, "the configuration, where --config does not name another; see webhooks.yaml(5)")
        page += Roff.term(
            "hookline-dead-letter-<run id>.ndjson",
            "what could not be delivered, where --dead-letter does not name another")
        page += Roff.term(ListenOptions().directory, "the certificates of `hookline listen`")
        page += Roff.section("EXAMPLES")
        for example in commands.flatMap(\.examples) {
            page += Roff.paragraph(example.does + ":") + Roff.example(example.line)
        }
        page += Roff.section("SEE ALSO") + ".BR webhooks.yaml (5),\n.BR curl (1),\n.BR jq (1)\n"
        return Roff.finished(page)
    }

    private static func term(_ option: ShownOption) -> String {
        let name = (option.short.map { "-\($0), " } ?? "") + "--\(option.name)"
        return Roff.term(
            [name, option.placeholder].compactMap(\.self).joined(separator: " "),
            [option.sentence, option.range.map { "(\($0))" }, option.initial.map { "[default: `\($0)`]" }]
                .compactMap(\.self).joined(separator: " "))
    }
}
