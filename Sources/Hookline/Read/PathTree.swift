/// The paths that filters name, as a tree of keys. A path is its keys joined by dots, so a key with a dot in it leads
/// over several nodes at once.
package struct PathTree: Sendable {
    /// From a node by one key of an object, dots and all, to another node.
    struct Edge: Sendable {
        var parent: Int32
        var child: Int32
        var keyStart: Int32
        var keyCount: Int32
    }

    struct Node: Sendable {
        var parent: Int32
        /// Keys from the top.
        var depth: Int32
        /// Whether some filter names its path.
        var isNamed = false
        var hasChildren = false
        /// A bit for each length, modulo 64, that the keys of its edges have.
        var keyLengths: UInt64 = 0
    }

    private(set) var nodes = [Node(parent: -1, depth: 0)]
    private var names: [[UInt8]] = [[]]
    private var children: [Step: Int] = [:]
    private struct Step: Hashable {
        var parent: Int
        var name: [UInt8]
    }

    private(set) var edges: [Edge] = []
    private var keys: [UInt8] = []
    /// Open addressing with linear probing, at most half full; a slot holds an edge or -1.
    private var slots: [Int32] = [-1]

    package init() {}

    package var isEmpty: Bool { nodes.count == 1 }
    package var count: Int { nodes.count }

    /// The node of a path that a filter names; made if it is not there. `seal` when all are.
    package mutating func insert(_ path: [String]) -> Int {
        var node = 0
        for key in path {
            let step = Step(parent: node, name: Array(key.utf8))
            if let child = children[step] {
                node = child
                continue
            }
            nodes[node].hasChildren = true
            nodes.append(Node(parent: Int32(node), depth: nodes[node].depth + 1))
            names.append(step.name)
            node = nodes.count - 1
            children[step] = node
        }
        nodes[node].isNamed = true
        return node
    }

    /// Makes the edges. An event's key `a.b` is one, so each node has one from each of its ancestors.
    package mutating func seal() {
        for child in nodes.indices.dropFirst() {
            var key: [UInt8] = []
            var node = child
            while node > 0 {
                key = names[node] + (key.isEmpty && node == child ? [] : [UInt8(ascii: ".")] + key)
                node = Int(nodes[node].parent)
                edges.append(
                    Edge(
                        parent: Int32(node), child: Int32(child), keyStart: Int32(keys.count),
                        keyCount: Int32(key.count)))
                keys += key
                nodes[node].keyLengths |= 1 << UInt64(key.count & 63)
            }
        }
        var capacity = 2
        while capacity < edges.count * 2 { capacity *= 2 }
        slots = Array(repeating: -1, count: capacity)
        unsafe keys.withUnsafeBytes { keys in
            for (index, edge) in edges.enumerated() {
                let key = unsafe UnsafeRawBufferPointer(
                    rebasing: keys[Int(edge.keyStart)..<Int(edge.keyStart + edge.keyCount)])
                var slot = Int(truncatingIfNeeded: unsafe Self.hash(key, at: edge.parent)) & (capacity - 1)
                while slots[slot] >= 0 { slot = (slot + 1) & (capacity - 1) }
                slots[slot] = Int32(index)
            }
        }
        children = [:]
        names = []
    }

    /// The edge by this key (decoded bytes) of the node's object, or -1.
    func edge(from node: Int32, by key: UnsafeRawBufferPointer) -> Int32 {
        guard nodes[Int(node)].keyLengths & 1 << UInt64(key.count & 63) != 0 else { return -1 }
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: unsafe Self.hash(key, at: node)) & mask
        while true {
            let index = slots[slot]
            if index < 0 { return -1 }
            let edge = edges[Int(index)]
            if edge.parent == node, Int(edge.keyCount) == key.count, unsafe isKey(edge, key) { return index }
            slot = (slot + 1) & mask
        }
    }

    private func isKey(_ edge: Edge, _ key: UnsafeRawBufferPointer) -> Bool {
        let range = Int(edge.keyStart)..<Int(edge.keyStart + edge.keyCount)
        return unsafe keys.withUnsafeBytes { keys in
            unsafe UnsafeRawBufferPointer(rebasing: keys[range]).holdsSameBytes(as: key)
        }
    }

    private static func hash(_ key: UnsafeRawBufferPointer, at node: Int32) -> UInt64 {
        unsafe WordHash.value(key) ^ (UInt64(truncatingIfNeeded: node) &* 0x9E37_79B9_7F4A_7C15)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the other's bytes are the same, of which there are as many: eight at a time.
    @inline(__always)
    package func holdsSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while offset + 8 <= count {
            let word = unsafe loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            if unsafe word != other.loadUnaligned(fromByteOffset: offset, as: UInt64.self) { return false }
            offset += 8
        }
        while offset < count {
            if unsafe self[offset] != other[offset] { return false }
            offset += 1
        }
        return true
    }
}

/// A quick hash of bytes for tables in memory; it keeps nobody from choosing bytes that meet.
package enum WordHash {
    package static func value(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var state = UInt64(truncatingIfNeeded: bytes.count) &* 0x9E37_79B9_7F4A_7C15
        var offset = 0
        while offset + 8 < bytes.count {
            state = mix(state, unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        return mix(state, unsafe tail(bytes))
    }

    /// The last bytes as one word, up to eight of them; of fewer than four each counts, and more overlap.
    @inline(__always)
    private static func tail(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let count = bytes.count
        if count >= 8 { return unsafe bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self) }
        if count >= 4 {
            let first = unsafe bytes.loadUnaligned(as: UInt32.self)
            let last = unsafe bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
            return UInt64(first) << 32 | UInt64(last)
        }
        if count == 0 { return 0 }
        return unsafe UInt64(bytes[0]) << 16 | UInt64(bytes[count / 2]) << 8 | UInt64(bytes[count - 1])
    }

    @inline(__always)
    package static func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
        let product = (state ^ word) &* 0xD6E8_FEB8_6659_FD93
        return product ^ (product >> 32)
    }
}
