import Glibc
import Hookline
import TestKit
import Testing

private func hookline(
    _ arguments: String..., environment: [String: String] = [:], input: ChildProcess.Input = .empty,
    output: ChildProcess.Output = .captured, error: ChildProcess.Output = .captured
) throws -> ProcessResult {
    try runProcess(
        builtProduct("hookline"), arguments, environment: environment, input: input, output: output, error: error)
}

@Test func `the version goes to standard output, and nothing else anywhere`() throws {
    let result = try hookline("--version")
    #expect(result.outputText == "hookline \(Version.current)\n")
    #expect(result.errorText.isEmpty)
    #expect(result.exit == .code(0))
}

@Test func `help goes to standard output`() throws {
    let result = try hookline("listen", "--help")
    #expect(result.outputText == Help.text(of: .listen))
    #expect(result.errorText.isEmpty)
    #expect(result.exit == .code(0))
}

@Test func `a wrong command line is told on standard error with exit code 64`() throws {
    let result = try hookline("--confg", "x")
    #expect(result.output.isEmpty)
    #expect(result.errorText == "hookline: error: unknown option `--confg`\n  hint: did you mean `--config`\n")
    #expect(result.exit == .code(64))
}

@Test func `a wrong variable is told like a wrong option`() throws {
    let result = try hookline(environment: ["HOOKLINE_LOG_FORMAT": "xml"])
    #expect(
        result.errorText
            == """
            hookline: error: `HOOKLINE_LOG_FORMAT` needs one of text, json, not `xml`
              hint: for example: HOOKLINE_LOG_FORMAT=json

            """)
    #expect(result.exit == .code(64))
}

@Test(arguments: [
    (ChildProcess.Output.file("/dev/full"), "No space left on device"), (.closed, "Bad file descriptor"),
    (.brokenPipe, "Broken pipe"),
])
func `help that can't be written ends with 74, not by a signal`(output: ChildProcess.Output, reason: String) throws {
    let result = try hookline("--help", output: output)
    #expect(result.errorText == "hookline: error: standard output can't be written: \(reason)\n")
    #expect(result.exit == .code(74))
}

@Test(arguments: [ChildProcess.Output.closed, .file("/dev/full"), .brokenPipe])
func `an error that nobody can read still has its exit code`(error: ChildProcess.Output) throws {
    let result = try hookline("--bogus", error: error)
    #expect(result.exit == .code(64))
    #expect(result.output.isEmpty)
}

@Test func `the version is told with all other descriptors closed`() throws {
    let result = try hookline("--version", input: .closed, error: .closed)
    #expect(result.outputText == "hookline \(Version.current)\n")
    #expect(result.exit == .code(0))
}

@Test func `control characters of a message are shown, not sent to the terminal`() throws {
    let result = try hookline("a\u{1b}[31m\u{9b}b")
    #expect(result.errorText.hasPrefix("hookline: error: unknown command `a\\u{1b}[31m\\u{9b}b`\n"))
}

@Test func `a closed descriptor is taken, and fails those who use it as before`() {
    // A number far above those that tests open, so that none of them takes it meanwhile.
    let descriptor = fcntl(STDIN_FILENO, F_DUPFD, 700)
    #expect(!StandardDescriptors.reserve(descriptor, O_WRONLY))
    close(descriptor)

    #expect(StandardDescriptors.reserve(descriptor, O_WRONLY))
    #expect(fcntl(descriptor, F_GETFD) != -1)
    var byte: UInt8 = 0
    #expect(unsafe read(descriptor, &byte, 1) == -1)
    #expect(errno == EBADF)
    #expect(!StandardDescriptors.reserve(descriptor, O_WRONLY))
    close(descriptor)
}
