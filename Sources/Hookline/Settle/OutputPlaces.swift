import Glibc

/// The files and directories that a run writes to, so that it is seen before anything is made when one of them would
/// spoil another one, or an input.
package struct OutputPlaces {
    package enum Conflict: Equatable, Sendable {
        /// Two outputs are one file.
        case same(String, String)
        /// A file is where the spool is to be, or in it.
        case inSpool(String, spool: String)
        /// What is read would be written to.
        case input(String, output: String)
    }

    private var files: [(name: String, path: String)] = []
    /// The spool's directory.
    private var folders: [(name: String, path: String)] = []
    /// The first one; nil: there is none so far.
    package private(set) var conflict: Conflict?

    package init() {}

    /// Adds a file that is written to. Devices and pipes below `/dev` may be named as often as one likes.
    /// - Parameters:
    ///   - name: the option or key that names it, as the user knows it.
    ///   - path: nil: nothing does.
    package mutating func add(_ name: String, file path: String?) {
        guard let path, !path.hasPrefix("/dev/") else { return }
        let real = Self.realPath(path)
        if let other = files.first(where: { $0.path == real }) { note(.same(other.name, name)) }
        files.append((name, real))
    }

    /// Looks whether one of the files is, or lies in, the spool's directory.
    package mutating func check(spool path: String, _ name: String) {
        let real = Self.realPath(path)
        folders.append((name, real))
        let folder = real.hasSuffix("/") ? real : real + "/"
        guard let file = files.first(where: { $0.path == real || $0.path.hasPrefix(folder) }) else { return }
        note(.inSpool(file.name, spool: name))
    }

    /// Looks whether one of the files, or the spool's directory, is a regular file that is read.
    package mutating func check(input: FileIdentity?, _ name: String) {
        guard let input, input.isRegular else { return }
        guard let file = (files + folders).first(where: { FileIdentity(at: $0.path) == input }) else { return }
        note(.input(name, output: file.name))
    }

    private mutating func note(_ conflict: Conflict) { self.conflict = self.conflict ?? conflict }

    /// A path without symbolic links, `.` and `..`, as far as it is there (realpath(3)).
    static func realPath(_ path: String) -> String {
        if let resolved = unsafe realpath(path, nil) {
            defer { unsafe free(resolved) }
            return unsafe String(cString: resolved)
        }
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return realPath(".") + "/" + trimmed }
        let name = trimmed[slash...]
        return slash == trimmed.startIndex ? trimmed : realPath(String(trimmed[..<slash])) + name
    }
}
