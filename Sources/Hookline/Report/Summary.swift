/// The run as one JSON object: the last thing printed on standard output (SPEC section 10).
package struct Summary: Sendable {
    /// Why reading ended.
    package enum Ended: String, Sendable, CaseIterable {
        case endOfInput = "end_of_input"
        case deadline, signal, strict
        case inputFailed = "input_failed"
        case outputFailed = "output_failed"

        /// Why batches that are not full stay unsent in a run with an id: what cut them short is no part of the input,
        /// so a repeat would send their events under other ids. nil: they are sent.
        package var reasonToHoldBack: DeadLetterReason? {
            switch self {
            case .signal: .stopped
            case .deadline: .deadline
            case .inputFailed: .inputFailed
            case .endOfInput, .strict, .outputFailed: nil
            }
        }
    }

    package var runID: String
    package var started: Moment
    package var finished: Moment
    package var ended: Ended
    package var config: Config
    /// The webhooks that are shown, by their place in the configuration.
    package var shown: [Int]
    package var books: Books
    /// The signal that stopped the run.
    package var signal: Int32?
    /// Whether an output could not be written.
    package var outputFailed = false
    /// Whether the spool holds events that can't be read, of another version or damaged, which are in no books.
    package var holdsUnreadable = false
    /// `--strict`.
    package var isStrict = false
    /// Whether nothing was sent, and the books say what would have been.
    package var isPlan = false

    /// SPEC section 2: follows from the books.
    package var exitCode: ExitCode {
        if ended == .inputFailed { return .noInput }
        if outputFailed { return .outputFailed }
        if let signal { return .stopped(by: signal) }
        let isUndelivered = books.total(\.deadLettered) + books.total(\.lost) > 0
        let isStrictlyWrong = isStrict && books.input.unknownTopic + books.input.unmatched > 0
        if isUndelivered || books.input.refusedTotal > 0 || isStrictlyWrong { return .failure }
        let waits = books.total(\.deferred) + books.total(\.waiting) > 0 || holdsUnreadable
        return books.input.complete && !waits ? .success : .tryAgain
    }

    package var milliseconds: Int { Int((finished.monotonic - started.monotonic) / .milliseconds(1)) }

    /// One line of JSON, with its line ending; `SummaryTable` says what is in it.
    package func render() -> [UInt8] {
        var json = JSONWriter()
        json.object { SummaryKey.write(SummaryTable.document, of: self, to: &$0) }
        json.newline()
        return json.bytes
    }
}
