import Foundation
import Glibc
import Hookline
import TestKit
import Testing

/// A batch of these events, from lines 3, 4, … and of topics 0, 1, 0, ….
private func batch(_ events: [String], format: Webhook.Format = .json) -> Batch {
    let batch = Batch(
        webhook: 0, payload: Payload(format), opened: ContinuousClock().systemEpoch,
        memory: MemoryAccount(limit: 1 << 20), expectedBytes: 0, expectedEvents: 1)
    for (index, event) in events.enumerated() {
        unsafe Array(event.utf8).withUnsafeBytes { unsafe batch.append($0, line: index + 3, topic: index % 2) }
    }
    batch.id = "msg_1"
    batch.attempts = 4
    batch.firstAttempt = WallTime(milliseconds: 1_700_000_000_007)
    batch.lastAttempt = WallTime(milliseconds: 1_700_000_009_120)
    return batch
}

private let topics = ["object.created", "tasks \"x\""]

private func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
}

/// Appends a batch, and says why that failed.
private func failure(path: String, opensNow: Bool) -> OutputError? {
    do throws(OutputError) {
        var letters = try DeadLetters(path: path, topics: topics, opensNow: opensNow)
        try letters.append(batch(["{}"]), webhook: "a", reason: .stopped)
        return nil
    } catch {
        return error
    }
}

@Test func `each event of a batch is one line with all that a later delivery needs`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("letters.ndjson")
    var letters = try DeadLetters(path: path, topics: topics, opensNow: false)
    try letters.append(batch(["{ \"é\" : 1.0 }", "{}"]), webhook: "in\\voicing", reason: .status(503))
    try letters.flush()
    #expect(
        try text(path) == #"""
            {"webhook":"in\\voicing","webhook_id":"msg_1","batch":{"size":2,"index":0},"content_type":"application/json","reason":"status","status":503,"attempts":4,"first_attempt":"2023-11-14T22:13:20.007Z","last_attempt":"2023-11-14T22:13:29.120Z","line":3,"topic":"object.created","event":{ "é" : 1.0 }}
            {"webhook":"in\\voicing","webhook_id":"msg_1","batch":{"size":2,"index":1},"content_type":"application/json","reason":"status","status":503,"attempts":4,"first_attempt":"2023-11-14T22:13:20.007Z","last_attempt":"2023-11-14T22:13:29.120Z","line":4,"topic":"tasks \"x\"","event":{}}

            """#)
    let count = letters.count
    #expect(count == 2)
}

@Test func `what was never attempted has neither status nor times`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("letters.ndjson")
    let unsent = batch(["{}"], format: .ndjson)
    unsent.attempts = 0
    unsent.firstAttempt = nil
    unsent.lastAttempt = nil
    var letters = try DeadLetters(path: path, topics: topics, opensNow: false)
    try letters.append(unsent, webhook: "a", reason: .switchedOff)
    #expect(
        try text(path) == #"""
            {"webhook":"a","webhook_id":"msg_1","batch":{"size":1,"index":0},"content_type":"application/x-ndjson","reason":"switched_off","status":null,"attempts":0,"first_attempt":null,"last_attempt":null,"line":3,"topic":"object.created","event":{}}

            """#)
}

/// `O_PATH` of Linux, which Swift's Glibc module leaves out: such a descriptor can't be flushed.
private let pathOnly: Int32 = 0o10_000_000

/// The errno by which flushing fails; nil: it does not.
private func flushFailure(_ letters: inout DeadLetters) -> Int32? {
    do throws(OutputError) {
        try letters.flush()
        return nil
    } catch {
        return error.errno
    }
}

/// The kernel tells a failed fsync once. A later one succeeded, and the letters counted as kept.
@Test func `lines that once could not be flushed are never said to be on the disk`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("letters.ndjson")
    var letters = try DeadLetters(path: path, topics: topics, opensNow: true)
    let saved = try replaceOpenFile(endingIn: "letters.ndjson", in: directory.path, by: path, flags: pathOnly)
    defer { close(saved.copy) }
    let first = flushFailure(&letters)
    #expect(first == EBADF)
    #expect(dup2(saved.copy, saved.descriptor) == saved.descriptor)
    let second = flushFailure(&letters)
    #expect(second == EBADF)
}

@Test func `lines are added to what the file holds`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("letters.ndjson")
    for _ in 1...2 {
        var letters = try DeadLetters(path: path, topics: topics, opensNow: true)
        try letters.append(batch(["{}", "{}"]), webhook: "a", reason: .deadline)
        try letters.append(batch(["{}"]), webhook: "a", reason: .deadline)
    }
    let lines = try text(path).split(separator: "\n")
    #expect(lines.count == 6)
    #expect(try lines.allSatisfy { try JSONSerialization.jsonObject(with: Data($0.utf8)) is [String: Any] })
}

@Test(arguments: [false, true])
func `the file is made at once only if asked for`(opensNow: Bool) throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("letters.ndjson")
    let letters = try DeadLetters(path: path, topics: topics, opensNow: opensNow)
    let (count, named) = (letters.count, letters.path)
    #expect(count == 0)
    #expect(named == path)
    #expect(FileManager.default.fileExists(atPath: path) == opensNow)
}

@Test func `only its owner may read the file`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("letters.ndjson")
    _ = try DeadLetters(path: path, topics: topics, opensNow: true)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
}

@Test func `a full disk is an error that names the file`() throws {
    let error = try #require(failure(path: "/dev/full", opensNow: true))
    #expect(error.errno == ENOSPC)
    #expect(error.message.hasPrefix("/dev/full can't be written: "))
    #expect(error.exitCode == .outputFailed)
}

@Test func `dead letters that could not be written are not counted`() throws {
    var letters = try DeadLetters(path: "/dev/full", topics: topics, opensNow: true)
    do throws(OutputError) {
        try letters.append(batch(["{}"]), webhook: "a", reason: .stopped)
        Issue.record("/dev/full took a line")
    } catch {
        #expect(error.path == "/dev/full")
    }
    let count = letters.count
    #expect(count == 0)
}

@Test(arguments: [false, true])
func `a folder that is not there is an error, whenever the file is made`(opensNow: Bool) throws {
    let directory = try TemporaryDirectory()
    let error = try #require(failure(path: directory.file("none/letters.ndjson"), opensNow: opensNow))
    #expect(error.errno == ENOENT)
    #expect(error.hint == "make the folder first")
}

// The formatter cuts off: a thousandth that a Double holds a little too low lost a millisecond.
@Test func `every millisecond of a second is written as it is`() {
    let wrong = (0..<1_000).filter {
        let fraction = String("00\($0)".suffix(3))
        return WallTime(milliseconds: 1_700_000_000_000 + $0).text != "2023-11-14T22:13:20.\(fraction)Z"
    }
    #expect(wrong == [])
}
