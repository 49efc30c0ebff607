/// What the command line asks of `hookline diff`.
package struct DiffOptions: CommandOptions, Equatable {
    /// For people, or one JSON object.
    package enum Format: String, Sendable, CaseIterable { case text, json }

    /// So many events that go elsewhere are shown.
    package static let mostExamples = 3

    package var format = Format.text

    package init() {}

    package static let table: [Option<DiffOptions>] = [
        Option("format", .choice(example: .json), \.format, "text, or json: one object")
    ]
}
