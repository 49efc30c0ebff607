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
        /// Whether it has a file of marks.
        var hasMarks: Bool
        /// Of those that are finished, the ones that the disk was not told of.
        var unmarked: Set<Int> = []
    }

    /// A group that is being written.
    private struct Draft {
        let number: Int
        /// The file's name without its ending.
        let base: String
        let descriptor: Int32
        /// Size of the file that it is written over, which is cut at last; 0: it is new, or was cut.
        var old = 0
        var batches: [(batch: Batch, place: SpoolPlace)] = []
        var size = 0
        /// Why nothing of it can be trusted; nil: it can.
        var failure: SpoolError?

        /// What it takes on the disk.
        var room: Int { max(size, old) }
    }

    package let directory: String
    private let maxBytes: Int
    let run: String
    let isRepeatable: Bool
    let disk: SpoolDisk
    /// Names of webhooks: those of the configuration first, then others that items name.
    package private(set) var names: [String]
    let topics: TopicNames
    /// By number; the first is this run's own, made when it is needed.
    var folders: [String]
    var groups: [[Int: Group]] = [[:]]
    private var life: SpoolLock?
    /// Whether files are there that only another version can read, or nobody: their events wait, and can't be counted.
    package internal(set) var holdsUnreadable = false
    package internal(set) var lock: SpoolLock?
    /// Lanes that hold what this run may not take up, when it has not the lock; of webhooks without order too.
    package internal(set) var lanesElsewhere: Set<Lane> = []
    private var draft: Draft?
    /// One that is complete and on its way to the disk.
    private var sealed: Draft?
    private var begun = 0
    var spares = SpoolSpares()
    /// When it was first written to, in milliseconds since 1970.
    private var began: Int?
    var journal: SpoolJournal
    private var writer = SpoolItemWriter()
    /// Size of all groups' files in the directory, as far as this run knows, in bytes.
    package internal(set) var used = 0
    /// The same with what this run is writing and what it keeps to write over.
    package var held: Int { used + spares.bytes + (sealed?.room ?? 0) + (draft?.room ?? 0) }

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
    /// - Throws: when the directory can't be made or read.
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
        names = webhooks
        folders = [SpoolLayout.runs(directory) + "/" + uid]
        journal = SpoolJournal(folder: SpoolLayout.settled(directory), disk: disk)
        try disk.makeFolder(directory)
        try disk.makeFolder(SpoolLayout.runs(directory))
        used = try SpoolLayout.measure(directory)
    }

    // MARK: Add

    /// Writes a batch into the group that is being written, which is begun if there is none. It is kept once `commit`
    /// returns.
    /// - Throws: when there is no room, or the disk fails; then the rest of the group is as it was.
    package func append(_ entry: SpoolEntry, now: WallTime) throws(SpoolError) -> SpoolItem {
        let batch = entry.batch
        // What lies there already is written anew before the old item goes, and must not need room twice.
        if batch.source == nil { try makeRoom(SpoolHeader.size(of: batch)) }
        if self.draft == nil { self.draft = try begin() }
        guard var draft = self.draft else { preconditionFailure("a group was just begun") }
        let offset = draft.size
        // A part of a batch that was taken up is as old as the whole, and stands where that stood.
        let source = batch.source
        let created = source?.created ?? now
        // Whoever writes it anew, it is the batch of the run that cut it.
        let origin = source.map(\.repeatableRun) ?? (isRepeatable ? run : nil)
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
            try disk.syncAndClose(group.descriptor, temporary, cutTo: group.old > 0 ? group.size : nil)
            try disk.rename(temporary, to: final)
            try disk.syncFolder(folders[0])
        } catch {
            try? disk.remove(temporary)
            try? disk.remove(final)
            throw error
        }
        spares.folderWasSynced()
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
        let temporary = base + ".tmp"
        guard let old = spares.take() else {
            return Draft(number: begun, base: base, descriptor: try disk.create(temporary))
        }
        do throws(SpoolError) {
            try disk.rename(old.path, to: temporary)
            return Draft(number: begun, base: base, descriptor: try disk.reopen(temporary), old: old.size)
        } catch {
            for path in [old.path, temporary] { try? disk.remove(path) }
            throw error
        }
    }

    /// Cuts off what a group's file has behind its last item: one that failed, or what it is written over.
    /// - Returns: whether it is gone.
    private func isCutBack(_ draft: Draft) -> Bool {
        ftruncate(draft.descriptor, draft.size) == 0 && lseek(draft.descriptor, draft.size, SEEK_SET) == draft.size
    }

    /// Files that hold nothing go before an item is refused. Other runs may have made room since this one looked. What
    /// they add meanwhile it sees only then, so that several at once may go beyond the bound by what they add.
    private func makeRoom(_ bytes: Int) throws(SpoolError) {
        if held + bytes <= maxBytes { return }
        for file in spares.takeAll() { try disk.remove(file.path) }
        if let group = sealed, group.old > 0, isCutBack(group) { sealed?.old = 0 }
        if let group = draft, group.old > 0, isCutBack(group) { draft?.old = 0 }
        if held + bytes <= maxBytes { return }
        used = try SpoolLayout.measure(directory)
        if held + bytes > maxBytes { throw .full(directory: directory, limit: maxBytes) }
    }

    /// Its `live` is locked before others can see the folder, so that nobody takes it for a dead run's.
    private func makeOwnFolder() throws(SpoolError) {
        if life != nil { return }
        let unborn = folders[0] + SpoolLayout.unborn
        var tries = 50
        while life == nil {
            do throws(SpoolError) {
                try disk.makeFolder(unborn)
                let path = SpoolLayout.live(unborn)
                // Without the lock others would take its items.
                guard let lock = try SpoolLock.take(path) else { throw .failed(path: path, errno: EWOULDBLOCK) }
                try disk.rename(unborn, to: folders[0])
                try disk.syncFolder(SpoolLayout.runs(directory))
                life = lock
            } catch {
                tries -= 1
                switch error {
                // Before that lock was taken, another run took the folder for a dead run's, and removes it.
                case .failed(_, ENOENT) where tries > 0, .failed(_, EWOULDBLOCK) where tries > 0,
                    .notAFolder where tries > 0:
                    usleep(2_000)
                default: throw error
                }
            }
        }
    }

    func index(of webhook: String) -> Int {
        if let index = names.firstIndex(of: webhook) { return index }
        names.append(webhook)
        return names.count - 1
    }

    /// Ends the use of the spool: this run's folder goes if nothing is in it.
    package func close() {
        abandon()
        finishRest()
        for file in spares.takeAll() { try? disk.remove(file.path) }
        if life != nil, groups[0].isEmpty, SpoolLayout.isEmpty(folders[0]) {
            try? disk.remove(SpoolLayout.live(folders[0]))
            disk.removeFolder(folders[0])
        }
        life = nil
        lock = nil
    }
}
