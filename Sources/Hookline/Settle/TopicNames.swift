/// The topics by which batches count their events: those of the configuration, then others that spooled events have.
package final class TopicNames {
    package private(set) var names: [String]
    private var places: [String: Int] = [:]

    package init(_ names: [String]) {
        self.names = names
        for (place, name) in names.enumerated() { places[name] = place }
    }

    /// The place of a topic, which gets one if it has none.
    package func index(of name: String) -> Int {
        if let place = places[name] { return place }
        places[name] = names.count
        names.append(name)
        return names.count - 1
    }
}
