/// The members of wrapped events that depend on webhook and topic alone, made once for the whole run.
///
/// Plain memory of its own, so that events take them without reference counting.
@safe final class CloudEventTexts {
    private let bytes: UnsafeMutableRawBufferPointer
    /// By webhook: `,"source":"…"`; empty where the webhook's events are not wrapped.
    private let sources: [Range<Int>]
    /// By topic: `,"type":"…"`; empty array where no webhook's events are wrapped.
    private let types: [Range<Int>]

    init(webhooks: [Webhook], topics: [String]) {
        var text: [UInt8] = []
        func add(_ key: String, _ value: String) -> Range<Int> {
            let start = text.count
            text.append(UInt8(ascii: ","))
            var json = JSONWriter()
            json.string(key, value)
            text += json.bytes
            return start..<text.count
        }
        sources = webhooks.map { $0.format.wrapsEvents ? add("source", $0.wrappedSource) : 0..<0 }
        types = text.isEmpty ? [] : topics.map { add("type", $0) }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count, alignment: 1)
        unsafe bytes.copyBytes(from: text)
        unsafe self.bytes = bytes
    }

    deinit { unsafe bytes.deallocate() }

    /// What stands before an event of this webhook and topic; valid as long as the event's bytes and these texts are.
    func head(of event: UnsafeRawBufferPointer, _ found: Event, webhook: Int, topic: Int) -> CloudEventHead {
        unsafe CloudEventHead(
            of: event, found, source: UnsafeRawBufferPointer(rebasing: bytes[sources[webhook]]),
            type: UnsafeRawBufferPointer(rebasing: bytes[types[topic]]))
    }
}
