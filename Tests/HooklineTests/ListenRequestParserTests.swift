import Testing

@testable import Hookline

/// What a stream of bytes came to: one line per head or end, bodies joined.
private struct Reading: Equatable {
    var heads: [RequestHead] = []
    var bodies: [[UInt8]] = []
    var ends = 0
    var error: HTTPError?
}

/// Feeds the pieces to one parser, as a connection does.
private func read(_ pieces: [ArraySlice<UInt8>], limits: RequestParser.Limits = .init()) -> Reading {
    var parser = RequestParser(limits: limits)
    var reading = Reading()
    for piece in pieces {
        let bytes = Array(piece)
        unsafe bytes.withUnsafeBytes { buffer in
            var position = 0
            do throws(HTTPError) {
                while let element = try unsafe parser.next(in: buffer, at: &position) {
                    switch element {
                    case .head(let head):
                        reading.heads.append(head)
                        reading.bodies.append([])
                    case .body(let range): unsafe reading.bodies[reading.bodies.count - 1] += buffer[range]
                    case .end: reading.ends += 1
                    }
                }
            } catch {
                reading.error = error
            }
        }
        if reading.error != nil { break }
    }
    return reading
}

private func read(_ text: String, limits: RequestParser.Limits = .init()) -> Reading {
    read([Array(text.utf8)[...]], limits: limits)
}

private let twoRequests =
    "POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
    + "\r\nPOST /c HTTP/1.1\r\nhost:x\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n"
private let chunked =
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nX: 1\r\nx:\t2 \r\n\r\n"
    + "5;name=\"value\"\r\nhello\r\n00c \r\n, dear\r\nworl\r\n1\r\nd\r\n0\r\nTrailer: yes\r\n\r\n"

@Test(arguments: [twoRequests, chunked, "GET / HTTP/1.0\r\n\r\n", "POST / HTTP/1.1\r\nHost: x\r\nBroken\r\n\r\n"])
func `a stream split at any byte reads the same`(text: String) {
    let bytes = Array(text.utf8)
    let whole = read([bytes[...]])
    #expect(whole.ends > 0 || whole.error != nil)
    for split in 0...bytes.count {
        #expect(read([bytes[..<split], bytes[split...]]) == whole, "split at \(split)")
    }
    #expect(read(bytes.indices.map { bytes[$0...$0] }) == whole, "byte by byte")
}

@Test func `requests that follow each other on a connection are told apart`() {
    let reading = read(twoRequests)
    #expect(reading.heads.map(\.target) == ["/a?b", "/c"])
    #expect(reading.bodies == [Array("hello".utf8), []])
    #expect(reading.ends == 2)
    #expect(reading.heads.map(\.keepsAlive) == [true, false])
}

@Test func `a chunked body is joined without sizes, extensions and trailers`() {
    let reading = read(chunked)
    #expect(reading.bodies == [Array("hello, dear\r\nworld".utf8)])
    #expect(reading.heads.first?.value("x") == "1, 2")
    #expect(reading.heads.first?.value("trailer") == nil)
    #expect(reading.ends == 1)
}

@Test func `a client that expects 100-continue is recognized, but not one of HTTP 1.0`() {
    #expect(read("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\n\r\n").heads.first?.expectsContinue == true)
    #expect(read("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").heads.first?.expectsContinue == false)
}

@Test(arguments: [
    "POST /\r\n\r\n", "POST  / HTTP/1.1\r\n\r\n", "P@ST / HTTP/1.1\r\nHost: x\r\n\r\n", "POST / HTTP/1.1\nHost: x\n\n",
    "POST / HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "POST / http/1.1\r\nHost: x\r\n\r\n",
    "POST / HTTP/1.1\r\nHost : x\r\n\r\n", "POST / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nA: \u{1}\r\n\r\n", "POST /\u{7f} HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
])
func `a malformed request is answered 400`(text: String) {
    #expect(read(text).error?.status == 400)
}

@Test(arguments: [
    ("POST / HTTP/2.0\r\nHost: x\r\n\r\n", HTTPError.unsupportedVersion),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .unsupportedCoding),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", .bodyTooLarge),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", .bodyTooLarge),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n4\r\n", .bodyTooLarge),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", .bodyTooLarge),
    ("POST / HTTP/1.1\r\nHost: x\r\nX: " + String(repeating: "y", count: 100), .headTooLarge),
    ("POST / HTTP/1.1\r\nHost: x\r\n" + String(repeating: "X: y\r\n", count: 30), .headTooLarge),
])
func `what exceeds the limits or the protocol is named`(text: String, expected: HTTPError) {
    #expect(read(text, limits: .init(head: 100, body: 8)).error == expected)
}

@Test func `a body of exactly the limit is taken`() {
    let reading = read(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n12345678", limits: .init(head: 100, body: 8))
    #expect(reading.error == nil)
    #expect(reading.ends == 1)
}
