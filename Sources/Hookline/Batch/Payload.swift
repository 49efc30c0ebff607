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
        contentType =
            switch format {
            case .json, .single: "application/json"
            case .ndjson: "application/x-ndjson"
            case .cloudevents: "application/cloudevents-batch+json; charset=UTF-8"
            case .cloudeventsSingle: "application/cloudevents+json; charset=UTF-8"
            }
        switch format {
        case .json, .cloudevents:
            opening = UInt8(ascii: "[")
            separator = UInt8(ascii: ",")
            closing = UInt8(ascii: "]")
        case .ndjson:
            separator = UInt8(ascii: "\n")
            closing = UInt8(ascii: "\n")
        case .single, .cloudeventsSingle: break
        }
    }
}
