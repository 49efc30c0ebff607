import Foundation
import Glibc

/// How a process ended.
package enum ProcessExit: Equatable, Sendable {
    case code(Int32)
    case signal(Int32)
}

/// What a process wrote and how it ended.
package struct ProcessResult: Sendable {
    /// Standard output; empty where it wasn't captured.
    package var output: [UInt8]
    /// Standard error; empty where it wasn't captured.
    package var error: [UInt8]
    package var exit: ProcessExit
    /// The most memory that the process held, in bytes.
    package var maxResidentBytes: Int

    package var outputText: String { String(decoding: output, as: UTF8.self) }
    package var errorText: String { String(decoding: error, as: UTF8.self) }
}

package enum ProcessFailure: Error {
    case notBuilt(path: String)
    case notStarted(path: String, errno: Int32)
    /// The limit passed; the process was killed, and had written this.
    case tooSlow(waitingFor: String, output: String, error: String)
    /// The process ended before what was waited for; it had written this.
    case endedEarly(waitingFor: String, output: String, error: String)
}

/// The path of an executable of this package, built beside the test bundle.
package func builtProduct(_ name: String) throws -> String {
    let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let path = URL(filePath: bundle).deletingLastPathComponent().appending(path: name).path
    guard FileManager.default.isExecutableFile(atPath: path) else { throw ProcessFailure.notBuilt(path: path) }
    return path
}

/// Runs a process to its end, in the given environment alone; nothing is inherited.
///
/// After the limit the process is killed and `ProcessFailure.tooSlow` is thrown.
package func runProcess(
    _ path: String, _ arguments: [String] = [], environment: [String: String] = [:], directory: String? = nil,
    input: ChildProcess.Input = .empty, output: ChildProcess.Output = .captured,
    error: ChildProcess.Output = .captured, limit: Duration = patience
) throws -> ProcessResult {
    let child = try ChildProcess(
        path, arguments, environment: environment, directory: directory, input: input, output: output, error: error)
    return try child.finish(limit: limit)
}

/// A process under way: stream into it, wait for what it prints, send it signals, and take its end.
///
/// One thread owns it. Its output is read only inside the waiting calls. A process that is still running when its
/// owner goes is killed.
///
///     let child = try ChildProcess(builtProduct("hookline"), ["listen", "--port", "0"])
///     try child.waitForOutput("listening on")
///     child.send(SIGTERM)
///     let result = try child.finish()
package final class ChildProcess {
    /// What standard input is.
    package enum Input: Sendable {
        /// `/dev/null`.
        case empty
        case bytes([UInt8])
        case text(String)
        case file(String)
        /// No descriptor 0 at all.
        case closed
        /// A pipe that stays open until `closeInput` or `finish`; see `write`.
        case streamed
    }

    /// What standard output or standard error is.
    package enum Output: Sendable {
        case captured
        /// No such descriptor at all.
        case closed
        /// Opened for writing, such as `/dev/full`; made when it isn't there.
        case file(String)
        /// A pipe that nobody reads: the first write fails with EPIPE.
        case brokenPipe
        /// A terminal of that width; what is written to it is captured.
        case terminal(columns: Int)
    }

    package let processID: Int32
    package private(set) var output: [UInt8] = []
    package private(set) var error: [UInt8] = []

    private var unwritten: ArraySlice<UInt8> = []
    /// Whether more may come after what is unwritten.
    private var inputStaysOpen = false
    /// Our ends of the pipes; nil: not a pipe, or closed.
    private var inputPipe: Int32?
    private var outputPipe: Int32?
    private var errorPipe: Int32?
    /// Readable, at its end, once the process has ended. It is still a zombie then, so that its id stays its own.
    private let ended: Int32
    private var isReaped = false

    package init(
        _ path: String, _ arguments: [String] = [], environment: [String: String] = [:], directory: String? = nil,
        input: Input = .empty, output: Output = .captured, error: Output = .captured
    ) throws {
        // Writing to a process that is gone shall fail here, not kill the tests.
        signal(SIGPIPE, SIG_IGN)
        let setup = SpawnSetup()
        switch input {
        case .empty: setup.open("/dev/null", O_RDONLY, as: STDIN_FILENO)
        case .file(let file): setup.open(file, O_RDONLY, as: STDIN_FILENO)
        case .closed: setup.close(STDIN_FILENO)
        case .bytes(let bytes):
            inputPipe = setup.pipeToChild(as: STDIN_FILENO)
            unwritten = bytes[...]
        case .text(let text):
            inputPipe = setup.pipeToChild(as: STDIN_FILENO)
            unwritten = Array(text.utf8)[...]
        case .streamed:
            inputPipe = setup.pipeToChild(as: STDIN_FILENO)
            inputStaysOpen = true
        }
        outputPipe = try Self.connect(output, as: STDOUT_FILENO, setup)
        errorPipe = try Self.connect(error, as: STDERR_FILENO, setup)
        do {
            processID = try setup.spawn(path, arguments, environment, directory)
        } catch {
            for descriptor in [inputPipe, outputPipe, errorPipe] { if let descriptor { close(descriptor) } }
            throw error
        }
        ended = watchForEnd(of: processID)
        if unwritten.isEmpty, !inputStaysOpen { closeInput() }
    }

    private static func connect(_ output: Output, as descriptor: Int32, _ setup: SpawnSetup) throws -> Int32? {
        switch output {
        case .terminal(let columns): return try setup.terminalFromChild(as: descriptor, columns: columns)
        case .captured: return setup.pipeFromChild(as: descriptor)
        case .closed: setup.close(descriptor)
        case .file(let file): setup.open(file, O_WRONLY | O_CREAT | O_TRUNC, as: descriptor)
        case .brokenPipe: Glibc.close(setup.pipeFromChild(as: descriptor))
        }
        return nil
    }

    deinit {
        if !isReaped {
            kill(processID, SIGKILL)
            _ = waitpid(processID, nil, 0)
        }
        for descriptor in [inputPipe, outputPipe, errorPipe, ended] { if let descriptor { close(descriptor) } }
    }

    /// Sends a signal, also to a process that has ended already; then it has no effect.
    package func send(_ signal: Int32) {
        if !isReaped { kill(processID, signal) }
    }

    /// Writes to streamed standard input and returns when the pipe has taken all of it, or when nobody reads it any more.
    package func write(_ text: String, limit: Duration = patience) throws {
        unwritten += Array(text.utf8)
        try pump("standard input to be read", limit) { $0.unwritten.isEmpty }
    }

    /// Ends streamed standard input.
    package func closeInput() {
        if let inputPipe { close(inputPipe) }
        inputPipe = nil
        unwritten = []
    }

    /// Returns as soon as standard output holds the text, so many times.
    package func waitForOutput(_ text: String, times: Int = 1, limit: Duration = patience) throws {
        let wanted = Data(text.utf8)
        try pump("`\(text)` on standard output, \(times) times", limit) { child in
            if times == 1 { return Data(child.output).range(of: wanted) != nil }
            return String(decoding: child.output, as: UTF8.self).components(separatedBy: text).count > times
        }
    }

    /// Returns as soon as standard error holds the text.
    package func waitForError(_ text: String, limit: Duration = patience) throws {
        let wanted = Data(text.utf8)
        try pump("`\(text)` on standard error", limit) { Data($0.error).range(of: wanted) != nil }
    }

    /// Ends streamed input, then waits for the process's end and takes all that it wrote. Call it once.
    package func finish(limit: Duration = patience) throws -> ProcessResult {
        inputStaysOpen = false
        if unwritten.isEmpty { closeInput() }
        try pump("its end", limit, endIsExpected: true) { _ in false }
        var status: Int32 = 0
        var usage = rusage()
        _ = unsafe wait4(processID, &status, 0, &usage)
        isReaped = true
        // What WIFEXITED, WEXITSTATUS and WTERMSIG compute.
        let exit = status & 0x7F == 0 ? ProcessExit.code(status >> 8 & 0xFF) : .signal(status & 0x7F)
        return ProcessResult(output: output, error: error, exit: exit, maxResidentBytes: usage.ru_maxrss * 1024)
    }

    /// Moves bytes both ways until `isDone`, or, where the end is expected, until the process has ended.
    private func pump(
        _ purpose: String, _ limit: Duration, endIsExpected: Bool = false, until isDone: (ChildProcess) -> Bool
    ) throws {
        let deadline = ContinuousClock.now + limit
        while !isDone(self) {
            let left = deadline - .now
            guard left > .zero else {
                kill(processID, SIGKILL)
                throw ProcessFailure.tooSlow(
                    waitingFor: purpose, output: String(decoding: output, as: UTF8.self),
                    error: String(decoding: error, as: UTF8.self))
            }
            var sets = [
                pollfd(fd: ended, events: Int16(POLLIN), revents: 0),
                pollfd(fd: outputPipe ?? -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: errorPipe ?? -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: unwritten.isEmpty ? -1 : inputPipe ?? -1, events: Int16(POLLOUT), revents: 0),
            ]
            _ = unsafe poll(&sets, nfds_t(sets.count), Int32(left / .milliseconds(1)) + 1)
            if sets[1].revents != 0 { drain(&outputPipe, into: \.output) }
            if sets[2].revents != 0 { drain(&errorPipe, into: \.error) }
            if sets[3].revents != 0 { feed() }
            if sets[0].revents != 0 {
                // What it wrote last is in the pipes. Their end isn't waited for: a grandchild may hold it open.
                drain(&outputPipe, into: \.output)
                drain(&errorPipe, into: \.error)
                if endIsExpected || isDone(self) { return }
                throw ProcessFailure.endedEarly(
                    waitingFor: purpose, output: String(decoding: output, as: UTF8.self),
                    error: String(decoding: error, as: UTF8.self))
            }
        }
    }

    /// Takes what the pipe holds now, and closes it at its end.
    private func drain(_ pipe: inout Int32?, into stream: ReferenceWritableKeyPath<ChildProcess, [UInt8]>) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while let descriptor = pipe {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            if count > 0 {
                self[keyPath: stream] += buffer.prefix(count)
            } else if count == 0 || errno == EIO {
                // A terminal ends with an error.
                close(descriptor)
                pipe = nil
            } else if errno != EINTR {
                return
            }
        }
    }

    /// Gives the pipe what it has room for.
    private func feed() {
        guard let inputPipe else { return }
        let count = unsafe unwritten.withUnsafeBytes { unsafe Glibc.write(inputPipe, $0.baseAddress, $0.count) }
        if count > 0 { unwritten.removeFirst(count) }
        // EPIPE: the process doesn't read any more, which is its right.
        let isBroken = count < 0 && errno != EAGAIN && errno != EINTR
        if isBroken || (unwritten.isEmpty && !inputStaysOpen) { closeInput() }
    }
}
