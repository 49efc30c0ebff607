/// The headers by which Standard Webhooks proves who sent a request, as they came; nil: not there.
package struct SignatureHeaders: Equatable, Sendable {
    package var id: String?
    package var timestamp: String?
    /// Signatures with spaces between them; those of repeated headers with ", " between.
    package var signature: String?

    package init(id: String?, timestamp: String?, signature: String?) {
        self.id = id
        self.timestamp = timestamp
        self.signature = signature
    }

    /// One signature of the header: `v1,<base64>`.
    struct Entry: Equatable {
        /// Empty where there is no comma.
        var version: String
        var text: [UInt8]
    }

    /// Whether one of the signatures has this version.
    func has(_ version: String) -> Bool { entries.contains { $0.version == version } }

    var entries: [Entry] {
        (signature ?? "").split(separator: " ").map { word in
            let word = word.last == "," && word.dropLast().contains(",") ? word.dropLast() : word
            guard let comma = word.firstIndex(of: ",") else { return Entry(version: "", text: Array(word.utf8)) }
            return Entry(version: String(word[..<comma]), text: Array(word[word.index(after: comma)...].utf8))
        }
    }
}

/// Judges signed requests (Standard Webhooks 1.0.0). Pure: the time now is a parameter.
package struct SignatureVerifier: Sendable {
    package enum Verdict: Equatable, Sendable {
        /// The key's place among the keys, from 0.
        case valid(key: Int)
        case invalid(Reason)
    }

    package enum Reason: Equatable, Sendable {
        /// Names of headers.
        case missing([String])
        /// Not visible ASCII, or with a `.`, which would leave open where the id ends.
        case idMalformed
        /// Not digits alone, or more of them than a time has.
        case timestampMalformed
        /// How long ago it was made, in seconds.
        case tooOld(Int)
        /// How far ahead of now it is, in seconds.
        case tooNew(Int)
        /// None of the signatures has a version that a key can check; the versions that could be.
        case noKnownVersion([String])
        /// None of those that a key could check.
        case notBase64
        case mismatch
    }

    /// How far a timestamp may be from now, both ways, in seconds.
    package static let tolerance = 300

    package let keys: [SigningKey]

    /// - Parameter keys: at least one; the first that fits is the one that is told.
    package init(keys: [SigningKey]) {
        precondition(!keys.isEmpty)
        self.keys = keys
    }

    /// Judges one request: its headers first, then its time, then its signatures.
    ///
    /// - Parameters:
    ///   - headers: as they came.
    ///   - body: as it came.
    ///   - now: the time that the timestamp is held against.
    /// - Returns: the key that fits, or the first thing that is wrong.
    package func verdict(of headers: SignatureHeaders, body: UnsafeRawBufferPointer, now: WallTime) -> Verdict {
        let named = [
            ("webhook-id", headers.id), ("webhook-timestamp", headers.timestamp),
            ("webhook-signature", headers.signature),
        ]
        let missing = named.filter { ($0.1 ?? "").isEmpty }.map(\.0)
        guard missing.isEmpty, let id = headers.id, let timestamp = headers.timestamp else {
            return .invalid(.missing(missing))
        }
        let isPlain = id.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ".") }
        guard isPlain else { return .invalid(.idMalformed) }
        guard Quantity.isDigits(timestamp), let seconds = Int(timestamp) else { return .invalid(.timestampMalformed) }
        let (age, overflow) = now.seconds.subtractingReportingOverflow(seconds)
        guard !overflow else { return .invalid(.timestampMalformed) }
        if age > Self.tolerance { return .invalid(.tooOld(age)) }
        if age < -Self.tolerance { return .invalid(.tooNew(-age)) }
        return unsafe match(headers, SignatureTemplate.Values(id: id, timestamp: timestamp, body: body))
    }

    /// Holds the signatures against the keys, whatever the time.
    func match(_ headers: SignatureHeaders, _ values: SignatureTemplate.Values) -> Verdict {
        let versions = Set(keys.map(\.version))
        let known = headers.entries.filter { versions.contains($0.version) }
        guard !known.isEmpty else { return .invalid(.noKnownVersion(versions.sorted())) }
        let signatures = known.compactMap { entry in Base64.decode(entry.text).map { (entry.version, $0) } }
        guard !signatures.isEmpty else { return .invalid(.notBase64) }
        for (index, key) in keys.enumerated() {
            let own = signatures.filter { $0.0 == key.version }.map(\.1)
            if key.fits(own, .standard, values) { return .valid(key: index) }
        }
        return .invalid(.mismatch)
    }
}

extension SigningKey {
    /// Whether one of the signatures is this key's of the filled template. Codes are compared in constant time.
    func fits(
        _ signatures: [[UInt8]], _ template: SignatureTemplate, _ values: SignatureTemplate.Values
    ) -> Bool {
        if signatures.isEmpty { return false }
        switch self {
        case .hmac:
            let expected = signature(of: template, values)
            return signatures.contains { equalInConstantTime($0, expected) }
        case .ed25519(let key):
            let message = template.filled(values)
            return unsafe message.withUnsafeBytes { message in
                signatures.contains { unsafe key.verifies($0, of: message) }
            }
        }
    }
}

extension SignatureVerifier.Reason {
    /// Lower case, without a full stop, and without anything that the request holds.
    package var sentence: String {
        switch self {
        case .missing(let names):
            "\(names.joined(separator: " and ")) \(names.count == 1 ? "is" : "are") missing"
        case .idMalformed: "webhook-id is malformed: it must be visible ASCII without a full stop"
        case .timestampMalformed: "webhook-timestamp is not a whole number of seconds"
        case .tooOld(let age): "timestamp is \(Self.text(age - SignatureVerifier.tolerance)) too old"
        case .tooNew(let lead): "timestamp is \(Self.text(lead - SignatureVerifier.tolerance)) too new"
        case .noKnownVersion(let versions):
            "webhook-signature has no signature of version \(versions.joined(separator: " or "))"
        case .notBase64: "the signature is not base64"
        case .mismatch: "the signature does not fit"
        }
    }

    /// `7m12s`, `1h0m`, `12d3h`: the two largest units.
    private static func text(_ seconds: Int) -> String {
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3_600 { return "\(seconds / 60)m\(seconds % 60)s" }
        if seconds < 86_400 { return "\(seconds / 3_600)h\(seconds / 60 % 60)m" }
        return "\(seconds / 86_400)d\(seconds / 3_600 % 24)h"
    }
}
