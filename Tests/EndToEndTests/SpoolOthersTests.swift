import Foundation
import Hookline
import TestKit
import Testing

/// Several runs with one spool, with the real command.
extension SpoolTests {
    /// Begins a run that has the spool's lock and takes nothing up of what is there, since its webhook is inactive.
    private func holdSpool(port: String, webhook: String = "", waiting: Int) throws -> ChildProcess {
        try configure(port: port, webhook: webhook + ", active: false")
        let holder = try ChildProcess(
            hookline, ["--run-id", "holder", "-v"], directory: directory.path, input: .streamed)
        try holder.waitForError("\(waiting) events wait in the spool for orders, which is inactive")
        return holder
    }

    // It said that nothing waited, and ended with 0; and with an order it sent what came later first.
    @Test(
        arguments: [
            ("", ["matched": 4, "delivered": 4, "waiting": 3]),
            (", order: strict", ["matched": 4, "deferred": 4, "waiting": 3]),
            (", order: {key: /k}", ["matched": 4, "deferred": 4, "waiting": 3]),
        ] as [(String, [String: Int])])
    func `a run that finds the spool taken says who has it, counts what waits there, and keeps the order`(
        order: String, expected: [String: Int]
    ) throws {
        let receiver = try LocalReceiver(in: directory)
        try fill(3, lastAttempt: .now + .seconds(-3_600))
        let holder = try holdSpool(port: receiver.port, webhook: order, waiting: 3)
        try configure(port: receiver.port, webhook: order)
        let (books, result) = try run(events: Self.events)
        #expect(result.exit == .code(75))
        #expect(books == expected)
        #expect(result.errorText.contains("is being worked on by run holder, process \(holder.processID) on "))
        let events = 3 + (expected["deferred"] ?? 0)
        #expect(result.errorText.contains("\(events) events wait in the spool spool"))
        let drop = try runProcess(hookline, ["spool", "drop", "--all"], directory: directory.path)
        #expect(drop.exit == .code(74))
        holder.closeInput()
        #expect(try holder.finish().exit == .code(75))
        withExtendedLifetime(receiver) {}
    }

    // What waited was skipped as if it had been settled, and the run ended with 0.
    @Test func `a repeat that skips what waits, while another run has the lock, counts it once as waiting`() throws {
        let port = try deadPort()
        try configure(port: port, spool: "directory: spool, write_ahead: true")
        #expect(try run(["--run-id", "r"], events: Self.events).books == ["matched": 4, "deferred": 4])
        let holder = try holdSpool(port: port, waiting: 4)
        try configure(port: port, spool: "directory: spool, write_ahead: true")
        let (books, result) = try run(["--run-id", "r"], events: Self.events)
        #expect(result.exit == .code(75))
        #expect(books == ["matched": 4, "skipped": 4, "waiting": 4])
        holder.closeInput()
        #expect(try holder.finish().exit == .code(75))
    }

    // A run that read on for ever left it there as long.
    @Test func `a run that reads on takes up what others leave meanwhile`() throws {
        let receiver = try LocalReceiver(in: directory)
        try configure(port: receiver.port)
        let holder = try ChildProcess(hookline, ["-v"], directory: directory.path, input: .streamed)
        try holder.write(Self.events)
        try holder.waitForError("attempt 1")
        let dead = try deadPort()
        try configure(port: dead)
        let other = try run(events: Self.events)
        #expect(other.result.exit == .code(75))
        #expect(other.books == ["matched": 4, "deferred": 4])
        let kept = ids(try runProcess(hookline, ["spool", "list"], directory: directory.path).output)
        #expect(kept.count == 2)
        for id in kept { try holder.waitForError("\(id): taken up") }
        holder.closeInput()
        let result = try holder.finish()
        #expect(result.exit == .code(0))
        #expect(try Self.books(result) == ["matched": 4, "resumed": 4, "delivered": 8])
        #expect(try files() == [])
        withExtendedLifetime(receiver) {}
    }
}
