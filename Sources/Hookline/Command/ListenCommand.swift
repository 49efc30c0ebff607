import Glibc

/// `hookline listen`: a local HTTPS receiver for demos and tests (SPEC section 1).
package enum ListenCommand {
    /// Prints the lines to paste into `webhooks.yaml`, serves until SIGINT or SIGTERM, then prints what was received.
    /// - Returns: success after a signal; else the exit code of what failed.
    package static func perform(_ options: ListenOptions, console: Console) -> ExitCode {
        reporting(on: console) {
            let keys = try KeyOptions(secrets: options.secrets, publicKeys: options.publicKeys)
            let stop = Interrupt([SIGINT, SIGTERM], evenIfIgnored: true)
            let receiver = try Receiver(options, verifier: keys.verifier)
            try show("listening on https://localhost:\(receiver.port)\n" + settings(authority: receiver.authorityFile))
            if let count = keys.verifier?.keys.count {
                try show("signatures are verified with \(counted(count, "key"))\n")
            } else {
                try show("signatures are not verified: no key is given\n")
            }
            try show(try receiver.run(until: stop.descriptor) + "\n")
            return .success
        }
    }

    /// The lines of `webhooks.yaml` that let a webhook reach the receiver.
    private static func settings(authority path: String) -> String {
        let isPlain = path.utf8.allSatisfy { $0.isLetterOrDigit || "/._-".utf8.contains($0) }
        var quoted = JSONWriter()
        quoted.string(nil, path)
        // YAML takes a JSON string as it is; a comma or a brace in a plain one would end it.
        let value = isPlain ? path : String(decoding: quoted.bytes, as: UTF8.self)
        return "tls: {ca_file: \(value)}\nnetwork: {allow: [127.0.0.1/32, \"::1/128\"]}\n"
    }

    private static func show(_ text: String) throws(ListenError) {
        let code = writeAll(Array(text.utf8), to: STDOUT_FILENO)
        if code != 0 { throw .output(errno: code) }
    }
}
