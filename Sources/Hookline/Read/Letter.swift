/// What the line of a dead letter says (SPEC section 9). Ranges and texts point into the line and live as long as its
/// bytes do.
///
/// Only what another delivery needs; members that are not named here may be there or not.
package struct Letter: Equatable, Sendable {
    /// The webhook that did not get the event.
    package var webhook: Event.Text
    /// Of the batch that the event was in; never with escapes.
    package var webhookID: Event.Text
    /// Events in that batch, 1 or more.
    package var size: Int
    /// The event's place in it, from 0.
    package var index: Int
    package var contentType: Event.Text
    /// Number of the input line that the event came from.
    package var line: Int
    package var topic: Event.Text
    /// The event's own bytes, an object.
    package var event: Range<Int>

    /// Reads a line, without its line ending.
    /// - Throws: the scanner's errors, or `notADeadLetter` where it is JSON but a member is missing, stands twice or has
    ///   another type.
    package init(_ line: UnsafeRawBufferPointer) throws(EventError) {
        guard let base = line.baseAddress else { throw .notJSON(at: 0) }
        var stops = StringStops()
        defer { extendLifetime(stops) }
        var cursor = unsafe JSONCursor(line, base, stops: stops.mark(line, base))
        guard try cursor.peek() == UInt8(ascii: "{") else {
            try cursor.value()
            try cursor.passEnd()
            throw .notAnObject
        }
        var found = Members()
        try cursor.object { (cursor, key) throws(EventError) in
            let name = unsafe String(decoding: key.raw(in: line), as: UTF8.self)
            unsafe try found.take(name, &cursor, in: line)
        }
        try cursor.passEnd()
        guard !found.isBroken, let webhook = found.texts["webhook"], let id = found.texts["webhook_id"],
            let contentType = found.texts["content_type"], let topic = found.texts["topic"],
            let size = found.numbers["size"], let index = found.numbers["index"], let number = found.numbers["line"],
            let event = found.event, index < size, unsafe Self.isID(id, in: line)
        else { throw .notADeadLetter }
        (self.webhook, webhookID, self.contentType, self.topic) = (webhook, id, contentType, topic)
        (self.size, self.index, self.line, self.event) = (size, index, number, event)
    }

    /// Whether a text is an id as batches have it: `msg_` and 32 hex digits. It becomes a header's value.
    private static func isID(_ text: Event.Text, in line: UnsafeRawBufferPointer) -> Bool {
        guard text.count == 36, !text.hasEscapes else { return false }
        let bytes = unsafe text.raw(in: line)
        return unsafe bytes.starts(with: "msg_".utf8)
            && bytes.dropFirst(4).allSatisfy {
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
            }
    }

    /// The members that were met so far.
    private struct Members {
        var texts: [String: Event.Text] = [:]
        var numbers: [String: Int] = [:]
        var event: Range<Int>?
        /// A member stood twice or has another type.
        var isBroken = false

        mutating func take(_ name: String, _ cursor: inout JSONCursor, in line: UnsafeRawBufferPointer)
            throws(EventError)
        {
            let first = try cursor.peek()
            let start = cursor.offset
            switch name {
            case "webhook", "webhook_id", "content_type", "topic":
                guard first == UInt8(ascii: "\"") else { return try pass(&cursor) }
                let text = try cursor.string()
                if texts.updateValue(text, forKey: name) != nil { isBroken = true }
            case "size", "index", "line":
                try cursor.value()
                let digits = unsafe String(decoding: line[start..<cursor.offset], as: UTF8.self)
                guard let number = Int(digits), number >= 0 else { return isBroken = true }
                if numbers.updateValue(number, forKey: name) != nil { isBroken = true }
            case "batch":
                guard first == UInt8(ascii: "{") else { return try pass(&cursor) }
                var members = Members()
                try cursor.object { (cursor, key) throws(EventError) in
                    let name = unsafe String(decoding: key.raw(in: line), as: UTF8.self)
                    unsafe try members.take(["size", "index"].contains(name) ? name : "", &cursor, in: line)
                }
                if members.isBroken || numbers["size"] != nil { isBroken = true }
                numbers.merge(members.numbers) { $1 }
            case "event":
                guard first == UInt8(ascii: "{"), event == nil else { return try pass(&cursor) }
                try cursor.value()
                event = start..<cursor.offset
            default: try cursor.value()
            }
        }

        private mutating func pass(_ cursor: inout JSONCursor) throws(EventError) {
            isBroken = true
            try cursor.value()
        }
    }
}

/// For lines that are not events: slower than the scanner, and not bound to an envelope.
extension JSONCursor {
    /// Passes an object, from its brace on; `member` passes each value, whose first byte comes next.
    mutating func object(
        _ member: (inout JSONCursor, Event.Text) throws(EventError) -> Void
    ) throws(EventError) {
        unsafe at += 1
        if try peek() == UInt8(ascii: "}") { return unsafe at += 1 }
        while true {
            guard try peek() == UInt8(ascii: "\"") else { throw .notJSON(at: offset) }
            let key = try string()
            try pass(UInt8(ascii: ":"))
            _ = try peek()
            try member(&self, key)
            if try peek() == UInt8(ascii: "}") { return unsafe at += 1 }
            try pass(UInt8(ascii: ","))
        }
    }

    /// Passes a value of any kind.
    mutating func value() throws(EventError) {
        switch try peek() {
        case UInt8(ascii: "{"), UInt8(ascii: "["): try passContainer(depth: 0)
        case UInt8(ascii: "\""): try passString()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default: throw .notJSON(at: offset)
        }
    }
}
