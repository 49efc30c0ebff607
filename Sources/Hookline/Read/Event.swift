/// What the scanner found in one line that is an event. Ranges point into the line and live as long as its bytes do.
package struct Event: Equatable, Sendable {
    /// A JSON string's content: the bytes between its quotes, as written.
    package struct Text: Equatable, Sendable {
        package var start: Int
        package var count: Int
        /// Whether a backslash occurs, so that the bytes are not yet the text.
        package var hasEscapes: Bool

        package init(start: Int, count: Int, hasEscapes: Bool) {
            self.start = start
            self.count = count
            self.hasEscapes = hasEscapes
        }
    }

    /// Never empty.
    package var topic: Text
    /// Nil where there is none, or no string.
    package var id: Text?
    /// Nil where there is none, or no string. Any text, not yet known to be a time.
    package var time: Text?
    /// Whether it is a CloudEvent (version 1.0) already: it has each required attribute once, as a string that is not
    /// empty. No more is checked. Always false where the scanner does not look for CloudEvents.
    package var isCloudEvent: Bool

    package init(topic: Text, id: Text? = nil, time: Text? = nil, isCloudEvent: Bool = false) {
        self.topic = topic
        self.id = id
        self.time = time
        self.isCloudEvent = isCloudEvent
    }
}

/// Why a line is no event (SPEC section 4). `at` counts bytes of the line from 0.
package enum EventError: Error, Equatable, Sendable {
    case notJSON(at: Int)
    case notAnObject
    case invalidUTF8(at: Int)
    /// Nested deeper than 128; `at` is the bracket that is one too many.
    case tooDeep(at: Int)
    /// Longer than `input.max_event_bytes`.
    case tooLarge
    /// No value, or an empty string, at `input.topic`.
    case topicMissing
    case topicNotText
    case duplicateEnvelopeKey(at: Int)
    /// JSON, but not what a dead letter is; only where dead letters are read.
    case notADeadLetter

    /// The reason's name in summary and rejects.
    package var reason: String {
        switch self {
        case .notJSON: "not_json"
        case .notAnObject: "not_an_object"
        case .invalidUTF8: "invalid_utf8"
        case .tooDeep: "too_deep"
        case .tooLarge: "too_large"
        case .topicMissing: "topic_missing"
        case .topicNotText: "topic_not_text"
        case .duplicateEnvelopeKey: "duplicate_envelope_key"
        case .notADeadLetter: "not_a_dead_letter"
        }
    }

    /// The byte where the line went wrong, where there is one.
    package var offset: Int? {
        switch self {
        case .notJSON(let at), .invalidUTF8(let at), .tooDeep(let at), .duplicateEnvelopeKey(let at): at
        case .notAnObject, .tooLarge, .topicMissing, .topicNotText, .notADeadLetter: nil
        }
    }

    /// All reasons' names.
    package static let reasons = [
        notJSON(at: 0), notAnObject, invalidUTF8(at: 0), tooDeep(at: 0), tooLarge, topicMissing, topicNotText,
        duplicateEnvelopeKey(at: 0), notADeadLetter,
    ].map(\.reason)

    /// The members `line`, `reason` and, where there is one, `at`, as summary and rejects have them.
    package func write(to json: inout JSONWriter, line: Int) {
        json.number("line", line)
        json.string("reason", reason)
        if let offset { json.number("at", offset) }
    }
}
