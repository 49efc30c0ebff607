import Foundation
import Glibc
import TestKit
import Testing

@testable import Hookline

private let sent = WallTime(milliseconds: 1_700_000_000_400)
private let body = #"[{"a":1},{"b":"é"}]"#

private func head(_ headers: [(name: String, value: String)]) throws -> RequestHead {
    try RequestHead(
        requestLine: Array("POST /hook HTTP/1.1".utf8),
        headers: [("host", "x")].map(RequestHead.Header.init) + headers.map(RequestHead.Header.init))
}

/// The three headers of a signed request.
private func signed(_ secrets: String..., body: String = body) throws -> [(name: String, value: String)] {
    let signer = try Signer(Webhook.Signing(secrets: secrets.map { .value(Secret($0)) }))
    let header = signer.header(id: "msg_1", timestamp: sent.seconds, body: body)
    return [
        ("webhook-id", "msg_1"), ("webhook-timestamp", "\(sent.seconds)"),
        ("webhook-signature", String(header.dropFirst("webhook-signature: ".count))),
    ]
}

/// A line as the receiver records it.
private func line(
    _ headers: [(name: String, value: String)], body: [UInt8] = Array(body.utf8), at time: WallTime = sent
) throws -> String {
    var request = ReceivedRequest(head: try head(headers), answer: .status(200), keepsBody: true)
    unsafe body.withUnsafeBytes { unsafe request.take($0) }
    return String(decoding: RequestRecord.line(request, status: 200, at: time), as: UTF8.self)
}

private func verify(
    _ text: String, _ arguments: [String] = [], secret: String? = vectorSecret
) throws -> ProcessResult {
    let directory = try TemporaryDirectory()
    try directory.write(text, to: "r")
    return try runProcess(
        builtProduct("hookline"), ["verify", "r"] + arguments,
        environment: secret.map { ["HOOKLINE_SECRET": $0] } ?? [:], directory: directory.path)
}

@Test func `recorded requests are judged by their own time, one line for each`() throws {
    let pair = SigningKey.newPair()
    let text =
        try line(signed(vectorSecret)) + "\n" + line(signed(pair.privateKey.revealed))
        + line(signed(otherSecret))
    let result = try verify(text, ["--public-key", pair.publicKey.revealed])
    // A variable and an option add up.
    #expect(
        result.outputText == """
            r:1: valid: signed with key 1 of 2
            r:3: valid: signed with key 2 of 2
            r:4: not valid: the signature does not fit
              hint: the key is right, since line 1 is valid: id, timestamp or body differ from what was signed

            """)
    #expect(result.errorText == "")
    #expect(result.exit == .code(1))
    #expect(try verify(line(signed(vectorSecret))).exit == .code(0))
}

@Test func `a flipped bit, another id, time or key, and missing headers are each found`() throws {
    let good = try signed(vectorSecret)
    func changed(_ index: Int, _ value: String) -> [(name: String, value: String)] {
        var headers = good
        headers[index].value = value
        return headers
    }
    var flipped = Array(body.utf8)
    flipped[3] ^= 1
    let unexplained = "not valid: the signature does not fit\n  hint: id, timestamp, body or key differ from what"
    let cases: [(String, String)] = try [
        (line(good, body: flipped), unexplained), (line(changed(0, "msg_2")), unexplained),
        (line(changed(1, "\(sent.seconds + 1)")), unexplained), (line(signed(otherSecret)), unexplained),
        (line(Array(good.dropFirst())), "not valid: webhook-id is missing\n"),
        (
            line(good.map { ($0.name.replacing("webhook", with: "svix"), $0.value) }),
            "not valid: webhook-id and webhook-timestamp and webhook-signature are missing\n"
                + "  hint: the request has svix-id and svix-timestamp and svix-signature in the place of that"
        ),
        (
            line(good, at: WallTime(milliseconds: sent.milliseconds + 732_000)),
            "not valid: timestamp is 7m12s too old\n  hint: the signature itself fits"
        ),
        (
            line(good, body: Array((body + "\n").utf8)),
            "not valid: the signature does not fit\n"
                + "  hint: body: the signature fits when it is read without its final line feed"
        ),
        (line(changed(1, "1700000000.0")), "not valid: webhook-timestamp is not a whole number of seconds\n"),
        (line(changed(2, "v1,????")), "not valid: the signature is not base64\n"),
        (line(changed(2, "v9,AAAA")), "not valid: webhook-signature has no signature of version v1\n"),
    ]
    for (text, expected) in cases {
        let result = try verify(text)
        #expect(result.outputText.hasPrefix("r:1: " + expected), "\(result.outputText)")
        #expect(result.exit == .code(1))
        #expect(!result.outputText.contains(vectorSecret.dropFirst(6)))
    }
}

@Test(arguments: ["\n", "\r\n"], ["POST /hook HTTP/1.1\nHost: x\n", ""])
func `a request as HTTP text is read with either line ending, with a request line or without`(
    lineEnd: String, start: String
) throws {
    let headers = try signed(vectorSecret).map { "\($0.name.uppercased()):  \($0.value)\n" }.joined()
    let text = (start + headers + "\n").replacing("\n", with: lineEnd) + body
    #expect(try verify(text, ["--at", "1700000100"]).outputText == "r:1: valid: signed with the key\n")
    #expect(try verify(text, ["--at", "2023-11-14T22:18:20Z"]).exit == .code(0))
    #expect(try verify(text, ["--at", "2023-11-15T00:18:20+02:00"]).exit == .code(0))
    #expect(try verify(text, ["--at", "2023-11-14T22:18:21Z"]).outputText.hasPrefix("r:1: not valid: timestamp is 1s"))
    for arguments in [[], ["--at", "now"]] {
        let result = try verify(text, arguments)
        #expect(result.outputText.contains("too old\n  hint: the signature itself fits"))
        #expect(result.exit == .code(1))
    }
}

@Test func `a body of any bytes, or of none, is verified`() throws {
    let bytes: [UInt8] = [0, 0xFF, 0x0A, 0x22]
    let signer = try Signer(signing(.standardWebhooks, vectorSecret))
    let header = unsafe bytes.withUnsafeBytes { unsafe signer.header(id: "a", timestamp: sent.seconds, body: $0) }
    let headers = [
        ("webhook-id", "a"), ("webhook-timestamp", "\(sent.seconds)"),
        ("webhook-signature", String(header.dropFirst("webhook-signature: ".count))),
    ]
    #expect(try verify(line(headers, body: bytes)).exit == .code(0))
    #expect(try verify(line(signed(vectorSecret, body: ""), body: [])).exit == .code(0))
}

@Test func `standard input is read for a dash`() throws {
    let result = try runProcess(
        builtProduct("hookline"), ["verify", "-"], environment: ["HOOKLINE_SECRET": vectorSecret],
        input: .text(line(signed(vectorSecret))))
    #expect(result.outputText == "standard input:1: valid: signed with the key\n")
}

@Test(arguments: [
    ("", "r:1: it holds no request"), (" \n", "r:1: it holds no request"),
    ("{}\n", "r:1: the line is no request of `hookline listen --record`"),
    ("{\"headers\":{}}\n{\"headers\":1}\n", "r:2: the line is no request of `hookline listen --record`"),
    ("{\"headers\":{},\"body_base64\":\"?\"}", "r:1: the line is no request of `hookline listen --record`"),
    ("POST / HTTP/1.1\nHost: x\n", "r:2: no empty line ends the headers"),
    ("Host: x\nno header\n\n", "r:2: the line is no HTTP header"), ("word\n\n", "r:1: the line is no HTTP header"),
    ("Transfer-Encoding: chunked\n\n1\r\na\r\n0\r\n\r\n", "r:1: the body is chunked"),
])
func `a file that holds no request is told with its line, and exit code 66`(text: String, message: String) throws {
    let result = try verify(text)
    #expect(result.errorText.hasPrefix("hookline: error: \(message)\n  hint: "))
    #expect(result.output.isEmpty)
    #expect(result.exit == .code(66))
}

@Test func `what can't be read, no file and no key are told apart`() throws {
    let path = try builtProduct("hookline")
    let missing = try runProcess(path, ["verify", "/nowhere/x"], environment: ["HOOKLINE_SECRET": vectorSecret])
    #expect(missing.errorText == "hookline: error: can't read /nowhere/x: No such file or directory\n")
    #expect(missing.exit == .code(66))
    #expect(try runProcess(path, ["verify"]).exit == .code(64))
    let keyless = try verify("{}", secret: nil)
    #expect(keyless.errorText.hasPrefix("hookline: error: `verify` needs a key to check with\n"))
    #expect(keyless.exit == .code(64))
    #expect(try verify("{}", ["--at", "yesterday"]).exit == .code(64))
    let full = try TemporaryDirectory()
    try full.write(line(signed(vectorSecret)), to: "r")
    let unwritten = try runProcess(
        path, ["verify", "r"], environment: ["HOOKLINE_SECRET": vectorSecret], directory: full.path,
        output: .file("/dev/full"))
    #expect(unwritten.exit == .code(74))
}

@Test(arguments: [
    ["listen", "--secret", "whsec_c2VjcmV0c2VjcmV0"], ["verify", "r", "--secret", "whsk_c2VjcmV0c2VjcmV0"],
    ["verify", "r", "--secret=c2VjcmV0c2VjcmV0"], ["listen", "--public-key", "whsec_c2VjcmV0c2VjcmV0"],
    ["verify", "r", "--public-key", "whsk_c2VjcmV0c2VjcmV0"], ["listen", "whsec_c2VjcmV0c2VjcmV0"],
    ["whsec_c2VjcmV0c2VjcmV0"], ["verify", "whsk_c2VjcmV0c2VjcmV0"], ["secret", "whsk_c2VjcmV0c2VjcmV0"],
    ["listen", "--port", "whsec_c2VjcmV0c2VjcmV0"], ["help", "whsec_c2VjcmV0c2VjcmV0"],
])
func `no error shows a secret`(arguments: [String]) throws {
    let directory = try TemporaryDirectory()
    let path = try builtProduct("hookline")
    let result = try runProcess(path, arguments, directory: directory.path)
    #expect(result.exit == .code(64))
    #expect(!result.errorText.isEmpty)
    #expect(!(result.errorText + result.outputText).contains("c2Vj"))
}

@Test(arguments: ["HOOKLINE_SECRET", "HOOKLINE_PUBLIC_KEY"], ["listen", "verify"])
func `no error shows a secret that a variable holds`(variable: String, command: String) throws {
    let directory = try TemporaryDirectory()
    let value = "whsec_c2VjcmV0c2VjcmV0,whsec_,c2VjcmV0"
    let arguments = command == "verify" ? ["verify", "r"] : ["listen"]
    let result = try runProcess(
        builtProduct("hookline"), arguments, environment: [variable: value], directory: directory.path)
    #expect(result.exit == .code(64))
    #expect(result.errorText.contains(variable))
    #expect(!result.errorText.contains("c2Vj"))
}

// MARK: Secret

@Test func `a new secret goes to standard output alone, and differs each time`() throws {
    let path = try builtProduct("hookline")
    let results = try [[], ["-q"]].map { try runProcess(path, ["secret"] + $0) }
    #expect(results[0].output != results[1].output)
    for result in results {
        #expect(result.exit == .code(0))
        let text = result.outputText
        #expect(text.hasPrefix("whsec_") && text.hasSuffix("\n") && text.count == 51)
        let secret = String(text.dropLast())
        #expect(Data(base64Encoded: String(secret.dropFirst(6)))?.count == 32)
        let record = try line(signed(secret))
        #expect(try verify(record, secret: secret).exit == .code(0))
        #expect(try verify(record).exit == .code(1))
        #expect(!result.errorText.contains(secret.dropFirst(6)))
    }
    #expect(results[0].errorText.contains("signing: {secrets: [{env: WEBHOOK_SECRET}]}"))
    #expect(results[1].errorText == "")
}

@Test func `the keys of a new pair belong together, and to no other pair`() throws {
    let path = try builtProduct("hookline")
    let pairs = try (0..<2).map { _ in
        try runProcess(path, ["secret", "--ed25519"]).outputText.split(separator: "\n").map(String.init)
    }
    for (index, pair) in pairs.enumerated() {
        #expect(pair.count == 2)
        #expect(pair[0].hasPrefix("whsk_") && pair[1].hasPrefix("whpk_"))
        let record = try line(signed(pair[0]))
        #expect(try verify(record, ["--public-key", pair[1]], secret: nil).exit == .code(0))
        #expect(try verify(record, secret: pair[0]).exit == .code(0))
        #expect(try verify(record, ["--public-key", pairs[1 - index][1]], secret: nil).exit == .code(1))
    }
}

@Test func `a secret that can't be printed is told`() throws {
    let result = try runProcess(builtProduct("hookline"), ["secret"], output: .file("/dev/full"))
    #expect(result.exit == .code(74))
    #expect(result.errorText == "hookline: error: standard output can't be written: No space left on device\n")
}

// MARK: Listen

/// The answer of a receiver that verifies, and the line that it records.
private func received(
    _ headers: [(name: String, value: String)], _ method: String = "POST",
    change: (inout ListenOptions) -> Void = { _ in }
) throws -> (answer: String, record: String) {
    let directory = try TemporaryDirectory()
    var options = ListenOptions()
    options.secrets = [otherSecret, vectorSecret]
    options.record = directory.file("record")
    options.quiet = true
    change(&options)
    let keys = try KeyOptions(secrets: options.secrets, publicKeys: options.publicKeys)
    var reception = try Reception(options, verifier: keys.verifier)
    var head = try head(headers)
    head.method = method
    var request = reception.begin(head)
    unsafe Array(body.utf8).withUnsafeBytes { unsafe request.take($0) }
    guard case .status(let planned) = request.answer else { return ("reset", "") }
    let answer = try reception.complete(request, planned: planned, at: sent)
    return (String(decoding: answer, as: UTF8.self), try directory.text(of: "record"))
}

@Test func `a receiver with a secret takes what is signed and answers 401 to the rest`() throws {
    let good = try received(signed(vectorSecret))
    #expect(good.answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(good.record.contains("\"status\":200"))
    let other = try received(signed(SigningKey.newSecret().revealed))
    #expect(other.answer.hasPrefix("HTTP/1.1 401 Unauthorized\r\n"))
    #expect(other.answer.hasSuffix("\r\n\r\n401 Unauthorized: the signature does not fit\n"))
    #expect(other.record.contains("\"status\":401"))
    let bare = try received([])
    #expect(
        bare.answer.contains("401 Unauthorized: webhook-id and webhook-timestamp and webhook-signature are missing\n"))
}

@Test func `a signature that is not valid goes before the planned answer, and other methods keep theirs`() throws {
    #expect(try received([]) { $0.answers = [.status(503)] }.answer.hasPrefix("HTTP/1.1 401 "))
    #expect(try received([]) { $0.rejectContaining = "a" }.answer.hasPrefix("HTTP/1.1 401 "))
    #expect(try received(signed(vectorSecret)) { $0.rejectContaining = "a" }.answer.hasPrefix("HTTP/1.1 400 "))
    #expect(try received([], "GET").answer.hasPrefix("HTTP/1.1 405 "))
    #expect(try received([]) { $0.answers = [.reset] }.answer == "reset")
}

@Test func `a receiver without a key verifies nothing`() throws {
    #expect(try received([]) { $0.secrets = [] }.answer.hasPrefix("HTTP/1.1 200 "))
}

@Test func `a receiver verifies also where nothing is recorded`() throws {
    let keys = try KeyOptions(secrets: [vectorSecret], publicKeys: [])
    var reception = try Reception(ListenOptions(), verifier: keys.verifier)
    for (headers, status) in [(try signed(vectorSecret), 200), (try signed(vectorSecret, body: "[]"), 401)] {
        var request = reception.begin(try head(headers))
        unsafe Array(body.utf8).withUnsafeBytes { unsafe request.take($0) }
        let answer = String(decoding: try reception.complete(request, planned: 200, at: sent), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
    }
}

@Test func `the receiver's line says why a request is refused, and nothing of its signature`() throws {
    let directory = try TemporaryDirectory()
    let child = try ChildProcess(
        builtProduct("hookline"), ["listen", "--port", "0"], environment: ["HOOKLINE_SECRET": vectorSecret],
        directory: directory.path)
    try child.waitForOutput("ca_file: ")
    try child.waitForOutput("network: ")
    let port = String(
        String(decoding: child.output, as: UTF8.self).split(separator: "localhost:")[1].prefix { $0.isNumber })
    for header in try [signed(vectorSecret)[2].value, "v1,AAAA"] {
        let curl = try runProcess(
            "/usr/bin/env",
            [
                "curl", "-q", "-s", "--max-time", "20", "--noproxy", "*", "--cacert",
                directory.file(".hookline-listen/ca.pem"), "-d", body, "-H", "webhook-id: msg_1", "-H",
                "webhook-timestamp: \(WallTime.now.seconds)", "-H", "webhook-signature: \(header)",
                "https://localhost:\(port)/hook",
            ], environment: ["PATH": "/usr/bin:/bin"])
        #expect(curl.outputText == "401 Unauthorized: the signature does not fit\n")
    }
    child.send(SIGTERM)
    let result = try child.finish()
    #expect(result.outputText.contains(" POST /hook 401 msg_1 1 events 20 bytes: the signature does not fit\n"))
    #expect(!result.outputText.contains("v1,"))
    #expect(!result.outputText.contains("whsec_"))
}
