/// A binary min-heap of things by the time when they are due; equal times keep the order in which they came.
package struct TimerHeap<Element> {
    private struct Node {
        var due: ContinuousClock.Instant
        var order: Int
        var element: Element

        func isBefore(_ other: Node) -> Bool { due == other.due ? order < other.order : due < other.due }
    }

    private var nodes: [Node] = []
    private var added = 0

    package init() {}

    /// All elements, in no order.
    package var all: [Element] { nodes.map(\.element) }

    package var nextDue: ContinuousClock.Instant? { nodes.first?.due }

    package mutating func insert(_ element: Element, due: ContinuousClock.Instant) {
        nodes.append(Node(due: due, order: added, element: element))
        added += 1
        var child = nodes.count - 1
        while child > 0, nodes[child].isBefore(nodes[(child - 1) / 2]) {
            nodes.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes the earliest element that is due.
    package mutating func pop(dueAt now: ContinuousClock.Instant) -> Element? {
        guard let first = nodes.first, first.due <= now else { return nil }
        nodes.swapAt(0, nodes.count - 1)
        nodes.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < nodes.count && nodes[child].isBefore(nodes[least]) { least = child }
            if least == parent { return first.element }
            nodes.swapAt(parent, least)
            parent = least
        }
    }

    /// Takes every element that answers to the description, with its time; earliest first.
    package mutating func removeAll(where isWanted: (Element, ContinuousClock.Instant) -> Bool) -> [Element] {
        var kept: [Node] = []
        var taken: [Element] = []
        for node in nodes.sorted(by: { $0.isBefore($1) }) {
            if isWanted(node.element, node.due) { taken.append(node.element) } else { kept.append(node) }
        }
        // A sorted array is a heap.
        nodes = kept
        return taken
    }
}
