import Glibc

/// Why the receiver could not start, or had to end.
package enum ListenError: Error, Equatable, Sendable {
    /// The directory of the certificates, or a file in it, as the user wrote it.
    case directory(String, errno: Int32)
    /// OpenSSL could not make or load a certificate; `reason` is its own sentence.
    case certificate(reason: String)
    case portInUse(Int)
    case port(Int, errno: Int32)
    /// The file of `--record`.
    case record(String, errno: Int32)
    /// Standard output.
    case output(errno: Int32)
    /// A call to the operating system that should not fail.
    case system(call: String, errno: Int32)
}

extension ListenError: UserFacing {
    package var message: String {
        switch self {
        case .directory(let path, let code): "can't keep certificates in \"\(path)\": \(systemReason(code))"
        case .certificate(let reason): "can't prepare the certificate: \(reason)"
        case .portInUse(let port): "port \(port) is in use"
        case .port(let port, let code): "can't listen on port \(port): \(systemReason(code))"
        case .record(let path, let code): "can't write the record \"\(path)\": \(systemReason(code))"
        case .output(let code): "can't write to standard output: \(systemReason(code))"
        case .system(let call, let code): "\(call) failed: \(systemReason(code))"
        }
    }

    package var hint: String? {
        switch self {
        case .directory: "name a directory that can be written with --directory"
        case .portInUse: "choose another with --port; --port 0 takes any free one"
        case .port(_, EACCES): "ports below 1024 need privileges; choose another with --port"
        case .port: "choose another with --port"
        case .record: "name a file that can be written with --record"
        case .certificate, .output, .system: nil
        }
    }

    package var exitCode: ExitCode { .outputFailed }
}
