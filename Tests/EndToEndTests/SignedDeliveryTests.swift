import Foundation
import TestKit
import Testing

// Signing from the configuration to a receiver that verifies, each a process of its own.

private let old = "whsec_" + Data(repeating: 1, count: 24).base64EncodedString()
private let new = "whsk_" + Data(repeating: 2, count: 32).base64EncodedString()
private let stranger = "whsec_" + Data(repeating: 3, count: 24).base64EncodedString()

/// A run that sends one event, signed with `old` and `new`, to a receiver with these options.
private func deliver(
    to options: [String], in directory: TemporaryDirectory
) throws -> (result: ProcessResult, record: [[String: Any]]) {
    let receiver = try LocalReceiver(in: directory, ["--record", directory.file("record.ndjson")] + options)
    try directory.write(old + "\n", to: "old")
    try directory.write(
        """
        version: 1
        network: {allow: [127.0.0.1/32, "::1/128"]}
        topics: {task: A task}
        webhooks:
          - name: signed
            url: https://localhost:\(receiver.port)/hook
            topics: [task]
            tls: {ca_file: .hookline-listen/ca.pem}
            retry: {initial_backoff: 10ms}
            signing: {secrets: [{file: old}, {env: NEW_SECRET}]}
        """, to: "webhooks.yaml")
    let result = try withExtendedLifetime(receiver) {
        try runProcess(
            builtProduct("hookline"), environment: ["NEW_SECRET": new], directory: directory.path,
            input: .text(#"{"topic":"task","name":"é"}"#))
    }
    let lines = try directory.text(of: "record.ndjson").split(separator: "\n")
    let record = try lines.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:] }
    return (result, record)
}

private func verify(_ directory: TemporaryDirectory, _ secrets: String...) throws -> ProcessResult {
    try runProcess(
        builtProduct("hookline"), ["verify", "record.ndjson"] + secrets.flatMap { ["--secret", $0] },
        directory: directory.path)
}

@Test(arguments: [[old], [new], [stranger, new]])
func `a receiver with the old or the new secret takes what both sign, in each attempt`(secrets: [String]) throws {
    let directory = try TemporaryDirectory()
    let (result, record) = try deliver(
        to: secrets.flatMap { ["--secret", $0] } + ["--status", "503,200"], in: directory)
    #expect(result.exit == .code(0))
    #expect(record.compactMap { $0["status"] as? Int } == [503, 200])
    let headers = record.compactMap { $0["headers"] as? [String: String] }
    #expect(Set(headers.map { $0["webhook-id"] }).count == 1)
    for header in headers {
        let versions = (header["webhook-signature"] ?? "").split(separator: " ").map { $0.prefix { $0 != "," } }
        #expect(versions == ["v1", "v1a"])
    }
    #expect(try verify(directory, old).outputText.split(separator: "\n").count { $0.contains(": valid: ") } == 2)
    #expect(try verify(directory, new).exit == .code(0))
    #expect(try verify(directory, stranger).exit == .code(1))
    for secret in [old, new, stranger] {
        #expect(!(result.errorText + result.outputText).contains(secret.dropFirst(6)))
    }
}

@Test func `a receiver with another secret answers 401, and the event becomes a dead letter`() throws {
    let directory = try TemporaryDirectory()
    let (result, record) = try deliver(to: ["--secret", stranger], in: directory)
    #expect(result.exit == .code(1))
    #expect(record.compactMap { $0["status"] as? Int } == [401])
    #expect(result.errorText.contains("the receiver answered 401"))
    #expect(try verify(directory, old).exit == .code(0))
}
