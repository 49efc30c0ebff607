/// Where a batch lies in the spool, and what the spool knows of it that a batch alone does not.
///
/// It stands here, before the stage of the spool, because a batch carries it.
package struct SpoolPlace: Equatable, Sendable {
    /// Number of the run's folder, as the open spool counts them; 0 is this run's own.
    package var folder: Int
    /// Number of the group's file in that folder, from 1.
    package var group: Int
    /// Place in the group, from 0.
    package var index: Int
    /// Where its line starts in that file.
    package var offset: Int
    /// Which of its webhook's lanes it belongs to, and how many there were when it was cut: with another number the keys
    /// are in other lanes.
    package var lane: Int
    package var lanes: Int
    /// Its place in the order of its lane.
    package var rank: Rank
    /// How many places of the spool's schedule it has used up; 0: it lies there ahead of its first attempt.
    package var step: Int
    /// When it first came into the spool.
    package var created: WallTime
    /// Whether it was taken up, and not put there by this run as it is.
    package var isResumed: Bool
    /// How many attempts it had had when it was taken up.
    package var attempts: Int
    /// The run that cut it, when that run was given its id: what becomes of it is noted under that name.
    package var repeatableRun: String?

    /// Orders what lies in the spool as it was read, by run and then by line.
    package struct Rank: Comparable, Sendable {
        /// When the run that cut it began to use the spool, in milliseconds since 1970.
        package var began: Int
        /// Line of the input that its first event came from.
        package var line: Int

        package init(began: Int, line: Int) {
            self.began = began
            self.line = line
        }

        package static func < (one: Rank, other: Rank) -> Bool {
            (one.began, one.line) < (other.began, other.line)
        }
    }

    package init(
        folder: Int, group: Int, index: Int, offset: Int = 0, lane: Int = 0, lanes: Int = 1,
        rank: Rank = Rank(began: 0, line: 0), step: Int, created: WallTime, isResumed: Bool = false, attempts: Int = 0,
        repeatableRun: String? = nil
    ) {
        self.folder = folder
        self.group = group
        self.index = index
        self.offset = offset
        self.lane = lane
        self.lanes = lanes
        self.rank = rank
        self.step = step
        self.created = created
        self.isResumed = isResumed
        self.attempts = attempts
        self.repeatableRun = repeatableRun
    }
}
