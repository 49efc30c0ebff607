/// How to go on after a run: what to feed, replay or run again, and which of these must not be combined.
///
/// All that is said at the end of a run about what it left goes through here, so that no hint leads away from another one.
package struct Resumption: Equatable, Sendable {
    package struct Note: Equatable, Sendable {
        /// Whether it tells of something that is left to do.
        package var isWarning = true
        package var message: String
        package var hint: String?
    }

    /// What the run read.
    package enum Source: Equatable, Sendable {
        case events
        /// Dead letters from standard input.
        case letters
        /// Dead letters from files, which keep what was not delivered.
        case letterFiles(arePruned: Bool)
    }

    package struct DeadLetterFile: Equatable, Sendable {
        package var path: String
        /// Events that this run put there.
        package var events: Int
        /// The command line that sends them again; nil: what was written there can't be read again.
        package var replayLine: String?
        /// Whether earlier ones of some wait in the spool, which they must not overtake.
        package var areBehind: Bool

        package init(path: String, events: Int, replayLine: String?, areBehind: Bool = false) {
            (self.path, self.events, self.replayLine, self.areBehind) = (path, events, replayLine, areBehind)
        }
    }

    package struct SpoolUse: Equatable, Sendable {
        package var directory: String
        /// Events that wait there.
        package var events: Int
        /// The command line that shows them.
        package var listLine: String
        /// The command line that sends what is due, and nothing else.
        package var runLine: String

        package init(directory: String, events: Int, listLine: String, runLine: String) {
            (self.directory, self.events, self.listLine, self.runLine) = (directory, events, listLine, runLine)
        }
    }

    private let ended: Summary.Ended
    private let isComplete: Bool
    /// The last line that was taken, from 1; 0: none.
    private let lastLine: Int
    private let lost: Int
    private let skipped: Int
    /// Events that came out of the spool, so that a repeat of the input may not bring them.
    private let resumed: Int

    package var source = Source.events
    /// `--run-id`; nil: none was given, so a repeat has other ids.
    package var runID: String?
    /// Whether a repeat with the run id skips what was settled: only with write-ahead is that noted.
    package var skipsSettled = false
    /// Events of batches that the end of the reading cut short in a run with an id. A repeat sends them in whole batches,
    /// under other ids.
    package var cutShort = 0
    /// nil: nothing was written to it.
    package var deadLetters: DeadLetterFile?
    /// nil: nothing waits in one.
    package var spool: SpoolUse?

    package init(_ summary: Summary) {
        ended = summary.ended
        isComplete = summary.books.input.complete
        lastLine = summary.books.input.lines
        lost = summary.books.total(\.lost)
        skipped = summary.books.total(\.skipped)
        resumed = summary.books.total(\.resumed)
    }

    /// In the order in which they are shown: what is left of the input comes last.
    package var notes: [Note] {
        [skippedNote, deadLetterNote, spoolNote, lostNote, unreadNote].compactMap(\.self)
    }

    // MARK: Repeat

    /// The id of a repeat that brings all that this run did not deliver; nil: there is none to do, or no id was given.
    private var repeatable: String? {
        guard source == .events, isUnread || lost > 0, !(isUnread && ended == .strict) else { return nil }
        return runID
    }

    private var isUnread: Bool { !isComplete }

    /// Of the dead letters, those that a repeat brings, too.
    private var repeated: Int {
        guard repeatable != nil, let deadLetters else { return 0 }
        return skipsSettled ? min(heldBack, deadLetters.events) : deadLetters.events
    }

    /// Events that were cut short and became dead letters.
    private var heldBack: Int { ended.reasonToHoldBack == nil ? 0 : cutShort }

    private func feedAgain(_ runID: String) -> String {
        let start = "feed the same input again with --run-id \(runID): "
        let rest =
            skipsSettled ? "what is settled is skipped" : "what arrived comes again under the same webhook-id"
        let sent = cutShort - heldBack
        guard sent > 0 else { return start + rest }
        return start + rest
            + ", but for \(counted(sent, "event")) that went out in batches cut short: they come under another one"
    }

    // MARK: Notes

    private var skippedNote: Note? {
        guard skipped > 0 else { return nil }
        return Note(
            isWarning: false,
            message: "\(counted(skipped, "event was", "events were")) settled by an earlier run with this run id, or "
                + "left in the spool: skipped",
            hint: "what became dead letters then is in the dead-letter file of that run")
    }

    private var deadLetterNote: Note? {
        guard let deadLetters, deadLetters.events > 0 else { return nil }
        let hint: String?
        switch repeated {
        case 0:
            let order =
                deadLetters.areBehind ? ": not before the spool is empty, or they overtake what waits there" : ""
            hint = deadLetters.replayLine.map { "`\($0)` sends them again\(order)" }
        case deadLetters.events where resumed > 0:
            hint = "the same input fed again brings those of its events too: replay the others alone"
        case deadLetters.events:
            hint =
                deadLetters.events == 1
                ? "the same input fed again brings it too: don't also replay it, or it arrives twice"
                : "the same input fed again brings them too: don't also replay them, or they arrive twice"
        default:
            hint =
                "the same input fed again brings those with reason `\(ended.reasonToHoldBack?.name ?? "")` too: replay "
                + "the others alone"
        }
        return Note(
            message: counted(deadLetters.events, "event became a dead letter", "events became dead letters")
                + ", kept in \(deadLetters.path)", hint: hint)
    }

    private var spoolNote: Note? {
        guard let spool, spool.events > 0 else { return nil }
        return Note(
            message: "\(counted(spool.events, "event waits", "events wait")) in the spool \(spool.directory)",
            hint:
                "`\(spool.listLine)` shows what, and when it is due; a run sends what is due then, also without input: "
                + "`\(spool.runLine)`")
    }

    private var lostNote: Note? {
        guard source == .events, lost > 0, repeatable == nil || isComplete else { return nil }
        return Note(
            message: "\(counted(lost, "event is", "events are")) lost: in no file, and in the input alone",
            hint: repeatable.map(feedAgain) ?? "feeding the whole input again brings them, and the others a second time"
        )
    }

    private var unreadNote: Note? {
        // A failure at the start was told as such.
        guard isUnread, lastLine > 0 || ended != .inputFailed else { return nil }
        let message =
            lastLine == 0
            ? "reading ended before the first line: \(reason)"
            : "reading ended after line \(lastLine), before the end of the input: \(reason)"
        return Note(message: message, hint: wayOn)
    }

    private var reason: String {
        switch ended {
        case .endOfInput: "it ended"
        case .deadline: "the deadline came"
        case .signal: "a signal came"
        case .strict: "--strict takes no such line"
        case .inputFailed: "it could not be read"
        case .outputFailed: "an output could not be written"
        }
    }

    private var wayOn: String {
        switch source {
        case .letterFiles(arePruned: true): return "what is left is still in the files: replay them again"
        case .letterFiles(arePruned: false):
            return "the files still hold all; with --prune a replay takes out what it delivers"
        case .letters: return feed("the dead letters", from: lastLine + 1)
        case .events: break
        }
        if let repeatable { return feedAgain(repeatable) }
        if ended == .strict {
            let other = runID == nil ? "" : ", with another --run-id"
            return "mend line \(lastLine), then " + feed("the input", from: lastLine) + other
        }
        return feed("the input", from: lastLine + 1)
    }

    private func feed(_ what: String, from line: Int) -> String {
        line == 1 ? "feed \(what) again" : "feed \(what) from line \(line) on (`tail -n +\(line)`)"
    }
}
