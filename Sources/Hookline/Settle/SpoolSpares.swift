/// Files of a run's finished groups that are kept to be written over: on many file systems that costs half of a new one.
///
/// A file may be taken only when the disk knows that its old name is gone: else a failure of the machine would show what
/// is written over it under that name. They take room, so they go first when there is none.
struct SpoolSpares {
    struct File: Equatable {
        var path: String
        /// In bytes.
        var size: Int
    }

    /// So many are enough for a run that writes as fast as it finishes.
    private static let most = 4

    private var ready: [File] = []
    private var named: [File] = []

    var hasRoom: Bool { ready.count + named.count < Self.most }

    /// Of all of them.
    var bytes: Int { (ready + named).reduce(0) { $0 + $1.size } }

    /// Adds a file that has its new name, which the disk may not know yet.
    mutating func add(_ file: File) { named.append(file) }

    /// The disk knows the names of the folder now.
    mutating func folderWasSynced() {
        ready += named
        named = []
    }

    /// A file that may be written over; nil: there is none.
    mutating func take() -> File? { ready.popLast() }

    /// Gives all of them away, to be removed.
    mutating func takeAll() -> [File] {
        defer { (ready, named) = ([], []) }
        return ready + named
    }
}
