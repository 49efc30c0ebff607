/// What the command line asks of `hookline completions`.
package struct CompletionsOptions: CommandOptions, Equatable {
    /// A shell that there is a script for.
    package enum Shell: String, Sendable, CaseIterable { case bash, zsh, fish }

    /// The configuration whose webhooks are named.
    package var config = Options().config

    package init() {}

    package static let table: [Option<CompletionsOptions>] = [
        Option(
            "config", .path("PATH", example: "webhooks.yaml"), \.config,
            "of webhooks: the configuration whose webhooks are named")
    ]
}
