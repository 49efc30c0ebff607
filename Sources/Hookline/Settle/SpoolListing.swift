import Glibc

/// What lies in a spool, for those who look on: nothing is locked, made or changed.
package struct SpoolListing {
    package struct Entry {
        package var header: SpoolHeader
        /// The group's file, and where the item's line starts in it.
        package var path: String
        package var offset: Int
        /// Whether the run that put it there, and answers for it, still lives.
        package var isLive: Bool
        /// Whether an earlier one of its lane goes before it, however due it is itself.
        package var isBehind = false
    }

    package private(set) var entries: [Entry] = []
    /// Files that hold something else than items that can be read.
    package private(set) var findings: [SpoolFinding] = []

    /// - Throws: when there is no such directory, it holds no spool, or a file of it can't be read.
    package init(_ directory: String) throws(SpoolError) {
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { throw .failed(path: directory, errno: errno) }
        close(descriptor)
        if try !SpoolLayout.isSpool(directory) { throw .notASpool(directory: directory) }
        for folder in try SpoolLayout.folders(directory) where !folder.hasSuffix(SpoolLayout.unborn) {
            let files = try SpoolLayout.names(in: folder)
            let isLive = try !Spool.isDead(folder)
            for file in files {
                if file.hasSuffix(".corrupt") { findings.append(.damaged(path: folder + "/" + file)) }
                guard let number = SpoolLayout.number(file) else { continue }
                let base = SpoolLayout.group(folder, number)
                // A file that went meanwhile was finished.
                guard let group = try SpoolGroup.read(base + ".items") else { continue }
                if group.isDamaged { findings.append(.damaged(path: base + ".items")) }
                if let version = group.otherVersion {
                    findings.append(.otherVersion(path: base + ".items", version))
                }
                let finished = try SpoolLayout.finished(base + ".done")
                for (index, item) in group.items.enumerated() where !finished.contains(index) {
                    entries.append(
                        Entry(header: item.header, path: base + ".items", offset: item.offset, isLive: isLive))
                }
            }
        }
    }

    /// Marks the entries that wait for an earlier one of their lane.
    ///
    /// - Parameter keepsOrder: whether a webhook's events arrive in order; nil: nobody knows, and it does if something of it
    ///   was put behind another.
    package mutating func markBehind(_ keepsOrder: (String) -> Bool?) {
        struct Lane: Hashable { var webhook: String, lane: Int, lanes: Int }
        let byName = Dictionary(grouping: entries.indices) { entries[$0].header.webhook }
        for (name, indices) in byName {
            let ofBehind = indices.contains { entries[$0].header.reason == DeadLetterReason.behind.name }
            guard keepsOrder(name) ?? ofBehind else { continue }
            let lanes = Dictionary(grouping: indices) { index in
                let header = entries[index].header
                return Lane(webhook: name, lane: header.lane, lanes: header.lanes)
            }
            for lane in lanes.values {
                guard let head = lane.min(by: { entries[$0].header.rank < entries[$1].header.rank }) else { continue }
                for index in lane where index != head { entries[index].isBehind = true }
            }
        }
    }
}
