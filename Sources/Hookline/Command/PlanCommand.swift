/// `hookline plan`: shows what a run would send where, in which batches, and sends nothing (SPEC section 1).
package enum PlanCommand {
    /// - Parameters:
    ///   - options: those of `run` that it has, and its own.
    ///   - console: the log.
    /// - Returns: the exit code of a run of the same input that delivers everything.
    package static func perform(_ options: PlanOptions, console: Console) -> ExitCode {
        if options.showsRequests, options.format != .text {
            console.error(PlanError.requestsAreText)
            return PlanError.requestsAreText.exitCode
        }
        return Run.perform(options.run, as: .plan(PlanReport(options)), console: console)
    }
}

/// What can't be planned together.
enum PlanError: UserFacing, Equatable {
    case requestsAreText

    var message: String { "--requests prints text, which --format json and mermaid can't hold" }
    var hint: String? { "leave one of the two out" }
    var exitCode: ExitCode { .usage }
}
