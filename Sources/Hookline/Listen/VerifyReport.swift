/// What `hookline verify` says of the requests of a file. Pure: the time now is a parameter.
struct VerifyReport {
    private(set) var text = ""
    private(set) var isAllValid = true

    /// - Parameters:
    ///   - file: its name, as lines begin with it.
    ///   - requests: at least one.
    ///   - verifier: the keys.
    ///   - texts: the texts of these keys, for finding out how another program misread one.
    ///   - at: what timestamps are held against; nil: the request's own time, or now where it has none.
    ///   - now: the time.
    init(
        file: String, requests: [RecordedRequest], verifier: SignatureVerifier, texts: [Secret],
        at: VerifyOptions.JudgedAt?, now: WallTime
    ) {
        let verdicts = requests.map { request in
            let moment =
                switch at {
                case .now: now
                case .time(let time): time
                case nil: request.time ?? now
                }
            return unsafe request.body.withUnsafeBytes {
                unsafe verifier.verdict(of: SignatureHeaders(request.headers), body: $0, now: moment)
            }
        }
        let proof = zip(requests, verdicts).first { if case .valid = $0.1 { true } else { false } }?.0.line
        let count = verifier.keys.count
        for (request, verdict) in zip(requests, verdicts) {
            switch verdict {
            case .valid(let key):
                text +=
                    "\(file):\(request.line): valid: signed with \(count == 1 ? "the key" : "key \(key + 1) of \(count)")\n"
            case .invalid(let reason):
                isAllValid = false
                text += "\(file):\(request.line): not valid: \(reason.sentence)\n"
                for hint in Self.hints(reason, request, verifier, texts, proof: proof) { text += "  hint: \(hint)\n" }
            }
        }
    }

    /// What explains it, or how to narrow it down. `proof` is the line of a request that is valid.
    private static func hints(
        _ reason: SignatureVerifier.Reason, _ request: RecordedRequest, _ verifier: SignatureVerifier,
        _ texts: [Secret], proof: Int?
    ) -> [String] {
        for name in ["webhook-id", "webhook-timestamp"] where request.headers.count(where: { $0.name == name }) > 1 {
            return ["\(name) is given twice; a sender gives it once"]
        }
        if case .missing(let names) = reason {
            for (header, scheme) in [("x-hub-signature-256", "github"), ("stripe-signature", "stripe")]
            where request.headers.contains(where: { $0.name == header }) {
                return ["it has \(header): the scheme \(scheme), which `verify` can't check"]
            }
            let others = names.map { "svix-" + $0.dropFirst("webhook-".count) }
                .filter { name in request.headers.contains { $0.name == name } }
            if !others.isEmpty { return ["the request has \(others.joined(separator: " and ")) in the place of that"] }
            return ["a sender of Standard Webhooks sends webhook-id, webhook-timestamp and webhook-signature"]
        }
        let found = SignatureDiagnosis.find(verifier, secrets: texts, headers: request.headers, body: request.body)
        if let found { return ["\(found.part.rawValue): \(found.explanation)", found.hint] }
        let fits = SignatureDiagnosis.fitsApartFromTime(verifier, headers: request.headers, body: request.body)
        switch reason {
        case .tooOld where fits, .tooNew where fits:
            return ["the signature itself fits; --at TIME holds the timestamp against another time"]
        case .timestampMalformed, .idMalformed:
            return [fits ? "the signature itself fits" : "the signature does not fit either"]
        case .noKnownVersion(["v1"]) where SignatureHeaders(request.headers).has("v1a"):
            return ["it is signed as v1a (Ed25519): set HOOKLINE_PUBLIC_KEY to the whpk_ key"]
        case .noKnownVersion(["v1a"]) where SignatureHeaders(request.headers).has("v1"):
            return ["it is signed as v1 (HMAC-SHA256): set HOOKLINE_SECRET to the whsec_ secret"]
        case .noKnownVersion: return ["give the key that the sender's version needs: v1 whsec_, v1a whsk_ or whpk_"]
        case .notBase64: return ["a signature is written as v1,<base64>, several with a space between them"]
        default: break
        }
        if let proof {
            return [
                "the key fits line \(proof); so either this request was signed with another key (another webhook, or before "
                    + "or after a change of secret), or its id, timestamp or body were changed",
                "give every key that may have signed: HOOKLINE_SECRET=OLD,NEW",
            ]
        }
        return [
            "id, timestamp, body or key differ from what was signed, and no usual accident explains it",
            "check a second request of the same sender: if that is valid, the key is right; "
                + "then compare id, timestamp and the length of the body with the sender's log",
        ]
    }
}
