/// One answer, as HTTP/1.1 bytes (RFC 9112): status line, Date, Content-Type, Content-Length and a short text.
struct HTTPAnswer {
    /// 200 to 599.
    var status: Int
    var date: WallTime
    var headers: [(name: String, value: String)] = []
    /// The body, one line; by default status and reason.
    var text: String?
    /// The connection ends after this answer.
    var closes = false
    /// Answers a HEAD request: the headers alone.
    var isHead = false

    init(status: Int, date: WallTime) {
        self.status = status
        self.date = date
    }

    /// Lets a client go on that waits with its body (RFC 9110 section 10.1.1).
    static let goOn = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    var bytes: [UInt8] {
        let reason = Self.reasons[status] ?? ""
        let body = "\(text ?? (reason.isEmpty ? "\(status)" : "\(status) \(reason)"))\n"
        var head = "HTTP/1.1 \(status) \(reason)\r\nDate: \(date.httpDate)\r\n"
        // RFC 9110 section 8.6: 204 has no Content-Length, and 304's would be that of another answer.
        let hasBody = status != 204 && status != 304
        if hasBody { head += "Content-Type: text/plain\r\nContent-Length: \(body.utf8.count)\r\n" }
        for header in headers { head += "\(header.name): \(header.value)\r\n" }
        if closes { head += "Connection: close\r\n" }
        return Array("\(head)\r\n\(hasBody && !isHead ? body : "")".utf8)
    }

    private static let reasons = [
        200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently", 302: "Found",
        303: "See Other", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        408: "Request Timeout", 409: "Conflict", 410: "Gone", 413: "Content Too Large", 415: "Unsupported Media Type",
        422: "Unprocessable Content", 425: "Too Early", 429: "Too Many Requests",
        431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented",
        502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
    ]
}
