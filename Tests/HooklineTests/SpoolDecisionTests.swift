import Hookline
import Testing

private let start = Moment(monotonic: ContinuousClock().systemEpoch, wall: WallTime(milliseconds: 1_700_000_000_000))
private let age = Duration.seconds(80 * 3_600)

private func wall(_ seconds: Int) -> WallTime { start.wall + .seconds(seconds) }

private func moment(_ seconds: Int) -> Moment {
    Moment(monotonic: start.monotonic + .seconds(seconds), wall: wall(seconds))
}

private func place(
    _ step: Int = 0, isResumed: Bool = true, attempts: Int = 0, created: WallTime = start.wall, folder: Int = 1,
    index: Int = 0
) -> SpoolPlace {
    SpoolPlace(
        folder: folder, group: 1, index: index, step: step, created: created, isResumed: isResumed, attempts: attempts)
}

private func deferral(
    _ reason: DeadLetterReason = .status(503), _ place: SpoolPlace? = nil, attempts: Int = 1,
    notBefore: WallTime? = nil,
    at now: WallTime = wall(100)
) -> Deferral {
    Deferral(
        reason, place: place, attempts: attempts, lastAttempt: attempts == 0 ? nil : wall(90), notBefore: notBefore,
        maxAge: age, now: now)
}

// SPEC section 9: 5s, 5m, 30m, 2h, 5h, 10h, 14h, 20h, 24h.
@Test(arguments: [
    (0, 5), (1, 5 * 60), (2, 30 * 60), (3, 2 * 3_600), (4, 5 * 3_600), (5, 10 * 3_600), (6, 14 * 3_600),
    (7, 20 * 3_600), (8, 24 * 3_600),
])
func `each time that a batch fails it waits longer, from its last attempt on`(step: Int, seconds: Int) {
    #expect(deferral(.status(503), place(step)) == .spool(step: step + 1, next: wall(90 + seconds)))
}

@Test func `after the last place of the schedule a batch is given up`() {
    #expect(Deferral.schedule.count == 9)
    #expect(deferral(.status(503), place(9)) == .giveUp)
}

@Test(
    arguments: [
        (.status(408), true), (.status(425), true), (.status(429), true), (.status(500), true), (.status(599), true),
        (.status(400), false), (.status(401), false), (.status(404), false), (.status(410), false),
        (.status(301), false), (.status(413), false), (.status(422), false), (.switchedOff, false),
        (.unavailable, true), (.deadline, true), (.stopped, true), (.inputFailed, false), (.expired, false),
        (.failure(.timeout), true), (.failure(.connectFailed), true), (.failure(.tokenFailed), true),
        (.failure(.certificateInvalid), false), (.failure(.forbiddenAddress), false), (.failure(.badURL), false),
        (.failure(.tokenRefused), false), (.failure(.clientCertificateInvalid), false),
    ] as [(DeadLetterReason, Bool)])
func `only what may pass waits for a later run`(reason: DeadLetterReason, mayPass: Bool) {
    #expect(reason.mayPass == mayPass)
    #expect((deferral(reason) == .giveUp) == !mayPass)
    #expect(DeadLetterReason(name: reason.name, status: reason.status) == reason)
}

@Test func `a batch waits as long as its receiver asked for, if that is longer than its schedule`() {
    #expect(deferral(notBefore: wall(500)) == .spool(step: 1, next: wall(500)))
    #expect(deferral(notBefore: wall(91)) == .spool(step: 1, next: wall(95)))
    #expect(deferral(.unavailable, attempts: 0, notBefore: wall(500)) == .spool(step: 0, next: wall(500)))
}

@Test func `what was not tried uses up no place of the schedule`() {
    #expect(deferral(.deadline, attempts: 0) == .spool(step: 0, next: wall(100)))
    #expect(deferral(.deadline, place(isResumed: false), attempts: 0) == .stays)
    #expect(deferral(.deadline, place(3, attempts: 7), attempts: 7) == .untouched)
    #expect(deferral(.switchedOff, place(3, attempts: 7), attempts: 7) == .untouched)
    #expect(deferral(.stopped, place(3, attempts: 7), attempts: 8) == .spool(step: 4, next: wall(90 + 7_200)))
}

@Test func `a batch is given up at max_age, counted from when it first came into the spool`() {
    let old = place(1, created: wall(100 - 80 * 3_600))
    #expect(deferral(.status(503), old) == .giveUp)
    #expect(deferral(.status(503), old, at: wall(99)) == .spool(step: 2, next: wall(390)))
}

// MARK: Taking up

private func item(
    _ index: Int, webhook: Int = 0, due seconds: Int = 0, created: WallTime = start.wall, folder: Int = 1
) -> SpoolItem {
    SpoolItem(
        place: place(created: created, folder: folder, index: index), webhook: webhook, count: 10,
        next: wall(seconds))
}

extension TakeUp {
    fileprivate mutating func taken(_ seconds: Int) -> [Int] {
        var taken: [Int] = []
        while let (item, isExpired) = next(moment(seconds)) {
            taken.append(isExpired ? -item.place.index : item.place.index)
        }
        return taken
    }
}

@Test func `items are taken up when they are due, in the order in which they became so`() {
    var takeUp = TakeUp([.open(atOnce: 9)], maxAge: age)
    takeUp.add([item(1, due: 20), item(2, due: -10), item(3, due: 10), item(4, due: -20)], now: moment(0))
    #expect(takeUp.taken(0) == [4, 2])
    #expect(takeUp.nextDue == moment(10).monotonic)
    #expect(!takeUp.isDue(moment(9)))
    #expect(takeUp.taken(15) == [3])
    #expect(takeUp.waiting == [10])
    #expect(takeUp.taken(20) == [1])
    #expect(takeUp.waiting == [0])
    #expect(takeUp.nextDue == nil)
}

@Test func `no more of a webhook's items are read than it may have requests, and webhooks take turns`() {
    var takeUp = TakeUp([.open(atOnce: 1), .open(atOnce: 2)], maxAge: age)
    takeUp.add([item(1), item(2), item(3, webhook: 1), item(4, webhook: 1), item(5, webhook: 1)], now: moment(0))
    #expect(takeUp.taken(0) == [1, 3, 4])
    #expect(takeUp.isDue(moment(0)))
    takeUp.ended(1)
    #expect(takeUp.taken(0) == [5])
    takeUp.ended(0)
    #expect(takeUp.taken(0) == [2])
    #expect(!takeUp.isDue(moment(0)))
}

// The loop slept until the next timer, up to 500 ms, after each item that was settled.
@Test func `a settled item makes room, and the loop does not sleep while there is something to give`() {
    var takeUp = TakeUp([.open(atOnce: 1)], maxAge: age)
    #expect(!takeUp.mayGive(moment(0)))
    takeUp.add([item(1), item(2), item(3, due: 10)], now: moment(0))
    #expect(takeUp.mayGive(moment(0)))
    #expect(takeUp.taken(0) == [1])
    // What is due has no place: it would be a loop that never sleeps.
    #expect(!takeUp.mayGive(moment(0)))
    takeUp.ended(0)
    #expect(takeUp.mayGive(moment(0)))
    #expect(takeUp.taken(0) == [2])
    takeUp.ended(0)
    #expect(!takeUp.mayGive(moment(9)))
    #expect(takeUp.mayGive(moment(10)))
    takeUp.close()
    #expect(!takeUp.mayGive(moment(10)))
}

@Test func `items of webhooks that get nothing in this run rest until they are too old`() {
    var takeUp = TakeUp([.resting], maxAge: .seconds(100))
    takeUp.add([item(1), item(2, webhook: 1, created: wall(50))], now: moment(0))
    #expect(takeUp.taken(99) == [])
    #expect(!takeUp.isDue(moment(99)))
    #expect(takeUp.waiting == [10, 10])
    #expect(takeUp.taken(100) == [-1])
    #expect(takeUp.taken(150) == [-2])
    #expect(takeUp.waiting == [0, 0])
}

@Test func `an item that grows too old before it is due is given up then`() {
    var takeUp = TakeUp([.open(atOnce: 1)], maxAge: .seconds(100))
    takeUp.add([item(1, due: 500)], now: moment(0))
    #expect(takeUp.taken(99) == [])
    #expect(takeUp.taken(100) == [-1])
}

@Test func `what the run put there itself is not counted as waiting, but taken up`() {
    var takeUp = TakeUp([.open(atOnce: 1)], maxAge: age)
    takeUp.add([item(1, due: 5, folder: 0)], now: moment(0))
    #expect(takeUp.waiting == [0])
    #expect(takeUp.taken(5) == [1])
    #expect(takeUp.waiting == [0])
}

@Test func `what goes back untouched waits, and its place is free for the next one`() {
    var takeUp = TakeUp([.open(atOnce: 1)], maxAge: age)
    takeUp.add([item(1), item(2)], now: moment(0))
    #expect(takeUp.taken(0) == [1])
    takeUp.postpone(item(2), until: moment(99).monotonic)
    takeUp.ended(0)
    #expect(takeUp.waiting == [20])
    #expect(takeUp.taken(0) == [2])
    takeUp.ended(0)
    takeUp.postpone(item(3), until: moment(7).monotonic)
    #expect(takeUp.taken(6) == [])
    #expect(takeUp.taken(7) == [3])
}

@Test func `a run that was stopped takes up nothing more, and does not wait for what is due`() {
    var takeUp = TakeUp([.open(atOnce: 1)], maxAge: age)
    takeUp.add([item(1)], now: moment(0))
    takeUp.close()
    #expect(takeUp.taken(0) == [])
    #expect(!takeUp.isDue(moment(0)))
    #expect(takeUp.nextDue == nil)
    #expect(takeUp.waiting == [10])
}

// MARK: Order

private func ranked(_ line: Int, lane: Int = 0, lanes: Int = 2, due seconds: Int = 0, began: Int = 1) -> SpoolItem {
    let place = SpoolPlace(
        folder: 1, group: 1, index: line, lane: lane, lanes: lanes, rank: .init(began: began, line: line), step: 0,
        created: start.wall)
    return SpoolItem(place: place, webhook: 0, count: 10, next: wall(seconds))
}

@Test func `of a lane one item is under way, in the order of the input, and none before the first is due`() {
    var takeUp = TakeUp([.serial(lanes: 2)], maxAge: age)
    takeUp.add(
        [ranked(3), ranked(1, due: 5), ranked(2), ranked(4, lane: 1), ranked(9, began: 0), ranked(5, lane: 1)],
        now: moment(0))
    // The run before comes first, whatever its lines.
    #expect(Set(takeUp.taken(0)) == [9, 4])
    takeUp.ended(0, lane: 1)
    #expect(takeUp.taken(0) == [5])
    takeUp.ended(0, lane: 0)
    takeUp.ended(0, lane: 1)
    #expect(takeUp.taken(4) == [])
    #expect(!takeUp.isDue(moment(4)) && takeUp.nextDue == moment(5).monotonic)
    #expect(takeUp.isBehind(0, lane: 0) && !takeUp.isBehind(0, lane: 1))
    for line in [1, 2, 3] {
        #expect(takeUp.taken(5) == [line])
        #expect(takeUp.isBehind(0, lane: 0))
        takeUp.ended(0, lane: 0)
    }
    #expect(!takeUp.isBehind(0, lane: 0))
}

@Test func `an item that comes back into the spool is before those behind it`() {
    var takeUp = TakeUp([.serial(lanes: 2)], maxAge: age)
    takeUp.add([ranked(1), ranked(2)], now: moment(0))
    #expect(takeUp.taken(0) == [1])
    takeUp.add([ranked(1, due: 5)], now: moment(0))
    takeUp.ended(0, lane: 0)
    #expect(takeUp.taken(4) == [])
    #expect(takeUp.taken(5) == [1])
    takeUp.ended(0, lane: 0)
    #expect(takeUp.taken(5) == [2])
}

@Test func `items that were cut for another number of lanes hold all lanes until none is left`() {
    var takeUp = TakeUp([.serial(lanes: 2)], maxAge: age)
    takeUp.add([ranked(3, lane: 1), ranked(1, lane: 5, lanes: 8), ranked(2)], now: moment(0))
    for line in [1, 2, 3] {
        #expect(takeUp.isBehind(0, lane: 0) && takeUp.isBehind(0, lane: 1))
        #expect(takeUp.taken(0) == [line])
        takeUp.ended(0, lane: line == 3 ? 1 : 0)
    }
    #expect(!takeUp.isBehind(0, lane: 0) && !takeUp.isBehind(0, lane: 1))
    takeUp.add([ranked(4), ranked(5, lane: 1)], now: moment(0))
    #expect(Set(takeUp.taken(0)) == [4, 5])
}

@Test func `a lane is taken from the moment that a batch is on its way into the spool, until that failed`() {
    var takeUp = TakeUp([.serial(lanes: 2), .open(atOnce: 1)], maxAge: age)
    takeUp.expect(1, of: 0, lane: 1)
    takeUp.expect(1, of: 1, lane: 0)
    #expect(takeUp.isBehind(0, lane: 1) && !takeUp.isBehind(0, lane: 0) && !takeUp.isBehind(1, lane: 0))
    takeUp.expect(-1, of: 0, lane: 1)
    #expect(!takeUp.isBehind(0, lane: 1))
}

@Test func `what is behind another batch waits with it, and a part of a batch goes on where the whole was`() {
    #expect(deferral(.behind, attempts: 0) == .spool(step: 0, next: wall(100)))
    #expect(deferral(.behind, place(isResumed: false), attempts: 0) == .stays)
    let part = Deferral(
        .status(503), place: nil, whole: place(2, attempts: 3), attempts: 1, lastAttempt: wall(90), notBefore: nil,
        maxAge: age, now: wall(100))
    #expect(part == .spool(step: 3, next: wall(90 + 1_800)))
}

// MARK: Groups

private func batch(bytes: Int, id: String = "b", events: Int = 1) -> Batch {
    let batch = Batch(
        webhook: 0, payload: Payload(.json), opened: start.monotonic, memory: MemoryAccount(limit: 1 << 20),
        expectedBytes: 0, expectedEvents: 1)
    for line in 1...events {
        unsafe [UInt8](repeating: 0x20, count: bytes).withUnsafeBytes { unsafe batch.append($0, line: line, topic: 0) }
    }
    batch.id = id
    return batch
}

@Test func `batches are written ahead when enough are gathered or nothing more comes now`() {
    var ahead = WriteAhead(isOn: true, memory: 32 << 20)
    #expect(ahead.step(mayGrow: false) == .none)
    ahead.add(batch(bytes: 1_000, id: "a"))
    #expect(ahead.step(mayGrow: true) == .none)
    #expect(ahead.step(mayGrow: false) == .finish)
    ahead.add(batch(bytes: WriteAhead.largestGroup, id: "b"))
    #expect(ahead.step(mayGrow: true) == .rotate)
    #expect(ahead.rotate().isEmpty)
    #expect(!ahead.isEmpty && ahead.step(mayGrow: true) == .none)
    ahead.add(batch(bytes: 10, id: "c"))
    #expect(ahead.rotate().map(\.id) == ["a", "b"])
    ahead.add(batch(bytes: 10, id: "d"))
    #expect(ahead.finish().map(\.id) == ["c", "d"])
    #expect(ahead.isEmpty && ahead.step(mayGrow: false) == .none)
    ahead.add(batch(bytes: 10, id: "e"))
    ahead.turnOff()
    #expect(!ahead.isOn && ahead.takesBatches, "a batch that overtook `e` would break the order")
    #expect(ahead.finish().map(\.id) == ["e"])
    #expect(!ahead.takesBatches)
}

@Test func `two groups that wait for the disk take no more than half of the memory`() {
    var ahead = WriteAhead(isOn: true, memory: 4 << 20)
    ahead.add(batch(bytes: 1 << 20))
    #expect(ahead.step(mayGrow: true) == .rotate)
}

@Test func `settled items are noted when there are many or the first has waited long enough`() {
    var settled = SettledItems()
    #expect(settled.due == nil)
    let kept = batch(bytes: 10, id: "kept")
    kept.spooled = place()
    kept.spooled?.repeatableRun = "r"
    settled.add(kept, dead: .switchedOff, now: moment(1).monotonic)
    settled.add(batch(bytes: 10), dead: nil, now: moment(2).monotonic)
    #expect(settled.due == moment(1).monotonic + SettledItems.maxWait)
    #expect(settled.dead.places.count == 1 && settled.deadLettered == [0: 1])
    #expect(settled.whole.map(\.reason) == [.switchedOff] && settled.hasDead)
    #expect(settled.dead.notes.map(\.id) == ["kept"] && settled.dead.notes.map(\.run) == ["r"])
    #expect(settled.gone.places.isEmpty && settled.gone.notes.isEmpty)
    for index in 0..<SettledItems.limitWithNotes { settled.add(place(index: index), now: moment(3).monotonic) }
    #expect(settled.gone.places.count == SettledItems.limitWithNotes)
    #expect(settled.due == moment(1).monotonic)
    settled.removeAll()
    #expect(settled.isEmpty && settled.due == nil)
}

/// The parts of a split batch were flushed with an earlier group, whose failure was forgotten.
@Test func `the end of a split batch needs its dead letters on the disk, also those of an earlier group`() {
    let whole = batch(bytes: 10, id: "whole", events: 2)
    whole.spooled = place()
    let (first, second) = whole.halves()
    var settled = SettledItems()
    settled.addDead(first)
    #expect(settled.hasDead)
    settled.removeAll()
    guard let origin = second.origin else { return #expect(Bool(false), "a half has an origin") }
    origin.hasDead = true
    settled.add(origin, now: moment(1).monotonic)
    #expect(settled.hasDead && settled.deadLettered.isEmpty)
}

@Test func `a batch that never lay in the spool is noted for repeats alone`() {
    var settled = SettledItems()
    for index in 0..<SettledItems.limitWithNotes {
        settled.add("msg_\(index)", of: "r", isDead: index == 0, now: moment(index).monotonic)
    }
    #expect(settled.gone.places.isEmpty && settled.dead.places.isEmpty && settled.hasDead)
    #expect(settled.dead.notes.map(\.id) == ["msg_0"])
    #expect(settled.due == moment(0).monotonic)
}

@Test func `batches that wait for room keep their order and let none overtake`() {
    var ahead = WriteAhead(isOn: true, memory: 1 << 20)
    ahead.hold(batch(bytes: 10, id: "a"))
    ahead.hold(batch(bytes: 10, id: "b"))
    #expect(ahead.awaitsRoom && ahead.isWritten && !ahead.isEmpty)
    #expect(ahead.step(mayGrow: false) == .none, "nothing of it is to be waited for")
    if let first = ahead.nextHeld() { ahead.hold(again: first) }
    #expect(ahead.nextHeld()?.id == "a")
    #expect(ahead.nextHeld()?.id == "b")
    #expect(!ahead.awaitsRoom && ahead.isEmpty)
}
