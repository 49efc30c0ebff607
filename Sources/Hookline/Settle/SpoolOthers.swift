import Glibc

/// The spool's part about what lies where this run may not take it up: what runs have that live and, without the lock, what
/// dead ones left.
extension Spool {
    /// Told of each file of items that it finds: its path, what it holds, and the places of those that are finished.
    typealias Observer = (String, SpoolGroup, Set<Int>) throws(SpoolError) -> Void

    /// Reads what a folder of another run holds.
    func look(into path: String, _ observe: Observer) throws(SpoolError) {
        var read: Set<Int> = []
        var hasChanged = true
        // A file that went since it was listed may have been written anew under a name that was not there yet.
        while hasChanged {
            hasChanged = false
            for number in try SpoolLayout.names(in: path).compactMap(SpoolLayout.number) where !read.contains(number) {
                let base = SpoolLayout.group(path, number)
                // Before the items, since it goes after them.
                let finished = try SpoolLayout.finished(base + ".done")
                if let found = try SpoolGroup.read(base + ".items") {
                    try observe(base + ".items", found, finished)
                    read.insert(number)
                } else {
                    hasChanged = true
                }
            }
        }
    }

    /// Remembers batches of this run's id, which it would cut again. What is finished is in the notes, if it was settled.
    /// - Returns: whether all of them are whole. Of one that is not, this run has the good bytes.
    func remember(
        _ path: String, _ group: SpoolGroup, _ finished: Set<Int>, isElsewhere: Bool
    ) throws(SpoolError) -> Bool {
        guard isRepeatable else { return true }
        var areWhole = true
        for (index, item) in group.items.enumerated() where !finished.contains(index) {
            guard item.header.isRepeatable, item.header.run == run else { continue }
            if try SpoolGroup.isWhole(path, item) {
                journal.add(item.header.webhookID, isElsewhere: isElsewhere)
            } else {
                areWhole = false
            }
        }
        return areWhole
    }

    /// Tells of what a dead run's folder holds that can't be read, besides its items.
    func reportCorrupt(in folder: String, _ report: (SpoolFinding) -> Void) throws(SpoolError) {
        for name in try SpoolLayout.names(in: folder) where name.hasSuffix(".corrupt") {
            holdsUnreadable = true
            report(.damaged(path: folder + "/" + name))
        }
    }

    /// Removes folders that runs had begun to make when they were killed. Nothing is in them yet but `live`; as long as
    /// that is locked here, the run whose folder it is can't go on, and begins anew (`makeOwnFolder`).
    func removeUnborn() throws(SpoolError) {
        for path in try SpoolLayout.folders(directory) where path.hasSuffix(SpoolLayout.unborn) {
            do throws(SpoolError) {
                guard let lock = try SpoolLock.take(SpoolLayout.live(path)) else { continue }
                try disk.remove(SpoolLayout.live(path))
                disk.removeFolder(path)
                withExtendedLifetime(lock) {}
            } catch {
                // It was given its name, or removed, meanwhile.
                guard case .failed(_, ENOENT) = error else { throw error }
            }
        }
    }
}
