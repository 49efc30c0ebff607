/// What the command line asks of `hookline replay`: of the options of `run` those that make sense for it, and its own.
package struct ReplayOptions: CommandOptions, Equatable {
    package var run = Options()
    /// Take what was delivered out of the files.
    package var prunes = false

    package init() {}

    package static let table: [Option<ReplayOptions>] = [
        shared("config"), shared("only"),
        shared(
            "dead-letter",
            "where dead letters of standard input go that can't be delivered now; without it "
                + "hookline-dead-letter-<run id>.ndjson, made only when needed; those of files stay in them"),
        shared("rejects", "write lines that are no dead letter to FILE, with line number and reason"),
        Option(flag: "prune", "take what was delivered out of the files, each of which is replaced as a whole") {
            $0.prunes = $1
        },
        shared("deadline"), shared("shutdown-grace"), shared("memory"), shared("threads"), shared("summary"),
        shared("metrics"),
        shared("progress"),
        shared("log-format"), shared("quiet"), shared("verbose"),
    ].compactMap(\.self)

    /// An option of `run`, with its own sentence or another one.
    private static func shared(_ name: String, _ sentence: String? = nil) -> Option<ReplayOptions>? {
        guard var option = Options.table.first(where: { $0.name == name })?.within(\ReplayOptions.run) else {
            return nil
        }
        option.sentence = sentence ?? option.sentence
        return option
    }
}
