import FoundationEssentials
import Glibc
import Hookline

StandardDescriptors.reserve()
// A reader that is gone is an error of the write (EPIPE), not the end of the process.
_ = signal(SIGPIPE, SIG_IGN)
// So is a file that would become larger than `ulimit -f` allows (EFBIG).
_ = signal(SIGXFSZ, SIG_IGN)

var console = Console()
do {
    let (invocation, warnings) = try Invocation.parse(
        arguments: Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
    if let run = invocation.runOptions { console = Console(format: run.logFormat, verbosity: run.verbosity) }
    for warning in warnings { console.warning(warning.message, hint: warning.hint) }
    let code =
        switch invocation {
        case .run(let options): Run.perform(options, console: console)
        case .validate(let paths, let options): ValidateCommand.perform(paths, options, console: console)
        case .listen(let options): ListenCommand.perform(options, console: console)
        case .replay(let paths, let options): ReplayCommand.perform(paths, options, console: console)
        case .spool(let action, let options): SpoolCommand.perform(action, options, console: console)
        case .plan(let options): PlanCommand.perform(options, console: console)
        case .explain(let options): ExplainCommand.perform(options, console: console)
        case .test(let paths, let options): TestCommand.perform(paths, options, console: console)
        case .diff(let old, let new, let options): DiffCommand.perform(old, new, options, console: console)
        case .verify(let path, let options): VerifyCommand.perform(path, options, console: console)
        case .report(let paths, let options): ReportCommand.perform(paths, options, console: console)
        case .schema(let subject): SchemaCommand.perform(subject, console: console)
        case .secret(let options): SecretCommand.perform(options, console: console)
        case .`init`(let path, let options): InitCommand.perform(path, options, console: console)
        case .completions(let shell): HelpCommand.perform(shell.script, console: console)
        case .webhookNames(let options): CompletionsCommand.perform(options, console: console)
        case .help(let command): HelpCommand.perform(Help.text(of: command), console: console)
        case .version: HelpCommand.perform("hookline \(Version.current)\n", console: console)
        }
    exit(code.rawValue)
} catch {
    console.error(error)
    exit(error.exitCode.rawValue)
}
