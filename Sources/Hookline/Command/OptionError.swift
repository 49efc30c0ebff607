/// Why a command line, or the environment that completes it, can't be followed.
package enum OptionError: UserFacing, Equatable {
    /// Where a value came from, as the user wrote it.
    package enum Source: Equatable, Sendable {
        /// `--memory`.
        case option(String)
        /// `HOOKLINE_MEMORY`.
        case variable(String)

        fileprivate var name: String {
            switch self {
            case .option(let name), .variable(let name): name
            }
        }

        fileprivate func assigning(_ value: String) -> String {
            switch self {
            case .option(let name): "\(name) \(value)"
            case .variable(let name): "\(name)=\(value)"
            }
        }
    }

    /// `nearest` is a known option, dashes included; `owner` the command that does have this option.
    case unknownOption(String, of: Command, nearest: String?, owner: Command?)
    case unknownCommand(String, nearest: Command?)
    /// The word after a command that has several.
    case unknownSubcommand(String, of: Command, nearest: String?)
    /// An option of the command that has no effect here; `owners` are where it has one, e.g. `spool show`.
    case optionOfOthers(String, of: String, owners: [String])
    /// An option, variable or command of a later version.
    case unavailable(String)
    case missingValue(option: String, placeholder: String, example: String)
    case flagWithValue(option: String)
    case badValue(Source, value: String, expected: String, example: String)
    /// Nearly one of the words that are expected.
    case mistypedValue(Source, value: String, expected: String, nearest: String)
    case unexpectedOperand(String, of: Command)
    case missingOperand(String, of: Command)
    /// Not one of the shells that have completions.
    case unknownShell(String, nearest: String?)
    /// An operand that is a command's name, after an option.
    case commandNotFirst(Command)

    package var message: String { withoutSecrets(sentence) }

    private var sentence: String {
        switch self {
        case .unknownOption(let option, .run, _, _): "unknown option `\(option)`"
        case .unknownOption(let option, let command, _, _): "unknown option `\(option)` of `\(command.rawValue)`"
        case .unknownCommand(let command, _): "unknown command `\(command)`"
        case .unknownSubcommand(let word, let command, _): "unknown command `\(command.rawValue) \(word)`"
        case .optionOfOthers(let option, let place, _): "`\(option)` has no effect in `\(place)`"
        case .unavailable(let name): "`\(name)` is not available in this version"
        case .missingValue(let option, let placeholder, _): "`\(option)` needs a value: \(option) \(placeholder)"
        case .flagWithValue(let option): "`\(option)` takes no value"
        case .badValue(let source, let value, let expected, _), .mistypedValue(let source, let value, let expected, _):
            "`\(source.name)` needs \(expected), not `\(value)`"
        case .unexpectedOperand(let operand, let command):
            "unexpected argument `\(operand)` of `\(command.rawValue)`"
        case .missingOperand(let operand, let command): "`\(command.rawValue)` needs \(operand)"
        case .unknownShell(let shell, _): "there are no completions for `\(shell)`"
        case .commandNotFirst(let command): "unexpected argument `\(command.rawValue)` after an option"
        }
    }

    package var hint: String? { advice.map(withoutSecrets) }

    private var advice: String? {
        switch self {
        case .unknownOption("--config", let command, _, _) where [.validate, .test, .`init`].contains(command):
            "name the path alone: hookline \(command.rawValue) PATH"
        case .unknownOption(let option, _, _, let owner?): "`\(option)` belongs to `hookline \(owner.rawValue)`"
        case .unknownOption(_, _, let nearest?, _): "did you mean `\(nearest)`"
        case .unknownOption(_, let command, _, _): "`hookline help \(command.rawValue)` lists its options"
        case .unknownCommand(_, let nearest?): "did you mean `hookline \(nearest.rawValue)`"
        case .unknownCommand, .unavailable: "`hookline help` lists what there is"
        case .unknownSubcommand(_, let command, let nearest?): "did you mean `hookline \(command.rawValue) \(nearest)`"
        case .unknownSubcommand(_, let command, nil): "usage: hookline \(command.synopsis)"
        case .optionOfOthers(_, _, let owners):
            "it belongs to " + owners.map { "`hookline \($0)`" }.joined(separator: " and ")
        case .missingValue(let option, _, let example): "for example: \(option) \(example)"
        case .flagWithValue(let option): "write `\(option)` alone, or leave it out"
        case .badValue(let source, _, _, let example): "for example: \(source.assigning(example))"
        case .mistypedValue(let source, _, _, let nearest): "did you mean `\(source.assigning(nearest))`"
        case .unexpectedOperand("-", .run): "events come from standard input without being asked for"
        case .unexpectedOperand(let operand, .run): "events come from standard input: hookline < \(operand)"
        case .unexpectedOperand(_, .spool):
            "show and drop take IDs, or drop --webhook or --all; --spool DIR names a directory"
        case .unexpectedOperand(_, let command): "`hookline help \(command.rawValue)` shows what it takes"
        case .missingOperand(_, let command): "usage: hookline \(command.synopsis)"
        case .unknownShell(_, let nearest?): "did you mean `hookline completions \(nearest)`"
        case .unknownShell(_, nil):
            "there are " + CompletionsOptions.Shell.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        case .commandNotFirst(let command): "the command comes first: hookline \(command.rawValue) …"
        }
    }

    package var exitCode: ExitCode { .usage }
}

/// What in a command line or the environment looks like a mistake, but can be followed.
package enum OptionWarning: Equatable, Sendable {
    case unknownVariable(String, nearest: String)
    /// `--dead-letter --strict`: the next option was taken as a value, as GNU getopt does.
    case valueLooksLikeOption(option: String, value: String)

    package var message: String {
        switch self {
        case .unknownVariable(let name, _): "unknown environment variable `\(name)`"
        case .valueLooksLikeOption(let option, let value): "`\(value)` is taken as the value of `\(option)`"
        }
    }

    package var hint: String {
        switch self {
        case .unknownVariable(_, let nearest): "did you mean `\(nearest)`"
        case .valueLooksLikeOption(let option, let value):
            "if that is meant, write \(option)=\(value); else give `\(option)` its value"
        }
    }
}
