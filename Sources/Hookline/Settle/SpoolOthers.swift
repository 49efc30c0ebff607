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

    /// A lane of a webhook, and how many there were when its batches were cut.
    package struct Lane: Hashable, Sendable {
        /// Place of its name in `names`.
        package var webhook: Int
        package var lane: Int
        package var lanes: Int

        package init(webhook: Int, lane: Int, lanes: Int) {
            self.webhook = webhook
            self.lane = lane
            self.lanes = lanes
        }
    }

    /// Remembers in which lanes something waits.
    func heedLanes(of group: SpoolGroup, _ finished: Set<Int>) {
        for (offset, item) in group.items.enumerated() where !finished.contains(offset) {
            let header = item.header
            lanesElsewhere.insert(Lane(webhook: index(of: header.webhook), lane: header.lane, lanes: header.lanes))
        }
    }

    /// Events that wait now where this run could not take them up, by webhook: without the lock all that dead runs left,
    /// and in any case what it skipped because another run has it. What others put there is for them to count.
    package func left() throws(SpoolError) -> [Int: Int] {
        guard lock == nil || journal.hasSkipped else { return [:] }
        var events: [Int: Int] = [:]
        // What is written anew is there twice for a moment.
        var ids: Set<String> = []
        for path in try runs() where !folders.contains(path) {
            let isLeft = lock == nil ? try Self.isDead(path) : false
            try look(into: path) { _, group, finished throws(SpoolError) in
                for (offset, item) in group.items.enumerated() where !finished.contains(offset) {
                    let id = item.header.webhookID
                    guard isLeft || journal.wasSkipped(id), ids.insert(id).inserted else { continue }
                    events[index(of: item.header.webhook), default: 0] += item.header.count
                }
            }
        }
        return events
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
