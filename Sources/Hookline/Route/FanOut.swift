/// An event on its way to the webhooks of its topic: those that have not got it yet.
@safe package struct FanOut {
    /// The event's own bytes; valid until the reader reads on.
    package let event: UnsafeRawBufferPointer
    /// What stands where in it.
    package let found: Event
    /// The line of the input, from 1.
    package let line: Int
    package let topic: Int
    private var targets: Range<Int>

    /// `targets` is as `Router.targets` gives it.
    package init(event: UnsafeRawBufferPointer, found: Event, line: Int, topic: Int, targets: Range<Int>) {
        unsafe self.event = event
        self.found = found
        self.line = line
        self.topic = topic
        self.targets = targets
    }

    /// No event.
    package static var none: FanOut {
        let found = Event(topic: Event.Text(start: 0, count: 0, hasEscapes: false))
        return unsafe FanOut(
            event: UnsafeRawBufferPointer(start: nil, count: 0), found: found, line: 0, topic: 0, targets: 0..<0)
    }

    package var isFinished: Bool { targets.isEmpty }

    /// Takes the next target; there must be one.
    package mutating func next() -> Int {
        defer { targets = targets.dropFirst() }
        return targets.lowerBound
    }
}
