import Foundation
import TestKit
import Testing

@testable import Hookline

private let id = "msg_1"
private let now = WallTime(milliseconds: 1_700_000_000_000)
private let body = #"[{"id":9007199254740993,"s":"é"}]"#

private func signature(_ secrets: String..., id: String = id, timestamp: Int = 1_700_000_000, body: String = body)
    throws
    -> String
{
    let signing = Webhook.Signing(secrets: secrets.map { .value(Secret($0)) })
    return String(
        try Signer(signing).header(id: id, timestamp: timestamp, body: body).dropFirst("webhook-signature: ".count))
}

private func verdict(
    _ keys: [SigningKey], id: String? = id, timestamp: String? = "1700000000", signature: String?, body: String = body,
    now: WallTime = now
) -> SignatureVerifier.Verdict {
    let headers = SignatureHeaders(id: id, timestamp: timestamp, signature: signature)
    return unsafe Array(body.utf8).withUnsafeBytes {
        unsafe SignatureVerifier(keys: keys).verdict(of: headers, body: $0, now: now)
    }
}

private func key(_ text: String) throws -> SigningKey { try SigningKey(Secret(text)) }

@Test func `each published signature is valid for its secret and its public key, and no other`() throws {
    for vector in try SignatureVectors.read().standard_webhooks {
        let now = WallTime(milliseconds: try #require(Int(vector.timestamp)) * 1_000)
        func judged(_ key: SigningKey, body: String? = nil) -> SignatureVerifier.Verdict {
            verdict(
                [key], id: vector.id, timestamp: vector.timestamp, signature: vector.signature,
                body: body ?? vector.body, now: now)
        }
        #expect(judged(try key(vector.secret)) == .valid(key: 0))
        #expect(judged(try key(vector.secret), body: vector.body + " ") == .invalid(.mismatch))
        if let text = vector.public {
            #expect(judged(try SigningKey(publicKey: Secret(text))) == .valid(key: 0))
            #expect(judged(try SigningKey(SigningKey.newPair().privateKey)) == .invalid(.mismatch))
        } else {
            #expect(judged(try key(otherSecret)) == .invalid(.mismatch))
        }
    }
}

@Test func `while secrets rotate, old and new keys verify in any order`() throws {
    let pair = SigningKey.newPair()
    let (old, new) = (try key(vectorSecret), try key(otherSecret))
    let publicKey = try SigningKey(publicKey: pair.publicKey)
    let both = try signature(otherSecret, vectorSecret)
    #expect(verdict([old], signature: both) == .valid(key: 0))
    #expect(verdict([new], signature: both) == .valid(key: 0))
    #expect(verdict([old, new], signature: try signature(otherSecret)) == .valid(key: 1))
    #expect(verdict([new, old], signature: try signature(vectorSecret)) == .valid(key: 1))
    #expect(verdict([new], signature: try signature(vectorSecret)) == .invalid(.mismatch))
    let mixed = try signature(vectorSecret, pair.privateKey.revealed)
    #expect(verdict([publicKey], signature: mixed) == .valid(key: 0))
    #expect(verdict([new, publicKey], signature: mixed) == .valid(key: 1))
    #expect(verdict([old], signature: try signature(pair.privateKey.revealed, vectorSecret)) == .valid(key: 0))
}

@Test(arguments: [
    ("v2,x #", true), ("# v2,x", true), ("v1,!!!! #", true), ("v1a,AAAA v1, nonsense #", true), ("#, v1,AAAA", true),
    ("  #  ", true), ("v1,AAAA", false), ("v1,AAAA v1,AAAA", false),
])
func `other signatures beside it change nothing`(header: String, isValid: Bool) throws {
    let header = header.replacing("#", with: try signature(vectorSecret))
    #expect(verdict([try key(vectorSecret)], signature: header) == (isValid ? .valid(key: 0) : .invalid(.mismatch)))
}

private let reasons: [(id: String?, timestamp: String?, signature: String?, SignatureVerifier.Reason)] = [
    (nil, nil, nil, .missing(["webhook-id", "webhook-timestamp", "webhook-signature"])),
    (nil, "1700000000", "#", .missing(["webhook-id"])), (id, nil, "#", .missing(["webhook-timestamp"])),
    (id, "1700000000", nil, .missing(["webhook-signature"])), (id, "1700000000", "", .missing(["webhook-signature"])),
    ("", "1700000000", "#", .missing(["webhook-id"])), ("msg.1", "1700000000", "#", .idMalformed),
    ("msg 1", "1700000000", "#", .idMalformed), ("msg_1, msg_1", "1700000000", "#", .idMalformed),
    ("é", "1700000000", "#", .idMalformed), (id, "1700000000.5", "#", .timestampMalformed),
    (id, "-1700000000", "#", .timestampMalformed), (id, " 1700000000", "#", .timestampMalformed),
    (id, "١", "#", .timestampMalformed), (id, "2023-11-14T22:13:20Z", "#", .timestampMalformed),
    (id, "99999999999999999999", "#", .timestampMalformed),
    (id, "9223372036854775807", "#", .tooNew(9_223_372_035_154_775_807)),
    (id, "1700000301", "#", .tooNew(301)), (id, "1699999699", "#", .tooOld(301)),
    (id, "1700000300", "#", .mismatch), (id, "1699999700", "#", .mismatch),
    (id, "1700000000", "v2,AAAA", .noKnownVersion(["v1"])),
    (id, "1700000000", "v1a,AAAA", .noKnownVersion(["v1"])), (id, "1700000000", "AAAA", .noKnownVersion(["v1"])),
    (id, "1700000000", "V1,AAAA", .noKnownVersion(["v1"])), (id, "1700000000", "v1,A", .notBase64),
    (id, "1700000000", "v1,AAA-", .notBase64), (id, "1700000000", "v1,", .mismatch),
    (id, "1700000000", "v1,AAAA", .mismatch),
]

@Test(arguments: reasons.indices)
func `what is not valid has its reason`(index: Int) throws {
    let row = reasons[index]
    let header = try row.signature.map { $0.replacing("#", with: try signature(vectorSecret)) }
    let found = verdict([try key(vectorSecret)], id: row.id, timestamp: row.timestamp, signature: header)
    #expect(found == .invalid(row.3))
}

@Test(arguments: [1_699_999_700, 1_700_000_000, 1_700_000_300])
func `a timestamp may be five minutes off, both ways`(timestamp: Int) throws {
    let header = try signature(vectorSecret, timestamp: timestamp)
    #expect(
        verdict([try key(vectorSecret)], timestamp: "\(timestamp)", signature: header) == .valid(key: 0))
}

@Test func `any other id, timestamp, body or key does not fit`() throws {
    let header = try signature(vectorSecret)
    let key = try key(vectorSecret)
    #expect(verdict([key], signature: header) == .valid(key: 0))
    #expect(verdict([key], id: "msg_2", signature: header) == .invalid(.mismatch))
    #expect(verdict([key], timestamp: "1700000001", signature: header) == .invalid(.mismatch))
    #expect(verdict([key], timestamp: "01700000000", signature: header) == .invalid(.mismatch))
    #expect(verdict([key], signature: header, body: "") == .invalid(.mismatch))
    #expect(verdict([try SigningKey(Secret(otherSecret))], signature: header) == .invalid(.mismatch))
    // What one part loses another one must not gain.
    #expect(verdict([key], id: "msg", signature: try signature(vectorSecret, id: "msg_1")) == .invalid(.mismatch))
}

@Test(arguments: [
    (SignatureVerifier.Reason.tooOld(301), "timestamp is 1s too old"), (.tooOld(732), "timestamp is 7m12s too old"),
    (.tooNew(300 + 7_260), "timestamp is 2h1m too new"), (.tooOld(300 + 90_000), "timestamp is 1d1h too old"),
    (.missing(["a", "b"]), "a and b are missing"), (.missing(["a"]), "a is missing"),
])
func `a reason says by how much, or what`(reason: SignatureVerifier.Reason, sentence: String) {
    #expect(reason.sentence == sentence)
}

@Test(
    arguments: [
        ("2026-11-24T10:35:07Z", 1_795_516_507_000), ("2026-11-24T10:35:07.123Z", 1_795_516_507_123),
        ("2026-11-24T10:35:07.5+02:00", 1_795_509_307_500), ("1969-12-31T23:59:59Z", -1_000),
        ("2026-11-24T10:35:07Zxyz", nil), ("2026-11-24T10:35:07", nil), ("2026-11-24 10:35:07Z", nil),
        ("2026-11-24T25:35:07Z", nil), ("2026-13-24T10:35:07Z", nil), ("2026-11-24", nil), ("", nil), ("T", nil),
        ("2026-02-30T10:35:07Z", nil), ("99999-11-24T10:35:07Z", nil), ("٢٠٢٦-11-24T10:35:07Z", nil),
    ] as [(String, Int?)])
func `a time is read strictly`(text: String, milliseconds: Int?) {
    #expect(WallTime(rfc3339: text)?.milliseconds == milliseconds)
}

// MARK: Diagnosis

private func diagnosis(
    keys: [String] = [vectorSecret], id: String = id, timestamp: String = "1700000000", signature: String,
    body: String = body, others: [(name: String, value: String)] = []
) throws -> SignatureDiagnosis? {
    let options = try KeyOptions(secrets: keys, publicKeys: [])
    let verifier = try #require(options.verifier)
    let headers =
        [("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", signature)] + others
    return SignatureDiagnosis.find(verifier, secrets: options.texts, headers: headers, body: Array(body.utf8))
}

private let pretty = """
    {
      "a": [
        1,
        2
      ],
      "b": {},
      "c": "x, y: é/"
    }
    """
private let compact = #"{"a":[1,2],"b":{},"c":"x, y: é/"}"#

@Test(arguments: [
    ("a\n", "a", "given a final line feed"), ("a", "a\n", "read without its final line feed"),
    ("a\r\n", "a", "given a final CR LF"), ("a", "a\r\n", "read without its final CR LF"),
    ("a\nb\n", "a\r\nb\r\n", "read with a line feed for each CR LF"),
    ("a\r\nb", "a\nb", "read with CR LF for each line feed"), ("", "a", "left out"),
    ("\u{FEFF}a", "a", "given a byte order mark"), ("a", "\u{FEFF}a", "read without its byte order mark"),
    (compact, pretty, "printed without white space"), (pretty, compact, "printed with an indent of 2"),
    (#"{"a": [1, 2], "b": {}, "c": "x, y: é/"}"#, compact, "printed with a space after each comma and colon"),
    (
        #"{"a": [1, 2], "b": {}, "c": "x, y: \u00e9/"}"#, compact,
        "printed with a space after each comma and colon, with \\u escapes"
    ),
    (
        #"{"a":[1,2],"b":{},"c":"x, y: \u00e9\/"}"#, pretty,
        "printed without white space, with \\u escapes and escaped slashes"
    ),
    (#"[ "\ud83d\ude00",1]"#, #"[ "😀",1]"#, "printed with \\u escapes"),
])
func `a body that was changed on its way is found out`(signed: String, sent: String, explanation: String) throws {
    let found = try diagnosis(signature: try signature(vectorSecret, body: signed), body: sent)
    #expect(found?.part == .body)
    #expect(found?.explanation == "the signature fits when it is \(explanation)")
}

@Test func `a timestamp in milliseconds or from another header is found out`() throws {
    let seconds = try signature(vectorSecret)
    let milliseconds = try signature(vectorSecret, timestamp: 1_700_000_000_000)
    #expect(
        try diagnosis(timestamp: "1700000000000", signature: seconds)?.explanation
            == "milliseconds were sent; the signature fits for seconds")
    #expect(
        try diagnosis(timestamp: "1700000000000", signature: milliseconds)?.explanation
            == "milliseconds were sent and signed")
    #expect(
        try diagnosis(signature: milliseconds)?.explanation
            == "seconds were sent; the signature fits for milliseconds")
    let other = try diagnosis(timestamp: "1700000009", signature: seconds, others: [("svix-timestamp", "1700000000")])
    #expect(other?.part == .timestamp)
    #expect(other?.explanation == "the signature fits for the value of svix-timestamp")
    #expect(try diagnosis(timestamp: "\"1700000000\"", signature: seconds)?.part == .timestamp)
}

@Test func `an id from another header or in quotes is found out`() throws {
    let header = try signature(vectorSecret)
    let other = try diagnosis(id: "msg_2", signature: header, others: [("date", "x"), ("svix-id", "msg_1")])
    #expect(other?.part == .id)
    #expect(other?.explanation == "the signature fits for the value of svix-id")
    #expect(try diagnosis(id: "\"msg_1\"", signature: header)?.part == .id)
    #expect(try diagnosis(id: "<msg_1>", signature: header)?.part == .id)
    #expect(try diagnosis(signature: try signature(vectorSecret, id: "\"msg_1\""))?.part == .id)
}

@Test func `a secret that was not decoded is found out`() throws {
    func raw(_ secret: String) throws -> String {
        var custom = Webhook.Signing.Custom(header: "x")
        custom.encoding = .base64
        let signer = try Signer(Webhook.Signing(scheme: .custom(custom), secrets: [.value(Secret(secret))]))
        return "v1," + signer.header(id: id, timestamp: 1_700_000_000, body: body).dropFirst(3)
    }
    let whole = try diagnosis(keys: [otherSecret, vectorSecret], signature: try raw(vectorSecret))
    #expect(whole?.part == .key)
    #expect(whole?.explanation == "the signature fits when its text, prefix and all, is the key")
    let tail = try diagnosis(signature: try raw(String(vectorSecret.dropFirst(6))))
    #expect(tail?.part == .key)
    #expect(tail?.explanation == "the signature fits when the text behind its prefix is the key")
}

@Test func `a signature under another version, or in another notation, is found out`() throws {
    let header = try signature(vectorSecret, id: "msg_4")
    let pair = SigningKey.newPair().privateKey.revealed
    let bare = String(header.dropFirst(3))
    func found(_ signature: String, _ keys: [String] = [vectorSecret]) throws -> String? {
        let found = try diagnosis(keys: keys, id: "msg_4", signature: signature)
        #expect(found == nil || found?.part == .signature)
        return found?.explanation
    }
    #expect(try found(bare) == "the signature fits when `v1,` is put before it")
    #expect(try found("v1a,\(bare)") == "the signature fits when its version is another one")
    let ed25519 = try signature(pair, id: "msg_4")
    #expect(try found("v1" + ed25519.dropFirst(3), [pair]) == "the signature fits when its version is another one")
    let bytes = try #require(Base64.decode(bare.utf8))
    #expect(try found("v1,\(hexDigits(bytes))") == "the signature fits when it is read as hex")
    // One of a few ids gives a signature that the two alphabets write differently.
    let odd = try #require(
        try (0..<50).lazy.map { try signature(vectorSecret, id: "msg_\($0)") }.enumerated()
            .first { $0.element.contains("+") && $0.element.contains("/") })
    let url = odd.element.replacing("+", with: "-").replacing("/", with: "_")
    #expect(
        try diagnosis(id: "msg_\(odd.offset)", signature: url)?.explanation
            == "the signature fits when it is read as base64url")
}

@Test func `a signature of other content is found out`() throws {
    let key = try key(vectorSecret)
    for (template, name) in [("{body}", "the body alone"), ("{timestamp}.{body}", "timestamp.body")] {
        let made = unsafe Array(body.utf8).withUnsafeBytes {
            let values = unsafe SignatureTemplate.Values(id: id, timestamp: "1700000000", body: $0)
            return key.signature(of: SignatureTemplate(template), values)
        }
        let found = try diagnosis(signature: "v1," + Base64.encode(made))
        #expect(found?.part == .content)
        #expect(found?.explanation == "the signature is one of \(name)")
    }
}

@Test func `what fits, and what no accident explains, has no diagnosis`() throws {
    #expect(try diagnosis(signature: try signature(vectorSecret)) == nil)
    #expect(try diagnosis(signature: try signature(otherSecret)) == nil)
    #expect(try diagnosis(signature: try signature(vectorSecret, body: "[]")) == nil)
    #expect(try diagnosis(id: "msg_9", signature: try signature(vectorSecret)) == nil)
}

@Test(arguments: ["[", "]", #"{"a"#, "1", "", "[1]]", #"["\"#])
func `what is no array or object is not printed again`(text: String) {
    #expect(JSONLayout(spacing: .compact).printed(Array(text.utf8)) == nil)
}
