internal import CLinux
import Glibc

/// Room on the disk for batches that wait while memory is full: one file without a name, which ends with the process.
///
/// It holds nothing that must last: after a crash the same input is fed again, with it or without. Opened when it is first
/// needed. Used on one thread.
package final class Overflow {
    /// Where a batch's bytes stand in the file.
    package struct Place: Equatable, Sendable {
        var offset: Int
        var count: Int
    }

    private let folders: [String]
    /// Where the file is, or would be.
    package private(set) var folder: String
    private var descriptor: Int32 = -1
    private var end = 0
    /// Bytes of the file system that it leaves free; it takes no more where fewer are.
    package var keepsFree = 0
    /// Bytes of batches that are in it.
    package private(set) var held = 0

    /// - Parameter folders: where the file may be made, the best place first: on a disk, not in memory. One at least.
    package init(folders: [String]) {
        precondition(!folders.isEmpty, "an overflow has a place")
        self.folders = folders
        folder = folders[0]
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Writes a batch's two parts, one behind the other.
    func append(_ body: UnsafeRawBufferPointer, _ entries: UnsafeRawBufferPointer) throws(SystemError) -> Place {
        if descriptor < 0 { try open() }
        let place = Place(offset: end, count: body.count + entries.count)
        if keepsFree > 0, let free = freeBytes, free - place.count < keepsFree { throw SystemError(errno: ENOSPC) }
        do {
            unsafe try write(body, at: end)
            unsafe try write(entries, at: end + body.count)
        } catch {
            // What was written of it is written over.
            ftruncate(descriptor, end)
            throw error
        }
        end += place.count
        held += place.count
        return place
    }

    /// What is free where the file is; nil: the file system does not say.
    private var freeBytes: Int? {
        var status = statvfs()
        guard unsafe fstatvfs(descriptor, &status) == 0, status.f_blocks > 0 else { return nil }
        let (bytes, isMore) = Int(status.f_bavail).multipliedReportingOverflow(by: Int(status.f_frsize))
        return isMore ? nil : bytes
    }

    /// Makes the file in the first folder that can have it.
    private func open() throws(SystemError) {
        var failure: SystemError?
        for folder in folders {
            do throws(SystemError) {
                descriptor = try Self.openUnnamed(in: folder)
                self.folder = folder
                return
            } catch {
                // What the first one lacks is what the user can mend.
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    private static func openUnnamed(in folder: String) throws(SystemError) -> Int32 {
        let unnamed = unsafe hookline_open_unnamed(folder)
        if unnamed >= 0 { return unnamed }
        // Some file systems have no such files, as older overlayfs: there its name goes at once.
        guard errno == EOPNOTSUPP || errno == EISDIR else { throw SystemError(errno: errno) }
        let path = "\(folder)/.hookline-overflow-\(getpid())"
        let named = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if named < 0 { throw SystemError(errno: errno) }
        unsafe unlink(path)
        return named
    }

    func read(
        _ place: Place, into body: UnsafeMutableRawBufferPointer, _ entries: UnsafeMutableRawBufferPointer
    ) throws(SystemError) {
        unsafe try read(into: body, at: place.offset)
        unsafe try read(into: entries, at: place.offset + body.count)
    }

    /// Gives the room of a batch back to the disk.
    func release(_ place: Place) {
        held -= place.count
        if held == 0 {
            end = 0
            ftruncate(descriptor, 0)
        } else {
            // A file system that can't do it keeps the room until all is released.
            _ = hookline_punch_hole(descriptor, place.offset, place.count)
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = unsafe pwrite(
                descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, offset + done)
            if count >= 0 {
                done += count
            } else if errno != EINTR {
                throw SystemError(errno: errno)
            }
        }
    }

    private func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = unsafe pread(
                descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, offset + done)
            if count > 0 {
                done += count
            } else if count == 0 {
                // The file is shorter than what was written to it.
                throw SystemError(errno: EIO)
            } else if errno != EINTR {
                throw SystemError(errno: errno)
            }
        }
    }
}
