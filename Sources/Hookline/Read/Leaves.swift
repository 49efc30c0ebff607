/// What the event that was scanned last has at the paths that filters name: its leaves there, and which elements of
/// which arrays they are in (SPEC section 5).
///
/// An array's elements have the path of the array. Where an object repeats a key, the last one counts, as it does for
/// most receivers. Memory is reused from event to event: at most some 24 bytes for each leaf of the largest one.
@safe package struct Leaves: ~Copyable {
    package enum Kind: UInt8, Sendable {
        case text
        /// A text that had escapes: its bytes are kept apart.
        case decodedText
        case number, `true`, `false`, null
        /// Under a key that was repeated later.
        case replaced
    }

    package struct Leaf: Sendable {
        package var node: Int32
        /// Of a text's content, or a number.
        package var start: Int32
        package var count: Int32
        /// The element that it is in, or is.
        package var context: Int32
        package var kind: Kind
    }

    /// An element of an array; number 0 is no element, but the event itself.
    package struct Context: Sendable {
        /// Among `arrays`.
        package var array: Int32
        /// The element that the array is in.
        package var parent: Int32
    }

    private struct Frame {
        var node: Int32
        var context: Int32
        /// -1: it is an object.
        var array: Int32
        /// The context that the array is in.
        var outer: Int32
        /// A number of its own for each object.
        var object: Int
        /// The edge of the value under way or before; -1: a key that leads nowhere.
        var edge: Int32
    }

    let tree: PathTree
    private var leaves: [Leaf] = []
    package private(set) var count = 0
    private var contexts: [Context] = [Context(array: -1, parent: -1)]
    package private(set) var contextCount = 1
    /// The context that each array is in.
    private var arrays: [Int32] = []
    package private(set) var arrayCount = 0

    private var frames: [Frame]
    private var top = -1
    private var objects = 0
    /// By edge: the object that had the key last, and which leaves came of it.
    private var edgeObjects: [Int]
    private var edgeLeaves: [(first: Int32, end: Int32)]
    /// By node: the event that had an array there last, and that array.
    private var nodeArrays: [(event: Int, array: Int32)]
    private var event = 0

    private var decoded: UnsafeMutableRawBufferPointer
    private var decodedCount = 0

    init(_ tree: PathTree) {
        self.tree = tree
        let none = Frame(node: 0, context: 0, array: -1, outer: 0, object: 0, edge: -1)
        frames = Array(repeating: none, count: tree.isEmpty ? 0 : JSONScanner.maxDepth + 1)
        edgeObjects = Array(repeating: 0, count: tree.edges.count)
        edgeLeaves = Array(repeating: (0, 0), count: tree.edges.count)
        nodeArrays = Array(repeating: (0, 0), count: tree.count)
        unsafe decoded = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 8)
    }

    deinit { unsafe decoded.deallocate() }

    package subscript(index: Int) -> Leaf { leaves[index] }

    package func context(_ index: Int) -> Context { contexts[index] }

    /// The context that an array is in.
    package func context(ofArray array: Int) -> Int32 { arrays[array] }

    /// A text without escapes, or a number as written. Lives until the next scan.
    package func bytes(of leaf: Leaf, in line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let range = Int(leaf.start)..<Int(leaf.start + leaf.count)
        let isDecoded = leaf.kind == .decodedText
        return unsafe UnsafeRawBufferPointer(rebasing: isDecoded ? UnsafeRawBufferPointer(decoded)[range] : line[range])
    }

    /// Whether nothing is looked for.
    var isIdle: Bool { tree.isEmpty }

    // MARK: What the scanner says

    /// Begins an event.
    /// - Returns: the node of its value.
    mutating func begin() -> Int32 {
        count = 0
        contextCount = 1
        arrayCount = 0
        decodedCount = 0
        top = -1
        event += 1
        return 0
    }

    /// An array or object begins, the value of this node.
    /// - Returns: whether anything in it matters; then `close` ends it.
    mutating func open(_ node: Int32, isObject: Bool) -> Bool {
        let found = tree.nodes[Int(node)]
        guard found.hasChildren || (found.isNamed && !isObject) else { return false }
        let context = top < 0 ? 0 : frames[top].context
        top += 1
        objects += 1
        let array = isObject ? -1 : openArray(node, in: context)
        frames[top] = Frame(
            node: node, context: context, array: array, outer: context, object: objects, edge: -1)
        return true
    }

    /// Two arrays at one path and in one element are one, which only keys with dots in them can bring about.
    private mutating func openArray(_ node: Int32, in context: Int32) -> Int32 {
        let last = nodeArrays[Int(node)]
        if last.event == event, arrays[Int(last.array)] == context { return last.array }
        if arrayCount < arrays.count { arrays[arrayCount] = context } else { arrays.append(context) }
        nodeArrays[Int(node)] = (event, Int32(arrayCount))
        arrayCount += 1
        return Int32(arrayCount - 1)
    }

    mutating func close() {
        endValue()
        top -= 1
    }

    /// Notes how many leaves the last key's value had.
    private mutating func endValue() {
        let edge = frames[top].edge
        if edge >= 0 { edgeLeaves[Int(edge)].end = Int32(count) }
    }

    /// - Returns: the node of this key's value, or -1: it does not matter.
    mutating func key(_ key: Event.Text, in line: UnsafeRawBufferPointer) -> Int32 {
        endValue()
        let node = frames[top].node
        let start = decodedCount
        let edge: Int32
        if key.hasEscapes {
            unsafe decode(key, in: line)
            unsafe edge = tree.edge(from: node, by: UnsafeRawBufferPointer(rebasing: decoded[start..<decodedCount]))
            decodedCount = start
        } else {
            unsafe edge = tree.edge(from: node, by: key.raw(in: line))
        }
        frames[top].edge = edge
        if edge < 0 { return -1 }
        if edgeObjects[Int(edge)] == frames[top].object {
            let before = edgeLeaves[Int(edge)]
            for leaf in before.first..<before.end { leaves[Int(leaf)].kind = .replaced }
        }
        edgeObjects[Int(edge)] = frames[top].object
        edgeLeaves[Int(edge)] = (Int32(count), Int32(count))
        return tree.edges[Int(edge)].child
    }

    /// - Returns: the node of the array's next element.
    mutating func element() -> Int32 {
        let context = Context(array: frames[top].array, parent: frames[top].outer)
        if contextCount < contexts.count { contexts[contextCount] = context } else { contexts.append(context) }
        frames[top].context = Int32(contextCount)
        contextCount += 1
        return frames[top].node
    }

    /// A scalar that is no text.
    @inline(__always)
    mutating func add(_ kind: Kind, at node: Int32, from start: Int, to end: Int) {
        guard top >= 0, tree.nodes[Int(node)].isNamed else { return }
        let leaf = Leaf(
            node: node, start: Int32(start), count: Int32(end - start), context: frames[top].context, kind: kind)
        if count < leaves.count { leaves[count] = leaf } else { leaves.append(leaf) }
        count += 1
    }

    mutating func add(_ text: Event.Text, at node: Int32, in line: UnsafeRawBufferPointer) {
        guard text.hasEscapes, tree.nodes[Int(node)].isNamed else {
            return add(.text, at: node, from: text.start, to: text.start + text.count)
        }
        let start = decodedCount
        unsafe decode(text, in: line)
        add(.decodedText, at: node, from: start, to: decodedCount)
    }

    /// Appends the text without its escapes, which is never longer than with them.
    private mutating func decode(_ text: Event.Text, in line: UnsafeRawBufferPointer) {
        if unsafe decodedCount + text.count > decoded.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: unsafe max(decoded.count * 2, decodedCount + text.count), alignment: 8)
            unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: decoded[..<decodedCount]))
            unsafe decoded.deallocate()
            unsafe decoded = unsafe larger
        }
        var bytes = unsafe JSONText(text, in: line)
        while let byte = bytes.next() {
            unsafe decoded[decodedCount] = byte
            decodedCount += 1
        }
    }
}
