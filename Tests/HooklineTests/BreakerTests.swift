import Hookline
import Testing

private let start = ContinuousClock().systemEpoch

/// What happens to a breaker of three failures that probes after ten seconds.
enum BreakerStep: Sendable {
    case ends(Breaker.Evidence, at: Double, Breaker.Change?)
    /// A request starts.
    case starts(isProbe: Bool)
    case probeEnds(Breaker.Evidence, at: Double, Breaker.Change?)
    case isOpen(until: Double?)
    case isHalfOpen(Bool)
}

private let histories: [(String, [BreakerStep])] = [
    (
        "opens at the third failure",
        [
            .ends(.failing, at: 1, nil), .ends(.failing, at: 2, nil), .isOpen(until: nil),
            .ends(.failing, at: 3, .opened), .isOpen(until: 13),
        ]
    ),
    (
        "an answer starts the count anew",
        [
            .ends(.failing, at: 1, nil), .ends(.failing, at: 2, nil), .ends(.alive, at: 3, nil),
            .ends(.failing, at: 4, nil), .ends(.failing, at: 5, nil), .isOpen(until: nil),
        ]
    ),
    (
        "what says nothing does not interrupt the count",
        [
            .ends(.failing, at: 1, nil), .ends(.failing, at: 2, nil), .ends(.none, at: 3, nil),
            .ends(.failing, at: 4, .opened),
        ]
    ),
    (
        "requests that were under way when it opened put the probe off no further",
        [
            .ends(.failing, at: 1, nil), .ends(.failing, at: 1, nil), .ends(.failing, at: 1, .opened),
            .ends(.failing, at: 9, nil), .isOpen(until: 11),
        ]
    ),
    (
        "one of these that is answered closes it",
        [
            .ends(.failing, at: 1, nil), .ends(.failing, at: 1, nil), .ends(.failing, at: 1, .opened),
            .ends(.alive, at: 9, .closed), .isOpen(until: nil), .starts(isProbe: false),
        ]
    ),
    (
        "a probe that is answered closes it",
        [
            .ends(.failing, at: 1, nil), .ends(.failing, at: 1, nil), .ends(.failing, at: 1, .opened),
            .starts(isProbe: true), .isHalfOpen(true), .isOpen(until: nil), .probeEnds(.alive, at: 12, .closed),
            .isHalfOpen(false), .ends(.failing, at: 13, nil), .starts(isProbe: false),
        ]
    ),
    (
        "a probe that fails opens it again",
        [
            .ends(.failing, at: 1, nil), .ends(.failing, at: 1, nil), .ends(.failing, at: 1, .opened),
            .starts(isProbe: true), .probeEnds(.failing, at: 12, .reopened), .isOpen(until: 22), .isHalfOpen(false),
            .starts(isProbe: true),
        ]
    ),
    (
        "while the probe is under way another failure decides nothing",
        [
            .ends(.failing, at: 1, nil), .ends(.failing, at: 1, nil), .ends(.failing, at: 1, .opened),
            .starts(isProbe: true), .ends(.failing, at: 12, nil), .ends(.none, at: 12, nil), .isHalfOpen(true),
        ]
    ),
    (
        "after a probe that says nothing comes another one at once",
        [
            .ends(.failing, at: 1, nil), .ends(.failing, at: 1, nil), .ends(.failing, at: 1, .opened),
            .starts(isProbe: true), .probeEnds(.none, at: 12, nil), .isOpen(until: 12), .starts(isProbe: true),
        ]
    ),
]

@Test(arguments: histories)
func `a breaker takes its states as its requests end`(name: String, steps: [BreakerStep]) {
    var settings = Webhook.Breaker()
    settings.failures = 3
    var breaker = Breaker(settings)
    for (index, step) in steps.enumerated() {
        let place = Comment(rawValue: "\(name), step \(index)")
        switch step {
        case .ends(let evidence, let at, let expected):
            let change = breaker.ended(evidence, isProbe: false, start + .seconds(at))
            #expect(change == expected, place)
        case .probeEnds(let evidence, let at, let expected):
            let change = breaker.ended(evidence, isProbe: true, start + .seconds(at))
            #expect(change == expected, place)
        case .starts(let expected):
            let isProbe = breaker.start()
            #expect(isProbe == expected, place)
        case .isOpen(let until): #expect(breaker.openUntil == until.map { start + .seconds($0) }, place)
        case .isHalfOpen(let expected): #expect(breaker.isHalfOpen == expected, place)
        }
    }
}

@Test(arguments: [
    (Outcome.response(.init(status: 200)), Breaker.Evidence.alive), (.response(.init(status: 404)), .alive),
    (.response(.init(status: 302)), .alive), (.response(.init(status: 410)), .alive),
    (.response(.init(status: 408)), .failing), (.response(.init(status: 425)), .failing),
    (.response(.init(status: 429)), .failing), (.response(.init(status: 500)), .failing),
    (.response(.init(status: 599)), .failing), (.failure(.init(.timeout, detail: "")), .failing),
    (.failure(.init(.connectFailed, detail: "")), .failing),
    (.failure(.init(.certificateInvalid, detail: "")), .none),
    (.failure(.init(.forbiddenAddress, detail: "")), .none),
])
func `only what is tried again counts as a failing receiver`(outcome: Outcome, expected: Breaker.Evidence) {
    #expect(outcome.evidence == expected)
}
