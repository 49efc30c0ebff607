import FoundationEssentials

/// Writes the lines that were refused, one line each, with number and reason: `--rejects`.
///
/// `text` is the line as it came; where that is no UTF-8, `base64` is. A line that was too large has neither: it was
/// never held.
package struct Rejects: ~Copyable {
    private var file: LineFile
    private let isWanted: Bool
    private var lines = JSONWriter()
    /// Lines are gathered up to this size, so that a file full of bad lines does not cost a write each.
    private static let gathered = 64 << 10

    /// - Parameter path: the file, which is made at once; nil: refused lines are only counted.
    /// - Throws: when the file can't be made.
    package init(path: String?) throws(OutputError) {
        isWanted = path != nil
        var file = LineFile(path: path ?? "")
        if path != nil { try file.open() }
        self.file = file
    }

    package mutating func append(_ line: UnsafeRawBufferPointer?, number: Int, error: EventError) throws(OutputError) {
        guard isWanted else { return }
        lines.object {
            $0.number("line", number)
            $0.string("reason", error.reason)
            if let offset = error.offset { $0.number("at", offset) }
            guard let line = unsafe line else { return }
            if let text = unsafe String(validating: line, as: UTF8.self) {
                $0.string("text", text)
            } else {
                $0.string("base64", unsafe Data(line).base64EncodedString())
            }
        }
        lines.newline()
        if lines.bytes.count >= Self.gathered { try write() }
    }

    /// Writes what was gathered and waits until it is on the disk.
    package mutating func flush() throws(OutputError) {
        try write()
        try file.flush()
    }

    private mutating func write() throws(OutputError) {
        defer { lines.removeAll() }
        if !lines.bytes.isEmpty { try file.append(lines.bytes) }
    }
}
