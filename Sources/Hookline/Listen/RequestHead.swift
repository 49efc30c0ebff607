/// Request line and headers of one request (RFC 9112 sections 3 to 6).
struct RequestHead: Equatable {
    struct Header: Equatable {
        /// Lower case.
        var name: String
        /// Without the blanks around it.
        var value: String
    }

    /// How the body's end is found.
    enum Framing: Equatable {
        /// Bytes of the body; 0 where there is neither Content-Length nor Transfer-Encoding.
        case length(Int)
        case chunked
    }

    var method: String
    /// As it was sent.
    var target: String
    /// `1.0` or `1.1`.
    var version: String
    /// In the order sent; a name may occur more than once.
    var headers: [Header]
    var framing: Framing
    /// HTTP/1.1 without `Connection: close`. A 1.0 client gets its answer and the end.
    var keepsAlive: Bool
    /// `Expect: 100-continue`.
    var expectsContinue: Bool

    /// The values of a header, joined by ", "; nil where it doesn't occur.
    func value(_ name: String) -> String? {
        let values = headers.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// Reads what the request line and the headers mean together.
    init(requestLine: [UInt8], headers: [Header]) throws(HTTPError) {
        let parts = requestLine.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed("the request line is not \"METHOD TARGET VERSION\"") }
        guard isHTTPToken(parts[0]) else { throw .malformed("the method is no token") }
        guard !parts[1].isEmpty, parts[1].allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .malformed("the target is not visible ASCII")
        }
        let version = Array(parts[2])
        guard version.count == 8, version.starts(with: "HTTP/".utf8), isDigit(version[5]),
            version[6] == UInt8(ascii: "."), isDigit(version[7])
        else { throw .malformed("the version is not \"HTTP/1.1\"") }
        method = String(decoding: parts[0], as: UTF8.self)
        target = String(decoding: parts[1], as: UTF8.self)
        self.version = String(decoding: version[5...], as: UTF8.self)
        guard self.version == "1.1" || self.version == "1.0" else { throw .unsupportedVersion }
        self.headers = headers
        framing = .length(0)
        keepsAlive = true
        expectsContinue = false

        let isModern = self.version == "1.1"
        let hosts = headers.count { $0.name == "host" }
        guard hosts == 1 || hosts == 0 && !isModern else { throw .malformed("one Host header is needed") }
        framing = try framing(isModern: isModern)
        let options = value("connection")?.lowercased().split { $0 == "," || $0 == " " || $0 == "\t" } ?? []
        keepsAlive = isModern && !options.contains("close")
        expectsContinue = isModern && value("expect")?.lowercased() == "100-continue"
    }

    private func framing(isModern: Bool) throws(HTTPError) -> Framing {
        let lengths = Set(headers.filter { $0.name == "content-length" }.map(\.value))
        if let coding = value("transfer-encoding") {
            // Either header alone decides where the next request begins; both at once is how requests are smuggled.
            guard lengths.isEmpty else { throw .malformed("Content-Length and Transfer-Encoding exclude each other") }
            guard isModern else { throw .malformed("HTTP/1.0 has no Transfer-Encoding") }
            guard coding.lowercased() == "chunked" else { throw .unsupportedCoding }
            return .chunked
        }
        guard let text = lengths.first else { return .length(0) }
        guard lengths.count == 1, Quantity.isDigits(text) else {
            throw .malformed("Content-Length is not one whole number")
        }
        guard let length = Int(text) else { throw .bodyTooLarge }
        return .length(length)
    }
}

extension RequestHead.Header {
    /// Reads one header line without its line ending (RFC 9112 section 5).
    init(line: [UInt8]) throws(HTTPError) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw .malformed("a header has no colon") }
        let name = line[..<colon]
        guard isHTTPToken(name) else { throw .malformed("a header's name is no token") }
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var value = line[(colon + 1)...].drop(while: isBlank)
        while let last = value.last, isBlank(last) { value.removeLast() }
        guard value.allSatisfy({ !$0.isControl || $0 == UInt8(ascii: "\t") }) else {
            throw .malformed("a header's value holds a control character")
        }
        self.name = String(decoding: name, as: UTF8.self).lowercased()
        self.value = String(decoding: value, as: UTF8.self)
    }
}

private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
