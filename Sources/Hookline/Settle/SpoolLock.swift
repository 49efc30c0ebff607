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

    /// Takes the lock of a file, which is made if it is not there.
    /// - Returns: nil if another process has it.
    /// - Throws: when the file can't be made, or its file system has no locks.
    static func take(_ path: String, makes: Bool = true) throws(SpoolError) -> SpoolLock? {
        let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (makes ? O_CREAT : 0)
        let descriptor = unsafe open(path, flags, 0o600)
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
