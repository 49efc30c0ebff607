/// The spool's last part: what is settled leaves it.
extension Spool {
    /// Forgets items that were settled or written anew.
    /// - Throws: when that can't be noted of some: then a later run may take them up once more.
    package func finish(_ places: [SpoolPlace]) throws(SpoolError) {
        var failure: SpoolError?
        for (folder, inFolder) in Dictionary(grouping: places, by: \.folder).sorted(by: { $0.key < $1.key }) {
            for (number, inGroup) in Dictionary(grouping: inFolder, by: \.group).sorted(by: { $0.key < $1.key }) {
                groups[folder][number]?.finished.formUnion(inGroup.map(\.index))
                groups[folder][number]?.unmarked.formUnion(inGroup.map(\.index))
                do throws(SpoolError) {
                    try mark(number, in: folder)
                } catch {
                    // What is in other files is none of its business.
                    failure = failure ?? error
                }
            }
            removeIfEmpty(folder)
        }
        if let failure { throw failure }
    }

    /// Notes which items of a group are finished, or removes its file if all are.
    private func mark(_ number: Int, in folder: Int) throws(SpoolError) {
        guard let group = groups[folder][number] else { return }
        var failure: SpoolError?
        // A file that goes now needs no marks, but one that should and stays does.
        if group.finished.count == group.count, !group.isDamaged {
            do throws(SpoolError) {
                return try removeIfFinished(number, in: folder)
            } catch {
                failure = error
            }
        }
        if !group.unmarked.isEmpty {
            groups[folder][number]?.hasMarks = true
            let path = SpoolLayout.group(folders[folder], number) + ".done"
            try disk.append(group.unmarked.sorted().flatMap(SpoolLayout.record), to: path, waits: false)
            groups[folder][number]?.unmarked = []
        }
        if let failure { throw failure }
        try removeIfFinished(number, in: folder)
    }

    /// Tries once more what could not be noted.
    func finishRest() {
        for folder in groups.indices {
            for (number, group) in groups[folder] where !group.unmarked.isEmpty || group.finished.count == group.count {
                // That it failed was said when it first did.
                try? mark(number, in: folder)
            }
            removeIfEmpty(folder)
        }
    }

    /// Notes for a repeat of their runs which batches were settled, and waits until that is on the disk.
    package func note(_ settled: [(run: String, id: String)]) throws(SpoolError) {
        try journal.append(Dictionary(grouping: settled, by: \.run).mapValues { $0.map(\.id) })
    }

    /// Removes notes that are older than that.
    package func removeOldNotes(before time: WallTime) throws(SpoolError) {
        if lock != nil { try journal.removeOld(before: time) }
    }

    func removeIfFinished(_ number: Int, in folder: Int) throws(SpoolError) {
        guard let group = groups[folder][number], group.finished.count == group.count else { return }
        let base = SpoolLayout.group(folders[folder], number)
        if group.isDamaged {
            try disk.rename(base + ".items", to: base + ".corrupt")
        } else if folder == 0, spares.hasRoom {
            // Its ending says that it holds nothing.
            try disk.rename(base + ".items", to: base + ".tmp")
            if group.hasMarks { try disk.remove(base + ".done") }
            spares.add(SpoolSpares.File(path: base + ".tmp", size: group.size))
        } else {
            // In this order: marks without items mean nothing, items without marks would be sent again.
            try disk.remove(base + ".items")
            if group.hasMarks { try disk.remove(base + ".done") }
        }
        groups[folder][number] = nil
        used -= group.size
    }

    /// Removes a dead run's folder that holds nothing.
    func removeIfEmpty(_ folder: Int) {
        guard folder > 0, lock != nil, groups[folder].isEmpty, SpoolLayout.isEmpty(folders[folder]) else { return }
        try? disk.remove(SpoolLayout.live(folders[folder]))
        disk.removeFolder(folders[folder])
    }
}
