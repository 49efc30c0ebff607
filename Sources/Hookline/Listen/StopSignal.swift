import Glibc

/// Turns SIGINT and SIGTERM into a readable descriptor. One per process; the handlers stay until it ends.
enum StopSignal {
    /// Written once, before the handlers are set; they only read it.
    nonisolated(unsafe) private static var writeEnd: Int32 = -1

    /// - Returns: the descriptor that can be read once one of the signals came.
    static func descriptor() throws(ListenError) -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw .system(call: "pipe", errno: errno) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        unsafe writeEnd = ends[1]
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] {
            var action = sigaction()
            unsafe action.__sigaction_handler.sa_handler = { _ in
                let saved = errno
                var byte: UInt8 = 0
                unsafe write(StopSignal.writeEnd, &byte, 1)
                errno = saved
            }
            unsafe sigaction(number, &action, nil)
            unsafe sigaddset(&signals, number)
        }
        // A parent may have left them blocked: Foundation's Process, used on a Dispatch thread, does.
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        return ends[0]
    }
}
