/// What libcurl is told of one request, besides the body.
package struct Request {
    /// Given to libcurl alone: path and query can be secrets.
    package var url: String
    /// `Name: value`, in order.
    package var headers: [String]
    package var userAgent: String
    package var trust: Trust
    package var timeout: Duration
    package var connectTimeout: Duration
    package var onlyHTTP1: Bool

    /// One attempt of a batch, at that time.
    package init(_ webhook: Webhook, trust: Trust?, signer: Signer?, _ batch: Batch, at now: WallTime) {
        guard let trust else { preconditionFailure("a webhook outside the run got a batch") }
        guard let target = webhook.url.value else {
            preconditionFailure("a webhook whose URL is not resolved got a batch")
        }
        url = target.text
        userAgent = "hookline/\(Version.current)"
        self.trust = trust
        timeout = webhook.timeout
        connectTimeout = webhook.connectTimeout
        onlyHTTP1 = webhook.httpVersion == .http1_1
        headers = [
            "Content-Type: \(batch.contentType)", "webhook-id: \(batch.id)", "webhook-timestamp: \(now.seconds)",
            // Else libcurl sends `Expect: 100-continue` with large bodies and waits a second for an answer.
            "Expect:",
        ]
        if let signer { headers.append(unsafe signer.header(id: batch.id, timestamp: now.seconds, body: batch.body)) }
        headers += webhook.headers.map { "\($0.name): \($0.value.value?.revealed ?? "")" }
    }
}
