/// What the command line asks of `hookline diff`.
package struct DiffOptions: CommandOptions, Equatable {
    package enum Format: String, Sendable, CaseIterable { case text, json }

    package var format = Format.text
    /// A file of events; nil: standard input, where that is a file or a pipe.
    package var sample: String?
    /// Show the events of the examples.
    package var isVerbose = false

    package init() {}

    package static let table: [Option<DiffOptions>] = [
        Option("format", .choice(example: .json), \.format, "how differences are told: as text, or as one JSON object"),
        Option(
            "sample", .path("FILE", example: "events.ndjson"), \.sample,
            "events whose destinations are compared; without it those of standard input, where that is a file or a pipe"
        ),
        Option(flag: "verbose", short: "v", "show the events of the examples") { $0.isVerbose = $1 },
    ]
}
