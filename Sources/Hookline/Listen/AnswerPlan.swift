/// What each request gets for an answer, decided when its headers are complete (pure: chance comes from the seed).
///
/// Order of precedence, the first that applies:
/// 1. a request that is no good HTTP, or no POST, gets its own 4xx or 5xx and draws nothing from the plan;
/// 2. `reset` in turn, as the body is then never read whole; not if chance (5) replaces it;
/// 3. a signature that is asked for and not valid: 401 instead of the answer drawn, which counts as given;
/// 4. `rejectContaining` found in the body: 400 instead of the answer drawn, which counts as given;
/// 5. chance (`failRate`): 503 instead of the answer in turn, which counts as given;
/// 6. the answer in turn.
struct AnswerPlan {
    private let answers: [ListenOptions.Answer]
    private let failRate: Double
    private var generator: SplitMix64
    private var turn = 0

    init(_ options: ListenOptions) {
        answers = options.answers
        failRate = options.failRate
        generator = SplitMix64(state: options.seed)
    }

    /// The next request's answer. One random number is drawn per request, so equal seeds repeat equal runs.
    mutating func next() -> ListenOptions.Answer {
        let answer = answers.isEmpty ? .status(200) : answers[min(turn, answers.count - 1)]
        turn += 1
        return generator.unitInterval() < failRate ? .status(503) : answer
    }
}

/// The generator SplitMix64 (Steele, Lea, Flood 2014): small, fast, and the same for a seed on every machine.
struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// At least 0, less than 1.
    mutating func unitInterval() -> Double { Double(next() >> 11) * 0x1p-53 }
}
