/// The spool's last part: what is settled leaves it.
extension Spool {
    /// Forgets items that were settled or written anew.
    /// - Throws: when that can't be noted: then a later run may take them up once more.
    package func finish(_ places: [SpoolPlace]) throws(SpoolError) {
        for (folder, inFolder) in Dictionary(grouping: places, by: \.folder).sorted(by: { $0.key < $1.key }) {
            for (number, inGroup) in Dictionary(grouping: inFolder, by: \.group).sorted(by: { $0.key < $1.key }) {
                guard var group = groups[folder][number] else { continue }
                group.finished.formUnion(inGroup.map(\.index))
                let isFinished = group.finished.count == group.count && !group.isDamaged
                // A file that goes now needs no marks.
                if !isFinished {
                    let path = SpoolLayout.group(folders[folder], number) + ".done"
                    try disk.append(inGroup.flatMap { SpoolLayout.record($0.index) }, to: path, waits: false)
                    group.hasMarks = true
                }
                groups[folder][number] = group
                try removeIfFinished(number, in: folder)
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
