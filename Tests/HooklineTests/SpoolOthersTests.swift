import Hookline
import Testing

private let start = Moment(monotonic: ContinuousClock().systemEpoch, wall: WallTime(milliseconds: 1_700_000_000_000))

@Test func `a run looks for what others left every two seconds, however often it is asked`() {
    var watch = SpoolWatch(start.monotonic)
    func time(_ milliseconds: Int) -> ContinuousClock.Instant { start.monotonic + .milliseconds(milliseconds) }
    var looks: [Int] = []
    for milliseconds in stride(from: 0, through: 7_000, by: 500) where watch.looks(time(milliseconds)) {
        looks.append(milliseconds)
    }
    #expect(looks == [2_000, 4_000, 6_000])
    #expect(watch.due == time(8_000))
    // A loop that was busy for long looks once.
    let late = [watch.looks(time(60_000)), watch.looks(time(60_000))]
    #expect(late == [true, false])
}

@Test func `a lane that holds what another run has gives nothing and takes what comes later, the others go on`() {
    var takeUp = TakeUp([.serial(lanes: 2), .open(atOnce: 2)], maxAge: .seconds(3_600))
    takeUp.block(0, lane: 1, of: 2)
    takeUp.block(1, lane: 0, of: 1)
    takeUp.block(2, lane: 0, of: 1)
    #expect((0..<2).map { takeUp.isBehind(0, lane: $0) } == [false, true] && !takeUp.isBehind(1, lane: 0))
    func item(_ index: Int, webhook: Int = 0, lane: Int) -> SpoolItem {
        let place = SpoolPlace(
            folder: 0, group: 1, index: index, lane: lane, lanes: webhook == 0 ? 2 : 1,
            rank: .init(began: 1, line: index), step: 0, created: start.wall)
        return SpoolItem(place: place, webhook: webhook, count: 1, next: start.wall)
    }
    takeUp.add([item(1, lane: 1), item(2, lane: 0), item(3, webhook: 1, lane: 0)], now: start)
    var taken: Set<Int> = []
    while let (item, _) = takeUp.next(start) { taken.insert(item.place.index) }
    #expect(taken == [2, 3])
    takeUp.ended(0, lane: 0)
    #expect(!takeUp.isDue(start) && takeUp.nextDue == nil)
    // Cut for other lanes: any lane may hold its keys.
    takeUp.block(0, lane: 5, of: 8)
    #expect((0..<2).allSatisfy { takeUp.isBehind(0, lane: $0) })
}

extension SpoolStoreTests {
    @Test func `without the lock what dead runs left counts, of live ones what was skipped, and nothing twice`() throws
    {
        let holding = try spool(path, uid: "h", run: "h")
        #expect(try holding.takeLock(holder) == .taken)
        let dead = try spool(path, run: "other")
        let items = try dead.add((1...3).map { entry(batch(id($0))) }, now: now)
        try dead.finish([items[0].place])
        dead.close()
        let live = try spool(path, uid: "b")
        _ = try live.add([entry(batch(id(4))), entry(batch(id(5), ["{}"])), entry(batch(id(2)))], now: now)

        let run = try spool(path, uid: "c")
        #expect(try run.takeLock(holder) != .taken)
        _ = try run.waiting { _ in }
        #expect(run.lanesElsewhere == [Spool.Lane(webhook: 0, lane: 0, lanes: 1)])
        #expect(try run.left() == [0: 4])
        for number in [4, 5] { #expect(run.isKnown(id(number))) }
        run.skipped(id(5))
        #expect(try run.left() == [0: 5])
        // Its own are counted as deferred.
        _ = try run.add([entry(batch(id(6)))], now: now)
        #expect(try run.left() == [0: 5])
        holding.close()
        live.close()

        let last = try spool(path, uid: "d")
        #expect(try last.takeLock(holder) == .taken)
        let (first, more) = (try last.waiting { _ in }.count, try last.newlyWaiting { _ in })
        #expect(first == 5 && more == [] && last.lanesElsewhere == [])
        run.close()
        let left = try last.newlyWaiting { _ in }
        #expect(left.count == 1 && left[0].place.isResumed && left[0].place.folder > 0)
        last.skipped(id(4))
        #expect(try last.left() == [:])
        #expect(last.used == sizeOfGroups(in: path))
    }

    @Test func `what a live run has and a run with the lock skipped is counted, unless it was settled`() throws {
        let live = try spool(path)
        let items = try live.add([entry(batch(id(1))), entry(batch(id(2)))], now: now)
        let run = try spool(path, uid: "b")
        #expect(try run.takeLock(holder) == .taken)
        _ = try run.waiting { _ in }
        for number in [1, 2] { run.skipped(id(number)) }
        #expect(try run.left() == [0: 4])
        try live.note([("r", id(1))])
        try live.finish([items[0].place])
        #expect(try run.left() == [0: 2])
        try live.finish([items[1].place])
        #expect(try run.left() == [:])
        live.close()
    }
}
