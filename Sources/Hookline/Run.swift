/// `hookline run`: standard input to deliveries to summary.
package enum Run {
    package static func perform(_ options: Options, console: Console) -> ExitCode { .failure }
}
