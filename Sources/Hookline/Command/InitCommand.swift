import Glibc

/// `hookline init`: writes a configuration to start from (SPEC section 1).
package enum InitCommand {
    /// - Parameters:
    ///   - path: where it is to be; `-`: standard output.
    ///   - options: whether the next steps are told.
    ///   - console: for them.
    /// - Returns: `outputFailed` when something is there already, or it can't be written.
    package static func perform(_ path: String, _ options: InitOptions, console: Console) -> ExitCode {
        reporting(on: console) {
            if path == "-" {
                try StandardOutput.write(Array(ConfigStarter.text(at: Options().config).utf8))
                return .success
            }
            try create(path, Array(ConfigStarter.text(at: path).utf8))
            if !options.quiet { advise(path, console) }
            return .success
        }
    }

    private static func create(_ path: String, _ bytes: [UInt8]) throws(InitError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw errno == EEXIST ? .exists(path) : .unwritable(path, errno: errno) }
        var code = writeAll(bytes, to: descriptor)
        if close(descriptor) != 0, code == 0 { code = errno }
        if code == 0 { return }
        // Half a file would be in the way of the next try.
        _ = unsafe unlink(path)
        throw .unwritable(path, errno: code)
    }

    private static func advise(_ path: String, _ console: Console) {
        let commands = ConfigStarter.commands(at: path)
        console.info("wrote \(quoted(path)); next:")
        for step in [
            ("make a secret, with which requests are signed", commands.secret),
            ("write your topics and webhooks into the file, then check it", commands.validate),
            ("see what would be sent, and send nothing", commands.plan),
            ("try it: a receiver on this machine, and an event", "\(commands.listen)\n    \(commands.deliver)"),
        ] { console.info("  \(step.0):\n    \(step.1)") }
    }
}

/// Why no starter was written.
enum InitError: UserFacing, Equatable {
    case exists(String)
    case unwritable(String, errno: Int32)

    var message: String {
        switch self {
        case .exists(let path): "\(quoted(path)) is there already"
        case .unwritable(let path, let code): "can't write \(quoted(path)): \(systemReason(code).lowercased())"
        }
    }

    var hint: String? {
        switch self {
        case .exists: "name another place: hookline init PATH"
        case .unwritable(let path, ENOENT):
            "make its folder first: mkdir -p \(shellWord(RelativePath.folder(of: path)))"
        case .unwritable: nil
        }
    }

    var exitCode: ExitCode { .outputFailed }
}
