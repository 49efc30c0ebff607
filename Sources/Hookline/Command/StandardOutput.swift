import Glibc

/// What a command was asked for goes here; its log goes to the console.
enum StandardOutput {
    /// Writes all bytes.
    static func write(_ bytes: [UInt8]) throws(StandardOutputError) {
        let code = writeAll(bytes, to: STDOUT_FILENO)
        if code != 0 { throw StandardOutputError(errno: code) }
    }
}

/// Standard output can't take what it was to get.
struct StandardOutputError: UserFacing, Equatable {
    var errno: Int32

    var message: String { "standard output can't be written: \(systemReason(errno))" }
    var hint: String? { nil }
    var exitCode: ExitCode { .outputFailed }
}
