import Foundation
import Glibc

/// The descriptors that a new process gets, and its start: posix_spawn, since Foundation's Process can't close any.
@safe final class SpawnSetup {
    private var actions = unsafe posix_spawn_file_actions_t()
    /// Ends of pipes that only the process needs.
    private var childEnds: [Int32] = []

    init() { unsafe posix_spawn_file_actions_init(&actions) }

    deinit {
        unsafe posix_spawn_file_actions_destroy(&actions)
        for descriptor in childEnds { Glibc.close(descriptor) }
    }

    func open(_ path: String, _ flags: Int32, as descriptor: Int32) {
        unsafe posix_spawn_file_actions_addopen(&actions, descriptor, path, flags, 0o600)
    }

    func close(_ descriptor: Int32) { unsafe posix_spawn_file_actions_addclose(&actions, descriptor) }

    /// - Returns: the end to write to; it never blocks.
    func pipeToChild(as descriptor: Int32) -> Int32 {
        let (reader, writer) = newPipe()
        give(reader, as: descriptor)
        return nonBlocking(writer)
    }

    /// - Returns: the end to read from; it never blocks.
    func pipeFromChild(as descriptor: Int32) -> Int32 {
        let (reader, writer) = newPipe()
        give(writer, as: descriptor)
        return nonBlocking(reader)
    }

    /// Gives the process a terminal of that width.
    /// - Returns: the end to read from what is written to it; it never blocks.
    /// - Throws: when the system has no terminal left.
    func terminalFromChild(as descriptor: Int32, columns: Int) throws -> Int32 {
        var (master, terminal) = (Int32(-1), Int32(-1))
        // Raw: line feeds and what is typed stay as they are.
        var settings = termios()
        unsafe cfmakeraw(&settings)
        var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        guard unsafe openpty(&master, &terminal, nil, &settings, &size) == 0 else {
            throw ProcessFailure.notStarted(path: "/dev/ptmx", errno: errno)
        }
        _ = fcntl(master, F_SETFD, FD_CLOEXEC)
        give(terminal, as: descriptor)
        return nonBlocking(master)
    }

    private func give(_ end: Int32, as descriptor: Int32) {
        unsafe posix_spawn_file_actions_adddup2(&actions, end, descriptor)
        childEnds.append(end)
    }

    private func nonBlocking(_ descriptor: Int32) -> Int32 {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        return descriptor
    }

    /// Starts the process with descriptors 0 to 2 alone, no signal blocked, and each signal's default action.
    func spawn(
        _ path: String, _ arguments: [String], _ environment: [String: String], _ directory: String?
    ) throws -> pid_t {
        // What other tests hold open shall not be held by this process too. Closing a free number does nothing.
        for descriptor in STDERR_FILENO + 1..<Int32(min(1024, sysconf(Int32(_SC_OPEN_MAX)))) { close(descriptor) }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        // Swift sees no action that changes the directory; env replaces itself by the program.
        let program = directory == nil ? path : "/usr/bin/env"
        let prefix = directory.map { [program, "--chdir=\($0)", path] } ?? [path]
        let words = unsafe (prefix + arguments).map { unsafe strdup($0) } + [nil]
        let variables = unsafe environment.map { unsafe strdup("\($0)=\($1)") } + [nil]
        defer {
            unsafe (words + variables).forEach { unsafe free($0) }
        }
        var processID: pid_t = 0
        let code = unsafe posix_spawn(&processID, program, &actions, &attributes, words, variables)
        guard code == 0 else { throw ProcessFailure.notStarted(path: path, errno: code) }
        return processID
    }
}

private func newPipe() -> (reader: Int32, writer: Int32) {
    var ends: [Int32] = [-1, -1]
    let code = unsafe pipe(&ends)
    precondition(code == 0, "no more descriptors for a pipe")
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
}

/// - Returns: a descriptor that becomes readable, at its end, when the process has ended, but before it is reaped.
func watchForEnd(of processID: pid_t) -> Int32 {
    let (reader, writer) = newPipe()
    Thread.detachNewThread {
        var information = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
        close(writer)
    }
    return reader
}
