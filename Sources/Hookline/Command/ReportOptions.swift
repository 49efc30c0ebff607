/// What the command line asks of `hookline report`.
package struct ReportOptions: CommandOptions, Equatable {
    package enum Format: String, Sendable, CaseIterable { case text, json }

    package var format = Format.text
    /// A file that gets the page; nil: none is made.
    package var html: String?

    package init() {}

    package static let table: [Option<ReportOptions>] = [
        Option("format", .choice(example: .json), \.format, "what is printed: tables, or one JSON object"),
        Option(
            "html", .path("FILE", example: "report.html"), \.html,
            "draw the report into FILE too: one page with charts, for a browser or a printer"),
    ]
}
