import Foundation
import Glibc
import Hookline
import TestKit
import Testing

private func makeBatch(_ events: [String], memory: MemoryAccount) -> Batch {
    let batch = Batch(
        webhook: 3, payload: Payload(.json), opened: .now, memory: memory, expectedBytes: 16, expectedEvents: 1)
    for (index, event) in events.enumerated() {
        unsafe Array(event.utf8).withUnsafeBytes { unsafe batch.append($0, line: index + 1, topic: index % 2) }
    }
    batch.id = "msg_\(events.count)"
    return batch
}

private func text(_ batch: Batch) -> String { unsafe String(decoding: batch.body, as: UTF8.self) }

@Suite struct OverflowTests {
    private static func events(_ count: Int) -> [String] { (0..<count).map { #"{"n":\#($0)}"# } }

    @Test(arguments: [1, 2, 100, 5_000])
    func `a batch that is set aside comes back as it was, and takes next to no memory meanwhile`(count: Int) throws {
        let directory = try TemporaryDirectory()
        let memory = MemoryAccount(limit: 1 << 20)
        let overflow = Overflow(folders: [directory.path])
        let batch = makeBatch(Self.events(count), memory: memory)
        let body = text(batch)
        let entries = (0..<batch.count).map { batch[$0] }
        try batch.setAside(in: overflow)
        #expect(batch.isAside && batch.count == count && batch.bodyCount == body.utf8.count)
        #expect(memory.held == batch.footprint && memory.held < 600)
        #expect(overflow.held >= body.utf8.count)
        try batch.recall(from: overflow)
        #expect(!batch.isAside && overflow.held == 0)
        #expect(text(batch) == body)
        #expect((0..<batch.count).map { batch[$0] } == entries)
        #expect(memory.held == batch.footprint)
    }

    @Test func `what must stay free on the disk is not taken, and what was set aside before stays whole`() throws {
        let directory = try TemporaryDirectory()
        let memory = MemoryAccount(limit: 1 << 20)
        let overflow = Overflow(folders: [directory.path])
        let (first, second) = (makeBatch(Self.events(5), memory: memory), makeBatch(Self.events(6), memory: memory))
        let bodies = [first, second].map(text)
        overflow.keepsFree = 1
        try first.setAside(in: overflow)
        overflow.keepsFree = 1 << 60
        #expect(throws: SystemError(errno: ENOSPC)) { try second.setAside(in: overflow) }
        #expect(!second.isAside)
        try first.recall(from: overflow)
        #expect([first, second].map(text) == bodies)
    }

    @Test func `batches come back in any order, and room is used again`() throws {
        let directory = try TemporaryDirectory()
        let memory = MemoryAccount(limit: 1 << 20)
        let overflow = Overflow(folders: [directory.path])
        for round in 0..<3 {
            let batches = (1...20).map { makeBatch(Self.events($0 * (round + 1)), memory: memory) }
            let bodies = batches.map(text)
            for batch in batches { try batch.setAside(in: overflow) }
            for index in [7, 0, 19, 3] + Array(1...2) + Array(4...6) + Array(8...18) {
                try batches[index].recall(from: overflow)
                #expect(text(batches[index]) == bodies[index])
            }
            #expect(overflow.held == 0)
        }
    }

    @Test func `the file is made in the first folder that can have it`() throws {
        let directory = try TemporaryDirectory()
        let overflow = Overflow(folders: [directory.file("missing"), directory.path])
        let batch = makeBatch(["{}"], memory: MemoryAccount(limit: 1 << 20))
        try batch.setAside(in: overflow)
        #expect(overflow.folder == directory.path && batch.isAside)
    }

    @Test func `no file has a name`() throws {
        let directory = try TemporaryDirectory()
        let overflow = Overflow(folders: [directory.path])
        let batch = makeBatch(["{}"], memory: MemoryAccount(limit: 1 << 20))
        try batch.setAside(in: overflow)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }

    @Test func `where nothing can be written the batch stays in memory`() throws {
        let directory = try TemporaryDirectory()
        let overflow = Overflow(folders: [directory.file("missing")])
        let batch = makeBatch(["{}"], memory: MemoryAccount(limit: 1 << 20))
        #expect(throws: SystemError.self) { try batch.setAside(in: overflow) }
        #expect(!batch.isAside && text(batch) == "[{}]")
    }
}
