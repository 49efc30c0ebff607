import Glibc

/// A directory that keeps batches for a later run (SPEC section 9).
///
/// A batch is in it once `commit` returns, and until `finish` was told. Whatever ends the process in between, the file of a
/// group is there as a whole or not at all: it is written under another name, waited for, and renamed.
package final class Spool {
    /// What a group's file still holds for this run.
    struct Group {
        /// Items that can be read.
        var count: Int
        var finished: Set<Int>
        var size: Int
        /// Whether it is kept, under another name, when all its items are finished.
        var isDamaged = false
        var hasMarks: Bool
    }

    /// A group that is being written.
    private struct Draft {
        let number: Int
        /// The file's name without its ending.
        let base: String
        let descriptor: Int32
        /// Whether its file was written over, and may be longer than what it holds now.
        let isReused: Bool
        var batches: [(batch: Batch, place: SpoolPlace)] = []
        var size = 0
        /// Why nothing of it can be trusted; nil: it can.
        var failure: SpoolError?
    }

    package let directory: String
    private let maxBytes: Int
    let run: String
    let isRepeatable: Bool
    let disk: SpoolDisk
    /// Names of webhooks: those of the configuration first, then others that items name.
    package private(set) var names: [String]
    let topics: TopicNames
    let uid: String
    /// By number; the first is this run's own, made when it is needed.
    var folders: [String]
    var groups: [[Int: Group]] = [[:]]
    private var life: SpoolLock?
    var lock: SpoolLock?
    private var draft: Draft?
    /// One that is complete and on its way to the disk.
    private var sealed: Draft?
    private var begun = 0
    /// Files of this run's groups that are finished, to be written over; the others first when the disk knows that their
    /// names are gone: else a failure of the machine would show what is written over them under the old names.
    private var spare: [String] = []
    private var almostSpare: [String] = []
    private static let mostSpare = 4
    /// When it was first written to, in milliseconds since 1970.
    private var began: Int?
    var journal: SpoolJournal
    private var writer = SpoolItemWriter()
    /// Size of all groups' files in the directory, as far as this run knows, in bytes.
    package private(set) var used = 0

    /// Makes the directory if it is not there, and checks that it can be written to and has locks.
    ///
    /// - Parameters:
    ///   - directory: its path.
    ///   - maxBytes: all that its groups may hold.
    ///   - run: this run's id.
    ///   - isRepeatable: whether that id was given.
    ///   - webhooks: names of the configuration's webhooks, in their order.
    ///   - topics: the run's topics.
    ///   - disk: how it is written.
    ///   - uid: name of this run's folder, which no other run has.
    /// - Throws: when the directory can't be made.
    package init(
        directory: String, maxBytes: Int, run: String, isRepeatable: Bool, webhooks: [String], topics: TopicNames,
        disk: SpoolDisk, uid: String
    ) throws(SpoolError) {
        self.directory = directory
        self.maxBytes = maxBytes
        self.run = run
        self.isRepeatable = isRepeatable
        self.disk = disk
        self.topics = topics
        self.uid = uid
        names = webhooks
        folders = [SpoolLayout.runs(directory) + "/" + uid]
        journal = SpoolJournal(folder: SpoolLayout.settled(directory), disk: disk)
        try disk.makeFolder(directory)
        try disk.makeFolder(SpoolLayout.runs(directory))
        used = Self.measure(directory)
    }

    // MARK: Add

    /// Writes a batch into the group that is being written, which is begun if there is none. It is kept once `commit`
    /// returns.
    /// - Throws: when there is no room, or the disk fails; then the rest of the group is as it was.
    package func append(_ entry: SpoolEntry, now: WallTime) throws(SpoolError) -> SpoolItem {
        let batch = entry.batch
        // What lies there already is written anew before the old item goes, and must not need room twice.
        if batch.source == nil {
            try checkRoom((sealed?.size ?? 0) + (draft?.size ?? 0) + SpoolHeader.size(of: batch))
        }
        if self.draft == nil { self.draft = try begin() }
        guard var draft = self.draft else { preconditionFailure("a group was just begun") }
        let offset = draft.size
        // A part of a batch that was taken up is as old as the whole, and stands where that stood.
        let source = batch.source
        let created = source?.created ?? now
        let origin = source?.isResumed == true ? source?.repeatableRun : isRepeatable ? run : nil
        let own = self.began ?? now.milliseconds
        self.began = own
        let place = SpoolPlace(
            folder: 0, group: draft.number, index: draft.batches.count, offset: offset,
            lane: source?.lane ?? batch.lane, lanes: source?.lanes ?? entry.lanes,
            rank: SpoolPlace.Rank(began: source?.rank.began ?? own, line: batch[0].line), step: entry.step,
            created: created,
            repeatableRun: origin)
        do throws(SpoolError) {
            let size = try unsafe writer.write(batch, topics: topics.names) { topics in
                SpoolHeader(
                    webhook: entry.webhook, webhookID: batch.id, format: batch.format, contentType: batch.contentType,
                    count: batch.count, bytes: batch.bodyCount, topics: topics, created: created,
                    firstAttempt: batch.firstAttempt, lastAttempt: batch.lastAttempt, attempts: batch.attempts,
                    step: entry.step, next: entry.next, reason: entry.reason, lane: place.lane, lanes: place.lanes,
                    rank: place.rank, run: origin ?? run,
                    isRepeatable: origin != nil)
            } to: { bytes throws(SpoolError) in
                try disk.write(bytes, to: draft.descriptor, draft.base + ".tmp")
            } body: { bytes throws(SpoolError) in
                unsafe try disk.write(bytes, to: draft.descriptor, draft.base + ".tmp")
            }
            draft.batches.append((batch, place))
            draft.size += size
            self.draft = draft
        } catch {
            if !isCutBack(draft) { draft.failure = error }
            self.draft = draft
            throw error
        }
        disk.beginSync(draft.descriptor, upTo: draft.size)
        return SpoolItem(
            place: place,
            webhook: index(of: entry.webhook), count: batch.count, next: entry.next)
    }

    /// Closes the group that is being written and lets the disk begin with the rest of it. The group that was closed
    /// before is committed first.
    package func seal() throws(SpoolError) {
        try commitSealed()
        (sealed, draft) = (draft, nil)
        if let sealed { disk.beginSync(sealed.descriptor, upTo: sealed.size, isLast: true) }
    }

    /// Makes the batches durable that were appended, each group as a whole or not at all, and tells each where it lies.
    /// - Throws: when the disk fails; then nothing of the group that failed, and of the one after it, is there.
    package func commit() throws(SpoolError) {
        do throws(SpoolError) {
            try commitSealed()
        } catch {
            abandon()
            throw error
        }
        try seal()
        try commitSealed()
    }

    private func commitSealed() throws(SpoolError) {
        guard let group = sealed else { return }
        sealed = nil
        let (temporary, final) = (group.base + ".tmp", group.base + ".items")
        if group.batches.isEmpty || group.failure != nil {
            Glibc.close(group.descriptor)
            try? disk.remove(temporary)
            if let failure = group.failure { throw failure }
            return
        }
        do throws(SpoolError) {
            if group.isReused { try disk.cut(group.descriptor, to: group.size, temporary) }
            try disk.syncAndClose(group.descriptor, temporary)
            try disk.rename(temporary, to: final)
            try disk.syncFolder(folders[0])
        } catch {
            try? disk.remove(temporary)
            try? disk.remove(final)
            throw error
        }
        spare += almostSpare
        almostSpare = []
        used += group.size
        groups[0][group.number] = Group(count: group.batches.count, finished: [], size: group.size, hasMarks: false)
        for (batch, place) in group.batches { batch.spooled = place }
    }

    /// Forgets what is not committed.
    private func abandon() {
        for group in [sealed, draft] {
            guard let group else { continue }
            Glibc.close(group.descriptor)
            try? disk.remove(group.base + ".tmp")
        }
        (sealed, draft) = (nil, nil)
    }

    private func begin() throws(SpoolError) -> Draft {
        try makeOwnFolder()
        begun += 1
        let base = SpoolLayout.group(folders[0], begun)
        guard let old = spare.popLast() else {
            return Draft(number: begun, base: base, descriptor: try disk.create(base + ".tmp"), isReused: false)
        }
        try disk.rename(old, to: base + ".tmp")
        return Draft(number: begun, base: base, descriptor: try disk.reopen(base + ".tmp"), isReused: true)
    }

    /// Cuts a failed item off the group that is being written.
    /// - Returns: whether it is gone.
    private func isCutBack(_ draft: Draft) -> Bool {
        ftruncate(draft.descriptor, draft.size) == 0 && lseek(draft.descriptor, draft.size, SEEK_SET) == draft.size
    }

    /// Other runs may have made room since this one looked. What they add meanwhile it sees only then, so that several
    /// at once may go beyond the bound by what they add.
    private func checkRoom(_ bytes: Int) throws(SpoolError) {
        if used + bytes <= maxBytes { return }
        used = Self.measure(directory)
        if used + bytes > maxBytes { throw .full(directory: directory, limit: maxBytes) }
    }

    /// Its `live` is locked before others can see the folder, so that nobody takes it for a dead run's.
    private func makeOwnFolder() throws(SpoolError) {
        if life != nil { return }
        let unborn = folders[0] + SpoolLayout.unborn
        try disk.makeFolder(unborn)
        life = try SpoolLock.take(SpoolLayout.live(unborn))
        try disk.rename(unborn, to: folders[0])
        try disk.syncFolder(SpoolLayout.runs(directory))
    }

    func index(of webhook: String) -> Int {
        if let index = names.firstIndex(of: webhook) { return index }
        names.append(webhook)
        return names.count - 1
    }

    // MARK: Finish

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
        } else if folder == 0, spare.count + almostSpare.count < Self.mostSpare {
            // Its ending says that it holds nothing.
            try disk.rename(base + ".items", to: base + ".tmp")
            if group.hasMarks { try disk.remove(base + ".done") }
            almostSpare.append(base + ".tmp")
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
        guard folder > 0, lock != nil, groups[folder].isEmpty,
            SpoolLayout.names(in: folders[folder]).allSatisfy({ $0 == "live" })
        else { return }
        try? disk.remove(SpoolLayout.live(folders[folder]))
        disk.removeFolder(folders[folder])
    }

    /// Ends the use of the spool: this run's folder goes if nothing is in it.
    package func close() {
        abandon()
        for path in spare + almostSpare { try? disk.remove(path) }
        if life != nil, groups[0].isEmpty, SpoolLayout.names(in: folders[0]).allSatisfy({ $0 == "live" }) {
            try? disk.remove(SpoolLayout.live(folders[0]))
            disk.removeFolder(folders[0])
        }
        life = nil
        lock = nil
    }

    /// Size of all groups' files.
    private static func measure(_ directory: String) -> Int {
        let runs = SpoolLayout.runs(directory)
        return SpoolLayout.names(in: runs).reduce(0) { sum, run in
            sum
                + SpoolLayout.names(in: runs + "/" + run).filter { $0.hasSuffix(".items") }
                .reduce(0) { $0 + SpoolLayout.size(runs + "/" + run + "/" + $1) }
        }
    }
}
