/// What follows an option or a command on the command line, as far as a shell can complete it.
package enum Suggestion: Equatable, Sendable {
    /// Nothing that anybody could guess.
    case none
    /// One of these words.
    case words([String])
    /// A file or a directory.
    case file
    case directory
    /// The name of a webhook of the configuration.
    case webhook
}

/// A row of an option table without the way in which it is set: what help, pages and completions need.
package struct ShownOption: Equatable, Sendable {
    /// The long name, without dashes.
    package var name: String
    package var short: Character?
    /// What help shows in the value's place; nil: a flag.
    package var placeholder: String?
    /// What is accepted; nil: the placeholder says it.
    package var range: String?
    /// The default, as the user would write it.
    package var initial: String?
    package var isRepeatable = false
    package var sentence: String
    package var variable: String
    package var completion = Suggestion.none
    /// False: known by name and refused.
    package var isAvailable = true

    init(_ option: Option<some CommandOptions>) {
        name = option.name
        sentence = option.sentence
        variable = option.variable
        switch option.kind {
        case .flag(let short, _): self.short = short
        case .value(let value):
            placeholder = value.placeholder
            range = value.range
            initial = value.initial
            isRepeatable = value.isRepeatable
            completion = value.completion
        case .unavailable: isAvailable = false
        }
    }
}

extension Command {
    /// The rows of its option table, `--help` and `--version` aside, in the order of help.
    package var options: [ShownOption] {
        switch self {
        case .run: Options.table.map(ShownOption.init)
        case .validate: ValidateOptions.table.map(ShownOption.init)
        case .listen: ListenOptions.table.map(ShownOption.init)
        case .replay: ReplayOptions.table.map(ShownOption.init)
        case .spool: SpoolOptions.table.map(ShownOption.init)
        case .plan: PlanOptions.table.map(ShownOption.init)
        case .explain: ExplainOptions.table.map(ShownOption.init)
        case .test: TestOptions.table.map(ShownOption.init)
        case .diff: DiffOptions.table.map(ShownOption.init)
        case .verify: VerifyOptions.table.map(ShownOption.init)
        case .secret: SecretOptions.table.map(ShownOption.init)
        case .report: ReportOptions.table.map(ShownOption.init)
        case .`init`: InitOptions.table.map(ShownOption.init)
        case .completions: CompletionsOptions.table.map(ShownOption.init)
        default: []
        }
    }

    /// What its operands are.
    package var operands: Suggestion {
        switch self {
        case .validate, .test, .replay, .diff, .verify, .report, .`init`: .file
        case .spool: .words(["list", "show", "drop"])
        case .schema: .words(SchemaCommand.Subject.allCases.map(\.rawValue))
        case .completions: .words(CompletionsOptions.Shell.allCases.map(\.rawValue))
        case .help: .words(Command.allCases.map(\.rawValue))
        default: .none
        }
    }
}
