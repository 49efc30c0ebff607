import Foundation
import Glibc
import TestKit
import Testing

@testable import Hookline

@Test func `recorded requests are judged by their own time, one line for each`() throws {
    let pair = SigningKey.newPair()
    let text =
        try recordLine(signedHeaders(vectorSecret)) + "\n" + recordLine(signedHeaders(pair.privateKey.revealed))
        + recordLine(signedHeaders(otherSecret))
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
    #expect(try verify(recordLine(signedHeaders(vectorSecret))).exit == .code(0))
}

@Test func `a flipped bit, another id, time or key, and missing headers are each found`() throws {
    let good = try signedHeaders(vectorSecret)
    func changed(_ index: Int, _ value: String) -> [(name: String, value: String)] {
        var headers = good
        headers[index].value = value
        return headers
    }
    var flipped = Array(signedBody.utf8)
    flipped[3] ^= 1
    let unexplained = "not valid: the signature does not fit\n  hint: id, timestamp, body or key differ from what"
    let cases: [(String, String)] = try [
        (recordLine(good, body: flipped), unexplained), (recordLine(changed(0, "msg_2")), unexplained),
        (recordLine(changed(1, "\(signedAt.seconds + 1)")), unexplained),
        (recordLine(signedHeaders(otherSecret)), unexplained),
        (recordLine(Array(good.dropFirst())), "not valid: webhook-id is missing\n"),
        (
            recordLine(good.map { ($0.name.replacing("webhook", with: "svix"), $0.value) }),
            "not valid: webhook-id and webhook-timestamp and webhook-signature are missing\n"
                + "  hint: the request has svix-id and svix-timestamp and svix-signature in the place of that"
        ),
        (
            recordLine(good, at: WallTime(milliseconds: signedAt.milliseconds + 732_000)),
            "not valid: timestamp is 7m12s too old\n  hint: the signature itself fits"
        ),
        (
            recordLine(good, body: Array((signedBody + "\n").utf8)),
            "not valid: the signature does not fit\n"
                + "  hint: body: the signature fits when it is read without its final line feed"
        ),
        (recordLine(changed(1, "1700000000.0")), "not valid: webhook-timestamp is not a whole number of seconds\n"),
        (recordLine(changed(2, "v1,????")), "not valid: the signature is not base64\n"),
        (recordLine(changed(2, "v9,AAAA")), "not valid: webhook-signature has no signature of version v1\n"),
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
    let headers = try signedHeaders(vectorSecret).map { "\($0.name.uppercased()):  \($0.value)\n" }.joined()
    let text = (start + headers + "\n").replacing("\n", with: lineEnd) + signedBody
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
    let header = unsafe bytes.withUnsafeBytes { unsafe signer.header(id: "a", timestamp: signedAt.seconds, body: $0) }
    let headers = [
        ("webhook-id", "a"), ("webhook-timestamp", "\(signedAt.seconds)"),
        ("webhook-signature", String(header.dropFirst("webhook-signature: ".count))),
    ]
    #expect(try verify(recordLine(headers, body: bytes)).exit == .code(0))
    #expect(try verify(recordLine(signedHeaders(vectorSecret, body: ""), body: [])).exit == .code(0))
}

@Test func `standard input is read for a dash`() throws {
    let result = try runProcess(
        builtProduct("hookline"), ["verify", "-"], environment: ["HOOKLINE_SECRET": vectorSecret],
        input: .text(recordLine(signedHeaders(vectorSecret))))
    #expect(result.outputText == "standard input:1: valid: signed with the key\n")
}

@Test(arguments: [
    ("", "r:1: it holds no request"), (" \n", "r:1: it holds no request"),
    ("{\"headers\":{\"a\\u001bid\":\"\"}}", "r:1: the line is no request of `hookline listen --record`"),
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
    try full.write(recordLine(signedHeaders(vectorSecret)), to: "r")
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
