/// What the command line asks of `hookline plan`: of the options of `run` those that decide what is sent, and its own.
package struct PlanOptions: CommandOptions, Equatable {
    /// For people; as the summary; or as a graph for Mermaid.
    package enum Format: String, Sendable, CaseIterable { case text, json, mermaid }

    package var run = Options()
    package var format = Format.text
    /// Print each request as a curl command first.
    package var showsRequests = false

    package init() {}

    package static let table: [Option<PlanOptions>] =
        [shared("config"), shared("only"), shared("run-id")].compactMap(\.self) + [
            Option(
                "format", .choice(example: .json), \.format,
                "text: a table; json: the summary of a run that delivers all; mermaid: a graph of topics, webhooks and origins"
            ),
            Option(
                flag: "requests",
                "with text: print each request first, as a curl command without URL paths, header values and long bodies"
            ) { $0.showsRequests = $1 },
        ] + [shared("strict"), shared("log-format"), shared("quiet"), shared("verbose")].compactMap(\.self)

    private static func shared(_ name: String) -> Option<PlanOptions>? {
        Options.table.first { $0.name == name }?.within(\PlanOptions.run)
    }
}
