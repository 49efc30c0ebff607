import Foundation
import TestKit
import Testing

// The tests' own tool is tested too: a test that trusts it is worth no more than it is.

private let shell = "/bin/sh"

@Test func `a child's output, error and exit code are told apart`() throws {
    let result = try runProcess(shell, ["-c", "echo out; echo error >&2; exit 7"])
    #expect(result.outputText == "out\n")
    #expect(result.errorText == "error\n")
    #expect(result.exit == .code(7))
    #expect(result.maxResidentBytes > 0)
}

@Test func `a child gets more than a pipe holds and gives it back`() throws {
    let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) }
    #expect(try runProcess("/bin/cat", input: .bytes(bytes)).output == bytes)
}

@Test func `a child that does not read its input is no failure`() throws {
    let result = try runProcess(shell, ["-c", "exit 0"], input: .bytes([UInt8](repeating: 0, count: 1_000_000)))
    #expect(result.exit == .code(0))
}

@Test func `a child gets the environment and the directory that it is given, and no other`() throws {
    let directory = try TemporaryDirectory()
    let result = try runProcess(
        shell, ["-c", "pwd; /usr/bin/env"], environment: ["A": "b c"], directory: directory.path)
    #expect(result.outputText.hasPrefix(directory.path + "\n"))
    #expect(result.outputText.contains("A=b c\n"))
    #expect(!result.outputText.contains("HOME="))
}

@Test func `a child has the descriptors 0 to 2 and those only that it opens itself`() throws {
    let result = try runProcess("/bin/ls", ["/proc/self/fd"])
    #expect(result.outputText == "0\n1\n2\n3\n")
    let closed = try runProcess("/bin/ls", ["/proc/self/fd"], input: .closed, error: .closed)
    #expect(closed.outputText == "0\n1\n")
}

@Test func `what is streamed to a child arrives before its input ends`() throws {
    let child = try ChildProcess("/bin/cat", input: .streamed)
    try child.write("one\n")
    try child.waitForOutput("one\n")
    try child.write("two\n")
    try child.waitForOutput("two\n")
    #expect(try child.finish().outputText == "one\ntwo\n")
}

@Test func `a signal reaches a child, and its end by that signal is told`() throws {
    let child = try ChildProcess("/bin/cat", input: .streamed)
    try child.write("x")
    try child.waitForOutput("x")
    child.send(SIGTERM)
    #expect(try child.finish().exit == .signal(SIGTERM))
}

@Test func `a child that takes too long is killed, and what it wrote is told`() throws {
    let child = try ChildProcess(shell, ["-c", "echo started >&2; read line"], input: .streamed)
    try child.waitForError("started")
    let failure = #expect(throws: ProcessFailure.self) { try child.waitForOutput("never", limit: .milliseconds(1)) }
    guard case .tooSlow(_, _, "started\n") = failure else {
        Issue.record("\(String(describing: failure))")
        return
    }
    #expect(try child.finish().exit == .signal(SIGKILL))
}

@Test func `a child that ends without what was waited for is told at once`() throws {
    let child = try ChildProcess(shell, ["-c", "echo other"])
    let failure = #expect(throws: ProcessFailure.self) { try child.waitForOutput("ready", limit: .seconds(60)) }
    guard case .endedEarly(_, "other\n", _) = failure else {
        Issue.record("\(String(describing: failure))")
        return
    }
}

@Test func `a program that is not there is an error, not an exit code`() {
    #expect(throws: ProcessFailure.self) { try runProcess("/nowhere/program") }
    #expect(throws: ProcessFailure.self) { try builtProduct("no-such-product") }
}
