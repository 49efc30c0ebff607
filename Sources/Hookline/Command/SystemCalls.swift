import Glibc

/// A call to the operating system that failed.
package struct SystemError: Error, Equatable {
    package var errno: Int32

    package init(errno: Int32) { self.errno = errno }
}

/// The system's sentence for an errno: `No such file or directory`.
package func systemReason(_ errno: Int32) -> String {
    guard let text = unsafe strerror(errno) else { return "error \(errno)" }
    return unsafe String(cString: text)
}

/// Reads a file to its end, or to a limit.
///
/// - Parameters:
///   - path: the file.
///   - limit: reading stops soon after this many bytes, so that a longer result tells that there is more.
/// - Returns: the bytes.
/// - Throws: the errno of the call that failed.
package func readFile(_ path: String, limit: Int = .max) throws(SystemError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError(errno: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= limit {
        let count = unsafe read(descriptor, &chunk, chunk.count)
        if count == 0 { break }
        if count > 0 {
            bytes += chunk.prefix(count)
        } else if errno != EINTR {
            throw SystemError(errno: errno)
        }
    }
    return bytes
}

/// Writes all bytes to a descriptor, going on after interruptions and short writes.
/// - Returns: 0, or the errno of the write that failed.
package func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    var written = 0
    while written < bytes.count {
        let count = unsafe bytes.withUnsafeBytes { buffer in
            unsafe write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
        }
        if count >= 0 {
            written += count
        } else if errno == EAGAIN {
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = unsafe poll(&wait, 1, -1)
        } else if errno != EINTR {
            return errno
        }
    }
    return 0
}

/// Waits until the names in a folder are on the disk. A file system that does not know this says EINVAL, and has nothing
/// to wait for.
/// - Returns: 0, or the errno of the call that failed.
package func syncFolder(_ path: String) -> Int32 {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { return errno }
    defer { close(descriptor) }
    return fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno
}
