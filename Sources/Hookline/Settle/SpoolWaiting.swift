import Glibc

/// The spool's second half: what earlier runs left in it.
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
    /// aside. Batches that this run would cut again are remembered, see `isKnown`.
    ///
    /// - Parameter damaged: is told of each file that holds something else than items.
    /// - Returns: the items.
    /// - Throws: when a file can't be read, or a folder can't be cleaned.
    package func waiting(_ damaged: (String) -> Void) throws(SpoolError) -> [SpoolItem] {
        if isRepeatable { try journal.read(run) }
        var items: [SpoolItem] = []
        let runs = SpoolLayout.runs(directory)
        for name in SpoolLayout.names(in: runs) where name != uid && !name.hasSuffix(SpoolLayout.unborn) {
            let path = runs + "/" + name
            let isDead = Self.isDead(path)
            if isDead, lock != nil { try clean(path) }
            folders.append(path)
            groups.append([:])
            for file in SpoolLayout.names(in: path) {
                guard let number = SpoolLayout.number(file) else { continue }
                items += try read(number, in: folders.count - 1, isDead: isDead && lock != nil, damaged)
            }
            if isDead, lock != nil { removeIfEmpty(folders.count - 1) }
        }
        return items
    }

    private func read(
        _ number: Int, in folder: Int, isDead: Bool, _ damaged: (String) -> Void
    ) throws(SpoolError) -> [SpoolItem] {
        let base = SpoolLayout.group(folders[folder], number)
        guard let found = try SpoolGroup.read(base + ".items") else { return [] }
        let finished = SpoolLayout.finished(base + ".done")
        for item in found.items where isRepeatable && item.header.isRepeatable && item.header.run == run {
            journal.add(item.header.webhookID)
        }
        guard isDead else { return [] }
        if found.isDamaged { damaged(base + ".corrupt") }
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

    /// Whether a batch of this id was settled before by a run with this run's id, or waits in the spool.
    package func isKnown(_ id: String) -> Bool { journal.contains(id) }

    /// Removes what a dead run had begun to write.
    private func clean(_ folder: String) throws(SpoolError) {
        let names = SpoolLayout.names(in: folder)
        for name in names where name.hasSuffix(".tmp") { try disk.remove(folder + "/" + name) }
        for name in names where name.hasSuffix(".done") {
            let group = name.dropLast(5)
            if !names.contains(group + ".items"), !names.contains(group + ".corrupt") {
                try disk.remove(folder + "/" + name)
            }
        }
    }

    static func isDead(_ folder: String) -> Bool {
        // A folder without that file was being removed by a run that was killed.
        do {
            return try SpoolLock.take(SpoolLayout.live(folder), makes: false) != nil
        } catch {
            if case .failed(_, ENOENT) = error { return true }
            return false
        }
    }
}
