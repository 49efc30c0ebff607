/// The JSON Pointers of topic, id and time as one tree of keys, walked while a line is scanned. Where CloudEvents are
/// looked for, their attributes are in it too, and so are the keys that put events in order.
///
/// Owns its nodes and their keys, so that a scan touches plain memory alone.
@safe struct EnvelopeTree: ~Copyable {
    /// What an event keeps at a node. Two pointers may name the same place.
    struct Places: OptionSet {
        let rawValue: UInt8
        static let topic = Places(rawValue: 1)
        static let id = Places(rawValue: 2)
        static let time = Places(rawValue: 4)
        static let envelope: Places = [.topic, .id, .time]
        // The attributes that every CloudEvent has (CloudEvents 1.0.2, "Required Attributes").
        static let specVersion = Places(rawValue: 8)
        static let eventID = Places(rawValue: 16)
        static let source = Places(rawValue: 32)
        static let type = Places(rawValue: 64)
        static let cloudEvent: Places = [.specVersion, .eventID, .source, .type]
        /// Only kept by an event: an attribute stood twice.
        static let repeated = Places(rawValue: 128)
    }

    @unsafe struct Node {
        /// The pointer's token: a key of an object.
        var key: UnsafeMutableRawBufferPointer
        /// The element of an array that the token names (RFC 6901 section 4), or -1.
        var index: Int
        var places: Places = []
        /// Whether it is on the way to topic, id or time, so that a line with two of it is refused.
        var isEnvelope = false
        var parent: UnsafeMutablePointer<Node>?
        var firstChild: UnsafeMutablePointer<Node>?
        var nextSibling: UnsafeMutablePointer<Node>?
        /// Number of the scan that met this node last. No valid line meets a node of the envelope twice.
        var lastScan = 0
        /// Elements met so far, while the node's value is an array.
        var elements = 0
        /// Its place among the keys that put events in order, or -1.
        var orderKey = -1
        /// Where its value begins, while that is an array or object.
        var valueStart = 0
    }

    let root: UnsafeMutablePointer<Node>

    /// `findsCloudEvents`: the tree also has the attributes by which a CloudEvent is known.
    init(_ input: Config.Input, findsCloudEvents: Bool, orderKeys: [JSONPointer]) {
        unsafe root = Self.makeNode("", parent: nil)
        unsafe insert(input.topic, .topic)
        unsafe insert(input.id, .id)
        unsafe insert(input.time, .time)
        for (place, pointer) in orderKeys.enumerated() { unsafe insert(pointer, []).pointee.orderKey = place }
        guard findsCloudEvents else { return }
        for (name, place) in [
            ("specversion", Places.specVersion), ("id", .eventID), ("source", .source), ("type", .type),
        ] {
            unsafe insert(JSONPointer(tokens: [name]), place)
        }
    }

    deinit { unsafe Self.free(root) }

    @discardableResult
    private func insert(_ pointer: JSONPointer, _ place: Places) -> UnsafeMutablePointer<Node> {
        var node = unsafe root
        for token in pointer.tokens {
            var child = unsafe node.pointee.firstChild
            while let candidate = unsafe child, unsafe !candidate.pointee.key.elementsEqual(token.utf8) {
                unsafe child = candidate.pointee.nextSibling
            }
            unsafe node = child ?? Self.makeNode(token, parent: node)
            // Another key may be repeated: that does not make the envelope doubtful.
            if !place.isDisjoint(with: .envelope) { unsafe node.pointee.isEnvelope = true }
        }
        unsafe node.pointee.places.formUnion(place)
        return unsafe node
    }

    private static func makeNode(_ token: String, parent: UnsafeMutablePointer<Node>?) -> UnsafeMutablePointer<Node> {
        let key = UnsafeMutableRawBufferPointer.allocate(byteCount: token.utf8.count, alignment: 1)
        unsafe key.copyBytes(from: token.utf8)
        var index = -1
        if let number = Int(token), number >= 0, String(number) == token { index = number }
        let node = UnsafeMutablePointer<Node>.allocate(capacity: 1)
        unsafe node.initialize(
            to: Node(key: key, index: index, parent: parent, nextSibling: parent?.pointee.firstChild))
        unsafe parent?.pointee.firstChild = node
        return unsafe node
    }

    private static func free(_ node: UnsafeMutablePointer<Node>) {
        var child = unsafe node.pointee.firstChild
        while let current = unsafe child {
            unsafe child = current.pointee.nextSibling
            unsafe free(current)
        }
        unsafe node.pointee.key.deallocate()
        unsafe node.deinitialize(count: 1)
        unsafe node.deallocate()
    }
}

extension UnsafeMutablePointer<EnvelopeTree.Node> {
    /// The child whose token is this key of the node's object.
    @inline(__always)
    func child(forKey key: Event.Text, in line: UnsafeRawBufferPointer) -> Self? {
        var child = unsafe pointee.firstChild
        while let candidate = unsafe child {
            if key.hasEscapes {
                if unsafe candidate.pointee.key.elementsEqual(JSONText(key, in: line)) { return unsafe candidate }
            } else if unsafe candidate.pointee.key.count == key.count,
                unsafe UnsafeRawBufferPointer(candidate.pointee.key).holdsSameBytes(as: key.raw(in: line))
            {
                return unsafe candidate
            }
            unsafe child = candidate.pointee.nextSibling
        }
        return nil
    }

    /// The child whose token is the next element of the node's array.
    func childForNextElement() -> Self? {
        let index = unsafe pointee.elements
        unsafe pointee.elements += 1
        var child = unsafe pointee.firstChild
        while let candidate = unsafe child, unsafe candidate.pointee.index != index {
            unsafe child = candidate.pointee.nextSibling
        }
        return unsafe child
    }
}
