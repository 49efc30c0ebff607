import Glibc

/// `hookline verify`: checks recorded requests and says which part is wrong (SPEC section 1).
package enum VerifyCommand {
    /// Prints a line for each request on standard output, and hints below those that are not valid.
    ///
    /// - Parameters:
    ///   - path: a file, or `-` for standard input.
    ///   - options: keys and time.
    ///   - console: for what keeps the requests from being checked.
    /// - Returns: success when all are valid, failure when one is not.
    package static func perform(_ path: String, _ options: VerifyOptions, console: Console) -> ExitCode {
        reporting(on: console) {
            let keys = try KeyOptions(secrets: options.secrets, publicKeys: options.publicKeys)
            guard let verifier = keys.verifier else { throw VerifyError.noKey }
            let report = VerifyReport(
                file: path == "-" ? "standard input" : path, requests: try read(path), verifier: verifier,
                texts: keys.texts, at: options.at, now: .now)
            try StandardOutput.write(Array(report.text.utf8))
            return report.isAllValid ? .success : .failure
        }
    }

    private static func read(_ path: String) throws(VerifyError) -> [RecordedRequest] {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try readFile(path == "-" ? "/dev/stdin" : path)
        } catch {
            throw .unreadable(path, errno: error.errno)
        }
        do throws(RecordedRequestError) {
            return try RecordedRequest.read(bytes)
        } catch {
            throw .unknown(path, error)
        }
    }
}

/// Why requests can't be checked.
enum VerifyError: UserFacing, Equatable {
    case noKey
    case unreadable(String, errno: Int32)
    case unknown(String, RecordedRequestError)

    var message: String {
        switch self {
        case .noKey: "`verify` needs a key to check with"
        case .unreadable(let path, let code): "can't read \(Self.shown(path)): \(systemReason(code))"
        case .unknown(let path, let error): "\(Self.shown(path)):\(error.line): \(error.sentence)"
        }
    }

    var hint: String? {
        switch self {
        case .noKey: "set HOOKLINE_SECRET to the secret, or HOOKLINE_PUBLIC_KEY to the public key"
        case .unreadable(_, ENOENT): "`hookline listen --record FILE` writes one"
        case .unreadable(_, EACCES): "let the user that runs hookline read it"
        case .unreadable: nil
        case .unknown(_, let error): error.hint
        }
    }

    var exitCode: ExitCode {
        switch self {
        case .noKey: .usage
        case .unreadable, .unknown: .noInput
        }
    }

    /// A secret that was given in the place of the file is not shown.
    private static func shown(_ path: String) -> String { path == "-" ? "standard input" : withoutSecrets(path) }
}
