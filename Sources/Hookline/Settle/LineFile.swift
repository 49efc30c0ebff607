import Glibc

/// A file that grows by whole lines: dead letters, refused lines.
///
/// It is made when the first line comes, readable by its owner alone. A write that fails in the middle of a line is
/// taken back, so that what the file holds stays readable; where the disk refuses that, too, the next line begins anew.
package struct LineFile: ~Copyable {
    package let path: String
    private var descriptor: Int32 = -1
    /// Why some lines may not be on the disk: the kernel tells that once, and the next fsync would succeed (fsync(2)).
    private var syncFailure: OutputError?
    /// Whether something may stand behind the last whole line that could not be taken back.
    private var isTorn = false
    /// Whether the file may be new, so that its name may not be on the disk yet.
    private var isNew = false

    package init(path: String) { self.path = path }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Opens the file now instead of at the first line.
    package mutating func open() throws(OutputError) {
        guard descriptor < 0 else { return }
        if unsafe access(path, F_OK) != 0 { isNew = true }
        descriptor = unsafe Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw OutputError(path: path, errno: errno) }
        // A run that was killed in the middle of a line left it without an end.
        if isCutOff(orUnknown: false) { try endLine() }
    }

    private mutating func endLine() throws(OutputError) { try append([UInt8(ascii: "\n")], since: end) }

    /// Opens the file if it isn't, keeps others from writing to it until `finish`, and says where the next line will
    /// stand; nil: this is no regular file, and what is written can't be taken back.
    package mutating func begin() throws(OutputError) -> Int? {
        // Where it is not certain what is on the disk, nothing more goes.
        if let syncFailure { throw syncFailure }
        try open()
        FileLock.take(descriptor)
        while isReplaced {
            close(descriptor)
            descriptor = -1
            try open()
            FileLock.take(descriptor)
        }
        // An empty line does no harm.
        if isTorn, isCutOff(orUnknown: true) { try endLine() }
        isTorn = false
        return end
    }

    /// Lets others write to the file again.
    package func finish() { if descriptor >= 0 { FileLock.give(descriptor) } }

    /// Whether the path names another file by now, as after `hookline replay --prune`, or none.
    private var isReplaced: Bool {
        guard let identity = FileIdentity(of: descriptor), identity.isRegular else { return false }
        return FileIdentity(at: path) != identity
    }

    /// Appends whole lines, all of them or none. `start` is what `begin` said: when the lines can't be written, all that
    /// came since is taken back.
    package mutating func append(_ lines: [UInt8], since start: Int?) throws(OutputError) {
        let failure = writeAll(lines, to: descriptor)
        guard failure != 0 else { return }
        if let start, ftruncate(descriptor, start) != 0 { isTorn = true }
        throw OutputError(path: path, errno: failure)
    }

    private var end: Int? {
        let position = lseek(descriptor, 0, SEEK_END)
        return position < 0 ? nil : position
    }

    /// Whether the last line has no end; where that can't be seen, `unknown`.
    private func isCutOff(orUnknown unknown: Bool) -> Bool {
        guard let end, end > 0 else { return false }
        let reader = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard reader >= 0 else { return unknown }
        defer { close(reader) }
        var last: UInt8 = 0
        return unsafe pread(reader, &last, 1, end - 1) == 1 ? last != UInt8(ascii: "\n") : unknown
    }

    /// Makes sure that `replace` can write a file, before there is anything to write.
    package static func check(_ path: String) throws(OutputError) { close(try openToReplace(path, 0)) }

    /// Makes a file hold these bytes and nothing else.
    package static func replace(_ path: String, with bytes: [UInt8]) throws(OutputError) {
        let descriptor = try openToReplace(path, O_TRUNC)
        let failure = writeAll(bytes, to: descriptor)
        // Some file systems report a full disk only here.
        let closing = close(descriptor) == 0 ? 0 : errno
        if failure != 0 || closing != 0 { throw OutputError(path: path, errno: failure != 0 ? failure : closing) }
    }

    /// Makes sure that `swap` can write a file, before there is anything to write, and leaves the one that is there.
    package static func checkSwap(_ path: String) throws(OutputError) {
        let (descriptor, temporary, _) = try openBeside(path)
        close(descriptor)
        unsafe unlink(temporary)
    }

    /// Puts a file with these bytes in the place of another one, at once: who reads it sees the old one or the new one. A
    /// symbolic link stays one. What is no regular file, e.g. a pipe, is written to as it is.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - text: what it is to hold.
    ///   - mode: its permissions, whatever the umask; nil: those of the old one, or what the umask leaves of 0644.
    /// - Throws: when it can't be written; then the old one is as it was.
    static func swap(_ path: String, for text: String, mode: mode_t? = nil) throws(OutputError) {
        let old = FileIdentity(at: path)
        // A link to what is not there yet is written through, since only that makes the file where it leads.
        if old.map({ !$0.isRegular }) ?? isLink(path) { return try replace(path, with: Array(text.utf8)) }
        let (descriptor, temporary, target) = try openBeside(path)
        var failure = writeAll(Array(text.utf8), to: descriptor)
        if failure == 0, let mode = mode ?? old?.permissions, fchmod(descriptor, mode) != 0 { failure = errno }
        if close(descriptor) != 0, failure == 0 { failure = errno }
        if failure == 0, unsafe rename(temporary, target) != 0 { failure = errno }
        if failure != 0 {
            unsafe unlink(temporary)
            throw OutputError(path: path, errno: failure)
        }
    }

    /// Makes a file in the same folder. Its name does not end as the other's does, so that no collector reads it, and
    /// nobody can know it before.
    private static func openBeside(
        _ path: String
    ) throws(OutputError) -> (descriptor: Int32, path: String, target: String) {
        if let identity = FileIdentity(at: path), identity.isDirectory { throw OutputError(path: path, errno: EISDIR) }
        let target = Self.resolved(path) ?? path
        let slash = target.lastIndex(of: "/")
        let name = slash.map { target[target.index(after: $0)...] } ?? target[...]
        let folder = slash.map { String(target[...$0]) } ?? ""
        let temporary = folder + ".\(name).\(String(UInt64.random(in: .min ... .max), radix: 16)).tmp"
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = unsafe Glibc.open(temporary, flags, 0o644)
        if descriptor < 0 { throw OutputError(path: path, errno: errno) }
        return (descriptor, temporary, target)
    }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// The path of a file without symbolic links; nil: there is none, or it can't be told, see errno.
    static func resolved(_ path: String) -> String? {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    private static func openToReplace(_ path: String, _ flag: Int32) throws(OutputError) -> Int32 {
        let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flag, 0o644)
        if descriptor < 0 { throw OutputError(path: path, errno: errno) }
        return descriptor
    }

    /// Waits until what was appended is on the disk.
    /// - Throws: when it could not be, now or at an earlier time.
    package mutating func flush() throws(OutputError) {
        // A pipe or device has no disk behind it: EINVAL, EROFS.
        if descriptor >= 0, fsync(descriptor) != 0, errno != EINVAL, errno != EROFS {
            syncFailure = syncFailure ?? OutputError(path: path, errno: errno)
        }
        if descriptor >= 0, isNew {
            let failure = syncFolder(RelativePath.folder(of: path))
            if failure == 0 || failure == EROFS {
                isNew = false
            } else {
                syncFailure = syncFailure ?? OutputError(path: path, errno: failure)
            }
        }
        if let syncFailure { throw syncFailure }
    }
}

/// An output that could not be written.
package struct OutputError: UserFacing {
    package var path: String
    package var errno: Int32

    package init(path: String, errno: Int32) {
        self.path = path
        self.errno = errno
    }

    package var message: String { "\(path) can't be written: \(systemReason(errno))" }

    package var hint: String? {
        switch errno {
        case ENOSPC, EDQUOT: "make room on the disk, or name a file on another one"
        case ENOENT where path.hasPrefix("~"):
            "the shell replaces `~` at the start of a word alone: write the whole path"
        case ENOENT: "make the folder first"
        case ESTALE: "another file has its name by now; nothing was taken out of it"
        case EACCES, EROFS, EPERM: "name a file in a folder that you may write to"
        default: nil
        }
    }

    package var exitCode: ExitCode { .outputFailed }
}
