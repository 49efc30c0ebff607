/// What the command line asks of `hookline test`.
package struct TestOptions: CommandOptions, Equatable {
    /// For people; JUnit's XML; or annotations of GitHub Actions.
    package enum Format: String, Sendable, CaseIterable { case text, junit, github }

    package var format = Format.text
    /// Name the tests that passed too.
    package var isVerbose = false

    package init() {}

    package static let table: [Option<TestOptions>] = [
        Option(
            "format", .choice(example: .junit), \.format,
            "how results are told: as text, as JUnit's XML, or as commands of GitHub Actions"),
        Option(flag: "verbose", short: "v", "with text: name the tests that passed too") { $0.isVerbose = $1 },
    ]
}
