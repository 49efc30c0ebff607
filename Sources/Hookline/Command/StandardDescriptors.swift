import Glibc

/// Descriptors 0 to 2 as the process got them, and kept from being taken by a file that is opened later.
///
/// A process may be started with any of them closed. The next file or socket would get that number, and what is meant
/// for the log would be written into it.
package struct StandardDescriptors: Equatable, Sendable {
    /// Standard input was closed at start: there is nothing to read (SPEC section 2).
    package var inputWasClosed: Bool
    package var outputWasClosed: Bool
    package var errorWasClosed: Bool

    package init(inputWasClosed: Bool = false, outputWasClosed: Bool = false, errorWasClosed: Bool = false) {
        self.inputWasClosed = inputWasClosed
        self.outputWasClosed = outputWasClosed
        self.errorWasClosed = errorWasClosed
    }

    /// Opens `/dev/null` in the place of each that is closed. Call it before anything else opens a file.
    ///
    /// Each is opened for the direction that its users don't use, so that they still fail with EBADF.
    package static func reserve() -> StandardDescriptors {
        StandardDescriptors(
            inputWasClosed: reserve(STDIN_FILENO, O_WRONLY), outputWasClosed: reserve(STDOUT_FILENO, O_RDONLY),
            errorWasClosed: reserve(STDERR_FILENO, O_RDONLY))
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
