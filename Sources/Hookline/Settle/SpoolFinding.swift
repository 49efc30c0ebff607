/// What lies in the spool, besides items, where items should be.
package enum SpoolFinding: Equatable {
    /// It goes on with something that is no item.
    case damaged(path: String)
    /// It is in another format, and left alone.
    case otherVersion(path: String, Int)

    package var message: String {
        switch self {
        case .damaged(let path): "\(path) is damaged: not all batches in it can be read"
        case .otherVersion(let path, let version):
            "\(path) was written by \(Self.isNewer(version) ? "a newer" : "an older") hookline: it is left as it is, "
                + "and its events are not counted"
        }
    }

    package var hint: String? {
        switch self {
        case .damaged(let path) where path.hasSuffix(".items"):
            "when the rest of it is done, it is kept under this name with the ending .corrupt"
        case .damaged:
            "nobody knows whether its events arrived: send them again from where they came, and move the file away; "
                + "as long as it lies there no run ends with 0"
        case .otherVersion(_, let version):
            "let \(Self.isNewer(version) ? "that version" : "the version that wrote it") send it; "
                + "this one reads format \(SpoolHeader.version), not \(version)"
        }
    }

    private static func isNewer(_ version: Int) -> Bool { version > SpoolHeader.version }
}
