import Glibc

/// Why standard input could not be read (SPEC section 2: exit code 66, `ended: input_failed`).
package enum ReadError: UserFacing, Equatable {
    /// read(2) failed with this errno.
    case inputFailed(errno: Int32)

    package var message: String {
        switch self {
        case .inputFailed(let code): "standard input can't be read: \(Self.description(of: code))"
        }
    }

    package var hint: String? {
        switch self {
        case .inputFailed(EISDIR): "name a file of events: hookline < events.ndjson"
        case .inputFailed(EBADF): "it is closed or not open for reading; pipe events in: hookline < events.ndjson"
        case .inputFailed: "what was read before is settled; feed the same input again once it can be read"
        }
    }

    package var exitCode: ExitCode { .noInput }

    /// The system's sentence for an errno, in lower case as messages are: `is a directory`.
    private static func description(of code: Int32) -> String {
        let sentence = systemReason(code)
        return sentence.prefix(1).lowercased() + sentence.dropFirst()
    }
}
