/// A request as the curl command that would send it, without what may be secret: path and query of the URL, values of
/// headers, signatures, credentials.
package struct PlannedRequest {
    /// Longer bodies are cut to so many bytes.
    package static let longestBody = 1_024

    private let webhook: Webhook
    private let batch: Batch
    /// Whether the batch will have the same id when it is sent.
    private let hasLastingID: Bool

    package init(_ webhook: Webhook, _ batch: Batch, hasLastingID: Bool) {
        self.webhook = webhook
        self.batch = batch
        self.hasLastingID = hasLastingID
    }

    /// A comment, and the command; each ends with a line feed.
    package var text: String {
        let lines =
            batch.count == 1 ? "line \(batch[0].line)" : "lines \(batch[0].line) to \(batch[batch.count - 1].line)"
        var text = "# \(webhook.name): \(counted(batch.count, "event")), \(lines), \(batch.bodyCount) bytes\n"
        text += "curl " + options.joined(separator: " ") + "\n"
        return text
    }

    private var options: [String] {
        var options = ["--url " + shellWord(webhook.shownURL)]
        if webhook.httpVersion == .http1_1 { options.append("--http1.1") }
        options += ["--max-time \(Self.seconds(webhook.timeout))"]
        options += ["--connect-timeout \(Self.seconds(webhook.connectTimeout))"]
        if let file = webhook.tls.caFile { options.append("--cacert " + shellWord(file.name)) }
        if webhook.tls.clientCertificate != nil { options.append("--cert …") }
        options += headers.map { "--header " + shellWord($0) }
        return options + ["--data-binary " + body]
    }

    private var headers: [String] {
        var headers = [
            "Content-Type: \(batch.contentType)", "webhook-id: \(hasLastingID ? batch.id : "…")",
            "webhook-timestamp: …",
        ]
        switch webhook.signing?.scheme {
        case nil: break
        case .standardWebhooks: headers.append("webhook-signature: …")
        case .github: headers.append("X-Hub-Signature-256: …")
        case .stripe: headers.append("Stripe-Signature: …")
        case .custom(let custom): headers.append("\(custom.header): …")
        }
        headers += webhook.headers.map { "\($0.name): …" }
        if webhook.auth != nil { headers.append("Authorization: …") }
        return headers
    }

    private var body: String {
        let bytes = unsafe batch.body
        if bytes.count <= Self.longestBody { return unsafe shellWord(String(decoding: bytes, as: UTF8.self)) }
        var end = Self.longestBody
        // Not in the middle of a character (RFC 3629: the bytes after its first begin with 10).
        while unsafe bytes[end] & 0xc0 == 0x80 { end -= 1 }
        return unsafe shellWord(String(decoding: bytes[..<end], as: UTF8.self) + "…")
    }

    private static func seconds(_ duration: Duration) -> String {
        let text = "\(duration / .seconds(1))"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
