/// The certificate that a webhook's connections show, as libcurl takes it.
package struct ClientIdentity: Equatable {
    /// PEM, with a line that libcurl only compares.
    package var certificate: [UInt8]
    /// PEM.
    package var key: [UInt8]
    /// Empty: the key is not encrypted.
    package var password: String

    /// - Returns: nil if the webhook has no certificate.
    package init?(_ tls: Webhook.TLS) {
        guard let certificate = tls.clientCertificate?.value, let key = tls.clientKey?.value else { return nil }
        let password = tls.clientKeyPassword?.value ?? Secret("")
        // libcurl takes connections and TLS sessions for alike if their certificates are, whatever key or password came
        // with them. PEM readers skip text outside of the blocks, so a digest there keeps such webhooks apart.
        var digest = SHA256()
        unsafe key.withBytes { unsafe digest.update($0) }
        digest.update([0])
        unsafe password.withBytes { unsafe digest.update($0) }
        self.certificate = unsafe certificate.withBytes { unsafe Array($0) } + Array("\n\(digest.finishHex())\n".utf8)
        self.key = unsafe key.withBytes { unsafe Array($0) }
        self.password = password.revealed
    }
}
