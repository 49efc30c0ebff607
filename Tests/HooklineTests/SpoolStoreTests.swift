import Foundation
import Glibc
import Hookline
import TestKit
import Testing

@Suite struct SpoolStoreTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("spool")
    }

    @Test(arguments: Webhook.Format.allCases)
    func `a batch comes out as it went in`(format: Webhook.Format) throws {
        let events = format.wrapsEvents || format == .single ? ["{ \"é\" : 1.0 }"] : ["{ \"é\" : 1.0 }", "{}", "[1]"]
        let sent = batch(id(7), events, format: format)
        sent.attempts = 4
        sent.firstAttempt = WallTime(milliseconds: 1_700_000_000_007)
        sent.lastAttempt = WallTime(milliseconds: 1_700_000_009_120)
        let first = try spool(path)
        let later = WallTime(milliseconds: now.milliseconds + 5_000)
        _ = try first.add([entry(sent, step: 1, next: later)], now: now)
        first.close()

        let second = try spool(path, uid: "b")
        #expect(try second.takeLock(holder) == .taken)
        let item = try #require(try second.waiting { _ in }.first)
        #expect(item.next == later)
        #expect(item.count == events.count)
        #expect(second.names[item.webhook] == "orders")
        let (got, header) = try #require(try second.load(item, memory: memory, opened: start))
        #expect(unsafe Array(got.body) == Array(sent.body))
        #expect((0..<got.count).map { got[$0] } == (0..<sent.count).map { sent[$0] })
        #expect(got.id == sent.id && got.format == format && got.contentType == sent.contentType)
        #expect(got.attempts == 4 && got.firstAttempt == sent.firstAttempt && got.lastAttempt == sent.lastAttempt)
        #expect(header.reason == "status" && header.status == 503 && header.run == "r" && header.isRepeatable)
        #expect(got.spooled?.isResumed == true && got.spooled?.created == now && got.spooled?.step == 1)
    }

    @Test func `a group is there as a whole or not at all, whenever its run is killed`()
        throws
    {
        let shots = try Snapshots(of: path)
        let run = try spool(path, observer: shots.take)
        _ = try run.add((1...3).map { entry(batch(id($0))) }, now: now)
        let returned = shots.steps.count
        let renamed = try #require(shots.steps.firstIndex { $0.step == .rename && $0.file.hasSuffix(".items") })
        for index in 0..<returned {
            let (ids, damaged) = try takenUp(shots.path(index))
            #expect(ids == (index < renamed ? [] : (1...3).map(id)), "after \(shots.steps[index])")
            #expect(damaged == [])
        }
    }

    @Test func `a file is on the disk before it has its name, and the name before the batch counts as kept`() throws {
        var steps: [SpoolDisk.Step] = []
        let run = try spool(path)
        _ = try run.add([entry(batch(id(1)))], now: now)
        let observed = try spool(path, uid: "b") { step, _ in steps.append(step) }
        _ = try observed.add([entry(batch(id(2)))], now: now)
        // The first two are the names of the spool and its `runs`, which the other run made.
        let expected: [SpoolDisk.Step] = [
            .syncFolder, .syncFolder, .folder, .syncFolder, .rename, .syncFolder, .create, .write, .write, .write,
            .sync,
            .rename, .syncFolder,
        ]
        #expect(steps == expected)
    }

    @Test func `a group that was sealed is kept only when it is committed, and before the next one`() throws {
        let shots = try Snapshots(of: path)
        let run = try spool(path, observer: shots.take)
        _ = try run.append(entry(batch(id(1))), now: now)
        try run.seal()
        _ = try run.append(entry(batch(id(2))), now: now)
        let sealed = shots.steps.count
        try run.seal()
        let first = shots.steps.count
        try run.commit()
        #expect(try takenUp(shots.path(sealed - 1)).ids == [])
        #expect(try takenUp(shots.path(first - 1)).ids == [id(1)])
        #expect(try takenUp(shots.path(shots.steps.count - 1)).ids == [id(1), id(2)])
        for index in shots.steps.indices { #expect(try takenUp(shots.path(index)).ids != [id(2)]) }
    }

    @Test func `an item that is written anew is there at least once, whenever the run is killed`() throws {
        let first = try spool(path)
        _ = try first.add([entry(batch(id(1))), entry(batch(id(2)))], now: now)
        first.close()
        let shots = try Snapshots(of: path)
        let second = try spool(path, uid: "b", observer: shots.take)
        #expect(try second.takeLock(holder) == .taken)
        let items = try second.waiting { _ in }
        let (again, _) = try #require(try second.load(items[0], memory: memory, opened: start))
        let old = try #require(again.spooled)
        _ = try second.add([entry(again, step: 2)], now: now)
        try second.finish([old])
        try second.finish([items[1].place])
        for index in shots.steps.indices {
            let ids = try takenUp(shots.path(index)).ids
            #expect(ids.contains(id(1)), "after \(shots.steps[index])")
            #expect(ids.filter { $0 == id(1) }.count <= 2)
        }
        second.close()
        #expect(try takenUp(path).ids == [id(1)])
    }

    @Test func `a finished item is not taken up again, and a group whose items are all finished leaves no file`() throws
    {
        let run = try spool(path)
        let items = try run.add((1...3).map { entry(batch(id($0))) }, now: now)
        let size = run.used
        #expect(size > 0)
        try run.finish([items[1].place])
        #expect(run.used == size)
        try run.finish([items[1].place, items[0].place])
        run.close()
        #expect(try takenUp(path).ids == [id(3)])
        let again = try spool(path, uid: "b")
        #expect(try again.takeLock(holder) == .taken)
        let rest = try again.waiting { _ in }
        try again.finish(rest.map(\.place))
        #expect(again.used == 0)
        again.close()
        #expect(try files(path) == ["lock", "runs"])
    }

    @Test func `a finished group's file is written over, and shows nothing of it, whenever the run is killed`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("spool")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let shots = try Snapshots(of: path)
        let run = try spool(path, observer: shots.take)
        let large = (1...50).map { "{\"old\":\($0)}" }
        let first = try run.add([entry(batch(id(1), large))], now: now)
        try run.finish(first.map(\.place))
        let finished = shots.steps.count
        let second = try run.add([entry(batch(id(2)))], now: now)
        // The disk knows now that the first one's name is gone.
        let third = try run.add([entry(batch(id(3))), entry(batch(id(4)))], now: now)
        #expect(shots.steps.filter { $0.step == .create && $0.file.hasSuffix(".tmp") }.count == 3)
        let reused = shots.steps.filter { $0.step == .rename && $0.file.hasSuffix(".tmp") }
        #expect(reused.map(\.file) == ["00000001.tmp", "00000003.tmp"])
        for index in shots.steps.indices.dropFirst(finished) {
            let (ids, damaged) = try takenUp(shots.path(index))
            #expect(damaged.isEmpty && !ids.contains(id(1)), "after \(shots.steps[index])")
            #expect([[], [id(2)], [id(2), id(3), id(4)]].contains(ids), "after \(shots.steps[index])")
        }
        #expect(try run.load(third[1], memory: memory, opened: start)?.batch.id == id(4))
        #expect(run.used == sizeOfGroups(in: path) && run.held == run.used)
        try run.finish((second + third).map(\.place))
        run.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("spool/runs")) == [])
    }

    @Test func `a file is not written over before the disk knows that its old name is gone`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("spool")
        let shots = StepList()
        let run = try spool(path, observer: shots.take)
        let first = try run.add([entry(batch(id(1)))], now: now)
        try run.finish(first.map(\.place))
        _ = try run.append(entry(batch(id(2))), now: now)
        #expect(!shots.steps.contains("rename 00000002.tmp"))
        try run.commit()
        _ = try run.append(entry(batch(id(3))), now: now)
        #expect(shots.steps.contains("rename 00000003.tmp"))
        run.close()
    }

    @Test func `what was cut off at any place is set aside and never deleted, and what is whole before it is taken up`()
        throws
    {
        let run = try spool(path)
        _ = try run.add([entry(batch(id(1))), entry(batch(id(2)))], now: now)
        run.close()
        let file = path + "/runs/a/00000001.items"
        let whole = try Data(contentsOf: URL(filePath: file))
        let half = whole.count / 2
        for count in stride(from: 1, to: whole.count, by: 41) {
            let copy = directory.file("\(count)")
            try FileManager.default.copyItem(atPath: path, toPath: copy)
            try whole.prefix(count).write(to: URL(filePath: copy + "/runs/a/00000001.items"))
            let (ids, damaged) = try takenUp(copy)
            #expect(ids == (count < half ? [] : [id(1)]), "cut at \(count)")
            #expect(damaged == [copy + "/runs/a/00000001.items"])
            let names = try files(copy).filter { $0.hasPrefix("runs/a/0") }
            #expect(names == ["runs/a/00000001." + (ids.isEmpty ? "corrupt" : "items")])
        }
    }

    @Test func `a byte that changed makes its item damaged, wherever it stands, and the other one stays`() throws {
        let run = try spool(path)
        _ = try run.add([entry(batch(id(1))), entry(batch(id(2)))], now: now)
        run.close()
        let whole = try Data(contentsOf: URL(filePath: path + "/runs/a/00000001.items"))
        // The line feed after a body holds nothing.
        for place in stride(from: 0, to: whole.count / 2 - 1, by: 23) {
            let copy = directory.file("\(place)")
            try FileManager.default.copyItem(atPath: path, toPath: copy)
            var changed = whole
            changed[place] ^= 1
            try changed.write(to: URL(filePath: copy + "/runs/a/00000001.items"))
            let ids = try takenUp(copy).ids
            #expect(!ids.contains(id(1)), "byte \(place)")
            #expect(try files(copy).contains { $0.hasPrefix("runs/a/0") })
        }
    }

    @Test(arguments: ["", "garbage", "{\"spool\":\n", "{}\n{}\n", "\u{0}\u{0}\n"])
    func `a file that is none of this version is set aside`(text: String) throws {
        let run = try spool(path)
        _ = try run.add([entry(batch(id(1)))], now: now)
        run.close()
        try directory.write(text, to: "spool/runs/a/00000002.items")
        try directory.write("no record", to: "spool/runs/a/00000001.done")
        let (ids, damaged) = try takenUp(path)
        #expect(ids == [id(1)])
        #expect(damaged.count == (text.isEmpty ? 0 : 1))
        #expect(FileManager.default.fileExists(atPath: path + "/runs/a/00000002.corrupt") == !text.isEmpty)
    }

    @Test func `a run that lives keeps its items, and what it had begun to write`() throws {
        let living = try spool(path)
        _ = try living.add([entry(batch(id(1)))], now: now)
        try directory.write("half", to: "spool/runs/a/00000002.tmp")
        #expect(try takenUp(path).ids == [])
        #expect(FileManager.default.fileExists(atPath: path + "/runs/a/00000002.tmp"))
        living.close()
        #expect(try takenUp(path).ids == [id(1)])
        #expect(!FileManager.default.fileExists(atPath: path + "/runs/a/00000002.tmp"))
    }

    @Test func `a lock that another has is no error, and says who has it`() throws {
        let first = try spool(path)
        #expect(try first.takeLock(holder) == .taken)
        _ = try first.add([entry(batch(id(1)))], now: now)
        first.close()
        let second = try spool(path, uid: "b")
        #expect(try second.takeLock(holder) == .taken)
        let third = try spool(path, uid: "c")
        #expect(try third.takeLock(holder) == .held(by: holder))
        #expect(try third.waiting { _ in } == [])
        _ = try third.add([entry(batch(id(2)))], now: now)
        third.close()
        #expect(try second.waiting { _ in }.count == 2)
    }

    @Test func `batches that a run with the same id settled, or that still wait, are known to its repeat`() throws {
        let first = try spool(path)
        _ = try first.add([entry(batch(id(1))), entry(batch(id(2)))], now: now)
        try first.note([("r", id(3)), ("other", id(4))])
        first.close()
        try directory.write(directory.text(of: "spool/settled/r") + "msg_00", to: "spool/settled/r")
        let again = try spool(path, uid: "b")
        _ = try again.waiting { _ in }
        #expect((1...5).map { again.isKnown(id($0)) } == [true, true, true, false, false])
        let unnamed = try spool(path, uid: "c", isRepeatable: false)
        _ = try unnamed.waiting { _ in }
        #expect(!unnamed.isKnown(id(1)))
    }

    // A finished item counted as one that waits, whatever had become of it.
    @Test func `what is finished without a note, and does not lie there anew, is not known`() throws {
        let first = try spool(path)
        let items = try first.add((1...3).map { entry(batch(id($0))) }, now: now)
        try first.finish([items[0].place])
        let beside = try spool(path, uid: "b")
        _ = try beside.waiting { _ in }
        first.close()
        let after = try spool(path, uid: "c")
        #expect(try after.takeLock(holder) == .taken)
        let rest = try after.waiting { _ in }
        for run in [beside, after] { #expect((1...3).map { run.isKnown(id($0)) } == [false, true, true]) }
        #expect(try after.notes(of: rest).map(\.id) == [id(2), id(3)])
    }

    // What had expired, and could not become dead letters, was written anew under the name of the run that did so.
    @Test(arguments: [false, true])
    func `an item that is written anew stays that of the run that cut it`(isResumed: Bool) throws {
        let first = try spool(path)
        _ = try first.add([entry(batch(id(1)))], now: now)
        first.close()
        let second = try spool(path, uid: "b", run: "s")
        #expect(try second.takeLock(holder) == .taken)
        let item = try #require(try second.waiting { _ in }.first)
        let (old, _) = try #require(try second.load(item, memory: memory, opened: start))
        old.spooled?.isResumed = isResumed
        _ = try second.add([entry(old, step: Deferral.decided)], now: now)
        try second.finish([item.place])
        second.close()
        let header = try #require(try SpoolListing(path).entries.first).header
        #expect(header.run == "r" && header.isRepeatable)
        let again = try spool(path, uid: "c")
        _ = try again.waiting { _ in }
        #expect(again.isKnown(id(1)))
    }

    @Test func `notes go when nobody added to them for long`() throws {
        let run = try spool(path)
        try run.note([("r", id(3))])
        #expect(try run.takeLock(holder) == .taken)
        try run.removeOldNotes(before: WallTime(milliseconds: 0))
        #expect(try files(path).contains("settled/r"))
        try run.removeOldNotes(before: WallTime(milliseconds: WallTime.now.milliseconds + 86_400_000))
        #expect(try !files(path).contains("settled/r"))
    }

    @Test func `no more is taken than max_bytes, and what goes makes room`() throws {
        let large = String(repeating: "x", count: 600)
        let run = try spool(path, maxBytes: 2_500)
        let first = try run.add([entry(batch(id(1), ["\"\(large)\""]))], now: now)
        let other = try spool(path, uid: "b", maxBytes: 2_500)
        _ = try other.add([entry(batch(id(2), ["\"\(large)\""]))], now: now)
        #expect(throws: SpoolError.full(directory: path, limit: 2_500)) {
            try other.add([entry(batch(id(3), ["\"\(large)\""]))], now: now)
        }
        try run.finish([first[0].place])
        _ = try other.add([entry(batch(id(3), ["\"\(large)\""]))], now: now)
    }

    /// An item that failed once more in a full spool became a dead letter.
    @Test func `what lies in a full spool can be written anew`() throws {
        let body = "\"\(String(repeating: "x", count: 600))\""
        let run = try spool(path, maxBytes: 1_500)
        let kept = batch(id(1), [body])
        let first = try run.add([entry(kept)], now: now)
        #expect(throws: SpoolError.full(directory: path, limit: 1_500)) {
            try run.add([entry(batch(id(2), [body]))], now: now)
        }
        _ = try run.add([entry(kept, step: 1)], now: now)
        try run.finish([first[0].place])
        run.close()
        #expect(try takenUp(path).ids == [id(1)])
    }

    /// Then the group was dropped, and its first item believed to be kept.
    @Test func `when a failed item can't be cut off, nothing of its group is kept`() throws {
        let isBroken = Flag()
        let run = try spool(path) { step, path in
            guard isBroken.isSet, step == .sync else { return }
            Issue.record("\(path) is not to be kept")
        }
        _ = try run.append(entry(batch(id(1))), now: now)
        try replaceOpenFile(endingIn: ".tmp", in: path, by: "/dev/full")
        isBroken.isSet = true
        let failure = SpoolError.failed(path: path + "/runs/a/00000001.tmp", errno: ENOSPC)
        #expect(throws: failure) { try run.append(entry(batch(id(2))), now: now) }
        #expect(throws: failure) { try run.commit() }
        isBroken.isSet = false
        _ = try run.add([entry(batch(id(3)))], now: now)
        run.close()
        #expect(try takenUp(path).ids == [id(3)])
    }

    @Test func `only its owner may look into the spool`() throws {
        let run = try spool(path)
        _ = try run.add([entry(batch(id(1))), entry(batch(id(2)))], now: now)
        #expect(try run.takeLock(holder) == .taken)
        try run.note([("r", id(3))])
        try run.finish([try #require(try run.add([entry(batch(id(4))), entry(batch(id(5)))], now: now).first).place])
        for name in try files(path) + [""] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
            let isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
            #expect(attributes[.posixPermissions] as? Int == (isFolder ? 0o700 : 0o600), "\(name)")
        }
    }

    @Test func `a folder whose parent is not there, or a file in its place, is an error with advice`() throws {
        #expect(throws: SpoolError.failed(path: directory.file("none/spool"), errno: ENOENT)) {
            try spool(directory.file("none/spool"))
        }
        try directory.write("", to: "file")
        #expect(throws: SpoolError.notAFolder(path: directory.file("file"))) { try spool(directory.file("file")) }
        let error = SpoolError.failed(path: "x", errno: ENOSPC)
        #expect(error.exitCode == .outputFailed && error.hint != nil)
    }

    @Test func `an item of a webhook or topic that the configuration lacks keeps their names`() throws {
        let run = try spool(path)
        _ = try run.add([entry(batch(id(1)), webhook: "gone")], now: now)
        run.close()
        let topics = TopicNames(["new"])
        let later = try Spool(
            directory: path, maxBytes: 1 << 30, run: "r", isRepeatable: false, webhooks: ["orders"], topics: topics,
            disk: SpoolDisk(syncs: false), uid: "b")
        #expect(try later.takeLock(holder) == .taken)
        let item = try #require(try later.waiting { _ in }.first)
        #expect(item.webhook == 1 && later.names == ["orders", "gone"])
        let batch = try #require(try later.load(item, memory: memory, opened: start)?.batch)
        #expect((0..<batch.count).map { topics.names[batch[$0].topic] } == ["tasks \"x\"", "object.created"])
    }
}
