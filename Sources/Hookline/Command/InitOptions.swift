/// What the command line asks of `hookline init`.
package struct InitOptions: CommandOptions, Equatable {
    /// Nothing on standard error.
    package var quiet = false

    package init() {}

    package static let table: [Option<InitOptions>] = [
        Option(flag: "quiet", short: "q", "write the file and say nothing else") { $0.quiet = $1 }
    ]
}
