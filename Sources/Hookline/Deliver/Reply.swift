/// What one request brings back while it is under way, and what that means when it ends. Pure: libcurl's callbacks
/// feed it.
package struct Reply: Sendable {
    /// How libcurl ended the request.
    package struct End: Equatable, Sendable {
        /// Nil: without an error.
        package var failure: DeliveryFailure.Kind?
        /// Whether it ended because `received(body:)` or `received(header:)` wanted no more.
        package var isCutOff = false
        /// Whether the server's public key is not the pinned one.
        package var isOtherKey = false
        /// 0: no status line came.
        package var status = 0
        /// Of the proxy's answer to CONNECT; 0: there was none.
        package var proxyStatus = 0
        /// In libcurl's words.
        package var detail = ""
        /// The absolute URL that the answer's Location names.
        package var location: String?

        package init(_ failure: DeliveryFailure.Kind? = nil, status: Int = 0, detail: String = "") {
            self.failure = failure
            self.status = status
            self.detail = detail
        }
    }

    /// More of an answer's headers, interim ones among them, or of its body is not read.
    package static let limit = 64 << 10

    /// The body, if it was asked for.
    package private(set) var body: [UInt8] = []

    private let keepsBody: Bool
    private var bodyBytes = 0
    private var headerBytes = 0
    /// Whether the newest answer's headers have begun and not ended.
    private var isInHeaders = false
    private var retryAfter: String?
    private var refusal: (AddressGuard.Refusal, isProxy: Bool)?
    /// Whether the guard let another address of the host pass.
    private var hasAllowedAddress = false

    /// - Parameter keepsBody: whether `body` is wanted.
    package init(keepsBody: Bool = false) { self.keepsBody = keepsBody }

    /// Whether the body was longer than the limit, so that `body` is not all of it.
    package var isBodyCutOff: Bool { bodyBytes > Self.limit }

    /// A piece of the body came.
    /// - Returns: whether more may come.
    package mutating func received(body bytes: UnsafeRawBufferPointer) -> Bool {
        bodyBytes += bytes.count
        if isBodyCutOff { return false }
        if keepsBody { unsafe body.append(contentsOf: bytes) }
        return true
    }

    /// One whole header line came, the status line and the empty one among them.
    /// - Returns: whether more may come.
    package mutating func received(header line: UnsafeRawBufferPointer) -> Bool {
        headerBytes += line.count
        // Looked for are `HTTP/`, `Retry-After:` and the empty line (CR or LF, of which 0x20 makes what is below a digit). Most
        // lines are none of these, and not worth a text.
        let first = unsafe line.first.map { $0 | 0x20 } ?? 0
        guard first == UInt8(ascii: "h") || first == UInt8(ascii: "r") || first < 0x30 else {
            return headerBytes <= Self.limit
        }
        let text = unsafe String(decoding: line.prefix(256), as: UTF8.self)
        // The headers of an interim response (1xx) do not count.
        if text.hasPrefix("HTTP/") { (isInHeaders, retryAfter) = (true, nil) }
        if text == "\r\n" || text == "\n" { isInHeaders = false }
        // libcurl's own CURLINFO_RETRY_AFTER can't tell no header from 0, and caps at six hours.
        if let value = RetryAfter.value(inHeader: text) { retryAfter = value }
        return headerBytes <= Self.limit
    }

    /// Judges an address that is about to be connected to.
    ///
    /// - Parameters:
    ///   - address: 4 or 16 bytes in network byte order.
    ///   - destination: the same of the URL, if its host is an address and a proxy will connect to it.
    ///   - isProxy: whether `address` is the proxy's.
    ///   - addressGuard: the judge.
    /// - Returns: whether to connect.
    package mutating func mayConnect(
        to address: [UInt8], destination: [UInt8]?, isProxy: Bool, _ addressGuard: AddressGuard
    ) -> Bool {
        if let refused = destination.flatMap(addressGuard.refusal) {
            refusal = (refused, isProxy: false)
            return false
        }
        if let refused = addressGuard.refusal(of: address) {
            refusal = (refused, isProxy)
            return false
        }
        hasAllowedAddress = true
        return true
    }

    /// What the request came to.
    package func outcome(_ end: End) -> Outcome {
        guard let kind = end.failure else { return response(end) }
        // The body was cut off at the limit; the status stands.
        if end.status >= 200, end.isCutOff, isBodyCutOff { return response(end) }
        if end.proxyStatus >= 300 { return .failure(DeliveryFailure(proxyStatus: end.proxyStatus)) }
        // An answer that came whole before the connection broke off, as from a server that does not read the body.
        if end.status >= 300, kind == .connectionLost, !isInHeaders {
            return .response(.init(status: end.status, retryAfter: retryAfter))
        }
        if let refusal, !hasAllowedAddress {
            return .failure(DeliveryFailure(refusal.0, isProxy: refusal.isProxy))
        }
        // With TLS 1.3 the server's word on the client's certificate comes after the handshake.
        if kind == .tlsFailed || kind == .connectionLost, Self.isAboutOurCertificate(end.detail) {
            return .failure(
                DeliveryFailure(
                    .tlsFailed, detail: end.detail,
                    hint: "the server may want a client certificate, or another one: tls: {client_cert: …}"))
        }
        let hint = end.isOtherKey ? "the server's key is not the one that tls: {pinned_public_key: …} names" : nil
        return .failure(DeliveryFailure(kind, detail: end.detail, hint: hint))
    }

    private func response(_ end: End) -> Outcome {
        if end.status < 200 { return .failure(DeliveryFailure(.badResponse, detail: "the answer has no status")) }
        // libcurl calls that an answer, but one that ends there says nothing for sure (RFC 9112 section 8).
        if isInHeaders {
            return .failure(DeliveryFailure(.connectionLost, detail: "the answer ended in the middle of its headers"))
        }
        let origin = end.location.flatMap { try? WebhookURL.parse($0).get().origin }
        return .response(.init(status: end.status, retryAfter: retryAfter, redirectOrigin: origin))
    }

    /// Whether OpenSSL's words tell of an alert by which servers refuse a client's certificate, or the lack of one
    /// (RFC 8446 section 6.2; with TLS 1.2 often a bare `handshake failure`).
    private static func isAboutOurCertificate(_ detail: String) -> Bool {
        detail.contains(" alert ")
            && ["certificate", "unknown ca", "handshake failure", "access denied"].contains { detail.contains($0) }
    }
}
