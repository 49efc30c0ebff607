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
    }

    package private(set) var entries: [Entry] = []
    /// Files that hold something else than items.
    package private(set) var damaged: [String] = []

    /// - Throws: when there is no such directory, it holds no spool, or a file of it can't be read.
    package init(_ directory: String) throws(SpoolError) {
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { throw .failed(path: directory, errno: errno) }
        close(descriptor)
        if !SpoolLayout.isSpool(directory) { throw .notASpool(directory: directory) }
        let runs = SpoolLayout.runs(directory)
        for run in SpoolLayout.names(in: runs) where !run.hasSuffix(SpoolLayout.unborn) {
            let folder = runs + "/" + run
            let isLive = !Spool.isDead(folder)
            for file in SpoolLayout.names(in: folder) {
                if file.hasSuffix(".corrupt") { damaged.append(folder + "/" + file) }
                guard let number = SpoolLayout.number(file) else { continue }
                let base = SpoolLayout.group(folder, number)
                // A file that went meanwhile was finished.
                guard let group = try SpoolGroup.read(base + ".items") else { continue }
                if group.isDamaged { damaged.append(base + ".items") }
                let finished = SpoolLayout.finished(base + ".done")
                for (index, item) in group.items.enumerated() where !finished.contains(index) {
                    entries.append(
                        Entry(header: item.header, path: base + ".items", offset: item.offset, isLive: isLive))
                }
            }
        }
    }
}
