import Foundation
import Glibc

/// Puts another file in the place of one that this process has open, so that a test can let a disk fail.
///
/// - Parameters:
///   - suffix: how its path ends.
///   - folder: where it is.
///   - path: the other file.
///   - flags: how that is opened.
/// - Returns: the descriptor, and a copy of what it was.
/// - Throws: when no such file is open.
@discardableResult
package func replaceOpenFile(
    endingIn suffix: String, in folder: String, by path: String, flags: Int32 = O_WRONLY
) throws -> (descriptor: Int32, copy: Int32) {
    let files = FileManager.default
    let descriptor = try files.contentsOfDirectory(atPath: "/proc/self/fd").first { name in
        let target = (try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + name)) ?? ""
        return target.hasPrefix(folder + "/") && target.hasSuffix(suffix)
    }
    guard let descriptor = descriptor.flatMap({ Int32($0) }) else { throw CocoaError(.fileNoSuchFile) }
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    let other = unsafe open(path, flags | O_CLOEXEC)
    defer { close(other) }
    guard dup2(other, descriptor) == descriptor else { throw CocoaError(.fileWriteUnknown) }
    return (descriptor, copy)
}
