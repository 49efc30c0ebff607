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
    /// aside, and told of in each run as long as it is there. Files of another version are left alone. Batches that this run would cut again are remembered, see
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
            try reportCorrupt(in: path, report)
            if lock == nil {
                try look(into: path) { file, group, finished throws(SpoolError) in
                    try observe(file, group, finished, report)
                }
            } else {
                items += try takeOver(path, report)
            }
        }
        guard isRepeatable || lock == nil else { return items }
        for path in try runs() where !seen.contains(path) {
            try look(into: path) { file, group, finished throws(SpoolError) in
                // Whether its items are whole is for the run to say that has them.
                _ = try remember(file, group, finished, isElsewhere: true)
                if lock == nil { heedLanes(of: group, finished) }
            }
        }
        if isRepeatable { try journal.read(run) }
        return items
    }

    /// What runs left that died since the last look. It needs the lock.
    package func newlyWaiting(_ report: (SpoolFinding) -> Void) throws(SpoolError) -> [SpoolItem] {
        var items: [SpoolItem] = []
        for path in try runs() where !folders.contains(path) {
            guard try Self.isDead(path) else { continue }
            try reportCorrupt(in: path, report)
            items += try takeOver(path, report)
        }
        if !items.isEmpty { used = try SpoolLayout.measure(directory) }
        return items
    }

    /// Folders of runs that others may look into.
    func runs() throws(SpoolError) -> [String] {
        try SpoolLayout.folders(directory).filter { !$0.hasSuffix(SpoolLayout.unborn) }
    }

    /// What a dead run left, and only who has the lock may take up.
    private func observe(
        _ path: String, _ group: SpoolGroup, _ finished: Set<Int>, _ report: (SpoolFinding) -> Void
    ) throws(SpoolError) {
        let areWhole = try remember(path, group, finished, isElsewhere: true)
        heedLanes(of: group, finished)
        if let finding = group.finding(path, areWhole: areWhole) {
            holdsUnreadable = true
            report(finding)
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
        let finished = try SpoolLayout.finished(base + ".done")
        let areWhole = try remember(base + ".items", found, finished, isElsewhere: false)
        if let finding = found.finding(base + ".items", areWhole: areWhole) {
            holdsUnreadable = true
            report(finding)
        }
        if found.otherVersion != nil { return [] }
        groups[folder][number] = Group(
            count: found.items.count, finished: finished.filter { $0 < found.items.count }, size: found.size,
            isDamaged: found.isDamaged, hasMarks: !finished.isEmpty)
        try removeIfFinished(number, in: folder)
        return found.items.enumerated().filter { !finished.contains($0.offset) }.map { index, item in
            let header = item.header
            let place = SpoolPlace(
                folder: folder, group: number, index: index, offset: item.offset, lane: header.lane,
                lanes: header.lanes,
                rank: header.rank, step: header.step,
                created: WallTime(milliseconds: header.created), isResumed: true, attempts: header.attempts,
                repeatableRun: header.isRepeatable ? header.run : nil)
            return SpoolItem(
                place: place, webhook: self.index(of: header.webhook), count: header.count,
                next: WallTime(milliseconds: header.next))
        }
    }

    /// The path of the file that an item lies in, until all others of that file are finished.
    package func file(of item: SpoolItem) -> String {
        SpoolLayout.group(folders[item.place.folder], item.place.group) + ".items"
    }

    /// Reads an item's events. `lane` is its place among its webhook's lanes of today.
    /// - Returns: nil if they are damaged: then the item stays, and its file is set aside when the others are finished.
    package func load(
        _ item: SpoolItem, lane: Int = 0, memory: MemoryAccount, opened: ContinuousClock.Instant
    ) throws(SpoolError) -> (batch: Batch, header: SpoolHeader)? {
        let found = try SpoolGroup.load(
            file(of: item), at: item.place.offset, webhook: item.webhook, lane: lane, memory: memory, opened: opened,
            topic: topics.index(of:))
        guard let found else {
            holdsUnreadable = true
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
        try SpoolGroup.read(file(of: item))?.items.first { $0.offset == item.place.offset }?.header
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

    /// A batch that is known was cut, and not sent.
    package func skipped(_ id: String) { journal.skip(id) }

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
