/// Makes each batch's `webhook-id` (SPEC section 7): `msg_` and 32 hex digits, so no `.`.
package enum WebhookID {
    /// 128 random bits.
    package static func random() -> String {
        let bits = UInt128.random(in: .min ... .max)
        return "msg_" + hexDigits((0..<16).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) })
    }

    /// The same for the same run id, webhook, number of the first line, and body: a repeated run repeats its ids.
    ///
    /// The first half of SHA-256 over the four; a line feed, which no id, name or number holds, ends the first three.
    /// With a lane, its number and a line feed stand before the body, which never begins with a digit.
    package static func derived(
        runID: String, webhook: String, firstLine: Int, lane: Int? = nil, body: UnsafeRawBufferPointer
    ) -> String {
        var digest = SHA256()
        digest.update(Array("\(runID)\n\(webhook)\n\(firstLine)\n".utf8))
        if let lane { digest.update(Array("\(lane)\n".utf8)) }
        unsafe digest.update(body)
        return "msg_" + hexDigits(digest.finish().prefix(16))
    }

    /// For the part of a batch that was split: the same for the same parent, first event (its place in the parent, from
    /// 0) and number of events.
    package static func part(of parent: String, first: Int, count: Int) -> String {
        var digest = SHA256()
        digest.update(Array("\(parent)\n\(first)\n\(count)\n".utf8))
        return "msg_" + hexDigits(digest.finish().prefix(16))
    }
}
