/// Writes the lines that were refused, one line each, with number and reason: `--rejects`.
///
/// `text` is the line as it came; where that is no UTF-8, `base64` is. A line that was too large has neither: it was
/// never held.
package struct Rejects: ~Copyable {
    /// nil: refused lines are only counted.
    private var file: LineFile?
    private var lines = JSONWriter()
    /// Lines are gathered up to this size, so that a file full of bad lines does not cost a write each.
    private static let gathered = 64 << 10

    /// - Parameter path: the file, which is made at once; nil: refused lines are only counted.
    /// - Throws: when the file can't be made.
    package init(path: String?) throws(OutputError) {
        guard let path else { return }
        var file = LineFile(path: path)
        try file.open()
        self.file = consume file
    }

    package mutating func append(_ line: UnsafeRawBufferPointer?, number: Int, error: EventError) throws(OutputError) {
        if file == nil { return }
        lines.object {
            error.write(to: &$0, line: number)
            if let line = unsafe line { unsafe $0.text("text", orBase64: "base64", line) }
        }
        lines.newline()
        if lines.bytes.count >= Self.gathered { try write() }
    }

    /// Writes what was gathered and waits until it is on the disk.
    package mutating func flush() throws(OutputError) {
        try write()
        try file?.flush()
    }

    private mutating func write() throws(OutputError) {
        defer { lines.removeAll() }
        if lines.bytes.isEmpty { return }
        let start = try file?.begin()
        defer { file?.finish() }
        try file?.append(lines.bytes, since: start)
    }
}
