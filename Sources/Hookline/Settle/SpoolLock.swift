import FoundationEssentials
import Glibc

/// A lock that one process has as long as it lives: the kernel gives it back when the process ends, however it ends.
package final class SpoolLock {
    /// Who has the spool's lock: what the file says.
    package struct Holder: Codable, Equatable, Sendable {
        package var pid: Int
        package var run: String
        package var host: String
        /// RFC 3339.
        package var since: String

        package init(pid: Int, run: String, host: String, since: String) {
            self.pid = pid
            self.run = run
            self.host = host
            self.since = since
        }

        package var text: String { "run \(run), process \(pid) on \(host), since \(since)" }
    }

    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Takes the lock of a file alone; the file is made if it is not there.
    /// - Returns: nil if another process has it.
    /// - Throws: when the file can't be made, or its file system has no locks.
    static func take(_ path: String) throws(SpoolError) -> SpoolLock? {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor < 0 { throw .failed(path: path, errno: errno) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw .noLocks(directory: path, errno: code)
        }
        return SpoolLock(descriptor: descriptor)
    }

    /// Whether a process has the lock of a file. Those who look don't see each other, and only a shared lock is tried, so
    /// that two of them at once take no dead run for a live one.
    ///
    /// A run takes its lock before its folder has the name under which others look, so nobody can be in its way.
    /// - Throws: when that can't be told. ENOENT: there is no such file.
    static func isTaken(_ path: String) throws(SpoolError) -> Bool {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0 { throw .failed(path: path, errno: errno) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_SH | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            if code == EWOULDBLOCK { return true }
            throw .noLocks(directory: path, errno: code)
        }
        return false
    }

    /// Says in the file who has the lock: for the eye, so failures don't matter.
    func note(_ holder: Holder) {
        var json = JSONWriter()
        json.object {
            $0.number("pid", holder.pid)
            $0.string("run", holder.run)
            $0.string("host", holder.host)
            $0.string("since", holder.since)
        }
        json.newline()
        ftruncate(descriptor, 0)
        lseek(descriptor, 0, SEEK_SET)
        _ = writeAll(json.bytes, to: descriptor)
    }

    /// Who has the lock of a file; nil: it does not say.
    static func holder(_ path: String) -> Holder? {
        guard let bytes = try? readFile(path, limit: 4 << 10) else { return nil }
        return try? JSONDecoder().decode(Holder.self, from: Data(bytes))
    }
}
