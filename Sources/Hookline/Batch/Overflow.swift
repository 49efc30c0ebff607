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

    package let folder: String
    private var descriptor: Int32 = -1
    private var end = 0
    /// Bytes of batches that are in it.
    package private(set) var held = 0

    /// - Parameter folder: where the file is made; it should be on a disk, not in memory.
    package init(folder: String) { self.folder = folder }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Writes a batch's two parts, one behind the other.
    func append(_ body: UnsafeRawBufferPointer, _ entries: UnsafeRawBufferPointer) throws(SystemError) -> Place {
        if descriptor < 0 {
            descriptor = unsafe hookline_open_unnamed(folder)
            if descriptor < 0 { throw SystemError(errno: errno) }
        }
        let place = Place(offset: end, count: body.count + entries.count)
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
