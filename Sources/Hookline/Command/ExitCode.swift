/// The process's exit code: sysexits where one fits (SPEC section 2).
package struct ExitCode: Equatable, Sendable {
    package var rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    /// Every matched event was delivered; no line was refused.
    package static let success = ExitCode(rawValue: 0)
    /// Something was not delivered for good, or lines were refused.
    package static let failure = ExitCode(rawValue: 1)
    /// The command line is wrong (EX_USAGE).
    package static let usage = ExitCode(rawValue: 64)
    /// A named input or configuration file is not there or can't be read (EX_NOINPUT).
    package static let noInput = ExitCode(rawValue: 66)
    /// An output could not be written (EX_IOERR).
    package static let outputFailed = ExitCode(rawValue: 74)
    /// Nothing failed for good, but something waits for a later run (EX_TEMPFAIL).
    package static let tryAgain = ExitCode(rawValue: 75)
    /// The configuration is wrong (EX_CONFIG).
    package static let configuration = ExitCode(rawValue: 78)
    /// Stopped by a signal; the books still balance.
    package static func stopped(by signal: Int32) -> ExitCode { ExitCode(rawValue: 128 + signal) }
}

extension ExitCode {
    /// What help and documentation say of each, in rising order.
    package static let table: [(code: String, means: String)] = [
        ("\(success.rawValue)", "every matched event was delivered, and no line was refused"),
        ("\(failure.rawValue)", "something was not delivered for good, or lines were refused"),
        ("\(usage.rawValue)", "the command line is wrong"),
        ("\(noInput.rawValue)", "an input or configuration file is not there or can't be read"),
        ("\(outputFailed.rawValue)", "an output could not be written"),
        ("\(tryAgain.rawValue)", "nothing failed for good, but events or input are left for a later run"),
        ("\(configuration.rawValue)", "the configuration is wrong"),
        ("\(stopped(by: 0).rawValue)+n", "stopped by signal n; the summary was printed"),
    ]
}
