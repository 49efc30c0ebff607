import Testing

@testable import Hookline

/// What a run left, and the hints that follow.
struct Left: CustomTestStringConvertible, Sendable {
    var ended = Summary.Ended.deadline
    var line = 120
    var runID: String?
    var skipsSettled = false
    var cutShort = 0
    var dead = 0
    var areBehind = false
    var lost = 0
    var resumed = 0
    var waiting = 0
    var source = Resumption.Source.events

    var testDescription: String { "\(self)" }

    var notes: [Resumption.Note] {
        var books = Books(topics: 0, webhooks: 1)
        books.input.complete = ended == .endOfInput
        books.input.lines = line
        books.webhooks[0].lost = lost
        books.webhooks[0].resumed = resumed
        let now = Moment(monotonic: ContinuousClock().systemEpoch, wall: WallTime(milliseconds: 0))
        var resumption = Resumption(
            Summary(
                runID: "r", started: now, finished: now, ended: ended, config: Config(path: "c", sha256: ""), shown: [],
                books: books))
        resumption.source = source
        resumption.runID = runID
        resumption.skipsSettled = skipsSettled
        resumption.cutShort = cutShort
        resumption.deadLetters = .init(
            path: "dead", events: dead, replayLine: "hookline replay dead", areBehind: areBehind)
        resumption.spool = .init(directory: "q", events: waiting, listLine: "LIST", runLine: "RUN")
        return resumption.notes
    }
}

@Suite struct ResumptionTests {
    private static let skips = "feed the same input again with --run-id x: what is settled is skipped"
    private static let repeats =
        "feed the same input again with --run-id x: what arrived comes again under the same webhook-id"

    @Test(arguments: [
        (Left(), "feed the input from line 121 on (`tail -n +121`)"),
        (Left(line: 0), "feed the input again"),
        (Left(dead: 2, waiting: 3), "feed the input from line 121 on (`tail -n +121`)"),
        (Left(runID: "x"), repeats),
        (Left(runID: "x", skipsSettled: true), skips),
        (Left(ended: .signal, runID: "x", skipsSettled: true, cutShort: 3, dead: 3), skips),
        (
            Left(ended: .outputFailed, runID: "x", skipsSettled: true, cutShort: 3),
            skips + ", but for 3 events that went out in batches cut short: they come under another one"
        ),
        (Left(ended: .strict), "mend line 120, then feed the input from line 120 on (`tail -n +120`)"),
        (
            Left(ended: .strict, runID: "x"),
            "mend line 120, then feed the input from line 120 on (`tail -n +120`), with another --run-id"
        ),
        (Left(source: .letters), "feed the dead letters from line 121 on (`tail -n +121`)"),
        (
            Left(source: .letterFiles(arePruned: true)), "what is left is still in the files: replay them again"
        ),
        (
            Left(source: .letterFiles(arePruned: false)),
            "the files still hold all; with --prune a replay takes out what it delivers"
        ),
    ])
    func `input that was left unread is fed again, or from the next line on`(_ left: Left, hint: String) throws {
        let note = try #require(left.notes.last)
        #expect(note.isWarning && note.hint == hint)
        #expect(note.message.hasPrefix("reading ended \(left.line == 0 ? "before the first line" : "after line 120")"))
    }

    @Test(arguments: [
        (Summary.Ended.deadline, "the deadline came"), (.signal, "a signal came"),
        (.outputFailed, "an output could not be written"), (.inputFailed, "it could not be read"),
        (.strict, "--strict takes no such line"),
    ])
    func `it is said why reading ended`(ended: Summary.Ended, reason: String) {
        let message = "reading ended after line 120, before the end of the input: \(reason)"
        #expect(Left(ended: ended).notes.map(\.message) == [message])
    }

    private static let replay = "`hookline replay dead` sends them again"
    private static let both = "the same input fed again brings them too: don't also replay them, or they arrive twice"

    /// A repeat brings dead letters once more where it skips nothing, and those that were cut short in any case.
    @Test(arguments: [
        (Left(ended: .endOfInput, dead: 2), replay),
        (Left(ended: .endOfInput, runID: "x", dead: 2), replay),
        (Left(dead: 2), replay),
        (Left(ended: .strict, runID: "x", dead: 2), replay),
        (Left(dead: 2, source: .letters), replay),
        (
            Left(ended: .endOfInput, dead: 2, areBehind: true, waiting: 1),
            replay + ": not before the spool is empty, or they overtake what waits there"
        ),
        (Left(runID: "x", dead: 2), both),
        (
            Left(runID: "x", dead: 2, resumed: 1),
            "the same input fed again brings those of its events too: replay the others alone"
        ),
        (Left(runID: "x", skipsSettled: true, dead: 2), replay),
        (Left(runID: "x", skipsSettled: true, cutShort: 2, dead: 2), both),
        (
            Left(runID: "x", skipsSettled: true, cutShort: 1, dead: 2),
            "the same input fed again brings those with reason `deadline` too: replay the others alone"
        ),
        (Left(ended: .outputFailed, runID: "x", skipsSettled: true, cutShort: 2, dead: 2), replay),
        (Left(ended: .endOfInput, runID: "x", dead: 2, lost: 1), both),
    ])
    func `dead letters are replayed, unless the same input brings them`(_ left: Left, hint: String) {
        #expect(left.notes.first?.message == "2 events became dead letters, kept in dead")
        #expect(left.notes.first?.hint == hint)
    }

    @Test func `one event is told in the singular`() {
        #expect(Left(ended: .endOfInput, dead: 1).notes.first?.message == "1 event became a dead letter, kept in dead")
        #expect(
            Left(runID: "x", dead: 1).notes.first?.hint
                == "the same input fed again brings it too: don't also replay it, or it arrives twice")
        #expect(Left(ended: .endOfInput, waiting: 1).notes.first?.message == "1 event waits in the spool q")
    }

    @Test func `what waits in the spool needs no input`() {
        let note = Resumption.Note(
            message: "3 events wait in the spool q",
            hint: "`LIST` shows what, and when it is due; a run sends what is due then, also without input: `RUN`")
        #expect(Left(ended: .endOfInput, waiting: 3).notes == [note])
    }

    @Test(arguments: [
        (Left(ended: .endOfInput, lost: 2), "feeding the whole input again brings them, and the others a second time"),
        (Left(ended: .endOfInput, runID: "x", skipsSettled: true, lost: 2), skips),
    ])
    func `what no file could take is in the input alone`(_ left: Left, hint: String) {
        let message = "2 events are lost: in no file, and in the input alone"
        #expect(left.notes == [Resumption.Note(message: message, hint: hint)])
        // Where the input is fed again anyway, once is enough.
        #expect(Left(runID: "x", lost: 2).notes.map(\.hint) == [Self.repeats])
    }

    @Test func `a run that did all says nothing, and so does an input that never could be read`() {
        #expect(Left(ended: .endOfInput, runID: "x").notes.isEmpty)
        #expect(Left(ended: .inputFailed, line: 0).notes.isEmpty)
    }
}
