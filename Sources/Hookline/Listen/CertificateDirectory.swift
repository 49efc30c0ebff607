import Glibc

/// Where the receiver's certificates lie: made when missing, kept between starts so that `ca_file` stays valid.
///
/// The valid set is `ca.pem`, `server.pem`, `server.key`; the others have `-expired` or `-wrong-host` before the dot
/// and are made anew each time, so that they never disturb the valid one.
struct CertificateDirectory {
    /// Absolute.
    let authorityFile: String
    let certificateFile: String
    let keyFile: String

    /// Makes the directory (mode 0700) and the files as needed.
    init(path: String, kind: ListenOptions.Certificate) throws(ListenError) {
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .directory(path, errno: errno) }
        guard let resolved = unsafe realpath(path, nil) else { throw .directory(path, errno: errno) }
        let directory = unsafe String(cString: resolved)
        unsafe free(resolved)
        let suffix = kind == .valid ? "" : "-\(kind.rawValue)"
        authorityFile = "\(directory)/ca\(suffix).pem"
        certificateFile = "\(directory)/server\(suffix).pem"
        keyFile = "\(directory)/server\(suffix).key"

        // Two receivers that start at once must not mix their sets.
        let lock = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else { throw .directory(path, errno: errno) }
        defer { close(lock) }
        guard flock(lock, LOCK_EX) == 0 else { throw .directory(path, errno: errno) }
        if kind == .valid,
            CertificateMaker.isUsable(
                authorityFile: authorityFile, certificateFile: certificateFile, keyFile: keyFile)
        {
            return
        }
        let set = try CertificateMaker.make(kind)
        for (file, bytes, mode) in [
            (keyFile, set.key, mode_t(0o600)), (certificateFile, set.certificate, 0o644),
            (authorityFile, set.authority, 0o644),
        ] {
            let code = replace(file, with: bytes, mode: mode)
            guard code == 0 else { throw .directory(path, errno: code) }
        }
    }
}

/// Writes a file beside the old one and renames it over, so that no reader sees half of it.
/// - Returns: 0, or the errno of the step that failed.
private func replace(_ file: String, with bytes: [UInt8], mode: mode_t) -> Int32 {
    let temporary = file + ".new"
    unsafe unlink(temporary)
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { return errno }
    let code = writeAll(bytes, to: descriptor)
    guard close(descriptor) == 0, code == 0 else { return code == 0 ? errno : code }
    return unsafe rename(temporary, file) == 0 ? 0 : errno
}
