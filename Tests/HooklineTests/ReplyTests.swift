import Hookline
import Testing

private let loopback: [UInt8] = [127, 0, 0, 1]
private let open: [UInt8] = [9, 9, 9, 9]
private let nobody = AddressGuard(allow: [])

extension Reply {
    @discardableResult
    fileprivate mutating func receive(header text: String) -> Bool {
        var text = text + "\r\n"
        return text.withUTF8 { unsafe received(header: UnsafeRawBufferPointer($0)) }
    }

    @discardableResult
    fileprivate mutating func receive(bodyOf count: Int) -> Bool {
        let bytes = [UInt8](repeating: 7, count: count)
        return unsafe bytes.withUnsafeBytes { unsafe received(body: $0) }
    }
}

@Test(arguments: [
    (["HTTP/1.1 503", "Retry-After: 7"], "7"), (["HTTP/2 503", "retry-after:  7 "], "7"),
    (["HTTP/1.1 103", "Retry-After: 7", "", "HTTP/1.1 503"], nil),
    (["HTTP/1.1 103", "Retry-After: 7", "", "HTTP/1.1 503", "Retry-After: 8"], "8"), (["HTTP/1.1 503"], nil),
])
func `Retry-After is the final answer's, not an interim one's`(lines: [String], expected: String?) {
    var reply = Reply()
    for line in lines + [""] { reply.receive(header: line) }
    #expect(reply.outcome(Reply.End(status: 503)) == .response(.init(status: 503, retryAfter: expected)))
}

@Test(arguments: [
    (["HTTP/1.1 200 OK"], false), (["HTTP/1.1 200 OK", "Content-Length: 0"], false), (["HTTP/1.1 200 OK", ""], true),
    (["HTTP/1.1 103", "", "HTTP/1.1 200 OK"], false), (["HTTP/1.1 103", "", "HTTP/1.1 200 OK", ""], true),
    (["HTTP/2 200", "", "trailer: x"], true),
])
func `an answer counts only with all of its headers`(lines: [String], counts: Bool) {
    var reply = Reply()
    for line in lines { reply.receive(header: line) }
    let cut = DeliveryFailure(.connectionLost, detail: "the answer ended in the middle of its headers")
    #expect(reply.outcome(Reply.End(status: 200)) == (counts ? .response(.init(status: 200)) : .failure(cut)))
    let lost = DeliveryFailure(.connectionLost, detail: "reset")
    #expect(
        reply.outcome(Reply.End(.connectionLost, status: 404, detail: "reset"))
            == (counts ? .response(.init(status: 404)) : .failure(lost)))
}

@Test func `headers beyond 64 KiB are not read`() {
    var reply = Reply()
    let line = "X-Long: " + String(repeating: "x", count: 1014)
    for _ in 0..<64 { #expect(reply.receive(header: line) == true) }
    #expect(reply.receive(header: "") == false)
}

@Test func `a body is kept up to 64 KiB if it is wanted, and the status stands when it is longer`() {
    var (kept, dropped) = (Reply(keepsBody: true), Reply())
    for _ in 0..<64 {
        #expect(kept.receive(bodyOf: 1 << 10) == true)
        #expect(dropped.receive(bodyOf: 1 << 10) == true)
    }
    #expect(kept.body.count == 64 << 10)
    #expect(!kept.isBodyCutOff)
    #expect(dropped.body.isEmpty)
    #expect(kept.receive(bodyOf: 1) == false)
    #expect(kept.isBodyCutOff)
    #expect(kept.body.count == 64 << 10)
    var end = Reply.End(.badResponse, status: 201)
    end.isCutOff = true
    #expect(kept.outcome(end) == .response(.init(status: 201)))
    #expect(Reply().outcome(end) == .failure(DeliveryFailure(.badResponse, detail: "")))
}

@Test(arguments: [(100, false), (200, false), (299, false), (300, true), (413, true), (503, true)])
func `an answer other than 2xx counts although the connection was lost after it`(status: Int, counts: Bool) {
    let outcome = Reply().outcome(Reply.End(.connectionLost, status: status, detail: "reset"))
    #expect(
        outcome
            == (counts
                ? .response(.init(status: status)) : .failure(DeliveryFailure(.connectionLost, detail: "reset"))))
    let timeout = Reply().outcome(Reply.End(.timeout, status: status, detail: "late"))
    #expect(timeout == .failure(DeliveryFailure(.timeout, detail: "late")))
}

@Test func `a redirect's origin is told without its path`() {
    var end = Reply.End(status: 302)
    end.location = "https://other.example:8443/secret?key=1"
    #expect(
        Reply().outcome(end) == .response(.init(status: 302, redirectOrigin: "https://other.example:8443")))
    end.location = "http://other.example/secret"
    #expect(Reply().outcome(end) == .response(.init(status: 302)))
}

@Test func `an address that is refused is the reason, unless another one of the host was tried, too`() throws {
    let end = Reply.End(.connectFailed, detail: "refused")
    var reply = Reply()
    #expect(reply.mayConnect(to: loopback, destination: nil, isProxy: false, nobody) == false)
    let refusal = try #require(nobody.refusal(of: loopback))
    #expect(reply.outcome(end) == .failure(DeliveryFailure(refusal)))
    #expect(reply.mayConnect(to: open, destination: nil, isProxy: false, nobody) == true)
    #expect(reply.outcome(end) == .failure(DeliveryFailure(.connectFailed, detail: "refused")))
}

@Test func `through a proxy both addresses are judged, and the message says which is meant`() {
    let end = Reply.End(.connectFailed)
    var (proxy, destination, both) = (Reply(), Reply(), Reply())
    #expect(proxy.mayConnect(to: loopback, destination: open, isProxy: true, nobody) == false)
    #expect(proxy.outcome(end).text.hasPrefix("the proxy's address 127.0.0.1 "))
    #expect(destination.mayConnect(to: open, destination: loopback, isProxy: true, nobody) == false)
    #expect(destination.outcome(end).text.hasPrefix("127.0.0.1 "))
    #expect(both.mayConnect(to: open, destination: open, isProxy: true, nobody) == true)
}

@Test(arguments: [(0, nil), (200, nil), (300, 300), (407, 407), (502, 502)] as [(Int, Int?)])
func `an answer of the proxy other than 2xx is the reason`(proxyStatus: Int, expected: Int?) {
    var end = Reply.End(.connectionLost, detail: "CONNECT tunnel failed")
    end.proxyStatus = proxyStatus
    #expect(
        Reply().outcome(end)
            == .failure(
                expected.map { DeliveryFailure(proxyStatus: $0) }
                    ?? DeliveryFailure(.connectionLost, detail: "CONNECT tunnel failed")))
}

@Test(arguments: [
    "OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0",
    "OpenSSL/3.0: error:0A000412:SSL routines::sslv3 alert bad certificate",
    "OpenSSL/3.0: error:0A000418:SSL routines::tlsv1 alert unknown ca",
    "OpenSSL/3.0: error:0A000410:SSL routines::sslv3 alert handshake failure",
])
func `a server's alert about our certificate leads to client_cert`(detail: String) {
    for kind in [DeliveryFailure.Kind.tlsFailed, .connectionLost] {
        guard case .failure(let failure) = Reply().outcome(Reply.End(kind, detail: detail)) else {
            Issue.record("no failure")
            continue
        }
        #expect(failure.kind == .tlsFailed)
        #expect(failure.hint?.contains("client_cert") == true)
    }
}

@Test func `another alert, or another failure, does not lead to client_cert`() {
    let version = "OpenSSL/3.0: error:0A00042E:SSL routines::tlsv1 alert protocol version"
    for end in [
        Reply.End(.tlsFailed, detail: version), Reply.End(.connectionLost, detail: "no certificate, no alert"),
        Reply.End(.timeout, detail: " alert certificate required"),
    ] {
        let expected = DeliveryFailure(end.failure ?? .other, detail: end.detail)
        #expect(Reply().outcome(end) == .failure(expected))
    }
}

@Test func `a key that is not the pinned one leads to pinned_public_key`() {
    let webhook = Webhook(name: "w", url: .value(WebhookURL(text: "", host: "", port: 443)), topics: [])
    var end = Reply.End(.certificateInvalid, detail: "no match")
    #expect(Reply().outcome(end).hint(for: webhook)?.contains("ca_file") == true)
    end.isOtherKey = true
    #expect(Reply().outcome(end).hint(for: webhook)?.contains("pinned_public_key") == true)
}
