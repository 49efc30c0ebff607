import Glibc

/// Which file it is, whatever its name.
package struct FileIdentity: Equatable, Sendable {
    private let device: UInt64
    private let number: UInt64
    private let mode: UInt32

    /// nil: nothing can be said of it, see errno.
    package init?(of descriptor: Int32) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// nil: there is no file of this name, or none that can be looked at.
    package init?(at path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        (device, number, mode) = (UInt64(status.st_dev), UInt64(status.st_ino), status.st_mode)
    }

    var permissions: mode_t { mode & 0o777 }
    package var isRegular: Bool { mode & S_IFMT == S_IFREG }
    package var isDirectory: Bool { mode & S_IFMT == S_IFDIR }

    package static func == (left: FileIdentity, right: FileIdentity) -> Bool {
        left.device == right.device && left.number == right.number
    }
}

/// A lock on a file that its descriptor holds until it is given back or closed: an open file description lock of Linux,
/// which does not mind the locks of flock(1). Best effort: not every file has locks.
enum FileLock {
    /// `F_OFD_SETLKW` of Linux, which Swift's Glibc module leaves out.
    private static let setAndWait: Int32 = 38

    static func take(_ descriptor: Int32) { set(descriptor, Int16(F_WRLCK)) }
    static func give(_ descriptor: Int32) { set(descriptor, Int16(F_UNLCK)) }

    private static func set(_ descriptor: Int32, _ type: Int16) {
        var lock = flock(l_type: type, l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
        while unsafe fcntl(descriptor, setAndWait, &lock) != 0, errno == EINTR {}
    }
}

extension LineFile {
    /// Writes a file anew without some of its lines. Whoever appends by `LineFile` at the same time waits, and then goes
    /// on with the new file; lines that came after the file was read stay.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - identity: which one it must be.
    ///   - isLeftOut: says of a line's number, from 1, whether it goes.
    /// - Throws: when the new file could not be written, or the old one is another; then it is as it was.
    static func rewrite(
        _ path: String, as identity: FileIdentity, without isLeftOut: (Int) -> Bool
    ) throws(OutputError) {
        // The name may be a symbolic link, and is to stay one.
        guard let target = resolved(path) else { throw OutputError(path: path, errno: errno) }
        let old = unsafe Glibc.open(target, O_RDWR | O_CLOEXEC)
        guard old >= 0 else { throw OutputError(path: path, errno: errno) }
        defer { close(old) }
        FileLock.take(old)
        guard FileIdentity(of: old) == identity, FileIdentity(at: target) == identity else {
            throw OutputError(path: path, errno: ESTALE)
        }
        let slash = target.lastIndex(of: "/") ?? target.startIndex
        let folder = String(target[...slash])
        let temporary = folder + "." + target[target.index(after: slash)...] + ".pruned"
        // What a run that was killed left.
        unsafe unlink(temporary)
        let new = unsafe Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard new >= 0 else { throw OutputError(path: temporary, errno: errno) }
        defer { close(new) }
        var failure = copyAttributes(from: old, to: new)
        if failure == 0 { failure = copyLines(from: old, to: new, without: isLeftOut) }
        if failure == 0, fsync(new) != 0 { failure = errno }
        if failure == 0, unsafe rename(temporary, target) != 0 { failure = errno }
        guard failure == 0 else {
            unsafe unlink(temporary)
            throw OutputError(path: path, errno: failure)
        }
        // The new file has its name, whether that outlasts a power failure or not.
        _ = syncFolder(folder)
    }

    /// - Returns: 0, or the errno of the call that failed.
    private static func copyAttributes(from old: Int32, to new: Int32) -> Int32 {
        var (status, own) = (stat(), stat())
        guard unsafe fstat(old, &status) == 0, unsafe fstat(new, &own) == 0 else { return errno }
        if status.st_uid != own.st_uid || status.st_gid != own.st_gid,
            fchown(new, status.st_uid, status.st_gid) != 0
        {
            return errno
        }
        return fchmod(new, status.st_mode & 0o7777) == 0 ? 0 : errno
    }

    /// - Returns: 0, or the errno of the call that failed.
    private static func copyLines(from old: Int32, to new: Int32, without isLeftOut: (Int) -> Bool) -> Int32 {
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        var (line, isOut) = (1, isLeftOut(1))
        while true {
            let count = unsafe read(old, &chunk, chunk.count)
            if count == 0 { return 0 }
            if count < 0 {
                if errno == EINTR { continue }
                return errno
            }
            var kept: [UInt8] = []
            var rest = chunk[..<count]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                if !isOut { kept += rest[...end] }
                rest = rest[(end + 1)...]
                line += 1
                isOut = isLeftOut(line)
            }
            if !isOut { kept += rest }
            let failure = writeAll(kept, to: new)
            if failure != 0 { return failure }
        }
    }
}
