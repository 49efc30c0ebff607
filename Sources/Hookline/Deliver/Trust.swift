import Glibc

/// Which certificate authorities a webhook's receiver is held against: the system's, and those of `tls.ca_file`.
package struct Trust: Equatable, Sendable {
    /// A directory of certificates that are looked up by the hash of their name.
    package var directory: String?
    /// A PEM file.
    package var file: String?
    /// PEM text, when two files must be given as one.
    package var bundle: [UInt8]?

    /// The hashed directory when the system has one: parsing the bundle would cost 20 ms per run.
    ///
    /// - Parameters:
    ///   - system: where libcurl was built to look.
    ///   - caFile: `tls.ca_file`; its certificates add to the system's.
    /// - Throws: a file that can't be read.
    package init(system: (directory: String?, bundle: String?), caFile: String?) throws(TrustError) {
        let certificates = try caFile.map { path throws(TrustError) in try Self.read(path) }
        if let directory = system.directory, Self.isHashed(directory) {
            self.directory = directory
            file = caFile
        } else if let systemBundle = system.bundle, let certificates {
            bundle = try Self.read(systemBundle) + [UInt8(ascii: "\n")] + certificates
        } else {
            file = caFile ?? system.bundle
        }
    }

    /// Whether OpenSSL's `rehash` was run there: names like `5f15c80c.0`.
    private static func isHashed(_ directory: String) -> Bool {
        guard let stream = unsafe opendir(directory) else { return false }
        defer { unsafe closedir(stream) }
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { unsafe Array($0.prefix(9)) }
            if name[8] == UInt8(ascii: "."), name.prefix(8).allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) {
                return true
            }
        }
        return false
    }

    private static func read(_ path: String) throws(TrustError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: unsafe String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count > 0 {
                bytes += chunk.prefix(count)
            } else if errno != EINTR {
                throw .unreadable(path: path, reason: unsafe String(cString: strerror(errno)))
            }
        }
    }
}

package enum TrustError: UserFacing {
    case unreadable(path: String, reason: String)

    package var message: String {
        switch self {
        case .unreadable(let path, let reason): "tls.ca_file: \(path) can't be read: \(reason)"
        }
    }

    package var hint: String? {
        "name a PEM file of certificates; a relative path starts at the configuration's folder"
    }
    package var exitCode: ExitCode { .noInput }
}
