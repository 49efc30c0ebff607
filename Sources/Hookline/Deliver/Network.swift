internal import CLinux
import Glibc
import Synchronization

/// The requests under way: on the loop's own thread, or on a second one, so that batches are signed, encrypted and sent
/// while the next ones are read and filled.
///
/// Nothing is decided on the second thread: it starts what it is told to, and hands back what ended. Used by the loop's
/// thread alone. A batch is on both threads meanwhile; until its request ended the loop does not touch its body.
package final class Network {
    private let multi: CurlMulti
    /// nil: there is no second thread.
    private let sender: Sender?

    /// - Parameters:
    ///   - multi: not used by anybody else from now on.
    ///   - threads: 1, or more for a thread of the requests' own, if the system has one to give.
    package init(_ multi: CurlMulti, threads: Int) {
        self.multi = multi
        sender = threads > 1 ? Sender(multi) : nil
    }

    deinit { sender?.end() }

    /// Starts a request. A batch's body is read in place until the request ends.
    package func start(_ request: Request, for purpose: Completion.Purpose) {
        guard let sender else { return multi.start(request, for: purpose) }
        sender.start(request, for: purpose)
    }

    /// Lets every request go on as far as it can without waiting.
    /// - Returns: the requests that ended.
    package func perform() -> [Completion] { sender?.completions() ?? multi.perform() }

    /// Waits until a request can go on or has ended, something can be read from a descriptor, or the time is over.
    package func wait(for descriptors: [Int32], atMost timeout: Duration) {
        guard let sender else { return multi.wait(for: descriptors, atMost: timeout) }
        sender.wait(for: descriptors, atMost: timeout)
    }

    /// Ends every request at once.
    /// - Returns: the batches that were under way. Their receivers may have got them all the same.
    package func abort() -> [Batch] { sender?.abort() ?? multi.abort() }
}

/// The second thread, and what goes to and fro.
private final class Sender: @unchecked Sendable {
    /// Requests and batches are no values of their own, so the compiler can't tell that each is left alone by one side
    /// while the other has it.
    private struct Exchange: @unchecked Sendable {
        var starts: [(request: Request, purpose: Completion.Purpose)] = []
        var completions: [Completion] = []
        var isAborting = false
        /// nil: `abort` was not answered.
        var aborted: [Batch]?
        var isEnding = false
    }

    /// Used by the second thread alone, but for `wake`.
    private let multi: CurlMulti
    private let exchange = Mutex(Exchange())
    /// An eventfd: something came back.
    private let news: Int32
    private var thread = pthread_t()

    /// nil: the system has no thread to give.
    init?(_ multi: CurlMulti) {
        self.multi = multi
        news = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        if news < 0 { return nil }
        let retained = unsafe Unmanaged.passRetained(self)
        let failure = unsafe pthread_create(
            &thread, nil,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<Sender>.fromOpaque(context).takeRetainedValue().run()
                }
                return nil
            }, retained.toOpaque())
        if failure != 0 {
            unsafe retained.release()
            return nil
        }
    }

    deinit { close(news) }

    // MARK: On the loop's thread

    func start(_ request: Request, for purpose: Completion.Purpose) {
        let start = Handed((request, purpose))
        let isFirst = exchange.withLock { exchange in
            exchange.starts.append(start.value)
            return exchange.starts.count == 1
        }
        if isFirst { multi.wake() }
    }

    func completions() -> [Completion] {
        exchange.withLock { exchange in
            defer { exchange.completions = [] }
            return Handed(exchange.completions)
        }.value
    }

    func wait(for descriptors: [Int32], atMost timeout: Duration) {
        var watched = (descriptors + [news]).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = unsafe poll(&watched, nfds_t(watched.count), timeout.pollMilliseconds)
        takeNews()
    }

    func abort() -> [Batch] {
        exchange.withLock { $0.isAborting = true }
        multi.wake()
        while true {
            let aborted = exchange.withLock { exchange in
                defer { exchange.aborted = nil }
                return Handed(exchange.aborted)
            }
            if let batches = aborted.value { return batches }
            wait(for: [], atMost: .seconds(60))
        }
    }

    /// Ends the thread, and waits for that.
    func end() {
        exchange.withLock { $0.isEnding = true }
        multi.wake()
        pthread_join(thread, nil)
    }

    /// The sum that an eventfd has means nothing: all news is looked at each time.
    private func takeNews() {
        var sum: UInt64 = 0
        _ = unsafe read(news, &sum, MemoryLayout<UInt64>.size)
    }

    // MARK: On the second thread

    private func run() {
        while takeOrders() {
            give(multi.perform())
            // Ended by `wake`, also by one that came before.
            multi.wait(for: [], atMost: .seconds(60))
        }
    }

    /// Starts and ends requests as it was told.
    /// - Returns: whether the thread goes on.
    private func takeOrders() -> Bool {
        var orders = exchange.withLock { exchange in
            defer { (exchange.starts, exchange.isAborting) = ([], false) }
            return Handed((starts: exchange.starts, isAborting: exchange.isAborting, isEnding: exchange.isEnding))
        }.value
        if orders.isEnding { return false }
        for start in orders.starts { multi.start(start.request, for: start.purpose) }
        // Not kept here when they are handed back.
        orders.starts = []
        if orders.isAborting {
            var batches = Handed(multi.abort())
            exchange.withLock { exchange in
                exchange.aborted = batches.value
                batches.value = []
            }
            tell()
        }
        return true
    }

    /// Hands over what ended. Nothing of it is kept here: a batch's memory is given back on the loop's thread.
    private func give(_ completions: consuming [Completion]) {
        if completions.isEmpty { return }
        var completions = Handed(consume completions)
        exchange.withLock { exchange in
            exchange.completions += completions.value
            completions.value = []
        }
        tell()
    }

    private func tell() {
        var one: UInt64 = 1
        _ = unsafe write(news, &one, MemoryLayout<UInt64>.size)
    }
}

/// What one thread hands to the other, and does not touch until it has it back.
private struct Handed<Value>: @unchecked Sendable {
    var value: Value

    init(_ value: Value) { self.value = value }
}
