/// Validates a line as an event and finds its envelope, in one pass over its bytes (SPEC section 4).
package struct JSONScanner: ~Copyable {
    /// Deepest nesting of arrays and objects that an event may have.
    static let maxDepth = 128

    private let envelope: EnvelopeTree
    /// Of the line under way.
    private var stops = StringStops()
    /// Number of the line under way, as scans count.
    private var scan = 0
    /// By place among the keys that put events in order: a hash of the value in the line that was scanned last. 0 where
    /// there is none, or null.
    private var orderKeys: [UInt64]
    /// What filters look at, of the line that was scanned last.
    package private(set) var leaves: Leaves

    /// - Parameters:
    ///   - input: where an event keeps topic, id and time. Its size limit is the line reader's affair.
    ///   - findsCloudEvents: whether events say if they are CloudEvents. Which lines are refused does not depend on it.
    ///   - orderKeys: places whose values put events in order. Which lines are refused does not depend on them either.
    ///   - paths: those that filters name; sealed. Nor on them.
    package init(
        input: Config.Input, findsCloudEvents: Bool = false, orderKeys: [JSONPointer] = [], paths: PathTree = PathTree()
    ) {
        leaves = Leaves(paths)
        envelope = EnvelopeTree(input, findsCloudEvents: findsCloudEvents, orderKeys: orderKeys)
        self.orderKeys = Array(repeating: 0, count: orderKeys.count)
    }

    /// A hash of what the line that was scanned last has at one of the `orderKeys`: of a string's text, or of any other
    /// value's bytes as written. 0 where there is none, or null. Where a key is repeated, the last one's.
    package func orderKey(_ place: Int) -> UInt64 { orderKeys[place] }

    /// Validates a line and finds its envelope.
    ///
    /// - Parameter line: the bytes of one line, without its line ending.
    /// - Returns: the event; its ranges count from the line's first byte.
    /// - Throws: the error that comes first in the line, `at` the first byte that can't be there (the line's length when
    ///   it ends early). A line without such an error may still be no object or have no topic.
    package mutating func scan(_ line: UnsafeRawBufferPointer) throws(EventError) -> Event {
        unsafe leaves.isIdle ? try scanWithoutLeaves(line) : try scanWithLeaves(line)
    }

    @inline(never)
    private mutating func scanWithoutLeaves(_ line: UnsafeRawBufferPointer) throws(EventError) -> Event {
        unsafe try scan(line, findsLeaves: false)
    }

    @inline(never)
    private mutating func scanWithLeaves(_ line: UnsafeRawBufferPointer) throws(EventError) -> Event {
        unsafe try scan(line, findsLeaves: true)
    }

    // Inlined with `findsLeaves` known, so that a run without filters has no trace of them in its innermost loop: it would
    // cost every event a tenth of the whole run's time.
    @inline(__always)
    private mutating func scan(_ line: UnsafeRawBufferPointer, findsLeaves: Bool) throws(EventError) -> Event {
        guard let base = line.baseAddress else { throw .notJSON(at: 0) }
        var cursor = unsafe JSONCursor(line, base, stops: stops.mark(line, base))
        scan += 1
        // An empty array would be made anew by the mere attempt to change it.
        if !orderKeys.isEmpty { for place in orderKeys.indices { orderKeys[place] = 0 } }

        var depth = 0
        // One bit for each open bracket, the innermost lowest: 1 for an object.
        var objects: UInt128 = 0
        // The node whose value is the container at depth `liveDepth`; the way there is the only one worth a look.
        var node = unsafe envelope.root
        var liveDepth = 0
        // The node that the coming value belongs to.
        var target: UnsafeMutablePointer<EnvelopeTree.Node>?
        let isObject = try cursor.peek() == UInt8(ascii: "{")
        if isObject { unsafe target = node }
        // The same for the paths of filters: the depth of the innermost container that matters, and the node that the
        // coming value belongs to, or -1.
        var leafDepth = 0
        var leafNode: Int32 = findsLeaves ? leaves.begin() : -1
        var found = Found()

        value: while true {
            if objects & 1 == 1 {
                guard try cursor.peek() == UInt8(ascii: "\"") else { throw .notJSON(at: cursor.offset) }
                let key = try cursor.string()
                unsafe target = nil
                if depth == liveDepth, let child = unsafe node.child(forKey: key, in: line) {
                    if unsafe child.pointee.lastScan == scan {
                        if unsafe child.pointee.isEnvelope { throw .duplicateEnvelopeKey(at: key.start - 1) }
                        if unsafe !child.pointee.places.isEmpty { found.noteRepeatedAttribute() }
                    }
                    unsafe child.pointee.lastScan = scan
                    unsafe target = child
                }
                if findsLeaves { unsafe leafNode = depth == leafDepth ? leaves.key(key, in: line) : -1 }
                try cursor.pass(UInt8(ascii: ":"))
            } else if depth > 0 {
                unsafe target = depth == liveDepth ? node.childForNextElement() : nil
                if findsLeaves { leafNode = depth == leafDepth ? leaves.element() : -1 }
            }

            let byte = try cursor.peek()
            switch byte {
            case UInt8(ascii: "\""):
                let text = try cursor.string()
                if let target = unsafe target {
                    unsafe found.set(text, at: target.pointee.places, in: line)
                    let place = unsafe target.pointee.orderKey
                    if place >= 0 { orderKeys[place] = unsafe KeyHash(text, in: line).value }
                }
                if findsLeaves, leafNode >= 0 { unsafe leaves.add(text, at: leafNode, in: line) }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth < Self.maxDepth else { throw .tooDeep(at: cursor.offset) }
                let start = cursor.offset
                var isWatched = false
                if let target = unsafe target {
                    unsafe found.setOther(at: target.pointee.places)
                    unsafe isWatched = target.pointee.firstChild != nil
                }
                let hasLeaves =
                    findsLeaves && leafNode >= 0 && leaves.open(leafNode, isObject: byte == UInt8(ascii: "{"))
                // Most of most events is in such a value.
                if !isWatched && !hasLeaves {
                    try cursor.passContainer(depth: depth)
                    if let target = unsafe target {
                        unsafe setKey(target.pointee.orderKey, from: start, to: cursor.offset, in: line)
                    }
                    break
                }
                depth += 1
                objects = objects &<< 1 | (byte == UInt8(ascii: "{") ? 1 : 0)
                if let target = unsafe target, unsafe isWatched || target.pointee.orderKey >= 0 {
                    unsafe node = target
                    unsafe node.pointee.valueStart = start
                    liveDepth = depth
                    unsafe node.pointee.elements = 0
                }
                if hasLeaves { leafDepth = depth }
                unsafe cursor.at += 1
                // `{` and `}`, `[` and `]` are two apart in ASCII.
                if try cursor.peek() != byte + 2 { continue value }
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                let start = cursor.offset
                try cursor.number()
                if let target = unsafe target {
                    unsafe found.setOther(at: target.pointee.places)
                    unsafe setKey(target.pointee.orderKey, from: start, to: cursor.offset, in: line)
                }
                if findsLeaves, leafNode >= 0 { leaves.add(.number, at: leafNode, from: start, to: cursor.offset) }
            default:
                let start = cursor.offset
                let kind: Leaves.Kind
                switch byte {
                case UInt8(ascii: "t"):
                    try cursor.literal("true")
                    kind = .true
                case UInt8(ascii: "f"):
                    try cursor.literal("false")
                    kind = .false
                case UInt8(ascii: "n"):
                    try cursor.literal("null")
                    kind = .null
                default: throw .notJSON(at: cursor.offset)
                }
                if let target = unsafe target {
                    unsafe found.setOther(at: target.pointee.places)
                    let place = unsafe target.pointee.orderKey
                    if byte != UInt8(ascii: "n") {
                        unsafe setKey(place, from: start, to: cursor.offset, in: line)
                    } else if place >= 0 {
                        orderKeys[place] = 0
                    }
                }
                if findsLeaves, leafNode >= 0 { leaves.add(kind, at: leafNode, from: start, to: cursor.offset) }
            }

            while depth > 0 {
                let byte = try cursor.peek()
                if byte == UInt8(ascii: ",") {
                    unsafe cursor.at += 1
                    continue value
                }
                let closing = objects & 1 == 1 ? UInt8(ascii: "}") : UInt8(ascii: "]")
                guard byte == closing else { throw .notJSON(at: cursor.offset) }
                unsafe cursor.at += 1
                if depth == liveDepth {
                    unsafe setKey(
                        node.pointee.orderKey, from: node.pointee.valueStart, to: cursor.offset, in: line)
                    unsafe node = node.pointee.parent ?? node
                    liveDepth -= 1
                }
                if findsLeaves, depth == leafDepth {
                    leaves.close()
                    leafDepth -= 1
                }
                depth -= 1
                objects &>>= 1
            }
            break
        }
        try cursor.passEnd()
        guard isObject else { throw .notAnObject }
        return try found.event()
    }

    /// Notes the bytes of a value that is no string, if it is one that puts events in order.
    @inline(__always)
    private mutating func setKey(_ place: Int, from start: Int, to end: Int, in line: UnsafeRawBufferPointer) {
        if place < 0 { return }
        orderKeys[place] = unsafe KeyHash(UnsafeRawBufferPointer(rebasing: line[start..<end])).value
    }
}

/// What stands at the envelope's places.
private struct Found {
    private var topic: Event.Text?
    private var topicIsOther = false
    private var id: Event.Text?
    private var time: Event.Text?
    /// Attributes of a CloudEvent that are as they should be.
    private var attributes: EnvelopeTree.Places = []

    mutating func set(_ text: Event.Text, at places: EnvelopeTree.Places, in line: UnsafeRawBufferPointer) {
        if places.contains(.topic) { topic = text }
        if places.contains(.id) { id = text }
        if places.contains(.time) { time = text }
        if !places.isDisjoint(with: .cloudEvent) { unsafe setAttribute(text, at: places, in: line) }
    }

    @inline(never)
    private mutating func setAttribute(
        _ text: Event.Text, at places: EnvelopeTree.Places, in line: UnsafeRawBufferPointer
    ) {
        if places.contains(.specVersion) {
            guard unsafe JSONText(text, in: line).elementsEqual("1.0".utf8) else { return }
        }
        if text.count > 0 { attributes.formUnion(places.intersection(.cloudEvent)) }
    }

    /// Which of the two a receiver would take is open, so the event counts as none.
    mutating func noteRepeatedAttribute() { attributes.insert(.repeated) }

    /// Notes a value that is no string.
    mutating func setOther(at places: EnvelopeTree.Places) {
        if places.contains(.topic) { topicIsOther = true }
    }

    func event() throws(EventError) -> Event {
        if topicIsOther { throw .topicNotText }
        guard let topic, topic.count > 0 else { throw .topicMissing }
        return Event(topic: topic, id: id, time: time, isCloudEvent: attributes == .cloudEvent)
    }
}
