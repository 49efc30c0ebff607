import Glibc

/// One client's connection: its TLS stream, the request under way and the answers that are not sent yet.
final class Connection {
    private enum Phase {
        case handshake, serving
        /// A complete answer waits for its time; nothing is read meanwhile.
        case waiting(answer: [UInt8])
        /// The last answer is out. What the client still sends is read and dropped: closing with unread bytes would
        /// reset the connection, and the client might lose the answer (RFC 9112 section 9.6).
        case draining
        case closed
    }

    private let stream: TLSStream
    private var phase = Phase.handshake
    private var parser = RequestParser()
    private var request: ReceivedRequest?
    /// Bytes to send, and how many of them were.
    private var output: [UInt8] = []
    private var sent = 0
    /// What arrived behind a request whose answer waits.
    private var leftover: [UInt8] = []
    private var closesAfterOutput = false
    private var wantsWrite = false
    /// When the client last moved, or draining began; milliseconds of the loop's clock.
    private(set) var lastActive: Int

    /// A client that does not move for this long is let go, in milliseconds. Waiting for an answer is no fault of it.
    static let idleLimit = 120_000
    /// How long a client may go on sending after the last answer, in milliseconds.
    static let drainLimit = 2_000
    /// Buffers taken from one client before the others get their turn.
    private static let buffersPerTurn = 8

    init(stream: consuming TLSStream, now: Int) {
        self.stream = stream
        lastActive = now
    }

    var socket: Int32 { stream.socket }
    var isClosed: Bool { if case .closed = phase { true } else { false } }
    var isWaiting: Bool { if case .waiting = phase { true } else { false } }

    /// What the loop is to wait for: POLLIN, POLLOUT or, while an answer waits, neither.
    var interest: Int16 {
        if wantsWrite { return Int16(POLLOUT) }
        return isWaiting ? 0 : Int16(POLLIN)
    }

    /// Whether there is more to read that the socket's readiness doesn't show.
    var isReady: Bool { !isClosed && !isWaiting && !wantsWrite && stream.hasPending }

    func isExpired(now: Int) -> Bool {
        switch phase {
        case .waiting, .closed: false
        case .draining: now - lastActive > Self.drainLimit
        case .handshake, .serving: now - lastActive > Self.idleLimit
        }
    }

    func close() { phase = .closed }

    /// Tells the client that the receiver ends.
    func finish() {
        stream.finishWriting()
        phase = .closed
    }

    /// Sends the answer whose time has come, and goes on.
    func release(
        now: Int, buffer: UnsafeMutableRawBufferPointer, reception: inout Reception
    ) throws(ListenError) {
        guard case .waiting(let answer) = phase else { return }
        output += answer
        phase = .serving
        try unsafe advance(now: now, buffer: buffer, reception: &reception)
    }

    /// Goes on as far as the socket lets it, within this connection's turn.
    func advance(
        now: Int, buffer: UnsafeMutableRawBufferPointer, reception: inout Reception
    ) throws(ListenError) {
        if case .draining = phase {} else { lastActive = now }
        wantsWrite = false
        if case .handshake = phase {
            guard moved(stream.handshake()) != nil else { return }
            phase = .serving
        }
        var turns = Self.buffersPerTurn
        while flush(), !isWaiting, !isClosed {
            if closesAfterOutput, case .serving = phase {
                stream.finishWriting()
                phase = .draining
            }
            if turns == 0 { return }
            turns -= 1
            let count = unsafe fill(buffer)
            if count == 0 { return }
            if case .serving = phase {
                try unsafe consume(UnsafeRawBufferPointer(rebasing: buffer[..<count]), reception: &reception)
            }
        }
    }

    /// Fills the buffer with what is left over or, without that, with what has arrived.
    /// - Returns: bytes filled in; 0 when the loop has to wait, or the connection is closed.
    private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        if !leftover.isEmpty {
            defer { leftover = [] }
            unsafe buffer.copyBytes(from: leftover)
            return leftover.count
        }
        var count = 0
        while count < buffer.count {
            let progress = unsafe stream.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
            // What came before the end still counts; the end will show again.
            if count > 0, case .ended = progress { break }
            guard let read = moved(progress) else { break }
            count += read
        }
        return count
    }

    /// Sends what is there to send.
    /// - Returns: whether all of it was.
    private func flush() -> Bool {
        while sent < output.count {
            let progress = unsafe output.withUnsafeBytes { bytes in
                unsafe stream.write(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
            }
            guard let count = moved(progress) else { return false }
            sent += count
        }
        output.removeAll(keepingCapacity: true)
        sent = 0
        return true
    }

    private func moved(_ progress: TLSStream.Progress) -> Int? {
        switch progress {
        case .done(let count): return count
        case .wantsRead: break
        case .wantsWrite: wantsWrite = true
        case .ended: phase = .closed
        }
        return nil
    }

    /// Parses a piece and acts on each element in it.
    private func consume(_ piece: UnsafeRawBufferPointer, reception: inout Reception) throws(ListenError) {
        var position = 0
        while case .serving = phase, !closesAfterOutput {
            let element: RequestParser.Element
            do throws(HTTPError) {
                guard let next = try unsafe parser.next(in: piece, at: &position) else { return }
                element = next
            } catch {
                output += reception.refuse(error, at: .now)
                closesAfterOutput = true
                return
            }
            switch element {
            case .head(let head):
                request = reception.begin(head)
                if head.expectsContinue { output += HTTPAnswer.goOn }
            case .body(let range):
                unsafe request?.take(UnsafeRawBufferPointer(rebasing: piece[range]))
            case .end:
                try complete(reception: &reception)
                if isWaiting { unsafe leftover += piece[position...] }
            }
            if let request, request.isDueForReset { reset(request, reception: &reception) }
        }
    }

    private func reset(_ request: ReceivedRequest, reception: inout Reception) {
        reception.abandon(request, at: .now)
        stream.resetOnClose()
        phase = .closed
    }

    private func complete(reception: inout Reception) throws(ListenError) {
        guard let request else { return }
        self.request = nil
        guard case .status(let status) = request.answer else {
            // A chunked body may end before a single byte of it made the reset due.
            reset(request, reception: &reception)
            return
        }
        let answer = try reception.complete(request, planned: status, at: .now)
        closesAfterOutput = !request.head.keepsAlive
        if reception.delay > 0 {
            phase = .waiting(answer: answer)
        } else {
            output += answer
        }
    }
}
