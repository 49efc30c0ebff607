import TestKit

@testable import Hookline

let signedAt = WallTime(milliseconds: 1_700_000_000_400)
let signedBody = #"[{"a":1},{"b":"é"}]"#

func requestHead(_ headers: [(name: String, value: String)]) throws -> RequestHead {
    try RequestHead(
        requestLine: Array("POST /hook HTTP/1.1".utf8),
        headers: [("host", "x")].map(RequestHead.Header.init) + headers.map(RequestHead.Header.init))
}

/// The three headers of a signed request.
func signedHeaders(_ secrets: String..., body: String = signedBody) throws -> [(name: String, value: String)] {
    let signer = try Signer(Webhook.Signing(secrets: secrets.map { .value(Secret($0)) }))
    let header = signer.header(id: "msg_1", timestamp: signedAt.seconds, body: body)
    return [
        ("webhook-id", "msg_1"), ("webhook-timestamp", "\(signedAt.seconds)"),
        ("webhook-signature", String(header.dropFirst("webhook-signature: ".count))),
    ]
}

/// A line as the receiver records it.
func recordLine(
    _ headers: [(name: String, value: String)], body: [UInt8] = Array(signedBody.utf8), at time: WallTime = signedAt
) throws -> String {
    var request = ReceivedRequest(head: try requestHead(headers), answer: .status(200), keepsBody: true)
    unsafe body.withUnsafeBytes { unsafe request.take($0) }
    return String(decoding: RequestRecord.line(request, status: 200, at: time), as: UTF8.self)
}

/// What `hookline verify` makes of a file named `r`, with a secret in its variable.
func verify(
    _ text: String, _ arguments: [String] = [], secret: String? = vectorSecret
) throws -> ProcessResult {
    let directory = try TemporaryDirectory()
    try directory.write(text, to: "r")
    return try runProcess(
        builtProduct("hookline"), ["verify", "r"] + arguments,
        environment: secret.map { ["HOOKLINE_SECRET": $0] } ?? [:], directory: directory.path)
}
