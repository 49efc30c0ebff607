import Glibc

/// A local HTTPS receiver for demos and tests: one thread, one `poll` loop, loopback addresses only.
///
/// `init` makes the certificates and binds the port; `run` serves until it is told to stop.
package final class Receiver {
    /// The port that clients connect to.
    package var port: Int { sockets.port }
    /// Absolute path of the CA certificate that clients have to trust.
    package var authorityFile: String { certificates.authorityFile }

    private let certificates: CertificateDirectory
    private let context: TLSContext
    private let sockets: LoopbackSockets
    private var reception: Reception
    private var connections: [Connection] = []
    /// Connections whose answer waits, in the order of their times: every answer waits equally long.
    private var waiting: [(due: Int, connection: Connection)] = []
    private var lastSweep = 0
    /// No descriptor is left: nobody is let in until a connection ends, or the listeners would wake the loop for nothing.
    private var isFull = false

    /// How often clients that don't move are looked for, in milliseconds.
    private static let sweepInterval = 1_000
    private static let bufferSize = 256 << 10

    /// - Parameters:
    ///   - options: what to do.
    ///   - verifier: judges each POST; nil: none is judged.
    /// - Throws: what can't be made, bound or opened.
    package init(_ options: ListenOptions, verifier: SignatureVerifier? = nil) throws(ListenError) {
        certificates = try CertificateDirectory(path: options.directory, kind: options.certificate)
        context = try TLSContext(certificateFile: certificates.certificateFile, keyFile: certificates.keyFile)
        reception = try Reception(options, verifier: verifier)
        sockets = try LoopbackSockets(port: options.port)
    }

    /// Serves until the descriptor `stop` can be read.
    /// - Returns: what was received, for the last line.
    package func run(until stop: Int32) throws(ListenError) -> String {
        // A client that is gone must not end the process: the write's error says enough.
        var brokenPipe = sigset_t()
        unsafe sigemptyset(&brokenPipe)
        unsafe sigaddset(&brokenPipe, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &brokenPipe, nil)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferSize, alignment: 64)
        defer { unsafe buffer.deallocate() }

        let fixed = [stop, sockets.ipv4] + (sockets.ipv6.map { [$0] } ?? [])
        while true {
            var descriptors = fixed.map {
                pollfd(fd: isFull && $0 != stop ? -1 : $0, events: Int16(POLLIN), revents: 0)
            }
            for connection in connections {
                // A negative descriptor is skipped: a client that hung up while its answer waits would else wake the loop.
                let fd = connection.interest == 0 ? -1 : connection.socket
                descriptors.append(pollfd(fd: fd, events: connection.interest, revents: 0))
            }
            let count = unsafe poll(&descriptors, nfds_t(descriptors.count), timeout(now: now()))
            guard count >= 0 || errno == EINTR else { throw .system(call: "poll", errno: errno) }
            if count > 0, descriptors[0].revents != 0 { break }

            let now = now()
            for (index, connection) in connections.enumerated()
            where count > 0 && descriptors[fixed.count + index].revents != 0 || connection.isReady {
                // One that waits already has its place in the queue.
                let wasWaiting = connection.isWaiting
                try unsafe connection.advance(now: now, buffer: buffer, reception: &reception)
                if !wasWaiting { queueIfWaiting(connection, now: now) }
            }
            try unsafe releaseAnswers(now: now, buffer: buffer)
            sweep(now: now)
            let open = connections.count
            connections.removeAll(where: \.isClosed)
            if connections.count < open { isFull = false }
            for (index, listener) in fixed.enumerated().dropFirst() where !isFull && descriptors[index].revents != 0 {
                try accept(from: listener, now: now)
            }
            try reception.flush()
        }
        for connection in connections { connection.finish() }
        connections = []
        waiting = []
        try reception.flush()
        let totals = reception.totals
        return "received " + counted(totals.requests, "request") + ", " + counted(totals.events, "event") + ", "
            + counted(totals.bytes, "byte")
    }

    /// Queues a connection that just came to wait for its answer.
    private func queueIfWaiting(_ connection: Connection, now: Int) {
        if connection.isWaiting { waiting.append((now + reception.delay, connection)) }
    }

    private func releaseAnswers(now: Int, buffer: UnsafeMutableRawBufferPointer) throws(ListenError) {
        let due = waiting.prefix { $0.due <= now }
        waiting.removeFirst(due.count)
        for (_, connection) in due {
            try unsafe connection.release(now: now, buffer: buffer, reception: &reception)
            queueIfWaiting(connection, now: now)
        }
    }

    private func accept(from listener: Int32, now: Int) throws(ListenError) {
        while true {
            let socket = Glibc.accept(listener, nil, nil)
            guard socket >= 0 else {
                switch errno {
                // The client is gone again.
                case EAGAIN, ECONNABORTED, EINTR: return
                case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                    isFull = !connections.isEmpty
                    return
                default: throw .system(call: "accept", errno: errno)
                }
            }
            _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
            _ = fcntl(socket, F_SETFL, O_NONBLOCK)
            var on: Int32 = 1
            unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            guard let stream = context.accept(socket) else { continue }
            connections.append(Connection(stream: stream, now: now))
        }
    }

    private func sweep(now: Int) {
        guard now - lastSweep >= Self.sweepInterval else { return }
        lastSweep = now
        for connection in connections where connection.isExpired(now: now) { connection.close() }
    }

    /// For `poll`, in milliseconds; -1: without end.
    private func timeout(now: Int) -> Int32 {
        if connections.isEmpty { return -1 }
        if connections.contains(where: \.isReady) { return 0 }
        let next = waiting.first.map { max(0, $0.due - now) } ?? Self.sweepInterval
        return Int32(min(next, Self.sweepInterval))
    }

    /// Milliseconds of a clock that never goes back.
    private func now() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
