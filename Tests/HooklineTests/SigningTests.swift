import Foundation
import TestKit
import Testing

@testable import Hookline

private func base64(_ count: Int) -> String { Data((0..<count).map { UInt8($0) }).base64EncodedString() }

private let publicRefused: KeyError = .otherForm(.publicKey, wanted: [.symmetric, .privateKey])
private let noPrefix: KeyError = .noPrefix(wanted: [.symmetric, .privateKey])

private let cutOff: KeyError = .cutOff(wanted: [.symmetric, .privateKey])

private let refusedSecrets: [(String, KeyError)] = [
    ("", .empty), ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", cutOff),
    ("WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", noPrefix),
    (" whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", .surrounded),
    ("sec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", cutOff),
    ("\u{feff}whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", .surrounded),
    ("whsk_" + base64(32) + "\nwhpk_" + base64(32), .pair),
    ("whsec_" + base64(24) + " whsec_" + base64(24), .several),
    ("whpk_" + base64(32), publicRefused),
    ("whsec_" + base64(23), .length(.symmetric, found: 23)), ("whsec_" + base64(65), .length(.symmetric, found: 65)),
    ("whsec_", .length(.symmetric, found: 0)), ("whsec_Zm9v?YmFy?cXV4", .notBase64(.symmetric)),
    ("whsec_" + base64(24) + "\n", .surrounded), ("whsec_" + base64(25) + "=", .notBase64(.symmetric)),
    ("whsec_-_KQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", .base64URL(.symmetric)),
    ("whsk_" + base64(31), .length(.privateKey, found: 31)), ("whsk_" + base64(33), .length(.privateKey, found: 33)),
    ("whsk_" + base64(64), .halvesDiffer),
]

@Test func `each published Standard Webhooks signature is the one that is made`() throws {
    let vectors = try SignatureVectors.read().standard_webhooks
    #expect(vectors.count == 6)
    for vector in vectors {
        let signer = try Signer(signing(.standardWebhooks, vector.secret))
        let timestamp = try #require(Int(vector.timestamp))
        #expect(
            signer.header(id: vector.id, timestamp: timestamp, body: vector.body)
                == "webhook-signature: \(vector.signature)")
    }
}

@Test func `each public key of the vectors belongs to its private one`() throws {
    for vector in try SignatureVectors.read().standard_webhooks {
        guard let text = vector.public else { continue }
        guard case .ed25519(let own) = try SigningKey(Secret(vector.secret)),
            case .ed25519(let other) = try SigningKey(publicKey: Secret(text))
        else {
            Issue.record("no Ed25519 key")
            continue
        }
        #expect(own.publicKey == other.publicKey)
        #expect(own.isPrivate && !other.isPrivate)
    }
}

@Test func `GitHub's and Stripe's headers are the published ones`() throws {
    let vectors = try SignatureVectors.read()
    for vector in vectors.github {
        let signer = try Signer(signing(.github, vector.secret))
        #expect(signer.header(id: "x", timestamp: 1, body: vector.body) == "X-Hub-Signature-256: \(vector.header)")
    }
    for vector in vectors.stripe {
        let signer = try Signer(signing(.stripe, vector.secret))
        let timestamp = try #require(Int(vector.timestamp))
        #expect(
            signer.header(id: "x", timestamp: timestamp, body: vector.body) == "Stripe-Signature: \(vector.header)")
    }
    #expect(vectors.github.count == 1 && vectors.stripe.count == 1)
}

@Test func `several secrets give several signatures, the first listed first`() throws {
    let standard = try SignatureVectors.read().standard_webhooks
    let (symmetric, pair) = (standard[0], standard[1])
    let header = { (secrets: [String]) in
        try Signer(Webhook.Signing(secrets: secrets.map { .value(Secret($0)) }))
            .header(id: symmetric.id, timestamp: 1_614_265_330, body: symmetric.body)
    }
    #expect(
        try header([symmetric.secret, pair.secret]) == "webhook-signature: \(symmetric.signature) \(pair.signature)")
    #expect(
        try header([pair.secret, symmetric.secret]) == "webhook-signature: \(pair.signature) \(symmetric.signature)")
    let rotated = try header([otherSecret, symmetric.secret])
    #expect(rotated.hasSuffix(" \(symmetric.signature)"))
    #expect(try header([otherSecret]) + " \(symmetric.signature)" == rotated)

    let one = try Signer(signing(.stripe, "a")).header(id: "", timestamp: 7, body: "x")
    let two = try Signer(signing(.stripe, "b")).header(id: "", timestamp: 7, body: "x")
    let both = try Signer(signing(.stripe, "a", "b")).header(id: "", timestamp: 7, body: "x")
    #expect(both == one + two.replacing("Stripe-Signature: t=7", with: ""))
}

@Test(arguments: [Webhook.Signing.Custom.Hash.sha256, .sha512], [Webhook.Signing.Custom.Encoding.hex, .base64])
func `a custom scheme signs its template and fills its value`(
    hash: Webhook.Signing.Custom.Hash, encoding: Webhook.Signing.Custom.Encoding
) throws {
    var custom = Webhook.Signing.Custom(header: "X-Signed")
    custom.template = "v0:{timestamp}:{body}:{id}:{other}"
    custom.value = "id={id};t={timestamp};s={signature}"
    custom.hash = hash
    custom.encoding = encoding
    let header = try Signer(signing(.custom(custom), "key")).header(id: "msg_1", timestamp: 17, body: "{}")
    // Made with Python's hmac over `v0:17:{}:msg_1:{other}`.
    let expected: [[String]] = [
        [
            "7b0c5dd5cd2e06bcdd7e27e98c8cb4c150612d38928263795711f5b001b02338",
            "ewxd1c0uBrzdfifpjIy0wVBhLTiSgmN5VxH1sAGwIzg=",
        ],
        [
            "06c99d98e5387feff2821127524258de13731d7874ccdcf1eecd4af74bd87453dcbecb339af688c0062ad8ac4d1ad5874bcd10f440c810f4152a7ba5f47ca736",
            "BsmdmOU4f+/yghEnUkJY3hNzHXh0zNzx7s1K90vYdFPcvsszmvaIwAYq2KxNGtWHS80Q9EDIEPQVKnul9HynNg==",
        ],
    ]
    let signature = expected[hash == .sha256 ? 0 : 1][encoding == .hex ? 0 : 1]
    #expect(header == "X-Signed: id=msg_1;t=17;s=\(signature)")
}

private let templates: [(String, [SignatureTemplate.Part])] = [
    ("", []), ("plain", [.text(Array("plain".utf8))]), ("{id}", [.id]),
    ("{id}.{timestamp}.{body}", [.id, .text([46]), .timestamp, .text([46]), .body]),
    ("{{signature}}", [.text(Array("{".utf8)), .signature, .text(Array("}".utf8))]),
    ("{id", [.text(Array("{id".utf8))]), ("{ID}{url}", [.text(Array("{ID}{url}".utf8))]),
    ("{body}{body}é", [.body, .body, .text(Array("é".utf8))]),
]

@Test(arguments: templates)
func `a template is cut at its places`(text: String, parts: [SignatureTemplate.Part]) {
    #expect(SignatureTemplate(text).parts == parts)
}

@Test(arguments: refusedSecrets)
func `a secret that can't sign is refused with its reason, and shown nowhere`(text: String, expected: KeyError) {
    let error = #expect(throws: KeyError.self) { try SigningKey(Secret(text)) }
    #expect(error == expected)
    guard let error else { return }
    let said = error.message + " " + error.hint
    let payload = text.split(separator: "_").dropFirst().joined(separator: "_")
    #expect(payload.count < 4 || !said.contains(payload.prefix(8)))
    #expect(Signer.problem(with: Secret(text), .standardWebhooks) == expected)
}

@Test(arguments: [24, 25, 26, 32, 64])
func `a secret of 24 to 64 bytes is taken, with padding or without`(count: Int) throws {
    let padded = "whsec_" + base64(count)
    let bare = padded.replacing("=", with: "")
    let headers = try [padded, bare].map {
        try Signer(signing(.standardWebhooks, $0)).header(id: "a", timestamp: 1, body: "b")
    }
    #expect(headers[0] == headers[1])
}

@Test(arguments: [
    ("whsec_" + base64(32), KeyError.otherForm(.symmetric, wanted: [.publicKey])),
    ("whsk_" + base64(32), .otherForm(.privateKey, wanted: [.publicKey])),
    ("whpk_" + base64(31), .length(.publicKey, found: 31)), ("x", .noPrefix(wanted: [.publicKey])),
])
func `a public key must be one`(text: String, expected: KeyError) {
    #expect(throws: expected) { try SigningKey(publicKey: Secret(text)) }
}

@Test func `other schemes take any secret but the empty one, as it is`() throws {
    for scheme in [Webhook.Signing.Scheme.github, .stripe, .custom(.init(header: "X"))] {
        #expect(Signer.problem(with: Secret(""), scheme) == .empty)
        #expect(Signer.problem(with: Secret("whsec_?"), scheme) == nil)
        let raw = try Signer(signing(scheme, vectorSecret)).header(id: "a", timestamp: 1, body: "b")
        let cut = try Signer(signing(scheme, String(vectorSecret.dropFirst(6)))).header(
            id: "a", timestamp: 1, body: "b")
        #expect(raw != cut)
    }
}

private let base64Texts: [(String, [UInt8]?)] = [
    ("", []), ("AA==", [0]), ("AA", [0]), ("AAA=", [0, 0]), ("AAA", [0, 0]), ("AAAA", [0, 0, 0]),
    ("+/8=", [0xfb, 0xff]),
    ("AB==", nil), ("AB", nil), ("AAB=", nil), ("AAB", nil), ("A", nil), ("A===", nil), ("AA=", nil), ("AAA==", nil),
    ("AAAA=", nil), ("AAAA====", nil), ("=", nil), ("====", nil), ("AA==AAAA", nil), ("A=AA", nil), ("AAAAA", nil),
    ("-_8=", nil), (" AAAA", nil), ("AAAA ", nil), ("AAAA\n", nil), ("AA\nAA", nil), ("AA-A", nil), ("AAA-", nil),
    ("AAA\u{0}", nil), ("éAA", nil), ("AA.A", nil), ("----", nil),
]

@Test(arguments: base64Texts)
func `base64 is decoded strictly`(text: String, expected: [UInt8]?) {
    #expect(Base64.decode(text.utf8) == expected)
}

@Test func `base64 agrees with Foundation for all lengths`() {
    for count in 0..<100 {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 200) }
        let text = Base64.encode(bytes)
        #expect(text == Data(bytes).base64EncodedString())
        #expect(Base64.decode(text.utf8) == bytes)
        #expect(Base64.decode(text.utf8.filter { $0 != UInt8(ascii: "=") }) == bytes)
    }
}

@Test func `bytes are compared whole, and overwritten bytes are zero`() {
    #expect(equalInConstantTime([1, 2, 3], [1, 2, 3]))
    #expect(!equalInConstantTime([1, 2, 3], [1, 2, 4]))
    #expect(!equalInConstantTime([1, 2, 3], [1, 2]))
    #expect(equalInConstantTime([], []))
    var bytes: [UInt8] = [1, 2, 3]
    overwrite(&bytes)
    #expect(bytes == [0, 0, 0])
}

@Test(arguments: [HMACKey.Hash.sha256, .sha512], [1, 63, 64, 65, 999])
func `an HMAC in pieces is that of the whole, and its key serves many messages`(hash: HMACKey.Hash, size: Int) {
    let message = (0..<1_000).map { UInt8($0 % 251) }
    let key = unsafe Array("key".utf8).withUnsafeBytes { unsafe HMACKey(hash, key: $0) }
    func code(inPiecesOf size: Int) -> [UInt8] {
        var code = key.begin()
        for start in stride(from: 0, to: message.count, by: size) {
            unsafe message[start..<min(start + size, message.count)].withUnsafeBytes { unsafe code.update($0) }
        }
        return code.finish()
    }
    let whole = code(inPiecesOf: 1_000)
    #expect(code(inPiecesOf: size) == whole)
    #expect(code(inPiecesOf: 1_000) == whole)
    #expect(whole.count == (hash == .sha256 ? 32 : 64))
}

@Test func `each attempt of a batch is signed with its own time and the same id`() throws {
    let url = try WebhookURL.parse("https://example.com/hook").get()
    let webhook = Webhook(name: "a", url: .value(url), topics: [.all])
    let batch = Batch(
        webhook: 0, payload: Payload(.json), opened: .now, memory: MemoryAccount(limit: 1 << 20), expectedBytes: 64,
        expectedEvents: 1)
    batch.id = "msg_1"
    unsafe Array("{}".utf8).withUnsafeBytes { unsafe batch.append($0, line: 1, topic: 0) }
    let signer = try Signer(signing(.standardWebhooks, vectorSecret))
    let trust = Trust(system: (directory: nil, bundle: nil))
    for seconds in [1_700_000_000, 1_700_000_007] {
        let request = Request(
            webhook, trust: trust, signer: signer, proxy: nil, batch, at: WallTime(milliseconds: seconds * 1_000 + 999))
        #expect(request.headers.contains("webhook-id: msg_1"))
        #expect(request.headers.contains("webhook-timestamp: \(seconds)"))
        let header = unsafe request.signature?.header(of: batch.body)
        #expect(header == signer.header(id: "msg_1", timestamp: seconds, body: "[{}]"))
    }
    let unsigned = Request(webhook, trust: trust, signer: nil, proxy: nil, batch, at: .now)
    #expect(unsigned.signature == nil)
}
