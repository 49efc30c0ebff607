/// How a format joins events into one request body (SPEC section 7). Event bytes stand in it as they came, at most
/// wrapped.
package struct Payload: Equatable, Sendable {
    package let format: Webhook.Format
    package var contentType: String
    /// Before the first event.
    package var opening: UInt8?
    /// Between two events.
    package var separator: UInt8?
    /// After the last event.
    package var closing: UInt8?
    /// Whether an event that is no CloudEvent is wrapped as one.
    package var wrapsEvents: Bool

    package init(_ format: Webhook.Format) {
        self.format = format
        wrapsEvents = format.wrapsEvents
        switch format {
        case .json:
            contentType = "application/json"
            opening = UInt8(ascii: "[")
            separator = UInt8(ascii: ",")
            closing = UInt8(ascii: "]")
        case .ndjson:
            contentType = "application/x-ndjson"
            separator = UInt8(ascii: "\n")
            closing = UInt8(ascii: "\n")
        case .single:
            contentType = "application/json"
        case .cloudevents:
            contentType = "application/cloudevents-batch+json; charset=UTF-8"
            opening = UInt8(ascii: "[")
            separator = UInt8(ascii: ",")
            closing = UInt8(ascii: "]")
        case .cloudeventsSingle:
            contentType = "application/cloudevents+json; charset=UTF-8"
        }
    }
}
