/// What one start of the program is asked to do.
///
/// Indirect: options are large, and the optimizer would look into those that a case does not have.
package indirect enum Invocation: Equatable, Sendable {
    case run(Options)
    /// At least one path.
    case validate([String], ValidateOptions = ValidateOptions())
    case listen(ListenOptions)
    /// Files of dead letters; none, or `-`: standard input.
    case replay([String], ReplayOptions)
    case spool(SpoolOptions.Action, SpoolOptions)
    case plan(PlanOptions)
    case explain(ExplainOptions)
    /// At least one path.
    case test([String], TestOptions)
    /// Two configurations.
    case diff(old: String, new: String, DiffOptions)
    /// A file, or `-`.
    case verify(String, VerifyOptions)
    case secret(SecretOptions)
    /// At least one file, or `-`.
    case report([String], ReportOptions)
    /// Of what, as the user wrote it.
    case schema(String)
    /// Where the starter is to be; `-`: standard output.
    case `init`(String, InitOptions)
    case completions(CompletionsOptions.Shell)
    /// Prints names of webhooks, for completion scripts.
    case webhookNames(CompletionsOptions)
    /// Help of one command, or of the program.
    case help(Command?)
    case version

    /// Those of a command that runs as `run` does.
    package var runOptions: Options? {
        switch self {
        case .run(let options): options
        case .replay(_, let options): options.run
        case .plan(let options): options.run
        default: nil
        }
    }

    /// Reads a command line, without the program's name, completed by `HOOKLINE_…` variables (SPEC section 1).
    ///
    /// The error is the first one in the order of the words, then of the variables, then of the values.
    package static func parse(
        arguments: [String], environment: [String: String]
    ) throws(OptionError) -> (invocation: Invocation, warnings: [OptionWarning]) {
        guard let first = arguments.first, !first.hasPrefix("-") else {
            return try parseRun(arguments, environment, isNamed: false)
        }
        guard let command = Command(rawValue: first) else {
            // A word with a dot or a slash is a file, given to where a filter would take one.
            if first.contains(".") || first.contains("/") { throw .unexpectedOperand(first, of: .run) }
            throw .unknownCommand(first, nearest: .nearest(to: first))
        }
        let rest = arguments.dropFirst()
        switch command {
        case .run: return try parseRun(rest, environment, isNamed: true)
        case .validate:
            let parser = try OptionParser<ValidateOptions>(rest, of: command)
            if let request = parser.request { return (answer(request, command), []) }
            let paths = parser.operands.isEmpty ? [configuration(environment)] : parser.operands
            let options = try parser.target(environment: environment)
            return (.validate(paths, options), unknownVariables(environment) + parser.warnings)
        case .listen:
            let parser = try OptionParser<ListenOptions>(rest, of: command)
            if let request = parser.request { return (answer(request, command), []) }
            if let operand = parser.operands.first { throw .unexpectedOperand(operand, of: command) }
            let options = try parser.target(environment: environment)
            return (.listen(options), unknownVariables(environment) + parser.warnings)
        case .replay:
            let parser = try OptionParser<ReplayOptions>(rest, of: command)
            if let request = parser.request { return (answer(request, command), []) }
            let options = try parser.target(environment: environment)
            return (.replay(parser.operands, options), unknownVariables(environment) + parser.warnings)
        case .spool:
            let parser = try OptionParser<SpoolOptions>(rest, of: command)
            if let request = parser.request { return (answer(request, command), []) }
            let options = try parser.target(environment: environment)
            let action = try options.action(parser.operands, given: parser.given)
            return (.spool(action, options), unknownVariables(environment) + parser.warnings)
        case .plan:
            let parser = try OptionParser<PlanOptions>(rest, of: command)
            if let request = parser.request { return (answer(request, command), []) }
            if let operand = parser.operands.first { throw .unexpectedOperand(operand, of: command) }
            let options = try parser.target(environment: environment)
            return (.plan(options), unknownVariables(environment) + parser.warnings)
        case .explain:
            let parser = try OptionParser<ExplainOptions>(rest, of: command)
            if let request = parser.request { return (answer(request, command), []) }
            if let operand = parser.operands.first { throw .unexpectedOperand(operand, of: command) }
            let options = try parser.target(environment: environment)
            return (.explain(options), unknownVariables(environment) + parser.warnings)
        case .test:
            let parser = try OptionParser<TestOptions>(rest, of: command)
            if let request = parser.request { return (answer(request, command), []) }
            let paths = parser.operands.isEmpty ? [configuration(environment)] : parser.operands
            let options = try parser.target(environment: environment)
            return (.test(paths, options), unknownVariables(environment) + parser.warnings)
        case .diff:
            let parser = try OptionParser<DiffOptions>(rest, of: command)
            if let request = parser.request { return (answer(request, command), []) }
            let paths = parser.operands
            guard paths.count >= 2 else { throw .missingOperand(paths.isEmpty ? "OLD and NEW" : "NEW", of: command) }
            if paths.count > 2 { throw .unexpectedOperand(paths[2], of: command) }
            let options = try parser.target(environment: environment)
            return (.diff(old: paths[0], new: paths[1], options), unknownVariables(environment) + parser.warnings)
        case .verify:
            let parser = try OptionParser<VerifyOptions>(rest, of: command)
            if let request = parser.request { return (answer(request, command), []) }
            guard let path = parser.operands.first else { throw .missingOperand("FILE", of: command) }
            if parser.operands.count > 1 { throw .unexpectedOperand(parser.operands[1], of: command) }
            let options = try parser.target(environment: environment)
            return (.verify(path, options), unknownVariables(environment) + parser.warnings)
        case .secret:
            let parser = try OptionParser<SecretOptions>(rest, of: command)
            if let request = parser.request { return (answer(request, command), []) }
            if let operand = parser.operands.first { throw .unexpectedOperand(operand, of: command) }
            return (.secret(try parser.target(environment: environment)), unknownVariables(environment))
        case .report:
            let parser = try OptionParser<ReportOptions>(rest, of: command)
            if let request = parser.request { return (answer(request, command), []) }
            if parser.operands.isEmpty { throw .missingOperand("SUMMARY", of: command) }
            let options = try parser.target(environment: environment)
            return (.report(parser.operands, options), unknownVariables(environment) + parser.warnings)
        case .schema:
            let parser = try OptionParser<NoOptions>(rest, of: command)
            if let request = parser.request { return (answer(request, command), []) }
            if parser.operands.count > 1 { throw .unexpectedOperand(parser.operands[1], of: command) }
            return (.schema(parser.operands.first ?? SchemaCommand.Subject.config.rawValue), [])
        case .`init`:
            let parser = try OptionParser<InitOptions>(rest, of: command)
            if let request = parser.request { return (answer(request, command), []) }
            if parser.operands.count > 1 { throw .unexpectedOperand(parser.operands[1], of: command) }
            let options = try parser.target(environment: environment)
            let path = parser.operands.first ?? configuration(environment)
            return (.`init`(path, options), unknownVariables(environment) + parser.warnings)
        case .completions:
            let parser = try OptionParser<CompletionsOptions>(rest, of: command)
            if let request = parser.request { return (answer(request, command), []) }
            guard let word = parser.operands.first else { throw .missingOperand("the name of a shell", of: command) }
            if parser.operands.count > 1 { throw .unexpectedOperand(parser.operands[1], of: command) }
            if word == "webhooks" { return (.webhookNames(try parser.target(environment: environment)), []) }
            if let option = parser.given.first {
                throw .optionOfOthers(option, of: "completions \(word)", owners: ["completions webhooks"])
            }
            let shells = CompletionsOptions.Shell.allCases.map(\.rawValue)
            guard let shell = CompletionsOptions.Shell(rawValue: word) else {
                throw .unknownShell(word, nearest: nearestName(to: word, among: shells))
            }
            return (.completions(shell), [])
        case .help: return (try parseHelp(rest), [])
        }
    }

    private static func parseRun(
        _ words: some Collection<String>, _ environment: [String: String], isNamed: Bool
    ) throws(OptionError) -> (Invocation, [OptionWarning]) {
        let parser = try OptionParser<Options>(words, of: .run)
        if let request = parser.request { return (answer(request, isNamed ? .run : nil), []) }
        if let operand = parser.operands.first {
            if !isNamed, let command = Command(rawValue: operand) { throw .commandNotFirst(command) }
            throw .unexpectedOperand(operand, of: .run)
        }
        let options = try parser.target(environment: environment)
        return (.run(options), unknownVariables(environment) + parser.warnings)
    }

    private static func parseHelp(_ words: some Collection<String>) throws(OptionError) -> Invocation {
        let parser = try OptionParser<NoOptions>(words, of: .help)
        if let request = parser.request { return answer(request, .help) }
        guard let name = parser.operands.first else { return .help(nil) }
        if parser.operands.count > 1 { throw .unexpectedOperand(parser.operands[1], of: .help) }
        guard let command = Command(rawValue: name) else { throw .unknownCommand(name, nearest: .nearest(to: name)) }
        return .help(command)
    }

    private static func answer(_ request: OptionParser<some CommandOptions>.Request, _ command: Command?) -> Invocation
    {
        switch request {
        case .help: .help(command)
        case .version: .version
        }
    }

    /// The configuration that `run` would read without `--config`.
    private static func configuration(_ environment: [String: String]) -> String {
        guard let path = environment[variablePrefix + "CONFIG"], !path.isEmpty else { return Options().config }
        return path
    }

    /// A variable of this prefix may also be a secret that the configuration names, so only what is nearly the name of
    /// an option's variable is told.
    private static func unknownVariables(_ environment: [String: String]) -> [OptionWarning] {
        let known = Command.allCases.flatMap { $0.options.map(\.variable) }
        // Secrets of a configuration are likely to be named nearly like the variables of `verify`.
        let secretive = VerifyOptions.table.map(\.variable)
        let suffixes = known.filter { !secretive.contains($0) }.map { String($0.dropFirst(variablePrefix.count)) }
        return environment.keys.sorted().compactMap { name in
            guard name.hasPrefix(variablePrefix), !known.contains(name) else { return nil }
            let suffix = String(name.dropFirst(variablePrefix.count))
            let meant = nearestName(to: suffix, among: suffixes) ?? lengthened(suffix, of: suffixes)
            return meant.map { .unknownVariable(name, nearest: variablePrefix + $0) }
        }
    }

    /// The name that one with a word too many meant, e.g. `SPOOL` for `SPOOL_DIR`; nil: it is no such name.
    private static func lengthened(_ name: String, of known: [String]) -> String? {
        let endings = ["DIR", "DIRECTORY", "FILE", "FOLDER", "PATH", "NAME", "SIZE", "LIMIT"]
        return endings.lazy.filter { name.hasSuffix("_" + $0) }.map { String(name.dropLast($0.count + 1)) }
            .first { known.contains($0) }
    }
}
