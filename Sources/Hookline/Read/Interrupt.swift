internal import CLinux
import Glibc

/// The signals that end a command in order, as a descriptor that can be waited for beside the sockets.
package struct Interrupt: ~Copyable {
    package let descriptor: Int32

    /// Blocks the signals in this thread and in those that it starts, and opens the descriptor.
    ///
    /// - Parameters:
    ///   - numbers: the signals.
    ///   - evenIfIgnored: whether one that was ignored at start (`nohup`, a shell's background job) is heeded; otherwise it
    ///     stays ignored.
    package init(_ numbers: [Int32] = [SIGINT, SIGTERM, SIGHUP], evenIfIgnored: Bool = false) {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        // A signal that is blocked reaches the descriptor even if it is ignored.
        for number in numbers where evenIfIgnored || hookline_is_ignored(number) == 0 {
            unsafe sigaddset(&signals, number)
        }
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        descriptor = unsafe signalfd(-1, &signals, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
        precondition(descriptor >= 0, "the kernel has no signalfd")
    }

    deinit { close(descriptor) }

    /// The next signal that came, or nil.
    package func next() -> Int32? {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard unsafe read(descriptor, &info, size) == size else { return nil }
        return Int32(info.ssi_signo)
    }
}
