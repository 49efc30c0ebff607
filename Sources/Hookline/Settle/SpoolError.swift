import Glibc

/// Why the spool can't be used, or can't take more.
package enum SpoolError: UserFacing, Equatable {
    /// A file or folder of it can't be written or read.
    case failed(path: String, errno: Int32)
    /// It holds as much as `spool.max_bytes` permits.
    case full(directory: String, limit: Int)
    /// Its file system has no locks: nobody could tell a run that lives from one that died.
    case noLocks(directory: String, errno: Int32)
    /// Something else stands where a folder or file of it should.
    case notAFolder(path: String)
    /// The directory holds other things, and no spool.
    case notASpool(directory: String)

    package var message: String {
        switch self {
        case .failed(let path, let code): "the spool can't use \(path): \(systemReason(code))"
        case .full(let directory, let limit):
            "the spool \(directory) is full: it holds max_bytes, \(Quantity.text(bytes: limit))"
        case .noLocks(let directory, let code):
            "the spool \(directory) lies where files can't be locked: \(systemReason(code))"
        case .notAFolder(let path): "the spool can't use \(path): it is no folder"
        case .notASpool(let directory): "the spool can't use \(directory): it holds something else"
        }
    }

    package var hint: String? {
        switch self {
        case .failed(_, ENOSPC), .failed(_, EDQUOT): "make room on the disk, or name a folder on another one"
        case .failed(_, EFBIG): "the process may not write files of that size: see `ulimit -f`"
        case .failed(let path, ENOENT) where path.hasPrefix("~"):
            "the shell replaces `~` at the start of a word alone: write the whole path"
        case .failed(_, ENOENT): "make the folder that it is to lie in first"
        case .failed(_, EACCES), .failed(_, EROFS), .failed(_, EPERM): "name a folder that you may write to"
        case .failed: nil
        case .full: "let a run deliver what waits, raise spool.max_bytes, or `hookline spool drop`"
        case .noLocks: "name a folder on a local disk"
        case .notAFolder: "name another folder, or move away what stands there"
        case .notASpool: "name a folder for the spool alone; it is made if it is not there"
        }
    }

    package var exitCode: ExitCode { .outputFailed }
}
