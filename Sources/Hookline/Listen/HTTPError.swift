/// Why bytes are no request that the receiver takes. The connection is closed after the answer.
enum HTTPError: Error, Equatable {
    /// Not HTTP/1.1 (RFC 9112); the sentence says what is wrong.
    case malformed(String)
    /// Request line and headers, trailers, or a chunk's line exceed their limit.
    case headTooLarge
    case bodyTooLarge
    /// A transfer coding other than `chunked`.
    case unsupportedCoding
    case unsupportedVersion

    var status: Int {
        switch self {
        case .malformed: 400
        case .headTooLarge: 431
        case .bodyTooLarge: 413
        case .unsupportedCoding: 501
        case .unsupportedVersion: 505
        }
    }

    var sentence: String {
        switch self {
        case .malformed(let sentence): sentence
        case .headTooLarge: "request line and headers are too large"
        case .bodyTooLarge: "the body is too large"
        case .unsupportedCoding: "only the transfer coding \"chunked\" is understood"
        case .unsupportedVersion: "only HTTP/1.1 and HTTP/1.0 are understood"
        }
    }
}
