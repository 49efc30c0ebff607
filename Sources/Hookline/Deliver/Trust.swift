import Glibc

/// Which certificate authorities a webhook's receiver is held against: the system's, and those of `tls.ca_file`.
package struct Trust: Equatable, Sendable {
    /// A directory of certificates that are looked up by the hash of their name.
    package var directory: String?
    /// A PEM file.
    package var file: String?
    /// PEM text, when two files must be given as one.
    package var bundle: [UInt8]?

    /// The system's authorities alone: the hashed directory when there is one, since parsing the bundle would cost 20 ms
    /// per run. `system` is where libcurl was built to look.
    package init(system: (directory: String?, bundle: String?)) {
        if let directory = system.directory, Self.isHashed(directory) {
            self.directory = directory
        } else {
            file = system.bundle
        }
    }

    /// These, and those of a PEM file.
    /// - Throws: when a file can't be read.
    package func adding(_ caFile: String) throws(TrustError) -> Trust {
        var trust = self
        let certificates = try Self.read(caFile)
        if let systemBundle = file {
            trust.bundle = try Self.read(systemBundle) + [UInt8(ascii: "\n")] + certificates
        }
        trust.file = caFile
        return trust
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
        do {
            return try readFile(path)
        } catch {
            throw .unreadable(path: path, reason: systemReason(error.errno))
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
