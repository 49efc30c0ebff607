/// `hookline secret`: makes a signing secret or key pair (SPEC section 1).
package enum SecretCommand {
    /// Prints the secret alone on standard output, and on standard error what to do with it.
    /// - Returns: `outputFailed` when standard output can't take it.
    package static func perform(_ options: SecretOptions, console: Console) -> ExitCode {
        let lines: [Secret]
        if options.ed25519 {
            let pair = SigningKey.newPair()
            lines = [pair.privateKey, pair.publicKey]
        } else {
            lines = [SigningKey.newSecret()]
        }
        var output: [UInt8] = []
        output.reserveCapacity(lines.reduce(0) { $0 + $1.count + 1 })
        defer { overwrite(&output) }
        for line in lines {
            unsafe line.withBytes { unsafe output.append(contentsOf: $0) }
            output.append(UInt8(ascii: "\n"))
        }
        return reporting(on: console) {
            try StandardOutput.write(output)
            if !options.quiet { advise(options, console) }
            return .success
        }
    }

    private static func advise(_ options: SecretOptions, _ console: Console) {
        let secret = options.ed25519 ? "whsk_…" : "whsec_…"
        console.info(
            "keep \(secret) in a variable or a file, and name that in the webhook's settings: "
                + "signing: {secrets: [{env: BILLING_SECRET}]}")
        console.info(
            options.ed25519
                ? "give the receiver whpk_…, which verifies and can't sign" : "give the receiver the same secret")
        console.info(
            "to rotate: list the new secret before the old one, let the receiver change over, then take the old one away"
        )
    }
}
