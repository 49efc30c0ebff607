/// What the command line asks of `hookline spool`. Each field's sentence stands in the option table.
package struct SpoolOptions: CommandOptions, Equatable {
    /// What is done.
    package enum Action: Equatable, Sendable {
        case list
        /// The items of these ids, at least one.
        case show([String])
        case drop(Selection)
    }

    /// Which items are dropped.
    package enum Selection: Equatable, Sendable {
        case ids([String])
        case webhook(String)
        case all
    }

    /// The spool's directory; nil: the configuration's.
    package var spool: String?
    /// Where the configuration is, if it is needed.
    package var config = Options().config
    package var json = false
    package var body = false
    package var webhook: String?
    package var all = false

    package init() {}

    package static let table: [Option<SpoolOptions>] = [
        Option(
            "spool", .path("DIR", example: "spool"), \.spool,
            "the spool's directory; without it the one that the configuration names"),
        Option(
            "config", .path("PATH", example: "webhooks.yaml"), \.config,
            "configuration that names the directory, where --spool does not, and max_age, for when items expire"),
        Option(flag: "json", "of list and show: print JSON, one object a line") { $0.json = $1 },
        Option(flag: "body", "of show: print the events too") { $0.body = $1 },
        Option(
            "webhook", .webhookName, \.webhook,
            "of list and drop: what waits for this webhook alone"),
        Option(flag: "all", "of drop: whatever waits") { $0.all = $1 },
    ]

    /// Reads the words after `spool`, options left out.
    /// - Parameters:
    ///   - operands: what is done, and to which items.
    ///   - given: names of the options on the command line, as they were written.
    /// - Returns: what to do.
    /// - Throws: when something is missing, does not fit together, or would have no effect.
    package func action(_ operands: [String], given: [String]) throws(OptionError) -> Action {
        guard let word = operands.first else { throw .missingOperand("list, show or drop", of: .spool) }
        let rest = Array(operands.dropFirst())
        for option in given {
            let words = Self.owners.first { "--" + $0.option == option }?.words ?? [word]
            if ["list", "show", "drop"].contains(word), !words.contains(word) {
                throw .optionOfOthers(option, of: "spool \(word)", owners: words.map { "spool \($0)" })
            }
        }
        switch word {
        case "list":
            if let operand = rest.first { throw .unexpectedOperand(operand, of: .spool) }
            return .list
        case "show":
            if rest.isEmpty { throw .missingOperand("ID", of: .spool) }
            return .show(rest)
        case "drop":
            switch (rest.isEmpty, webhook, all) {
            case (false, nil, false): return .drop(.ids(rest))
            case (true, let webhook?, false): return .drop(.webhook(webhook))
            case (true, nil, true): return .drop(.all)
            case (true, nil, false): throw .missingOperand("ID, --webhook NAME or --all", of: .spool)
            case (false, _, _): throw .unexpectedOperand(rest[0], of: .spool)
            case (true, _, _): throw .unexpectedOperand("--all", of: .spool)
            }
        default: throw .unknownSubcommand(word, of: .spool, nearest: Self.nearest(to: word))
        }
    }

    /// Options that not all of list, show and drop have.
    private static let owners: [(option: String, words: [String])] = [
        ("json", ["list", "show"]), ("body", ["show"]), ("webhook", ["list", "drop"]), ("all", ["drop"]),
    ]

    private static func nearest(to word: String) -> String? {
        switch word {
        case "ls", "status": "list"
        case "cat", "get", "view": "show"
        case "rm", "remove", "delete", "clear", "purge": "drop"
        default: nearestName(to: word, among: ["list", "show", "drop"])
        }
    }
}
