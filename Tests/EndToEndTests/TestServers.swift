import Foundation
import Hookline
import TestKit
import Testing

/// One of the Python servers beside this file, ready for connections on 127.0.0.1. It ends with its owner.
struct TestServer {
    let process: ChildProcess
    let port: String

    init(_ name: String, _ arguments: [String], in directory: TemporaryDirectory) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Servers/\(name).py").path
        process = try ChildProcess(
            "/usr/bin/env", ["python3", file] + arguments, directory: directory.path, input: .streamed)
        try process.waitForOutput("\n")
        port = String(try #require(String(decoding: process.output, as: UTF8.self).firstMatch(of: /on ([0-9]+)/)).1)
    }

    /// Ends it.
    /// - Returns: the lines that it printed, without the first.
    func finish() throws -> [String] {
        process.closeInput()
        return try process.finish().outputText.split(separator: "\n").dropFirst().map(String.init)
    }
}

/// Certificates of OpenSSL's making: `NAME.pem`, its own authority, and `NAME.key`.
extension TemporaryDirectory {
    func makeCertificate(_ name: String) throws {
        try openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=\(name) "
                + "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout \(name).key -out \(name).pem")
    }

    @discardableResult
    func openssl(_ arguments: String) throws -> [UInt8] {
        let result = try runProcess(
            "/usr/bin/env", ["openssl"] + arguments.split(separator: " ").map(String.init), directory: path)
        #expect(result.exit == .code(0), "\(result.errorText)")
        return result.output
    }

    func secret(_ name: String) throws -> Referable<Secret> { .value(Secret(try text(of: name))) }
}

/// Sends one event to each of the webhooks, one after the other, over one `CurlMulti`.
func deliver(
    to webhooks: [Webhook], proxy: Proxy? = nil, allow: [String] = ["127.0.0.1/32", "::1/128"]
) throws -> [Outcome] {
    let multi = CurlMulti(maxConnections: 9, addressGuard: AddressGuard(allow: allow.compactMap { CIDR($0) }))
    return try webhooks.enumerated().map { index, webhook in
        let batch = Batch(
            webhook: index, payload: Payload(.json), opened: .now, memory: MemoryAccount(limit: 1 << 20),
            expectedBytes: 0, expectedEvents: 1)
        batch.id = "msg_\(index)"
        let trust = try Trust(system: (nil, nil)).adding(try #require(webhook.tls.caFile).name)
        let request = Request(webhook, trust: trust, signer: nil, proxy: proxy, batch, at: Moment.now.wall)
        multi.start(request, for: .batch(batch))
        for _ in 0..<200 {
            if let completion = multi.perform().first { return completion.outcome }
            multi.wait(for: [], atMost: .milliseconds(100))
        }
        throw TooSlow()
    }
}

private struct TooSlow: Error {}

/// A webhook at 127.0.0.1 that trusts `server.pem`.
func webhook(port: String, in directory: TemporaryDirectory, host: String = "127.0.0.1") throws -> Webhook {
    let url = try WebhookURL.parse("https://\(host):\(port)/hook").get()
    var webhook = Webhook(name: "w", url: .value(url), topics: [.all])
    webhook.tls.caFile = Reference(
        kind: .file, name: directory.file("server.pem"), key: "tls.ca_file",
        mark: SourceMark(file: 0, line: 1, column: 1))
    return webhook
}

extension Outcome {
    /// `status 200`, or the kind of failure.
    var name: String {
        switch self {
        case .response(let response): "status \(response.status)"
        case .failure(let failure): failure.kind.rawValue
        }
    }
}
