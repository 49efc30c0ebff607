import Glibc

/// The spool's second part: what earlier runs left in it.
extension Spool {
    /// What taking the lock came to.
    package enum Taking: Equatable {
        case taken
        /// By another process; nil: it does not say who.
        case held(by: SpoolLock.Holder?)
    }

    /// Takes the lock, without which nothing may be taken up.
    package func takeLock(_ holder: SpoolLock.Holder) throws(SpoolError) -> Taking {
        let path = SpoolLayout.lock(directory)
        guard let lock = try SpoolLock.take(path) else { return .held(by: SpoolLock.holder(path)) }
        lock.note(holder)
        self.lock = lock
        return .taken
    }

    /// What dead runs left: every item that is not finished, in the order of runs and groups.
    ///
    /// With the lock, files of groups that were not finished being written are removed, and what can't be read is set
    /// aside. Files of another version are left alone. Batches that this run would cut again are remembered, see
    /// `isKnown`.
    ///
    /// Other runs go on meanwhile. What a dead run left changes only who has the lock. For `isKnown` the order matters,
    /// since a batch is noted before its item goes, and its new item is there before the old one goes: what dead runs
    /// left is read first, then what live ones have, where the holder of the lock writes anew, and the notes last. A
    /// batch that leaves one place before it is read is then seen in the next one.
    ///
    /// - Parameter report: is told of each file that holds something else than items.
    /// - Returns: the items.
    /// - Throws: when a file or folder can't be read, or a folder can't be cleaned.
    package func waiting(_ report: (SpoolFinding) -> Void) throws(SpoolError) -> [SpoolItem] {
        if lock != nil { try removeUnborn() }
        var items: [SpoolItem] = []
        var seen: Set<String> = [folders[0]]
        for path in try runs() {
            guard path != folders[0], try Self.isDead(path) else { continue }
            seen.insert(path)
            if lock == nil {
                try remember(path)
            } else {
                items += try takeOver(path, report)
            }
        }
        guard isRepeatable else { return items }
        for path in try runs() where !seen.contains(path) { try remember(path) }
        try journal.read(run)
        return items
    }

    /// Removes folders that runs had begun to make when they were killed. Nothing is in them yet but `live`; as long as
    /// that is locked here, the run whose folder it is can't go on, and begins anew (`makeOwnFolder`).
    private func removeUnborn() throws(SpoolError) {
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

    /// Folders of runs that others may look into.
    private func runs() throws(SpoolError) -> [String] {
        try SpoolLayout.folders(directory).filter { !$0.hasSuffix(SpoolLayout.unborn) }
    }

    /// Remembers batches of this run's id that lie where this run may not take them up.
    private func remember(_ path: String) throws(SpoolError) {
        if !isRepeatable { return }
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
                    remember(found, finished)
                    read.insert(number)
                } else {
                    hasChanged = true
                }
            }
        }
    }

    /// What is finished is in the notes, if it was settled.
    private func remember(_ group: SpoolGroup, _ finished: Set<Int>) {
        if !isRepeatable { return }
        for (index, item) in group.items.enumerated() where !finished.contains(index) {
            if item.header.isRepeatable, item.header.run == run { journal.add(item.header.webhookID) }
        }
    }

    /// A dead run's folder becomes this run's business.
    private func takeOver(_ path: String, _ report: (SpoolFinding) -> Void) throws(SpoolError) -> [SpoolItem] {
        try clean(path)
        folders.append(path)
        groups.append([:])
        var items: [SpoolItem] = []
        for number in try SpoolLayout.names(in: path).compactMap(SpoolLayout.number) {
            items += try read(number, in: folders.count - 1, report)
        }
        removeIfEmpty(folders.count - 1)
        return items
    }

    private func read(
        _ number: Int, in folder: Int, _ report: (SpoolFinding) -> Void
    ) throws(SpoolError) -> [SpoolItem] {
        let base = SpoolLayout.group(folders[folder], number)
        guard let found = try SpoolGroup.read(base + ".items") else { return [] }
        if let version = found.otherVersion {
            holdsOtherVersion = true
            report(.otherVersion(path: base + ".items", version))
            return []
        }
        let finished = try SpoolLayout.finished(base + ".done")
        remember(found, finished)
        if found.isDamaged { report(.damaged(path: base + ".items")) }
        groups[folder][number] = Group(
            count: found.items.count, finished: finished.filter { $0 < found.items.count }, size: found.size,
            isDamaged: found.isDamaged, hasMarks: !finished.isEmpty)
        try removeIfFinished(number, in: folder)
        return found.items.enumerated().filter { !finished.contains($0.offset) }.map { index, item in
            let header = item.header
            let place = SpoolPlace(
                folder: folder, group: number, index: index, offset: item.offset, lane: header.lane,
                lanes: header.lanes,
                rank: SpoolPlace.Rank(began: header.began, line: header.line), step: header.step,
                created: WallTime(milliseconds: header.created), isResumed: true, attempts: header.attempts,
                repeatableRun: header.isRepeatable ? header.run : nil)
            return SpoolItem(
                place: place, webhook: self.index(of: header.webhook), count: header.count,
                next: WallTime(milliseconds: header.next))
        }
    }

    /// Reads an item's events. `lane` is its place among its webhook's lanes of today.
    /// - Returns: nil if they are damaged: then the item stays, and its file is set aside when the others are finished.
    package func load(
        _ item: SpoolItem, lane: Int = 0, memory: MemoryAccount, opened: ContinuousClock.Instant
    ) throws(SpoolError) -> (batch: Batch, header: SpoolHeader)? {
        let path = SpoolLayout.group(folders[item.place.folder], item.place.group) + ".items"
        let found = try SpoolGroup.load(
            path, at: item.place.offset, webhook: item.webhook, lane: lane, memory: memory, opened: opened,
            topic: topics.index(of:))
        guard let found else {
            groups[item.place.folder][item.place.group]?.isDamaged = true
            groups[item.place.folder][item.place.group]?.finished.insert(item.place.index)
            try removeIfFinished(item.place.group, in: item.place.folder)
            return nil
        }
        found.batch.spooled = item.place
        found.batch.spooled?.isResumed = true
        found.batch.spooled?.attempts = found.batch.attempts
        return found
    }

    /// An item's line; nil: it is damaged, or gone.
    package func header(of item: SpoolItem) throws(SpoolError) -> SpoolHeader? {
        let path = SpoolLayout.group(folders[item.place.folder], item.place.group) + ".items"
        return try SpoolGroup.read(path)?.items.first { $0.offset == item.place.offset }?.header
    }

    /// What repeats of the runs that cut these items need to know, if they are settled.
    package func notes(of items: [SpoolItem]) throws(SpoolError) -> [(run: String, id: String)] {
        var notes: [(run: String, id: String)] = []
        for (folder, inFolder) in Dictionary(grouping: items, by: \.place.folder).sorted(by: { $0.key < $1.key }) {
            for (number, inGroup) in Dictionary(grouping: inFolder, by: \.place.group).sorted(by: { $0.key < $1.key }) {
                let group = try SpoolGroup.read(SpoolLayout.group(folders[folder], number) + ".items")
                for item in inGroup {
                    guard let run = item.place.repeatableRun, let group, group.items.indices.contains(item.place.index)
                    else { continue }
                    notes.append((run, group.items[item.place.index].header.webhookID))
                }
            }
        }
        return notes
    }

    /// Whether a batch of this id was settled before by a run with this run's id, or waits in the spool.
    package func isKnown(_ id: String) -> Bool { journal.contains(id) }

    /// Removes what a dead run had begun to write.
    private func clean(_ folder: String) throws(SpoolError) {
        let names = try SpoolLayout.names(in: folder)
        for name in names where name.hasSuffix(".tmp") { try disk.remove(folder + "/" + name) }
        for name in names where name.hasSuffix(".done") {
            let group = name.dropLast(5)
            if !names.contains(group + ".items"), !names.contains(group + ".corrupt") {
                try disk.remove(folder + "/" + name)
            }
        }
    }

    /// Whether the run whose folder it is lives no more.
    /// - Throws: when that can't be told.
    static func isDead(_ folder: String) throws(SpoolError) -> Bool {
        do {
            return try !SpoolLock.isTaken(SpoolLayout.live(folder))
        } catch {
            // A folder without that file was being removed by a run that was killed.
            if case .failed(_, ENOENT) = error { return true }
            throw error
        }
    }
}
