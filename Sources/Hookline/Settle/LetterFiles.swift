import Glibc

/// The files that dead letters are read from, one after the other, and which of their lines were delivered.
package struct LetterFiles {
    private struct File {
        let path: String
        /// Which file it was when it was read.
        var identity: FileIdentity
        /// Lines of the files before it.
        var firstPlace = 0
        /// Lines that were read.
        var lines = 0
    }

    private var files: [File] = []
    /// The file at hand.
    private var current = -1
    package private(set) var descriptor: Int32 = -1
    /// One bit for each line, over all files: whether its event was delivered.
    private var delivered: [UInt64] = []

    /// Looks at each file, so that one that is missing is told before anything is sent.
    /// - Throws: when a file can't be read or is named twice; with `prunes`, also when one is no regular file.
    package init(_ paths: [String], prunes: Bool) throws(LetterFileError) {
        for path in paths {
            let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard descriptor >= 0 else { throw .unreadable(path, errno: errno) }
            defer { close(descriptor) }
            guard let identity = FileIdentity(of: descriptor) else { throw .unreadable(path, errno: errno) }
            if identity.isDirectory { throw .unreadable(path, errno: EISDIR) }
            if files.contains(where: { $0.identity == identity }) { throw .namedTwice(path) }
            if prunes, !identity.isRegular { throw .notPrunable(path) }
            files.append(File(path: path, identity: identity))
        }
    }

    /// Lines of the files before the one at hand.
    package var linesBefore: Int { files[current].firstPlace }

    package var path: String { files[current].path }

    /// Goes on to the next file.
    /// - Parameter lines: lines that were read of the one at hand.
    /// - Returns: whether there is one; `descriptor` is open then.
    /// - Throws: when it can't be read any more.
    package mutating func next(after lines: Int) throws(LetterFileError) -> Bool {
        ended(after: lines)
        guard current + 1 < files.count else { return false }
        current += 1
        files[current].firstPlace = current == 0 ? 0 : files[current - 1].firstPlace + files[current - 1].lines
        descriptor = unsafe open(files[current].path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0, let identity = FileIdentity(of: descriptor) else {
            throw .unreadable(files[current].path, errno: errno)
        }
        files[current].identity = identity
        return true
    }

    /// No more is read of the file at hand, of which that many lines were.
    package mutating func ended(after lines: Int) {
        guard descriptor >= 0 else { return }
        files[current].lines = lines
        close(descriptor)
        descriptor = -1
    }

    /// Notes lines, counted over all files from 1, whose events were delivered.
    package mutating func deliver(_ places: [Int]) {
        for place in places {
            while delivered.count <= place / 64 { delivered.append(0) }
            delivered[place / 64] |= 1 << UInt64(place % 64)
        }
    }

    private func isDelivered(_ line: Int, of file: File) -> Bool {
        let place = file.firstPlace + line
        return line <= file.lines && place / 64 < delivered.count
            && delivered[place / 64] & 1 << UInt64(place % 64) != 0
    }

    /// Takes the lines whose events were delivered out of each file. One after the other, and each as a whole: a new file
    /// takes the old one's place. A file without such a line is left alone.
    /// - Returns: what went wrong, by file; such a file is as it was.
    package func prune() -> [OutputError] {
        files.compactMap { file in
            guard (1...max(1, file.lines)).contains(where: { isDelivered($0, of: file) }) else { return nil }
            do throws(OutputError) {
                try LineFile.rewrite(file.path, as: file.identity) { isDelivered($0, of: file) }
                return nil
            } catch {
                return error
            }
        }
    }
}

/// Why dead letters can't be read from a file.
package enum LetterFileError: UserFacing, Equatable {
    case unreadable(String, errno: Int32)
    case namedTwice(String)
    case notPrunable(String)

    package var message: String {
        switch self {
        case .unreadable(let path, let code): "can't read \(path): \(systemReason(code))"
        case .namedTwice(let path): "\(path) is named twice"
        case .notPrunable(let path): "--prune: \(path) is no regular file"
        }
    }

    package var hint: String? {
        switch self {
        case .unreadable(let path, ENOENT) where path.contains("*"):
            "no file has such a name, so there are no dead letters"
        case .unreadable(_, ENOENT): "a run that has dead letters says at its end where they are"
        case .unreadable(_, EISDIR): "name the files in it"
        case .unreadable: nil
        case .namedTwice: "its events would be sent twice; name it once"
        case .notPrunable: "lines can be taken out of files alone"
        }
    }

    package var exitCode: ExitCode {
        switch self {
        case .unreadable: .noInput
        case .namedTwice, .notPrunable: .usage
        }
    }
}
