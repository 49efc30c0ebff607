import Foundation
import TestKit
import Testing

@testable import Hookline

/// A receiver that serves in a thread of its own on a free port until its owner goes.
private final class RunningReceiver: @unchecked Sendable {
    let directory: TemporaryDirectory
    let port: Int
    let authorityFile: String
    private let receiver: Receiver
    private let stop = Pipe()
    private let ended = DispatchSemaphore(value: 0)
    private var result = ""

    init(_ change: (inout ListenOptions, TemporaryDirectory) -> Void = { _, _ in }) throws {
        directory = try TemporaryDirectory()
        var options = ListenOptions()
        options.directory = directory.file("listen")
        options.port = 0
        options.quiet = true
        change(&options, directory)
        receiver = try Receiver(options)
        port = receiver.port
        authorityFile = receiver.authorityFile
        Thread.detachNewThread { [self] in
            result = (try? receiver.run(until: stop.fileHandleForReading.fileDescriptor)) ?? "failed"
            ended.signal()
        }
    }

    /// Stops the receiver and gives its last line.
    func finish() throws -> String {
        try stop.fileHandleForWriting.close()
        ended.wait()
        return result
    }

    /// Runs curl against the receiver.
    /// - Returns: curl's exit code and standard output.
    func curl(_ arguments: String..., host: String = "localhost") throws -> (code: Int32, output: String) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["curl", "-q", "-s", "--max-time", "20", "--noproxy", "*", "--cacert", authorityFile] + arguments
            + ["https://\(host):\(port)/hook"]
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }
}

/// curl's exit codes.
private let certificateRefused: Int32 = 60
private let receiveFailed: Int32 = 56

@Test(arguments: ["localhost", "127.0.0.1"])
func `a client that trusts the CA is answered 200`(host: String) throws {
    let receiver = try RunningReceiver()
    let result = try receiver.curl("-d", "x", "-w", "%{http_code} %{http_version}", host: host)
    #expect(result.code == 0)
    #expect(result.output == "200 OK\n200 1.1")
    #expect(try receiver.finish() == "received 1 request, 1 event, 1 byte")
}

@Test func `a client that does not trust the CA refuses the certificate`() throws {
    let receiver = try RunningReceiver()
    let other = try RunningReceiver()
    #expect(try receiver.curl("-d", "x", "--cacert", other.authorityFile).code == certificateRefused)
    #expect(try receiver.finish() == "received 0 requests, 0 events, 0 bytes")
    _ = try other.finish()
}

@Test(arguments: [ListenOptions.Certificate.expired, .wrongHost])
func `an expired certificate or one for another host is refused by a client that trusts its CA`(
    kind: ListenOptions.Certificate
) throws {
    let receiver = try RunningReceiver { options, _ in options.certificate = kind }
    #expect(receiver.authorityFile.hasSuffix("/ca-\(kind.rawValue).pem"))
    #expect(try receiver.curl("-d", "x").code == certificateRefused)
    _ = try receiver.finish()
}

@Test func `answers in turn, headers for retry and redirect, and a reset reach the client`() throws {
    let receiver = try RunningReceiver { options, _ in
        options.answers = [.status(503), .status(307), .reset, .status(200)]
        options.retryAfter = "17"
        options.location = "https://example.invalid/x"
    }
    let unavailable = try receiver.curl("-i", "-d", "x").output
    #expect(unavailable.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
    #expect(unavailable.contains("\r\nRetry-After: 17\r\n"))
    #expect(!unavailable.contains("Location"))
    #expect(try receiver.curl("-i", "-d", "x").output.contains("\r\nLocation: https://example.invalid/x\r\n"))
    #expect(try receiver.curl("-d", "0123456789").code == receiveFailed)
    let ok = try receiver.curl("-i", "-d", "x").output
    #expect(ok.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(!ok.contains("Retry-After"))
    #expect(try receiver.finish() == "received 3 requests, 3 events, 3 bytes")
}

@Test func `a body that holds the rejected text is answered 400, another is not`() throws {
    let receiver = try RunningReceiver { options, _ in options.rejectContaining = "poison" }
    #expect(try receiver.curl("-o", "/dev/null", "-w", "%{http_code}", "-d", "a poisonous one").output == "400")
    #expect(try receiver.curl("-o", "/dev/null", "-w", "%{http_code}", "-d", "a healthy one").output == "200")
    _ = try receiver.finish()
}

@Test func `only POST is taken`() throws {
    let receiver = try RunningReceiver()
    let result = try receiver.curl("-i").output
    #expect(result.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n"))
    #expect(result.contains("\r\nAllow: POST\r\n"))
    #expect(try receiver.curl("-I", "-o", "/dev/null", "-w", "%{http_code}").output == "405")
    _ = try receiver.finish()
}

@Test func `each request is in the record before its answer arrives`() throws {
    let receiver = try RunningReceiver { options, directory in options.record = directory.file("record.ndjson") }
    let body = String(repeating: "0123456789abcdef", count: 100_000)
    let file = receiver.directory.file("body")
    try body.write(toFile: file, atomically: false, encoding: .utf8)
    let result = try receiver.curl(
        "-H", "webhook-id: msg_1", "-H", "Transfer-Encoding: chunked", "-H", "Expect: 100-continue",
        "--data-binary", "@\(file)", "-o", "/dev/null", "-w", "%{http_code}")
    #expect(result.output == "200")
    let record = try Data(contentsOf: URL(fileURLWithPath: receiver.directory.file("record.ndjson")))
    let object = try #require(try JSONSerialization.jsonObject(with: record) as? [String: Any])
    #expect(object["body"] as? String == body)
    #expect((object["headers"] as? [String: String])?["webhook-id"] == "msg_1")
    _ = try receiver.finish()
}

@Test func `many delayed answers wait side by side, and a silent client holds up nobody`() throws {
    let receiver = try RunningReceiver { options, _ in options.delay = .milliseconds(500) }
    let silent = Process()
    silent.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let never = Pipe()
    // A body that never comes: curl sends the headers and waits for its standard input.
    silent.arguments = [
        "curl", "-q", "-s", "--cacert", receiver.authorityFile, "-X", "POST", "-T", "-", "-o", "/dev/null",
        "https://localhost:\(receiver.port)/",
    ]
    silent.standardInput = never
    try silent.run()
    // One after the other, the answers would take 25 seconds, more than curl's limit.
    let result = try receiver.curl(
        "-Z", "--parallel-max", "60", "--parallel-immediate", "-d", "x", "-o", "/dev/null", "-w", "%{http_code}\n",
        "https://localhost:\(receiver.port)/[1-50]")
    #expect(result.output.split(separator: "\n").filter { $0 == "200" }.count == 51)
    try never.fileHandleForWriting.close()
    silent.waitUntilExit()
    #expect(try receiver.finish() == "received 52 requests, 51 events, 51 bytes")
}

@Test func `certificates are kept between starts and made anew when they are damaged`() throws {
    let directory = try TemporaryDirectory()
    let first = try CertificateDirectory(path: directory.file("d"), kind: .valid)
    let authority = try Data(contentsOf: URL(fileURLWithPath: first.authorityFile))
    _ = try CertificateDirectory(path: directory.file("d"), kind: .expired)
    _ = try CertificateDirectory(path: directory.file("d"), kind: .valid)
    #expect(try Data(contentsOf: URL(fileURLWithPath: first.authorityFile)) == authority)
    try Data("no key".utf8).write(to: URL(fileURLWithPath: first.keyFile))
    _ = try CertificateDirectory(path: directory.file("d"), kind: .valid)
    #expect(try Data(contentsOf: URL(fileURLWithPath: first.authorityFile)) != authority)
    let isUsable = CertificateMaker.isUsable(
        authorityFile: first.authorityFile, certificateFile: first.certificateFile, keyFile: first.keyFile)
    #expect(isUsable)
}

@Test func `the key and the directory are for their owner alone`() throws {
    let directory = try TemporaryDirectory()
    let files = try CertificateDirectory(path: directory.file("d"), kind: .valid)
    let mode = { (path: String) in try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int }
    #expect(try mode(files.keyFile) == 0o600)
    #expect(try mode(directory.file("d")) == 0o700)
}

@Test func `a port in use is named, and so is a directory that is not there`() throws {
    let receiver = try RunningReceiver()
    var options = ListenOptions()
    options.directory = receiver.directory.file("listen")
    options.port = receiver.port
    #expect(throws: ListenError.portInUse(receiver.port)) { try Receiver(options) }
    options.directory = receiver.directory.file("missing/listen")
    #expect(throws: ListenError.directory(options.directory, errno: ENOENT)) { try Receiver(options) }
    _ = try receiver.finish()
}
