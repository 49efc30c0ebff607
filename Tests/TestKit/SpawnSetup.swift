import Foundation
import Glibc

/// The descriptors that a new process gets, and its start: posix_spawn, since Foundation's Process can't close any.
final class SpawnSetup {
    private var actions = posix_spawn_file_actions_t()
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
        unsafe posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
        if let directory { unsafe posix_spawn_file_actions_addchdir_np(&actions, directory) }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        let variables = unsafe environment.map { unsafe strdup("\($0)=\($1)") } + [nil]
        defer { for unsafetext in unsafe words + variables { unsafe free(text) } }
        var processID: pid_t = 0
        let code = unsafe posix_spawn(&processID, path, &actions, &attributes, words, variables)
        guard code == 0 else { throw ProcessFailure.notStarted(path: path, errno: code) }
        return processID
    }
}

/// A pipe that other processes, started meanwhile by other tests, don't inherit.
private func newPipe() -> (reader: Int32, writer: Int32) {
    var ends: [Int32] = [-1, -1]
    let code = unsafe pipe2(&ends, O_CLOEXEC)
    precondition(code == 0, "no more descriptors for a pipe")
    return (ends[0], ends[1])
}

/// - Returns: a descriptor that becomes readable, at its end, when the process has ended, but before it is reaped.
func watchForEnd(of processID: pid_t) -> Int32 {
    let (reader, writer) = newPipe()
    Thread.detachNewThread {
        var information = siginfo_t()
        while unsafe waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
        close(writer)
    }
    return reader
}
