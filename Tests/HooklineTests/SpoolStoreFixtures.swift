import Foundation
import Hookline
import TestKit
import Testing

/// What the tests of the spool on disk share.
extension SpoolStoreTests {
    var memory: MemoryAccount { MemoryAccount(limit: 1 << 30) }
    var start: ContinuousClock.Instant { ContinuousClock().systemEpoch }
    static let now = WallTime(milliseconds: 1_700_000_000_000)
    var now: WallTime { Self.now }
    private var topicNames: [String] { ["object.created", "tasks \"x\""] }
    private var webhooks: [String] { ["orders", "audit"] }

    var holder: SpoolLock.Holder {
        SpoolLock.Holder(pid: 1, run: "other", host: "h", since: "2023-11-14T22:13:20.000Z")
    }

    func batch(_ id: String, _ events: [String] = ["{\"a\":1}", "{}"], format: Webhook.Format = .json) -> Batch {
        let batch = Batch(
            webhook: 0, payload: Payload(format), opened: start, memory: memory, expectedBytes: 0, expectedEvents: 1)
        for (index, event) in events.enumerated() {
            unsafe Array(event.utf8).withUnsafeBytes { unsafe batch.append($0, line: index + 3, topic: 1 - index % 2) }
        }
        batch.id = id
        return batch
    }

    /// An id of the form that runs make.
    func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "msg_" + String(repeating: "0", count: 32 - digits.count) + digits
    }

    func entry(_ batch: Batch, webhook: String = "orders", step: Int = 0, next: WallTime = Self.now) -> SpoolEntry {
        SpoolEntry(batch: batch, webhook: webhook, lanes: 1, step: step, next: next, reason: .status(503))
    }

    func spool(
        _ directory: String, uid: String = "a", run: String = "r", isRepeatable: Bool = true, maxBytes: Int = 1 << 30,
        observer: ((SpoolDisk.Step, String) -> Void)? = nil
    ) throws(SpoolError) -> Spool {
        try Spool(
            directory: directory, maxBytes: maxBytes, run: run, isRepeatable: isRepeatable, webhooks: webhooks,
            topics: TopicNames(topicNames), disk: SpoolDisk(syncs: true, observer: observer), uid: uid)
    }

    /// The ids of all that a later run can take up, and what it sets aside.
    func takenUp(_ directory: String, run: String = "later") throws -> (ids: [String], damaged: [String]) {
        let later = try spool(directory, uid: "z", run: run)
        #expect(try later.takeLock(holder) == .taken)
        var damaged: [String] = []
        let items = try later.waiting { finding in
            if case .damaged(let path) = finding { damaged.append(path) }
        }
        let ids = try items.compactMap { try later.load($0, memory: memory, opened: start)?.batch.id }
        later.close()
        return (ids, damaged)
    }

    func files(_ directory: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: directory).sorted()
    }
}

extension Spool {
    func add(_ entries: [SpoolEntry], now: WallTime) throws -> [SpoolItem] {
        let items = try entries.map { try append($0, now: now) }
        try commit()
        return items
    }
}

/// Size of all files with these endings, in bytes; those that come or go meanwhile don't count.
func sizeOfGroups(in directory: String, with endings: [String] = [".items"]) -> Int {
    let files = (try? FileManager.default.subpathsOfDirectory(atPath: directory)) ?? []
    return files.filter { name in endings.contains { name.hasSuffix($0) } }.reduce(0) {
        $0 + ((try? Data(contentsOf: URL(filePath: directory + "/" + $1)))?.count ?? 0)
    }
}

/// The changes of the disk in words.
final class StepList {
    private(set) var steps: [String] = []

    func take(_ step: SpoolDisk.Step, _ path: String) {
        steps.append("\(step) \(path.split(separator: "/").last.map(String.init) ?? path)")
    }
}

/// What a process leaves that was killed between two changes of the disk.
final class Snapshots {
    let directory: TemporaryDirectory
    let source: String
    private(set) var steps: [(step: SpoolDisk.Step, file: String)] = []

    init(of source: String) throws {
        directory = try TemporaryDirectory()
        self.source = source
    }

    func take(_ step: SpoolDisk.Step, _ path: String) {
        steps.append((step, path.split(separator: "/").last.map(String.init) ?? path))
        try? FileManager.default.copyItem(atPath: source, toPath: self.path(steps.count - 1))
    }

    func path(_ index: Int) -> String { directory.file("\(index)") }
}

final class Flag { var isSet = false }
