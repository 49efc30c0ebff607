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

    /// One attempt of a batch. `timestamp` is `webhook-timestamp`: unix seconds of this attempt.
    package init(webhook: Webhook, trust: Trust, userAgent: String, batch: Batch, timestamp: Int) {
        url = webhook.url.text
        self.userAgent = userAgent
        self.trust = trust
        timeout = webhook.timeout
        connectTimeout = webhook.connectTimeout
        onlyHTTP1 = webhook.httpVersion == .http1_1
        headers = [
            "Content-Type: \(batch.contentType)", "webhook-id: \(batch.id)", "webhook-timestamp: \(timestamp)",
            // Else libcurl sends `Expect: 100-continue` with large bodies and waits a second for an answer.
            "Expect:",
        ]
        headers += webhook.headers.map { "\($0.name): \($0.value)" }
    }
}
