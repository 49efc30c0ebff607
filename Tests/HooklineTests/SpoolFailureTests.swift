import Foundation
import Glibc
import Hookline
import TestKit
import Testing

/// What the spool does when the disk fails, or another run or version is at work.
extension SpoolStoreTests {
    /// How a file or folder of the spool can't be read, whoever asks.
    enum Breakage: Sendable { case file, loop }

    private func put(_ breakage: Breakage, at path: String) throws {
        try? FileManager.default.removeItem(atPath: path)
        switch breakage {
        case .file: try Data("x".utf8).write(to: URL(filePath: path))
        case .loop: try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
        }
    }

    // Taken as empty, they let a run end with 0 while events waited.
    @Test(
        arguments: [
            ("runs", .file), ("runs/a", .loop), ("runs/a/live", .loop),
            ("runs/a/00000001.items", .loop),
            ("runs/a/00000001.done", .loop), ("settled", .file), ("settled/r", .loop),
        ] as [(String, Breakage)])
    func `what can't be read is an error, and never looks empty`(name: String, breakage: Breakage) throws {
        let run = try spool(path)
        let items = try run.add([entry(batch(id(1))), entry(batch(id(2)))], now: now)
        try run.finish([items[0].place])
        try run.note([("r", id(3))])
        run.close()
        let broken = path + "/" + name
        try put(breakage, at: broken)
        let isFolder = breakage == .file && name != "settled"
        let failure =
            isFolder
            ? SpoolError.notAFolder(path: broken)
            : .failed(path: name == "settled" ? broken + "/r" : broken, errno: breakage == .file ? ENOTDIR : ELOOP)
        #expect(throws: failure) {
            let later = try spool(path, uid: "b")
            #expect(try later.takeLock(holder) == .taken)
            _ = try later.waiting { _ in }
        }
        if name.hasPrefix("runs/") { #expect(throws: failure) { try SpoolListing(path) } }
        #expect(failure.exitCode == .outputFailed)
    }

    @Test func `room that can't be measured is not taken for free`() throws {
        let run = try spool(path, maxBytes: 1_000)
        _ = try run.add([entry(batch(id(1)))], now: now)
        try put(.loop, at: path + "/runs/other")
        #expect(throws: SpoolError.failed(path: path + "/runs/other", errno: ELOOP)) {
            for number in 2...3 { _ = try run.append(entry(batch(id(number))), now: now) }
        }
    }

    // Each run ended with 74, for a file that some file manager had left.
    @Test(arguments: [".DS_Store", ".hidden/", "notes.txt"])
    func `what is no run's folder is left alone`(name: String) throws {
        let run = try spool(path)
        _ = try run.add([entry(batch(id(1)))], now: now)
        run.close()
        let stray = path + "/runs/" + name
        if name.hasSuffix("/") {
            try FileManager.default.createDirectory(atPath: stray, withIntermediateDirectories: false)
        } else {
            try Data("x".utf8).write(to: URL(filePath: stray))
        }
        #expect(try SpoolListing(path).entries.map(\.header.webhookID) == [id(1)])
        #expect(try takenUp(path).ids == [id(1)])
        #expect(FileManager.default.fileExists(atPath: stray))
    }

    // The next note stood on the torn line, and was lost with it.
    @Test(arguments: ["msg_00", "", "msg_" + String(repeating: "0", count: 31) + "9"])
    func `a line that was cut off swallows nothing of what is appended to it`(torn: String) throws {
        let run = try spool(path)
        let items = try run.add((1...3).map { entry(batch(id($0))) }, now: now)
        try run.note([("r", id(4))])
        try run.finish([items[0].place])
        try directory.write(directory.text(of: "spool/settled/r") + torn, to: "spool/settled/r")
        try directory.write(
            directory.text(of: "spool/runs/a/00000001.done") + torn.prefix(3), to: "spool/runs/a/00000001.done")
        try run.note([("r", id(5)), ("r", id(6))])
        try run.finish([items[1].place])
        run.close()
        #expect(try takenUp(path).ids == [id(3)])
        let again = try spool(path, uid: "b")
        _ = try again.waiting { _ in }
        #expect((4...6).allSatisfy { again.isKnown(id($0)) })
        let lines = try directory.text(of: "spool/settled/r").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines == [id(4)[...]] + (torn.isEmpty ? [] : [torn[...]]) + [id(5)[...], id(6)[...], ""])
    }

    // A run that died between making the file and waiting for its name left that to nobody.
    @Test func `the name of a file of notes is waited for once by each run, also where it was there`() throws {
        let first = try spool(path)
        try first.note([("r", id(1))])
        let shots = StepList()
        let second = try spool(path, uid: "b", observer: shots.take)
        let before = shots.steps.count
        try second.note([("r", id(2))])
        let once = shots.steps.dropFirst(before)
        #expect(Array(once) == ["syncFolder spool", "append r", "sync r", "syncFolder settled"])
        try second.note([("r", id(3))])
        #expect(shots.steps.dropFirst(before + once.count) == ["append r", "sync r"])
        // Another run found it too old.
        try FileManager.default.removeItem(atPath: path + "/settled/r")
        try second.note([("r", id(4))])
        #expect(shots.steps.suffix(3) == ["append r", "sync r", "syncFolder settled"])
    }

    // They were renamed as if they were damaged; the header of version 1 lacks what this one needs.
    @Test(arguments: [1, 3])
    func `a file of another version is left as it is, and told of`(version: Int) throws {
        let run = try spool(path)
        let items = try run.add([entry(batch(id(1))), entry(batch(id(2)))], now: now)
        _ = try run.add([entry(batch(id(3)))], now: now)
        try run.finish([items[0].place])
        run.close()
        let name = "runs/a/00000001.items"
        let text = try directory.text(of: "spool/" + name)
            .replacing("{\"spool\":2,", with: "{\"spool\":\(version),")
            .replacing("\"checksum\":", with: version == 1 ? "\"sha256\":" : "\"checksum\":")
        try directory.write(text, to: "spool/" + name)
        let before = try files(path + "/runs/a")
        let finding = SpoolFinding.otherVersion(path: path + "/" + name, version)
        #expect(finding.message.contains("a newer hookline") == (version == 3))

        let later = try spool(path, uid: "b")
        #expect(try later.takeLock(holder) == .taken)
        var findings: [SpoolFinding] = []
        let waiting = try later.waiting { findings.append($0) }
        #expect(findings == [finding] && later.holdsUnreadable)
        #expect(try SpoolListing(path).findings == [finding])
        #expect(try waiting.map { try later.header(of: $0)?.webhookID } == [id(3)])
        try later.finish(waiting.map(\.place))
        later.close()
        #expect(try directory.text(of: "spool/" + name) == text)
        #expect(try files(path + "/runs/a") == before.filter { $0 != "00000002.items" })
    }

    // The notes were read before the items: what was settled in between was in neither, and was sent again.
    @Test func `a batch that a live run settles while this one looks is known to it`() throws {
        let live = try spool(path, uid: "b")
        let items = try live.add([entry(batch(id(1)))], now: now)
        let dead = try spool(path)
        _ = try dead.add([entry(batch(id(2)))], now: now)
        dead.close()
        try directory.write("half", to: "spool/runs/a/00000009.tmp")
        let wasSettled = Flag()
        let here = self
        let run = try spool(path, uid: "c") { step, file in
            guard step == .remove, file.hasSuffix(".tmp") else { return }
            wasSettled.isSet = true
            do {
                try live.note([("r", here.id(1))])
                try live.finish(items.map(\.place))
            } catch {
                Issue.record(error)
            }
        }
        #expect(try run.takeLock(holder) == .taken)
        _ = try run.waiting { _ in }
        #expect(wasSettled.isSet && run.isKnown(id(1)) && run.isKnown(id(2)))
    }

    // It was skipped by the run that had its good bytes, and lost; and only the first run after that said anything.
    @Test(arguments: [false, true])
    func `a damaged item is not known to a repeat, and each run tells of it as long as it is there`(
        isLocked: Bool
    ) throws {
        let run = try spool(path)
        _ = try run.add([entry(batch(id(1))), entry(batch(id(2)))], now: now)
        run.close()
        let file = path + "/runs/a/00000001"
        var bytes = try Data(contentsOf: URL(filePath: file + ".items"))
        bytes[bytes.count / 2 - 3] ^= 1
        try bytes.write(to: URL(filePath: file + ".items"))
        let again = try spool(path, uid: "b")
        if isLocked { #expect(try again.takeLock(holder) == .taken) }
        var findings: [SpoolFinding] = []
        _ = try again.waiting { findings.append($0) }
        #expect(!again.isKnown(id(1)) && again.isKnown(id(2)))
        #expect(findings == [.damaged(path: file + ".items")] && again.holdsUnreadable)
        again.close()

        #expect(try takenUp(path).ids == [id(2)])
        let next = try spool(path, uid: "d", run: "other")
        #expect(try next.takeLock(holder) == .taken)
        #expect(!next.holdsUnreadable)
        // Nobody knows of it before its turn comes.
        let items = try next.waiting { _ in }
        #expect(try items.filter { try next.load($0, memory: memory, opened: start) == nil }.count == 1)
        #expect(next.holdsUnreadable)
        try next.finish(items.map(\.place))
        next.close()
        let last = try spool(path, uid: "e", run: "other")
        if isLocked { #expect(try last.takeLock(holder) == .taken) }
        findings = []
        #expect(try last.waiting { findings.append($0) } == [])
        #expect(findings == [.damaged(path: file + ".corrupt")] && last.holdsUnreadable)
    }

    // They were there for ever.
    @Test func `a folder that a killed run had begun to make is removed, and not that of one that lives`() throws {
        for name in ["x.new", "y.new", "z.new"] {
            try FileManager.default.createDirectory(atPath: path + "/runs/" + name, withIntermediateDirectories: true)
        }
        try directory.write("", to: "spool/runs/x.new/live")
        try directory.write("", to: "spool/runs/z.new/live")
        let living = unsafe open(path + "/runs/z.new/live", O_RDWR | O_CLOEXEC)
        defer { close(living) }
        #expect(flock(living, LOCK_EX | LOCK_NB) == 0)
        let unlocked = try spool(path, uid: "b")
        _ = try unlocked.waiting { _ in }
        #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/runs").count == 3)
        #expect(try takenUp(path).ids == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/runs") == ["z.new"])
    }

    // Whoever holds the lock may see a folder before its run has locked it.
    @Test func `a run whose folder is taken for a dead run's before it has its name makes it anew`() throws {
        let other = try spool(path, uid: "z")
        #expect(try other.takeLock(holder) == .taken)
        let wasRemoved = Flag()
        let run = try spool(path) { step, file in
            guard step == .folder, file.hasSuffix(".new"), !wasRemoved.isSet else { return }
            wasRemoved.isSet = true
            do { _ = try other.waiting { _ in } } catch { Issue.record(error) }
            #expect(!FileManager.default.fileExists(atPath: file))
        }
        _ = try run.add([entry(batch(id(1)))], now: now)
        #expect(wasRemoved.isSet)
        run.close()
        other.close()
        #expect(try takenUp(path).ids == [id(1)])
    }

    // The look took the whole lock, so of two that looked at once one saw a live run where none was.
    @Test func `one that looks whether a run lives does not look like a run`() throws {
        let run = try spool(path)
        _ = try run.add([entry(batch(id(1)))], now: now)
        #expect(try SpoolListing(path).entries.map(\.isLive) == [true])
        run.close()
        let other = unsafe open(path + "/runs/a/live", O_RDONLY | O_CLOEXEC)
        defer { close(other) }
        #expect(flock(other, LOCK_SH | LOCK_NB) == 0)
        #expect(try SpoolListing(path).entries.map(\.isLive) == [false])
        #expect(try takenUp(path).ids == [id(1)])
    }

    // Files that were kept to be written over were in no sum.
    @Test func `files that are kept to be written over count, and go before an item is refused`() throws {
        let body = "\"\(String(repeating: "x", count: 600))\""
        let most = Largest()
        let path = self.path
        let run = try spool(path, maxBytes: 3_400) { _, _ in
            most.take(sizeOfGroups(in: path, with: [".items", ".tmp"]))
        }
        let first = try run.add([entry(batch(id(1), [body]))], now: now)
        let second = try run.add([entry(batch(id(2), [body]))], now: now)
        try run.finish((first + second).map(\.place))
        #expect(run.used == 0)
        #expect(run.held == sizeOfGroups(in: path, with: [".items", ".tmp"]) && run.held > 2_000)
        let third = try run.add([entry(batch(id(3), [body]))], now: now)
        #expect(try files(path + "/runs/a").count { $0.hasSuffix(".tmp") } == 2)
        _ = try run.add([entry(batch(id(4), [body]))], now: now)
        #expect(try files(path + "/runs/a").count { $0.hasSuffix(".tmp") } == 0)
        #expect(run.held == sizeOfGroups(in: path))
        #expect(most.size <= 3_400)
        try run.finish(third.map(\.place))
        run.close()
        #expect(try takenUp(path).ids == [id(4)])
    }

    @Test func `a file that is written over gives back what it has too much before an item is refused`() throws {
        let run = try spool(path, maxBytes: 3_600)
        let large = try run.add([entry(batch(id(1), ["\"\(String(repeating: "x", count: 2_000))\""]))], now: now)
        try run.finish(large.map(\.place))
        _ = try run.add([entry(batch(id(2)))], now: now)
        _ = try run.append(entry(batch(id(3))), now: now)
        #expect(run.held == sizeOfGroups(in: path, with: [".items", ".tmp"]) && run.held > 2_800)
        _ = try run.append(entry(batch(id(4), ["\"\(String(repeating: "x", count: 1_000))\""])), now: now)
        #expect(run.held == sizeOfGroups(in: path, with: [".items", ".tmp"]) && run.held < 2_500)
        try run.commit()
        run.close()
        #expect(try takenUp(path).ids == [id(2), id(3), id(4)])
    }

    /// A pipe can be written to, but neither cut nor waited for. Its descriptor stayed open.
    @Test(arguments: [false, true])
    func `of a group that can't be cut or waited for nothing stays, and the spool goes on`(isReused: Bool) throws {
        let pipe = directory.file("pipe")
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        let run = try spool(path)
        if isReused { try run.finish(run.add([entry(batch(id(1)))], now: now).map(\.place)) }
        _ = try run.add([entry(batch(id(2)))], now: now)
        let kept = batch(id(3))
        _ = try run.append(entry(kept), now: now)
        let (_, copy) = try replaceOpenFile(
            endingIn: isReused ? "00000003.tmp" : "00000002.tmp", in: path, by: pipe, flags: O_RDWR | O_NONBLOCK)
        close(copy)
        let file = path + "/runs/a/0000000\(isReused ? 3 : 2).tmp"
        #expect(throws: SpoolError.failed(path: file, errno: EINVAL)) { try run.commit() }
        #expect(kept.spooled == nil)
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").map {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)) ?? ""
        }
        #expect(!open.contains(pipe))
        #expect(try files(path + "/runs/a") == ["0000000\(isReused ? 2 : 1).items", "live"])
        _ = try run.add([entry(batch(id(4)))], now: now)
        #expect(run.held == sizeOfGroups(in: path))
        run.close()
        #expect(try takenUp(path).ids == [id(2), id(4)])
    }

    // What it had was lost to the sum, and stayed on the disk.
    @Test func `a file that can't be written over is forgotten, and the spool goes on`() throws {
        let run = try spool(path)
        try run.finish(run.add([entry(batch(id(1)))], now: now).map(\.place))
        _ = try run.add([entry(batch(id(2)))], now: now)
        try put(.loop, at: path + "/runs/a/00000001.tmp")
        #expect(throws: SpoolError.failed(path: path + "/runs/a/00000003.tmp", errno: ELOOP)) {
            try run.append(entry(batch(id(3))), now: now)
        }
        #expect(try files(path + "/runs/a") == ["00000002.items", "live"])
        _ = try run.add([entry(batch(id(4)))], now: now)
        run.close()
        #expect(try takenUp(path).ids == [id(2), id(4)])
    }

    // What was settled beside it was sent again, too, and so was what could have been noted later.
    @Test func `an item that can't be marked keeps no other one, and is marked at the end`() throws {
        let run = try spool(path)
        let first = try run.add([entry(batch(id(1))), entry(batch(id(2)))], now: now)
        let second = try run.add([entry(batch(id(3))), entry(batch(id(4)))], now: now)
        let marks = path + "/runs/a/00000001.done"
        try put(.loop, at: marks)
        #expect(throws: SpoolError.failed(path: marks, errno: ELOOP)) {
            try run.finish([first[0].place, second[0].place])
        }
        try FileManager.default.removeItem(atPath: marks)
        run.close()
        #expect(try takenUp(path).ids == [id(2), id(4)])
    }
}

/// The largest of some sizes.
private final class Largest {
    private(set) var size = 0

    func take(_ other: Int) { size = max(size, other) }
}
