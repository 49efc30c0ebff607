import Glibc

/// What the receiver makes of requests: it draws the answers, keeps the totals, writes record and printed lines.
struct Reception {
    /// Requests that were read whole, their events and the bytes of their bodies.
    struct Totals: Equatable, Sendable {
        var requests = 0
        var events = 0
        var bytes = 0
    }

    private let options: ListenOptions
    private let verifier: SignatureVerifier?
    private let record: RequestRecord?
    private var plan: AnswerPlan
    private(set) var totals = Totals()
    /// Lines for standard output, not written yet.
    private var printed: [UInt8] = []

    /// - Parameters:
    ///   - options: what to do.
    ///   - verifier: judges each POST; nil: none is judged.
    /// - Throws: `ListenError.record` when the record's file can't be opened.
    init(_ options: ListenOptions, verifier: SignatureVerifier? = nil) throws(ListenError) {
        self.options = options
        self.verifier = verifier
        record = if let path = options.record { try RequestRecord(path: path) } else { nil }
        plan = AnswerPlan(options)
    }

    /// How long each answer waits, in milliseconds.
    var delay: Int { Int(options.delay / .milliseconds(1)) }

    /// Begins a request whose headers are complete. Only POST is taken; it draws its answer here.
    mutating func begin(_ head: RequestHead) -> ReceivedRequest {
        let isPost = head.method == "POST"
        return ReceivedRequest(
            head: head, answer: isPost ? plan.next() : .status(405),
            keepsBody: record != nil || isPost && (options.rejectContaining != nil || verifier != nil))
    }

    /// Settles a request that was read whole: counts it, records it, and gives its answer.
    mutating func complete(
        _ request: ReceivedRequest, planned: Int, at time: WallTime
    ) throws(ListenError) -> [UInt8] {
        totals.requests += 1
        totals.events += request.events.count
        totals.bytes += request.bytes
        var status = planned
        if request.head.method == "POST", let text = options.rejectContaining, request.bodyContains(text) {
            status = 400
        }
        let refusal = refusal(of: request, at: time)
        if refusal != nil { status = 401 }
        try record?.append(request, status: status, at: time)
        printLine(of: request, outcome: "\(status)", because: refusal?.sentence, at: time)
        var answer = HTTPAnswer(status: status, date: time)
        answer.isHead = request.head.method == "HEAD"
        answer.closes = !request.head.keepsAlive
        if let refusal { answer.text = "401 Unauthorized: \(refusal.sentence)" }
        if status == 405 { answer.headers.append(("Allow", "POST")) }
        if !(200...299).contains(status), let retryAfter = options.retryAfter {
            answer.headers.append(("Retry-After", retryAfter))
        }
        if (300...399).contains(status), let location = options.location {
            answer.headers.append(("Location", location))
        }
        return answer.bytes
    }

    /// Why a POST is not shown to come from who holds a key; nil: it is, or nobody asked.
    private func refusal(of request: ReceivedRequest, at time: WallTime) -> SignatureVerifier.Reason? {
        guard let verifier, request.head.method == "POST" else { return nil }
        let headers = SignatureHeaders(request.head.headers.map { ($0.name, $0.value) })
        let verdict = unsafe (request.body ?? []).withUnsafeBytes {
            unsafe verifier.verdict(of: headers, body: $0, now: time)
        }
        return switch verdict {
        case .valid: nil
        case .invalid(let reason): reason
        }
    }

    /// Prints a request that ended in a reset. It was not read whole, so neither totals nor record have it.
    mutating func abandon(_ request: ReceivedRequest, at time: WallTime) {
        printLine(of: request, outcome: "reset", at: time)
    }

    /// Prints bytes that were no request, and gives their answer.
    mutating func refuse(_ error: HTTPError, at time: WallTime) -> [UInt8] {
        if !options.quiet { printed += "\(time.text) - \(error.status) \(error.sentence)\n".utf8 }
        var answer = HTTPAnswer(status: error.status, date: time)
        answer.closes = true
        answer.text = error.sentence
        return answer.bytes
    }

    /// Writes the lines that were printed since the last call to standard output.
    mutating func flush() throws(ListenError) {
        if printed.isEmpty { return }
        let code = writeAll(printed, to: STDOUT_FILENO)
        printed.removeAll(keepingCapacity: true)
        if code != 0 { throw .output(errno: code) }
    }

    private mutating func printLine(
        of request: ReceivedRequest, outcome: String, because reason: String? = nil, at time: WallTime
    ) {
        if options.quiet { return }
        let head = request.head
        // A header may hold bytes that a terminal would obey.
        let id = String(
            (head.value("webhook-id") ?? "-").unicodeScalars.map {
                $0.value < 0xa0 && $0.value > 0x7e ? "?" : Character($0)
            })
        printed += "\(time.text) \(head.method) \(head.target) \(outcome) \(id) ".utf8
        printed += "\(counted(request.events.count, "event")) \(counted(request.bytes, "byte"))".utf8
        if let reason { printed += ": \(reason)".utf8 }
        printed += "\n".utf8
    }
}

/// One request under way.
struct ReceivedRequest {
    let head: RequestHead
    let answer: ListenOptions.Answer
    /// Of the body, so far.
    private(set) var bytes = 0
    private(set) var events: EventCounter
    /// The body so far; nil when nobody will look at it.
    private(set) var body: [UInt8]?

    init(head: RequestHead, answer: ListenOptions.Answer, keepsBody: Bool) {
        self.head = head
        self.answer = answer
        events = EventCounter(contentType: head.value("content-type"))
        body = keepsBody ? [] : nil
    }

    /// Takes the next piece of the body.
    mutating func take(_ piece: UnsafeRawBufferPointer) {
        bytes += piece.count
        unsafe events.consume(piece)
        unsafe body?.append(contentsOf: piece)
    }

    /// Whether the connection is to be reset now: half of the body was read, or the first piece of one whose length
    /// is not known.
    var isDueForReset: Bool {
        guard answer == .reset else { return false }
        return switch head.framing {
        case .length(let length): bytes >= length / 2 + length % 2
        case .chunked: bytes > 0
        }
    }

    func bodyContains(_ text: String) -> Bool {
        guard let body, let first = text.utf8.first else { return false }
        let pattern = Array(text.utf8)
        var rest = body[...]
        while let start = rest.firstIndex(of: first) {
            rest = rest[start...]
            if rest.starts(with: pattern) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
