/// `hookline validate`: checks configurations, prints every problem at once, sends nothing (SPEC section 1).
package enum ValidateCommand {
    package static func perform(paths: [String], console: Console) -> ExitCode { .failure }
}
