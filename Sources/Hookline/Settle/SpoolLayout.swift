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
    static func isSpool(_ directory: String) -> Bool {
        guard FileIdentity(at: runs(directory))?.isDirectory == true else { return false }
        return FileIdentity(at: lock(directory)) != nil || foreignNames(in: directory).isEmpty
    }

    /// Refuses a directory that is there and holds something else than a spool, before anything is made in it.
    package static func check(_ directory: String) throws(SpoolError) {
        if !isSpool(directory), !foreignNames(in: directory).isEmpty { throw .notASpool(directory: directory) }
    }

    /// What does not belong to a spool. Hidden files, and what a new file system has, mean nothing.
    private static func foreignNames(in directory: String) -> [String] {
        names(in: directory).filter { !$0.hasPrefix(".") && !["lock", "runs", "settled", "lost+found"].contains($0) }
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
    static func names(in folder: String) -> [String] {
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The places of finished items of a group. An incomplete record is none, nor what was appended to it.
    static func finished(_ path: String) -> Set<Int> {
        guard let bytes = try? readFile(path) else { return [] }
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

    /// Size of a file; 0: there is none.
    static func size(_ path: String) -> Int {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_size : 0
    }

    /// When a file was last written to, in seconds since 1970.
    static func modified(_ path: String) -> Int {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_mtim.tv_sec : 0
    }
}
