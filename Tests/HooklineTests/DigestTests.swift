import Hookline
import Testing

// FIPS 180-4's example messages, and the empty one.
@Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
        String(repeating: "a", count: 1_000_000),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
])
func `SHA-256 of a known message is the published digest`(message: String, expected: String) {
    var digest = SHA256()
    digest.update(Array(message.utf8))
    let hex = digest.finishHex()
    #expect(hex == expected)
}

@Test(arguments: [1, 63, 64, 65, 999])
func `a message in pieces has the digest of the whole`(size: Int) {
    let message = (0..<1_000).map { UInt8($0 % 251) }
    var whole = SHA256()
    whole.update(message)
    var pieces = SHA256()
    for start in stride(from: 0, to: message.count, by: size) {
        pieces.update(Array(message[start..<min(start + size, message.count)]))
    }
    let (expected, found) = (whole.finish(), pieces.finish())
    #expect(found == expected)
}

private func derived(_ run: String, _ webhook: String, _ line: Int, _ body: String) -> String {
    unsafe Array(body.utf8).withUnsafeBytes {
        unsafe WebhookID.derived(runID: run, webhook: webhook, firstLine: line, body: $0)
    }
}

@Test func `a derived id is the first half of the SHA-256 of run, webhook, line and body`() {
    var digest = SHA256()
    digest.update(Array("run-1\ninvoicing\n7\n[{}]".utf8))
    let expected = "msg_" + digest.finishHex().prefix(32)
    #expect(derived("run-1", "invoicing", 7, "[{}]") == expected)
}

@Test(arguments: [
    ("run-2", "invoicing", 7, "[{}]"), ("run-1", "invoices", 7, "[{}]"), ("run-1", "invoicing", 8, "[{}]"),
    ("run-1", "invoicing", 7, "[{ }]"), ("run-1", "invoicing", 7, ""), ("run-1", "invoicing", 77, "[{}]"),
])
func `another run, webhook, line or body has another id`(run: String, webhook: String, line: Int, body: String) {
    #expect(derived(run, webhook, line, body) != derived("run-1", "invoicing", 7, "[{}]"))
}

@Test func `random ids differ, and hold no full stop`() {
    let ids = (0..<1_000).map { _ in WebhookID.random() }
    #expect(Set(ids).count == ids.count)
    #expect(ids.allSatisfy { $0.count == 36 && $0.hasPrefix("msg_") && !$0.contains(".") })
}

@Test func `a derived id of a lane differs from that of another and from one without`() {
    let ids = [nil, 0, 1, 11].map { lane in
        unsafe Array("[{}]".utf8).withUnsafeBytes {
            unsafe WebhookID.derived(runID: "r", webhook: "w", firstLine: 7, lane: lane, body: $0)
        }
    }
    #expect(Set(ids).count == 4)
    #expect(ids[0] == derived("r", "w", 7, "[{}]"))
}
