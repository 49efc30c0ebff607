/// Where the leaves of one event stand, with the paths by which filters name them: for explaining and changing an event
/// that the scanner let pass. It takes memory for each leaf.
package struct EventOutline {
    /// A value that is no object and no list with elements.
    package struct Leaf: Equatable, Sendable {
        /// Keys from the top with dots between them; elements of a list have its path.
        package var path: String
        /// Bytes of the value as written, in the line.
        package var range: Range<Int>
    }

    package private(set) var leaves: [Leaf] = []
    /// The byte of the brace that ends the event.
    package private(set) var end = 0

    /// - Parameter line: one that the scanner let pass.
    package init(_ line: [UInt8]) {
        // What the scanner let pass has no error.
        unsafe line.withUnsafeBytes { line in
            guard let base = line.baseAddress else { return }
            var stops = StringStops()
            defer { extendLifetime(stops) }
            var cursor = unsafe JSONCursor(line, base, stops: stops.mark(line, base))
            try? unsafe value(&cursor, at: "", line)
        }
    }

    private mutating func value(
        _ cursor: inout JSONCursor, at path: String, _ line: UnsafeRawBufferPointer
    ) throws(EventError) {
        switch try cursor.peek() {
        case UInt8(ascii: "{"):
            try pass(&cursor) { outline, cursor throws(EventError) in
                let key = try cursor.string()
                let name = unsafe String(decoding: key.decode(in: line), as: UTF8.self)
                _ = try cursor.peek()
                unsafe cursor.at += 1
                unsafe try outline.value(&cursor, at: path.isEmpty ? name : path + "." + name, line)
            }
        case UInt8(ascii: "["):
            try pass(&cursor) { outline, cursor throws(EventError) in
                unsafe try outline.value(&cursor, at: path, line)
            }
        case UInt8(ascii: "\""):
            let start = cursor.offset
            _ = try cursor.string()
            leaves.append(Leaf(path: path, range: start..<cursor.offset))
        default:
            let start = cursor.offset
            while unsafe cursor.at < cursor.end, !Self.endsScalar(unsafe cursor.at.pointee) { unsafe cursor.at += 1 }
            leaves.append(Leaf(path: path, range: start..<cursor.offset))
        }
    }

    /// Passes an object or list, its members by `member`.
    private mutating func pass(
        _ cursor: inout JSONCursor,
        member: (inout EventOutline, inout JSONCursor) throws(EventError) -> Void
    ) throws(EventError) {
        unsafe cursor.at += 1
        while true {
            let byte = try cursor.peek()
            if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                end = cursor.offset
                unsafe cursor.at += 1
                return
            }
            if byte == UInt8(ascii: ",") {
                unsafe cursor.at += 1
                _ = try cursor.peek()
            }
            try member(&self, &cursor)
        }
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        byte <= 0x20 || [UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]")].contains(byte)
    }
}
