/// Which part of a request its signature was not made for, found by trying the usual accidents one at a time.
///
/// For people who look for a mistake, never for a decision: what it finds to fit is still not valid.
package struct SignatureDiagnosis: Equatable, Sendable {
    package enum Part: String, Sendable { case signature, timestamp, id, body, key, content }

    package var part: Part
    /// What makes it fit: `the signature fits when …`.
    package var explanation: String
    /// What to do about it.
    package var hint: String

    /// Tries the accidents; nil: none of them explains it.
    ///
    /// - Parameters:
    ///   - verifier: whose keys did not find it valid.
    ///   - secrets: the texts of these keys, in their order.
    ///   - headers: all of the request's, names in lower case.
    ///   - body: as it came.
    /// - Returns: the first accident that explains it.
    package static func find(
        _ verifier: SignatureVerifier, secrets: [Secret], headers: [(name: String, value: String)], body: [UInt8]
    ) -> SignatureDiagnosis? {
        let search = Search(verifier: verifier, secrets: secrets, headers: headers, body: body)
        // With a signature that fits, only how the time is written is left to blame.
        if search.fits(search.sent) { return search.timestamp() }
        return search.signature() ?? search.timestamp() ?? search.id() ?? search.body() ?? search.key()
            ?? search.content()
    }

    /// Whether a key's signature fits apart from the time: then only the timestamp is to blame.
    package static func fitsApartFromTime(
        _ verifier: SignatureVerifier, headers: [(name: String, value: String)], body: [UInt8]
    ) -> Bool {
        let search = Search(verifier: verifier, secrets: [], headers: headers, body: body)
        return search.fits(search.sent)
    }
}

extension SignatureHeaders {
    /// Picks them out of all headers of a request, whose names are in lower case.
    package init(_ headers: [(name: String, value: String)]) {
        func value(_ name: String) -> String? {
            let values = headers.filter { $0.name == name }.map(\.value)
            return values.isEmpty ? nil : values.joined(separator: ", ")
        }
        self.init(
            id: value("webhook-id"), timestamp: value("webhook-timestamp"), signature: value("webhook-signature"))
    }
}

/// One request and the ways to look at it.
private struct Search {
    /// What may have been signed.
    struct Content {
        var id: String
        var timestamp: String
        var body: [UInt8]
        var template = SignatureTemplate.standard
    }

    let keys: [SigningKey]
    let secrets: [Secret]
    let headers: [(name: String, value: String)]
    let sent: Content
    let entries: [SignatureHeaders.Entry]

    init(
        verifier: SignatureVerifier, secrets: [Secret], headers: [(name: String, value: String)], body: [UInt8]
    ) {
        let signed = SignatureHeaders(headers)
        keys = verifier.keys
        self.secrets = secrets
        self.headers = headers
        sent = Content(id: signed.id ?? "", timestamp: signed.timestamp ?? "", body: body)
        entries = signed.entries
    }

    /// Whether a signature of the right version and form is a key's of this content.
    func fits(_ content: Content, _ keys: [SigningKey]? = nil) -> Bool {
        (keys ?? self.keys).contains { key in
            fits(content, key, entries.filter { $0.version == key.version }.compactMap { Base64.decode($0.text) })
        }
    }

    private func fits(_ content: Content, _ key: SigningKey, _ signatures: [[UInt8]]) -> Bool {
        unsafe content.body.withUnsafeBytes { body in
            let values = unsafe SignatureTemplate.Values(id: content.id, timestamp: content.timestamp, body: body)
            return key.fits(signatures, content.template, values)
        }
    }

    private func fits(_ change: (inout Content) -> Void) -> Bool {
        var content = sent
        change(&content)
        return fits(content)
    }

    func signature() -> SignatureDiagnosis? {
        func fit(_ isWanted: (SignatureHeaders.Entry, SigningKey) -> Bool, _ decode: ([UInt8]) -> [UInt8]?) -> Bool {
            keys.contains { key in
                fits(sent, key, entries.filter { isWanted($0, key) }.compactMap { decode($0.text) })
            }
        }
        func finding(_ explanation: String, _ hint: String) -> SignatureDiagnosis {
            SignatureDiagnosis(part: .signature, explanation: "the signature fits when " + explanation, hint: hint)
        }
        let isSame = { (entry: SignatureHeaders.Entry, key: SigningKey) in entry.version == key.version }
        if fit({ $0.version.isEmpty && $1.version == "v1" }, Base64.decode) {
            return finding("`v1,` is put before it", "write v1,<base64>")
        }
        if fit({ $0.version != $1.version }, Base64.decode) {
            return finding("its version is another one", "v1 is HMAC-SHA256 (whsec_), v1a is Ed25519 (whsk_, whpk_)")
        }
        if fit(isSame, { Base64.decode(standardAlphabet($0)) }) {
            return finding("it is read as base64url", "write it with base64's + and /, not - and _")
        }
        if fit(isSame, hexDecoded) {
            return finding("it is read as hex", "write it in base64")
        }
        return nil
    }

    func timestamp() -> SignatureDiagnosis? {
        func finding(_ explanation: String, _ hint: String) -> SignatureDiagnosis {
            SignatureDiagnosis(part: .timestamp, explanation: explanation, hint: hint)
        }
        let seconds = "send and sign the same timestamp: Unix seconds, in digits"
        if sent.timestamp.utf8.count == 13, Quantity.isDigits(sent.timestamp) {
            if fits({ $0.timestamp.removeLast(3) }) {
                return finding("milliseconds were sent; the signature fits for seconds", seconds)
            }
            if fits(sent) { return finding("milliseconds were sent and signed", seconds) }
        }
        if fits(sent) { return nil }
        if fits({ $0.timestamp += "000" }) {
            return finding("seconds were sent; the signature fits for milliseconds", seconds)
        }
        for header in headers where header.name.hasSuffix("timestamp") && header.name != "webhook-timestamp" {
            if fits({ $0.timestamp = header.value }) {
                return finding("the signature fits for the value of \(header.name)", seconds)
            }
        }
        let bare = sent.timestamp.filter { !"\"' ".contains($0) }
        if bare != sent.timestamp, fits({ $0.timestamp = bare }) {
            return finding("the signature fits without the quotes or blanks around it", seconds)
        }
        return nil
    }

    func id() -> SignatureDiagnosis? {
        let hint = "send and sign the same webhook-id"
        let bare = sent.id.filter { !"\"'<> ".contains($0) }
        if bare != sent.id, fits({ $0.id = bare }) {
            return SignatureDiagnosis(
                part: .id, explanation: "the signature fits without the quotes or blanks around it", hint: hint)
        }
        if fits({ $0.id = "\"\(sent.id)\"" }) {
            return SignatureDiagnosis(
                part: .id, explanation: "the signature fits with quotes around it", hint: hint)
        }
        for header in headers where header.name.hasSuffix("id") && header.name != "webhook-id" {
            if fits({ $0.id = header.value }) {
                return SignatureDiagnosis(
                    part: .id, explanation: "the signature fits for the value of \(header.name)", hint: hint)
            }
        }
        return nil
    }

    func body() -> SignatureDiagnosis? {
        guard let change = bodies().first(where: { change in fits { $0.body = change.body } }) else { return nil }
        return SignatureDiagnosis(
            part: .body, explanation: "the signature fits when it is \(change.text)",
            hint: "sign and verify the bytes on the wire, before anything parses, trims or prints them again")
    }

    /// The body with each of the usual changes, the smallest first.
    private func bodies() -> [(text: String, body: [UInt8])] {
        let body = sent.body
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        var changed: [(text: String, body: [UInt8])] = [
            ("given a final line feed", body + [0x0A]), ("given a final CR LF", body + [0x0D, 0x0A]),
            ("read with CR LF for each line feed", crlf(body)), ("given a byte order mark", mark + body),
        ]
        if body.last == 0x0A { changed.append(("read without its final line feed", Array(body.dropLast()))) }
        if body.suffix(2) == [0x0D, 0x0A] {
            changed.append(("read without its final CR LF", Array(body.dropLast(2))))
        }
        if body.contains(0x0D) { changed.append(("read with a line feed for each CR LF", lf(body))) }
        if body.starts(with: mark) { changed.append(("read without its byte order mark", Array(body.dropFirst(3)))) }
        if !body.isEmpty { changed.append(("left out", [])) }
        for layout in JSONLayout.all {
            guard let printed = layout.printed(body), printed != body else { continue }
            changed.append((layout.text, printed))
        }
        return changed
    }

    func key() -> SignatureDiagnosis? {
        for secret in secrets {
            let raw: [(text: String, key: SigningKey?)] = [
                ("its text, prefix and all, is the key", try? SigningKey(raw: secret)),
                (
                    "the text behind its prefix is the key",
                    try? SigningKey(raw: unsafe secret.withBytes { unsafe Secret($0.dropFirst(6)) })
                ),
            ]
            for case (let text, let key?) in raw where fits(sent, [key]) {
                return SignatureDiagnosis(
                    part: .key, explanation: "the signature fits when \(text)",
                    hint: "the key is what the base64 after `whsec_` decodes to")
            }
        }
        return nil
    }

    func content() -> SignatureDiagnosis? {
        let templates = [
            ("the body alone", "{body}"), ("timestamp.body", "{timestamp}.{body}"), ("id.body", "{id}.{body}"),
            ("timestamp.id.body", "{timestamp}.{id}.{body}"),
            ("id, timestamp and body without full stops", "{id}{timestamp}{body}"),
        ]
        guard let found = templates.first(where: { row in fits { $0.template = SignatureTemplate(row.1) } }) else {
            return nil
        }
        return SignatureDiagnosis(
            part: .content, explanation: "the signature is one of \(found.0)",
            hint: "Standard Webhooks signs id.timestamp.body")
    }

    private func standardAlphabet(_ text: [UInt8]) -> [UInt8] {
        text.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? UInt8(ascii: "/") : $0 }
    }

    private func hexDecoded(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: text.count, by: 2) {
            guard let byte = UInt8(String(decoding: text[start..<start + 2], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }

    private func lf(_ bytes: [UInt8]) -> [UInt8] {
        bytes.indices.filter { bytes[$0] != 0x0D || $0 + 1 == bytes.count || bytes[$0 + 1] != 0x0A }.map { bytes[$0] }
    }

    private func crlf(_ bytes: [UInt8]) -> [UInt8] { lf(bytes).flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] } }
}
