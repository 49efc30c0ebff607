/// What the command line and the environment ask of `run`, after defaults (SPEC section 1).
///
/// Each field's sentence, default and range stand in the option table (`OptionTables.swift`), which sets it.
package struct Options: Equatable, Sendable {
    /// Lines for a person, or one JSON object a line.
    package enum LogFormat: String, Sendable, CaseIterable { case text, json }

    /// How much the log says: errors alone (`-q`), warnings too (default), each request too (`-v`).
    package enum Verbosity: Int, Comparable, Sendable {
        case quiet, normal, verbose
        package static func < (left: Verbosity, right: Verbosity) -> Bool { left.rawValue < right.rawValue }
    }

    /// Where progress is shown: on a terminal that a person looks at, wherever standard error goes, or nowhere.
    package enum ShowsProgress: String, Sendable, CaseIterable { case auto, always, never }

    /// File or directory of the configuration.
    package var config = "webhooks.yaml"
    /// Names of the webhooks to deliver to; empty: all active ones.
    package var only: [String] = []
    /// Where dead letters go; nil: `hookline-dead-letter-<run id>.ndjson`, made only when needed.
    package var deadLetter: String?
    /// Where lines that are no event go; nil: only counted.
    package var rejects: String?
    /// The whole run's time limit.
    package var deadline: Duration?
    /// How long the network may go on after a signal.
    package var shutdownGrace: Duration = .seconds(10)
    /// `[A-Za-z0-9_-]{1,64}`, one per input; nil: random, and webhook ids are random too.
    package var runID: String?
    /// Bound on event bytes held, in bytes.
    package var memory = 32 << 20
    /// One for all, or a second one for the requests.
    package var threads = 1
    /// Stop at the first bad line or unknown topic.
    package var strict = false
    /// A file that gets the summary too.
    package var summary: String?
    /// A file that gets metrics of the run, for Prometheus.
    package var metrics: String?
    /// The spool's directory; nil: the configuration's.
    package var spool: String?
    /// Keep each batch in the spool before its first attempt; false: as the configuration says.
    package var writeAhead = false
    package var progress = ShowsProgress.auto
    package var logFormat = LogFormat.text
    package var verbosity = Verbosity.normal

    package init() {}
}
