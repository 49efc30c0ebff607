import Foundation
import Testing

@testable import Hookline

private func answers(_ count: Int, _ change: (inout ListenOptions) -> Void) -> [ListenOptions.Answer] {
    var options = ListenOptions()
    change(&options)
    var plan = AnswerPlan(options)
    return (0..<count).map { _ in plan.next() }
}

@Test func `answers come in turn and the last one repeats`() {
    #expect(
        answers(5) { $0.answers = [.status(503), .reset, .status(200)] }
            == [.status(503), .reset, .status(200), .status(200), .status(200)])
}

@Test func `a fail rate of 0 changes no answer and of 1 changes all`() {
    #expect(answers(20) { $0.answers = [.status(204)] }.allSatisfy { $0 == .status(204) })
    #expect(answers(20) { $0.failRate = 1 }.allSatisfy { $0 == .status(503) })
}

@Test func `a fail rate hits about its share, and the same requests for the same seed`() {
    let first = answers(10_000) { ($0.failRate, $0.seed) = (0.25, 7) }
    let failed = first.count { $0 == .status(503) }
    #expect((2_300...2_700).contains(failed))
    #expect(answers(10_000) { ($0.failRate, $0.seed) = (0.25, 7) } == first)
    #expect(answers(10_000) { ($0.failRate, $0.seed) = (0.25, 8) } != first)
}

@Test func `an answer that chance replaces counts as given`() {
    let first = answers(100) {
        $0.answers = [.status(201), .status(202), .status(203)]
        $0.failRate = 0.5
    }
    for (turn, answer) in first.enumerated() {
        #expect(answer == .status(503) || answer == .status(201 + min(turn, 2)))
    }
    #expect(first.contains(.status(503)))
    #expect(first.contains(.status(203)))
}

@Test(arguments: [
    ("application/json", #"[{"a":[1,2]},{"b":"],["},3]"#, 3), ("application/json", "[]", 0),
    ("application/json", " [ ] ", 0), ("application/json", #"[[],[]]"#, 2), ("application/json", #"["a\",\\",1]"#, 2),
    ("application/json", #"{"a":[1,2,3]}"#, 1), ("application/json", "7", 1), ("application/json", "", 0),
    ("Application/JSON; charset=utf-8", "[1,2]", 2),
    ("application/cloudevents-batch+json; charset=UTF-8", "[{},{}]", 2),
    ("application/cloudevents-batch+json", "[]", 0),
    ("application/cloudevents+json; charset=UTF-8", #"{"specversion":"1.0","data":[1,{},"],["]}"#, 1),
    ("application/x-ndjson", "{}\n{}\n", 2), ("application/x-ndjson", "\n{}\r\n \r\n{\"a\":1}", 2),
    ("application/x-ndjson", "", 0), ("text/plain", "[1,2]\n3", 1), ("text/plain", "", 0),
])
func `events are counted by content type, however the body is cut`(contentType: String, body: String, expected: Int) {
    let bytes = Array(body.utf8)
    for split in 0...bytes.count {
        var counter = EventCounter(contentType: contentType)
        unsafe bytes.withUnsafeBytes { buffer in
            unsafe counter.consume(UnsafeRawBufferPointer(rebasing: buffer[..<split]))
            unsafe counter.consume(UnsafeRawBufferPointer(rebasing: buffer[split...]))
        }
        #expect(counter.count == expected, "split at \(split)")
    }
}

@Test func `a moment is written as ISO 8601 and as an HTTP date`() {
    let time = WallTime(milliseconds: 784_111_777_042)
    #expect(time.text == "1994-11-06T08:49:37.042Z")
    #expect(time.httpDate == "Sun, 06 Nov 1994 08:49:37 GMT")
}

@Test func `an answer has the length of its text, except where HTTP has no body`() {
    let time = WallTime(milliseconds: 0)
    let ok = String(decoding: HTTPAnswer(status: 200, date: time).bytes, as: UTF8.self)
    #expect(ok.hasPrefix("HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"))
    #expect(ok.hasSuffix("Content-Length: 7\r\n\r\n200 OK\n"))
    let empty = String(decoding: HTTPAnswer(status: 204, date: time).bytes, as: UTF8.self)
    #expect(!empty.contains("Content-Length"))
    #expect(empty.hasSuffix("\r\n\r\n"))
    var unknown = HTTPAnswer(status: 599, date: time)
    unknown.isHead = true
    unknown.closes = true
    let text = String(decoding: unknown.bytes, as: UTF8.self)
    #expect(text.hasPrefix("HTTP/1.1 599 \r\n"))
    #expect(text.hasSuffix("Content-Length: 4\r\nConnection: close\r\n\r\n"))
}

private func received(_ body: [UInt8]) throws -> ReceivedRequest {
    let headers = [("host", "x"), ("x-tag", "a"), ("x-tag", "b\"c")].map { name, value in
        RequestHead.Header(name: name, value: value)
    }
    let head = try RequestHead(requestLine: Array("POST /hook HTTP/1.1".utf8), headers: headers)
    var request = ReceivedRequest(head: head, answer: .status(200), keepsBody: true)
    unsafe body.withUnsafeBytes { unsafe request.take($0) }
    return request
}

@Test func `a record's line is JSON that gives the request back`() throws {
    let body = "{\"a\":\"ä\\n\u{1}\"}\n\t\r"
    let line = RequestRecord.line(try received(Array(body.utf8)), status: 503, at: WallTime(milliseconds: 0))
    #expect(line.firstIndex(of: UInt8(ascii: "\n")) == line.count - 1)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
    #expect(object["body"] as? String == body)
    #expect(object["status"] as? Int == 503)
    #expect(object["path"] as? String == "/hook")
    #expect(object["http_version"] as? String == "1.1")
    #expect(object["time"] as? String == "1970-01-01T00:00:00.000Z")
    #expect(object["headers"] as? [String: String] == ["host": "x", "x-tag": "a, b\"c"])
}

@Test func `a body that is no UTF-8 is recorded in base64`() throws {
    let line = RequestRecord.line(try received([0xff, 0x00]), status: 200, at: WallTime(milliseconds: 0))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
    #expect(object["body_base64"] as? String == "/wA=")
    #expect(object["body"] == nil)
}

@Test(arguments: [("cd", true), ("abcd", true), ("", false), ("ce", false), ("bcde", false), ("bb", true)])
func `a text is found anywhere in the body`(text: String, expected: Bool) throws {
    #expect(try received(Array("abbcabcd".utf8)).bodyContains(text) == expected)
}
