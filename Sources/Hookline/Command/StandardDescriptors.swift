import Glibc

/// Keeps descriptors 0 to 2 from being taken by a file that is opened later.
///
/// A process may be started with any of them closed. The next file or socket would get that number, and what is meant
/// for the log would be written into it.
package enum StandardDescriptors {
    /// Opens `/dev/null` in the place of each that is closed. Call it before anything else opens a file.
    ///
    /// Each is opened for the direction that its users don't use, so that they still fail with EBADF (SPEC section 2).
    package static func reserve() {
        _ = reserve(STDIN_FILENO, O_WRONLY)
        _ = reserve(STDOUT_FILENO, O_RDONLY)
        _ = reserve(STDERR_FILENO, O_RDONLY)
    }

    /// - Returns: whether the descriptor was closed.
    package static func reserve(_ descriptor: Int32, _ mode: Int32) -> Bool {
        guard fcntl(descriptor, F_GETFD) == -1 else { return false }
        let opened = unsafe open("/dev/null", mode)
        // Without /dev/null the number stays free; nothing better is left to do.
        if opened != -1, opened != descriptor {
            dup2(opened, descriptor)
            close(opened)
        }
        return true
    }
}
