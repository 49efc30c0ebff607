import Glibc

/// Names in the spool's directory, and what is there.
package enum SpoolLayout {
    /// A run's folder whose `live` is not locked yet: nobody else's business.
    static let unborn = ".new"

    static func lock(_ directory: String) -> String { directory + "/lock" }
    static func runs(_ directory: String) -> String { directory + "/runs" }
    static func settled(_ directory: String) -> String { directory + "/settled" }
    static func live(_ folder: String) -> String { folder + "/live" }

    /// Whether a directory holds a spool: a folder `runs`, and `lock` or nothing that does not belong to a spool. A folder
    /// of the same name elsewhere, e.g. of experiments, is none.
    /// - Throws: when the directory can't be listed.
    static func isSpool(_ directory: String) throws(SpoolError) -> Bool {
        guard FileIdentity(at: runs(directory))?.isDirectory == true else { return false }
        if FileIdentity(at: lock(directory)) != nil { return true }
        return try foreignNames(in: directory).isEmpty
    }

    /// Refuses a directory that is there and holds something else than a spool, before anything is made in it.
    package static func check(_ directory: String) throws(SpoolError) {
        if try isSpool(directory) { return }
        if try !foreignNames(in: directory).isEmpty { throw .notASpool(directory: directory) }
    }

    /// What does not belong to a spool. Hidden files, and what a new file system has, mean nothing.
    private static func foreignNames(in directory: String) throws(SpoolError) -> [String] {
        try names(in: directory).filter {
            !$0.hasPrefix(".") && !["lock", "runs", "settled", "lost+found"].contains($0)
        }
    }

    /// A group's file without its ending; numbers have leading zeros, so that names sort.
    static func group(_ folder: String, _ number: Int) -> String {
        let digits = "\(number)"
        return folder + "/" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    /// The number of a group by its file's name; nil: it is none.
    static func number(_ name: String) -> Int? {
        guard name.hasSuffix(".items") else { return nil }
        let digits = name.dropLast(6)
        return Quantity.isDigits(String(digits)) ? Int(digits) : nil
    }

    /// What a folder holds, sorted; nothing where there is no such folder.
    /// - Throws: when it can't be listed: what nobody can see may still wait there.
    static func names(in folder: String) throws(SpoolError) -> [String] {
        guard let stream = unsafe opendir(folder) else {
            switch errno {
            case ENOENT: return []
            case ENOTDIR: throw .notAFolder(path: folder)
            default: throw .failed(path: folder, errno: errno)
            }
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            // The end and a failure look the same, but for this.
            errno = 0
            guard let entry = unsafe readdir(stream) else { break }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != ".", name != ".." { names.append(name) }
        }
        let failure = errno
        if failure != 0, failure != ENOENT { throw .failed(path: folder, errno: failure) }
        return names.sorted()
    }

    /// Whether a folder holds nothing but its lock, as far as can be seen.
    static func isEmpty(_ folder: String) -> Bool {
        (try? names(in: folder))?.allSatisfy { $0 == "live" } ?? false
    }

    /// The places of finished items of a group; none where there is no such file. An incomplete record is none.
    /// - Throws: when it can't be read: its items would all be sent again.
    static func finished(_ path: String) throws(SpoolError) -> Set<Int> {
        let bytes: [UInt8]
        do {
            bytes = try readFile(path)
        } catch {
            if error.errno == ENOENT { return [] }
            throw .failed(path: path, errno: error.errno)
        }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
        let records = lines.filter { $0.count == recordBytes - 1 }
        return Set(records.compactMap { Int(String(decoding: $0, as: UTF8.self)) })
    }

    /// Size of one record of a `.done` file: digits and a line feed.
    static let recordBytes = 8

    static func record(_ index: Int) -> [UInt8] {
        let digits = "\(index)"
        return Array((String(repeating: "0", count: max(0, recordBytes - 1 - digits.count)) + digits + "\n").utf8)
    }

    /// Paths of the runs' folders, those that are being made too. Hidden names and what is no folder, e.g. what a file
    /// manager left, are no runs.
    /// - Throws: when that can't be told.
    static func folders(_ directory: String) throws(SpoolError) -> [String] {
        var folders: [String] = []
        for name in try names(in: runs(directory)) where !name.hasPrefix(".") {
            let path = runs(directory) + "/" + name
            var status = stat()
            if unsafe stat(path, &status) == 0 {
                if status.st_mode & S_IFMT == S_IFDIR { folders.append(path) }
            } else if errno != ENOENT {
                throw .failed(path: path, errno: errno)
            }
        }
        return folders
    }

    /// Size of all groups' files in a directory, in bytes. What live runs are writing, or keep to write over, is not seen.
    /// - Throws: when a folder can't be listed.
    static func measure(_ directory: String) throws(SpoolError) -> Int {
        var sum = 0
        for folder in try folders(directory) {
            for name in try names(in: folder) where name.hasSuffix(".items") { sum += try size(folder + "/" + name) }
        }
        return sum
    }

    /// Size of a file; 0: there is none.
    private static func size(_ path: String) throws(SpoolError) -> Int {
        var status = stat()
        if unsafe stat(path, &status) == 0 { return status.st_size }
        if errno == ENOENT { return 0 }
        throw .failed(path: path, errno: errno)
    }

    /// When a file was last written to, in seconds since 1970; nil: that can't be told.
    static func modified(_ path: String) -> Int? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_mtim.tv_sec : nil
    }
}
