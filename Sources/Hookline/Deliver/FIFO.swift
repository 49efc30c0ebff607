/// First in, first out, each at constant cost.
package struct FIFO<Element> {
    private var elements: [Element?] = []
    private var head = 0

    package init() {}

    package var isEmpty: Bool { head == elements.count }

    package mutating func append(_ element: Element) { elements.append(element) }

    /// Puts an element before all others. The only step whose cost may grow with their number.
    package mutating func prepend(_ element: Element) {
        if head == 0 { return elements.insert(element, at: 0) }
        head -= 1
        elements[head] = element
    }

    package mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head]
        elements[head] = nil
        head += 1
        if head * 2 > elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Looks at the elements, the last one first, as long as the answer is yes.
    /// - Returns: the last answer; yes if there is no element.
    package func visitLastFirst(_ goesOn: (Element) -> Bool) -> Bool {
        for element in elements[head...].reversed() {
            if let element, !goesOn(element) { return false }
        }
        return true
    }

    package mutating func removeAll() -> [Element] {
        defer { self = FIFO() }
        return elements.compactMap { $0 }
    }

    /// Takes every element that answers to the description, which is asked once for each, in order.
    package mutating func removeAll(where isWanted: (Element) -> Bool) -> [Element] {
        var taken: [Element] = []
        var kept: [Element?] = []
        for element in elements {
            guard let element else { continue }
            if isWanted(element) { taken.append(element) } else { kept.append(element) }
        }
        if !taken.isEmpty {
            elements = kept
            head = 0
        }
        return taken
    }
}
