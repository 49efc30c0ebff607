import Hookline
import Testing

private let id = "msg_0123456789abcdef0123456789abcdef"

/// A line as `DeadLetters` writes it, with these members in the place of its own; an empty text leaves one out.
private func line(_ changes: [String: String] = [:]) -> String {
    let members = [
        ("webhook", #""invoicing""#), ("webhook_id", "\"\(id)\""), ("batch", #"{"size":2,"index":1}"#),
        ("content_type", #""application/json""#), ("reason", #""status""#), ("status", "503"), ("attempts", "4"),
        ("first_attempt", "null"), ("last_attempt", "null"), ("line", "7"), ("topic", #""object.created""#),
        ("event", #"{"a":1}"#),
    ]
    return "{"
        + members.map { ($0, changes[$0] ?? $1) }.filter { $1 != "" }.map { "\"\($0)\":\($1)" }
        .joined(separator: ",") + "}"
}

private func event(of line: String) throws -> String {
    try unsafe Array(line.utf8).withUnsafeBytes { bytes in
        let letter = try unsafe Letter(bytes)
        return unsafe String(decoding: bytes[letter.event], as: UTF8.self)
    }
}

private func error(of line: String) -> EventError? {
    unsafe Array(line.utf8).withUnsafeBytes { bytes in
        do throws(EventError) {
            _ = unsafe try Letter(bytes)
            return nil
        } catch {
            return error
        }
    }
}

@Test func `a dead letter says to which webhook its event goes, and where in which batch it stood`() throws {
    try unsafe Array(line(["webhook": #""in\\voi\"cing""#, "topic": #""a\u0062""#]).utf8).withUnsafeBytes { bytes in
        let letter = try unsafe Letter(bytes)
        #expect(unsafe String(decoding: letter.webhook.decode(in: bytes), as: UTF8.self) == #"in\voi"cing"#)
        #expect(unsafe String(decoding: letter.webhookID.raw(in: bytes), as: UTF8.self) == id)
        #expect(unsafe String(decoding: letter.contentType.raw(in: bytes), as: UTF8.self) == "application/json")
        #expect(unsafe String(decoding: letter.topic.decode(in: bytes), as: UTF8.self) == "ab")
        #expect([letter.size, letter.index, letter.line] == [2, 1, 7])
    }
}

@Test(arguments: [
    #"{"a":1}"#, "{}", #"{ "é" : [ 1.0e2 , {"event":{}} ] , "x":"}" }"#,
    #"{"webhook":"other","topic":7,"a":"\u00e9\\"}"#,
    #"{"deep":"# + String(repeating: "[", count: 127) + String(repeating: "]", count: 127) + "}",
])
func `an event's own bytes are found as they are, wherever the member stands`(own: String) throws {
    #expect(try event(of: line(["event": own])) == own)
    #expect(
        try event(of: #" { "event" : \#(own) , "unknown":[true,null,-1], "# + line(["event": ""]).dropFirst()) == own)
}

@Test(
    arguments: [
        "webhook", "webhook_id", "batch", "content_type", "line", "topic", "event",
    ], ["", "null", "[]", "-1", "1.5"])
func `a member that is missing or has another type makes a line no dead letter`(member: String, value: String) {
    #expect(error(of: line([member: value])) == .notADeadLetter)
}

@Test(arguments: [
    ["batch": #"{"size":2,"index":2}"#], ["batch": #"{"size":0,"index":0}"#], ["batch": #"{"size":2}"#],
    ["batch": #"{"size":2,"index":0,"index":1}"#], ["batch": #"{"size":99999999999999999999,"index":0}"#],
    ["event": #"["a"]"#], ["webhook_id": #""msg_1""#], ["webhook_id": "\"\(id.uppercased())\""],
    ["webhook_id": #""msg_0123456789abcdef\u000d\u000a""#], ["reason": #""a","event":{}"#],
    ["status": #"1,"webhook":"b""#],
])
func `a line with something impossible is no dead letter`(changes: [String: String]) {
    #expect(error(of: line(changes)) == .notADeadLetter)
}

@Test(arguments: [
    ("", EventError.notJSON(at: 0)), ("[]", .notAnObject), ("7", .notAnObject), ("{", .notJSON(at: 1)),
    (#"{"a":1,}"#, .notJSON(at: 7)), (#"{"a" 1}"#, .notJSON(at: 5)), (#"{"a":1}x"#, .notJSON(at: 7)),
    ("{}", .notADeadLetter),
    (#"{"topic":"object.created"}"#, .notADeadLetter),
    (#"{"event":"# + String(repeating: "[", count: 129) + "}", .tooDeep(at: 9 + 128)),
])
func `a line that is no JSON is refused like a line of the input`(text: String, expected: EventError) {
    #expect(error(of: text) == expected)
}

@Test func `a line that is cut off anywhere is refused`() {
    let whole = line()
    for count in 0..<whole.utf8.count {
        #expect(error(of: String(decoding: whole.utf8.prefix(count), as: UTF8.self)) != nil)
    }
}

@Test(arguments: 0..<64)
func `a line with a byte changed is refused at the byte at which the scanner refuses it`(seed: UInt64) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func random(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }
    func isSyntax(_ error: EventError?) -> Bool {
        switch error {
        case .notJSON, .invalidUTF8: true
        default: false
        }
    }
    let whole = Array(line(["event": #"{"a":[1.5e3,"\u00e9é",{"b":null}],"c":true}"#]).utf8)
    for _ in 0..<100 {
        var bytes = whole
        bytes[random(bytes.count)] =
            [0x22, 0x5C, 0x7B, 0x7D, 0x5B, 0x5D, 0x2C, 0x3A, 0x00, 0x80, 0x20, 0x31][random(12)]
        unsafe bytes.withUnsafeBytes { bytes in
            var scanner = JSONScanner(input: .init())
            var expected: EventError?
            do throws(EventError) { _ = unsafe try scanner.scan(bytes) } catch { expected = error }
            var found: EventError?
            do throws(EventError) { _ = unsafe try Letter(bytes) } catch { found = error }
            #expect(isSyntax(expected) == isSyntax(found))
            if isSyntax(found) { #expect(found == expected) }
        }
    }
}
