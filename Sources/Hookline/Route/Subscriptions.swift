/// Who subscribes to what: webhooks with the same subscriptions share one set of topics.
struct Subscriptions: Sendable {
    /// By subscriber: its set.
    private var sets: [Int] = []
    /// By set: its topics, sorted.
    private var topics: [[Int32]] = []
    /// By topic: the sets that it is in.
    private var setsOfTopic: [[Int32]]

    init(_ subscribers: [[TopicPattern]], topics names: [String]) {
        setsOfTopic = Array(repeating: [], count: names.count)
        var places: [String: Int32] = [:]
        for (index, name) in names.enumerated() { places[name] = Int32(index) }
        var known: [[TopicPattern]: Int] = [:]
        for patterns in subscribers {
            if let set = known[patterns] {
                sets.append(set)
                continue
            }
            var found: Set<Int32> = []
            for pattern in patterns {
                if case .exact(let name) = pattern {
                    if let place = places[name] { found.insert(place) }
                } else {
                    found.formUnion(names.indices.filter { pattern.matches(names[$0]) }.map { Int32($0) })
                }
            }
            known[patterns] = topics.count
            sets.append(topics.count)
            for topic in found { setsOfTopic[Int(topic)].append(Int32(topics.count)) }
            topics.append(found.sorted())
        }
    }

    var setCount: Int { topics.count }
    var topicCount: Int { setsOfTopic.count }

    func set(ofSubscriber subscriber: Int) -> Int { sets[subscriber] }

    func topics(inSet set: Int) -> [Int32] { topics[set] }

    func sets(ofTopic topic: Int) -> [Int32] { setsOfTopic[topic] }

    func isTopic(_ topic: Int, inSet set: Int) -> Bool {
        var low = 0
        var high = topics[set].count
        while low < high {
            let middle = (low + high) / 2
            if topics[set][middle] < topic { low = middle + 1 } else { high = middle }
        }
        return low < topics[set].count && topics[set][low] == topic
    }
}
