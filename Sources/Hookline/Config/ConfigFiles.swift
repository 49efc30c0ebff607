import Glibc

/// The files of a configuration: one, or those of a directory.
enum ConfigFiles {
    /// A single file's length, at most.
    static let sizeLimit = 16 << 20

    /// Reads a file, or all `*.yaml` and `*.yml` of a directory in the order of their names' bytes, hidden ones left
    /// out.
    static func read(_ path: String) throws(ConfigFailure) -> [SourceText] {
        guard unsafe access(path, F_OK) == 0 else { throw unreadable(path, errno) }
        guard isDirectory(path) else { return [try source(of: path)] }
        let names = try namesOfFiles(in: path)
        if names.isEmpty { throw .noFiles(directory: path) }
        let folder = path.hasSuffix("/") ? path : path + "/"
        var sources: [SourceText] = []
        for name in names { sources.append(try source(of: folder + name)) }
        return sources
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func namesOfFiles(in directory: String) throws(ConfigFailure) -> [String] {
        guard let stream = unsafe opendir(directory) else { throw unreadable(directory, errno) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            let isYAML = name.hasSuffix(".yaml") || name.hasSuffix(".yml")
            if isYAML, !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func source(of path: String) throws(ConfigFailure) -> SourceText {
        let bytes: [UInt8]
        do {
            bytes = try readFile(path, limit: sizeLimit)
        } catch {
            throw unreadable(path, error.errno)
        }
        if bytes.count > sizeLimit { throw .tooLarge(path: path, limit: sizeLimit) }
        return SourceText(path: path, bytes: bytes)
    }

    private static func unreadable(_ path: String, _ errno: Int32) -> ConfigFailure {
        .unreadable(path: path, reason: systemReason(errno).lowercased())
    }
}
