internal import CLinux
import Glibc

/// The system calls by which the spool changes the disk, in one place: each failure is an error, and each change that
/// must outlast a power failure is waited for.
package final class SpoolDisk {
    /// A change that was made, for those who look at the disk in between.
    package enum Step: Equatable, Sendable {
        case folder, create, write, sync, rename, syncFolder, append, remove
    }

    /// `spool.sync`: whether to wait until data is on the disk. A crash of the process needs no such wait, one of the
    /// machine does.
    private let syncs: Bool
    /// Called after each change.
    private let observer: ((Step, String) -> Void)?
    /// How far the disk was told to begin with a file.
    private var begun: (descriptor: Int32, size: Int) = (-1, 0)

    package init(syncs: Bool, observer: ((Step, String) -> Void)? = nil) {
        self.syncs = syncs
        self.observer = observer
    }

    /// Makes a folder that only its owner may enter, if it is not there. Its name is on the disk then, also when whoever
    /// made it died before waiting for that, unless the folder around it can't be read.
    func makeFolder(_ path: String) throws(SpoolError) {
        if unsafe mkdir(path, 0o700) == 0 {
            observer?(.folder, path)
            try syncFolder(Self.parent(of: path))
        } else if errno != EEXIST {
            throw .failed(path: path, errno: errno)
        } else if !Self.isFolder(path) {
            throw .notAFolder(path: path)
        } else {
            try? syncFolder(Self.parent(of: path))
        }
    }

    /// Makes a new file, readable by its owner alone, and opens it for writing.
    func create(_ path: String) throws(SpoolError) -> Int32 {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor < 0 { throw .failed(path: path, errno: errno) }
        observer?(.create, path)
        return descriptor
    }

    /// Opens a file that holds nothing any more, to be written over: on many file systems that costs half of a new one.
    func reopen(_ path: String) throws(SpoolError) -> Int32 {
        let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0 { throw .failed(path: path, errno: errno) }
        observer?(.create, path)
        return descriptor
    }

    func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws(SpoolError) {
        var rest = unsafe bytes
        while rest.count > 0 {
            let written = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            if written >= 0 {
                unsafe rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            } else if errno != EINTR {
                throw .failed(path: path, errno: errno)
            }
        }
        observer?(.write, path)
    }

    func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(SpoolError) {
        try unsafe bytes.withUnsafeBufferPointer { buffer throws(SpoolError) in
            unsafe try write(UnsafeRawBufferPointer(buffer), to: descriptor, path)
        }
    }

    /// Lets the disk begin with what was written, now and then, so that there is less to wait for at the end.
    func beginSync(_ descriptor: Int32, upTo size: Int, isLast: Bool = false) {
        if begun.descriptor != descriptor { begun = (descriptor, 0) }
        guard syncs, size - begun.size >= (isLast ? 1 : 1 << 20) else { return }
        hookline_begin_writeback(descriptor, begun.size, size - begun.size)
        begun.size = isLast ? 0 : size
        if isLast { begun.descriptor = -1 }
    }

    /// Waits until a file is on the disk, and closes it, whatever fails. What it has behind `size` is cut off before.
    func syncAndClose(_ descriptor: Int32, _ path: String, cutTo size: Int? = nil) throws(SpoolError) {
        if begun.descriptor == descriptor { begun = (-1, 0) }
        var failure: Int32 = 0
        if let size, ftruncate(descriptor, size) != 0 { failure = errno }
        if failure == 0, syncs, fsync(descriptor) != 0 { failure = errno }
        // Some file systems report a full disk only here.
        let closing = close(descriptor) == 0 ? 0 : errno
        if failure != 0 || closing != 0 { throw .failed(path: path, errno: failure != 0 ? failure : closing) }
        observer?(.sync, path)
    }

    func rename(_ old: String, to new: String) throws(SpoolError) {
        if unsafe Glibc.rename(old, new) != 0 { throw .failed(path: old, errno: errno) }
        observer?(.rename, new)
    }

    /// Waits until the names in a folder are on the disk.
    func syncFolder(_ path: String) throws(SpoolError) {
        if !syncs { return }
        let failure = Hookline.syncFolder(path)
        if failure != 0 { throw .failed(path: path, errno: failure) }
        observer?(.syncFolder, path)
    }

    /// Appends lines to a file, which is made if it is not there. After a failure some of them may be in it, the last one
    /// incomplete: the next append begins a line of its own. Nothing is cut off, since another run may have appended too.
    /// - Returns: whether the file is new, or was empty.
    @discardableResult
    func append(_ lines: [UInt8], to path: String, waits: Bool) throws(SpoolError) -> Bool {
        let descriptor = unsafe open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor < 0 { throw .failed(path: path, errno: errno) }
        let end = lseek(descriptor, 0, SEEK_END)
        var last = UInt8(ascii: "\n")
        // Where it can't be read, an empty line does no harm.
        if end > 0, unsafe pread(descriptor, &last, 1, end - 1) != 1 { last = 0 }
        let failure = writeAll(last == UInt8(ascii: "\n") ? lines : [UInt8(ascii: "\n")] + lines, to: descriptor)
        if failure != 0 {
            close(descriptor)
            throw .failed(path: path, errno: failure)
        }
        observer?(.append, path)
        if waits {
            try syncAndClose(descriptor, path)
        } else {
            close(descriptor)
        }
        return end <= 0
    }

    /// Removes a file, or nothing where there is none.
    func remove(_ path: String) throws(SpoolError) {
        if unsafe unlink(path) == 0 {
            observer?(.remove, path)
        } else if errno != ENOENT {
            throw .failed(path: path, errno: errno)
        }
    }

    /// Removes a folder if it is empty.
    func removeFolder(_ path: String) {
        if unsafe rmdir(path) == 0 { observer?(.remove, path) }
    }

    /// The folder that a path lies in, also where it ends with a slash.
    private static func parent(of path: String) -> String {
        RelativePath.folder(of: path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path)
    }

    private static func isFolder(_ path: String) -> Bool {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor >= 0 { close(descriptor) }
        return descriptor >= 0
    }
}
