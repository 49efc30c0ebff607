import Glibc

/// Which batches of the spool were settled, by the id of the run that cut them, so that a repeat of that run skips them.
///
/// One file for each run id: lines with a `webhook-id`. An incomplete line is none.
package struct SpoolJournal {
    /// A `webhook-id` of the form that this program makes, in little room.
    private struct ID: Hashable {
        var high: UInt64
        var low: UInt64

        init?(_ text: some StringProtocol) {
            let digits = text.dropFirst(4)
            guard text.hasPrefix("msg_"), digits.utf8.count == 32, let high = UInt64(digits.prefix(16), radix: 16),
                let low = UInt64(digits.dropFirst(16), radix: 16)
            else { return nil }
            (self.high, self.low) = (high, low)
        }
    }

    private let folder: String
    private let disk: SpoolDisk
    /// Runs whose file was written to, so that its name is on the disk for certain.
    private var named: Set<String> = []
    /// What this run need not send: settled before, or in the spool for this run to take up.
    private var known: Set<ID> = []
    /// What it must not send, since it waits where this run may not take it up.
    private var elsewhere: Set<ID> = []
    /// Those of `elsewhere` that it cut, and did not send.
    private var skipped: Set<ID> = []

    init(folder: String, disk: SpoolDisk) {
        self.folder = folder
        self.disk = disk
    }

    /// Reads what was settled under a run id.
    mutating func read(_ run: String) throws(SpoolError) {
        let path = folder + "/" + run
        let bytes: [UInt8]
        do {
            bytes = try readFile(path)
        } catch {
            if error.errno == ENOENT { return }
            throw .failed(path: path, errno: error.errno)
        }
        for line in bytes.split(separator: UInt8(ascii: "\n")) { add(String(decoding: line, as: UTF8.self)) }
    }

    mutating func add(_ id: String, isElsewhere: Bool = false) {
        guard let id = ID(id) else { return }
        if isElsewhere { elsewhere.insert(id) } else { known.insert(id) }
    }

    func contains(_ id: String) -> Bool {
        if known.isEmpty, elsewhere.isEmpty { return false }
        return ID(id).map { known.contains($0) || elsewhere.contains($0) } ?? false
    }

    /// A batch that is known was cut.
    mutating func skip(_ id: String) {
        if let id = ID(id), elsewhere.contains(id), !known.contains(id) { skipped.insert(id) }
    }

    var hasSkipped: Bool { !skipped.isEmpty }

    func wasSkipped(_ id: String) -> Bool { !skipped.isEmpty && ID(id).map { skipped.contains($0) } ?? false }

    /// Notes ids under their runs and waits until they are on the disk.
    mutating func append(_ settled: [String: [String]]) throws(SpoolError) {
        if settled.isEmpty { return }
        if named.isEmpty { try disk.makeFolder(folder) }
        for (run, ids) in settled.sorted(by: { $0.key < $1.key }) {
            let path = folder + "/" + run
            let isNew = try disk.append(ids.flatMap { Array("\($0)\n".utf8) }, to: path, waits: true)
            // Also where the file was there: whoever made it may have died before it waited for the name.
            if named.contains(run), !isNew { continue }
            try disk.syncFolder(folder)
            named.insert(run)
        }
    }

    /// Removes what nobody added to since that time.
    func removeOld(before time: WallTime) throws(SpoolError) {
        for name in try SpoolLayout.names(in: folder) {
            guard let modified = SpoolLayout.modified(folder + "/" + name), modified < time.seconds else { continue }
            try disk.remove(folder + "/" + name)
        }
    }
}
