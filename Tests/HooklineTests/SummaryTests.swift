import Foundation
import Testing

@testable import Hookline

private let start = Moment(monotonic: ContinuousClock().systemEpoch, wall: WallTime(milliseconds: 1_700_000_000_000))

private func config(_ names: [String]) -> Config {
    var config = Config(path: "webhooks.yaml", sha256: "00")
    config.topics = [Config.Topic(name: "task", description: "")]
    config.webhooks = names.map {
        let url = WebhookURL(text: "https://a.example:8443/hook/secret?key=secret", host: "a.example", port: 8_443)
        return Webhook(name: $0, url: .value(url), topics: [.all])
    }
    return config
}

/// The summary of a run that read all of its input and had nothing to deliver.
private func summary(_ ended: Summary.Ended = .endOfInput) -> Summary {
    var books = Books(topics: 1, webhooks: 2)
    books.input.complete = ended == .endOfInput
    let finished = Moment(
        monotonic: start.monotonic + .milliseconds(1_250), wall: WallTime(milliseconds: 1_700_000_001_250))
    return Summary(
        runID: "run-1", started: start, finished: finished, ended: ended, config: config(["a", "b"]), shown: [0, 1],
        books: books)
}

/// What may come upon a run, in the order in which SPEC section 2 lets it decide the exit code.
private enum Mishap: CaseIterable {
    case inputFailed, outputFailed, signal, deadLetter, lost, refusedLine, deferred, waiting, unreadable, unreadInput

    var code: Int32 {
        switch self {
        case .inputFailed: 66
        case .outputFailed: 74
        case .signal: 143
        case .deadLetter, .lost, .refusedLine: 1
        case .deferred, .waiting, .unreadable, .unreadInput: 75
        }
    }

    func happen(to summary: inout Summary) {
        switch self {
        case .inputFailed:
            summary.ended = .inputFailed
            summary.books.input.complete = false
        case .outputFailed: summary.outputFailed = true
        case .signal: summary.signal = 15
        case .deadLetter: summary.books.webhooks[1].deadLettered = 1
        case .lost: summary.books.webhooks[1].lost = 1
        case .refusedLine: summary.books.refuse(line: 1, .notAnObject)
        case .deferred: summary.books.webhooks[1].deferred = 1
        case .waiting: summary.books.gone.waiting = 1
        case .unreadable: summary.holdsUnreadable = true
        case .unreadInput: summary.books.input.complete = false
        }
    }
}

@Test func `a run without a mishap exits with 0`() {
    #expect(summary().exitCode.rawValue == 0)
}

@Test(arguments: Mishap.allCases, Mishap.allCases)
private func `of two mishaps the weightier decides the exit code`(first: Mishap, second: Mishap) {
    var summary = summary()
    first.happen(to: &summary)
    second.happen(to: &summary)
    let order: [Int32] = [66, 74, 143, 1, 75]
    #expect(summary.exitCode.rawValue == order.first { [first.code, second.code].contains($0) })
}

@Test(arguments: [(1, 129), (2, 130), (13, 141), (15, 143)] as [(Int32, Int32)])
func `a run that a signal stopped exits with 128 and its number`(signal: Int32, code: Int32) {
    var summary = summary(.signal)
    summary.signal = signal
    #expect(summary.exitCode.rawValue == code)
}

@Test(arguments: [(false, 1, 0, Int32(0)), (false, 0, 1, 0), (true, 1, 0, 1), (true, 0, 1, 1), (true, 0, 0, 0)])
func `unknown topics and unmatched events matter only to --strict`(
    isStrict: Bool, unknown: Int, unmatched: Int, code: Int32
) {
    var summary = summary()
    summary.isStrict = isStrict
    summary.books.input.unknownTopic = unknown
    summary.books.input.unmatched = unmatched
    #expect(summary.exitCode.rawValue == code)
}

@Test func `each way in which an event ends balances the one that was matched or resumed`() {
    for end in [\Books.Account.delivered, \.skipped, \.deadLettered, \.deferred, \.lost] {
        var books = Books(topics: 1, webhooks: 2)
        books.webhooks[0].matched = 2
        books.webhooks[0].resumed = 1
        #expect(!books.balanced)
        books.webhooks[0][keyPath: end] = 3
        #expect(books.balanced)
        // What one webhook has too much does not make up for what another lacks.
        books.webhooks[0][keyPath: end] = 2
        books.webhooks[1][keyPath: end] = 1
        #expect(!books.balanced)
    }
}

@Test func `lines balance as blank ones, events and refused ones`() {
    var books = Books(topics: 1, webhooks: 0)
    books.input.lines = 4
    books.input.blank = 1
    books.input.events = 1
    books.refuse(line: 2, .notJSON(at: 3))
    #expect(!books.balanced)
    books.refuse(line: 4, .tooLarge)
    #expect(books.balanced)
    #expect(books.input.refused == ["not_json": 1, "too_large": 1])
}

@Test func `every refused line is counted, the first ten are shown`() {
    var books = Books(topics: 0, webhooks: 0)
    for line in 1...25 { books.refuse(line: line, .notAnObject) }
    #expect(books.input.refusedTotal == 25)
    #expect(books.input.samples.map(\.line) == Array(1...10))
}

@Test func `dead letters that may not be on the disk are lost, the others are not`() {
    var books = Books(topics: 0, webhooks: 2)
    books.webhooks[0].matched = 3
    books.webhooks[0].deadLettered = 2
    books.webhooks[0].lost = 1
    #expect(books.lose([0: 1]) == 1)
    #expect(books.total(\.deadLettered) == 1)
    #expect(books.total(\.lost) == 2)
    #expect(books.balanced)
}

@Test func `the summary is one line of JSON that says what the books say`() throws {
    var summary = summary()
    summary.books.input.lines = 2
    summary.books.input.events = 1
    summary.books.refuse(line: 2, .notJSON(at: 17))
    summary.books.topics = [1]
    summary.books.webhooks[0].matched = 1
    summary.books.webhooks[0].deadLettered = 1
    summary.books.webhooks[0].statuses = [503: 4]
    let text = String(decoding: summary.render(), as: UTF8.self)
    #expect(text.filter { $0 == "\n" }.count == 1 && text.hasSuffix("}\n"))
    for part in [
        #"{"schema":"hookline.summary/1","run":{"id":"run-1","#, #""duration_ms":1250,"ended":"end_of_input"}"#,
        #""started_at":"2023-11-14T22:13:20.000Z","finished_at":"2023-11-14T22:13:21.250Z""#,
        #""refused":{"total":1,"not_json":1}"#, #""refused_samples":[{"line":2,"reason":"not_json","at":17}]"#,
        #""books":{"matched":1,"resumed":0,"delivered":0,"skipped":0,"dead_lettered":1,"deferred":0,"lost":0,"#,
        #""balanced":true}"#, #""topics":[{"name":"task","events":1}]"#, #""status":{"503":4}"#,
        #""url":"https://a.example:8443/…""#, #""last_failure":null"#,
    ] { #expect(text.contains(part)) }
    #expect(!text.contains("secret"))
    #expect(try JSONSerialization.jsonObject(with: Data(text.utf8)) is [String: Any])
}

@Test func `only the webhooks that are shown appear`() {
    var summary = summary()
    summary.shown = [1]
    let text = String(decoding: summary.render(), as: UTF8.self)
    #expect(text.contains(#""name":"b""#))
    #expect(!text.contains(#""name":"a""#))
}
