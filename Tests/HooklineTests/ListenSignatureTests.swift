import Foundation
import Glibc
import TestKit
import Testing

@testable import Hookline

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
    var head = try requestHead(headers)
    head.method = method
    var request = reception.begin(head)
    unsafe Array(signedBody.utf8).withUnsafeBytes { unsafe request.take($0) }
    guard case .status(let planned) = request.answer else { return ("reset", "") }
    let answer = try reception.complete(request, planned: planned, at: signedAt)
    return (String(decoding: answer, as: UTF8.self), try directory.text(of: "record"))
}

@Test func `a receiver with a secret takes what is signed and answers 401 to the rest`() throws {
    let good = try received(signedHeaders(vectorSecret))
    #expect(good.answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(good.record.contains("\"status\":200"))
    let other = try received(signedHeaders(SigningKey.newSecret().revealed))
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
    #expect(try received(signedHeaders(vectorSecret)) { $0.rejectContaining = "a" }.answer.hasPrefix("HTTP/1.1 400 "))
    #expect(try received([], "GET").answer.hasPrefix("HTTP/1.1 405 "))
    #expect(try received([]) { $0.answers = [.reset] }.answer == "reset")
}

@Test func `a receiver without a key verifies nothing`() throws {
    #expect(try received([]) { $0.secrets = [] }.answer.hasPrefix("HTTP/1.1 200 "))
}

@Test func `a receiver verifies also where nothing is recorded`() throws {
    let keys = try KeyOptions(secrets: [vectorSecret], publicKeys: [])
    var reception = try Reception(ListenOptions(), verifier: keys.verifier)
    for (headers, status) in [
        (try signedHeaders(vectorSecret), 200), (try signedHeaders(vectorSecret, body: "[]"), 401),
    ] {
        var request = reception.begin(try requestHead(headers))
        unsafe Array(signedBody.utf8).withUnsafeBytes { unsafe request.take($0) }
        let answer = String(decoding: try reception.complete(request, planned: 200, at: signedAt), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
    }
}

@Test(arguments: [[:], ["HOOKLINE_SECRET": ""]] as [[String: String]])
func `the receiver says that it verifies nothing when it has no key`(environment: [String: String]) throws {
    let directory = try TemporaryDirectory()
    let child = try ChildProcess(
        builtProduct("hookline"), ["listen", "--port", "0"], environment: environment, directory: directory.path)
    try child.waitForOutput("signatures are not verified: no key is given\n")
    child.send(SIGTERM)
    _ = try child.finish()
}

@Test func `the receiver's line says why a request is refused, and nothing of its signature`() throws {
    let directory = try TemporaryDirectory()
    let child = try ChildProcess(
        builtProduct("hookline"), ["listen", "--port", "0"], environment: ["HOOKLINE_SECRET": vectorSecret],
        directory: directory.path)
    try child.waitForOutput("ca_file: ")
    try child.waitForOutput("signatures are verified with 1 key\n")
    let port = String(
        String(decoding: child.output, as: UTF8.self).split(separator: "localhost:")[1].prefix { $0.isNumber })
    for header in try [signedHeaders(vectorSecret)[2].value, "v1,AAAA"] {
        let curl = try runProcess(
            "/usr/bin/env",
            [
                "curl", "-q", "-s", "--max-time", "20", "--noproxy", "*", "--cacert",
                directory.file(".hookline-listen/ca.pem"), "-d", signedBody, "-H", "webhook-id: msg_1", "-H",
                "webhook-timestamp: \(WallTime.now.seconds)", "-H", "webhook-signature: \(header)",
                "https://localhost:\(port)/hook",
            ], environment: ["PATH": "/usr/bin:/bin"])
        #expect(curl.outputText == "401 Unauthorized: the signature does not fit\n")
    }
    child.send(SIGTERM)
    let result = try child.finish()
    #expect(result.outputText.contains(" POST /hook 401 msg_1 1 event 20 bytes: the signature does not fit\n"))
    #expect(!result.outputText.contains("v1,"))
    #expect(!result.outputText.contains("whsec_"))
}
