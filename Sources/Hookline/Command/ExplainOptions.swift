/// What the command line asks of `hookline explain`.
package struct ExplainOptions: CommandOptions, Equatable {
    /// For people, or one JSON object a line.
    package enum Format: String, Sendable, CaseIterable { case text, json }

    package var config = Options().config
    /// A file of events, one a line; `-`: standard input.
    package var event = "-"
    /// The webhook; nil: each one.
    package var webhook: String?
    package var format = Format.text

    package init() {}

    package static let table: [Option<ExplainOptions>] = [
        Option("config", .path("PATH", example: "webhooks.yaml"), \.config, "configuration: a file or a directory"),
        Option(
            "event", .path("FILE", example: "event.json"), \.event, "a file of events, one a line; - is standard input"),
        Option(
            "webhook", .webhookName, \.webhook,
            "the webhook to explain; without it each one"),
        Option("format", .choice(example: .json), \.format, "text, or json: an object a line"),
    ]
}
