import Glibc
import Hookline
import Testing

/// A line as a reader returned it, its bytes copied.
private enum ReadLine: Equatable {
    case event([UInt8])
    case blank, tooLarge

    init(_ line: LineReader.Line) {
        switch line {
        case .event(let bytes): self = unsafe .event(Array(bytes))
        case .blank: self = .blank
        case .tooLarge: self = .tooLarge
        }
    }

    static func event(_ text: String) -> ReadLine { .event(Array(text.utf8)) }
}

/// A pipe whose ends are closed once. Reads don't block.
private final class Pipe {
    let readEnd: Int32
    private var writeEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        let failed = unsafe pipe(&ends)
        try #require(failed == 0)
        (readEnd, writeEnd) = (ends[0], ends[1])
        try #require(fcntl(readEnd, F_SETFL, O_NONBLOCK) == 0)
    }

    deinit {
        closeWriteEnd()
        close(readEnd)
    }

    func send(_ bytes: some Sequence<UInt8>) { #expect(writeAll(Array(bytes), to: writeEnd) == 0) }

    /// Closes the end, and waits until the pipe is at its end: a child that another test starts holds a copy of every
    /// descriptor for a moment.
    func closeWriteEnd() {
        guard writeEnd >= 0 else { return }
        close(writeEnd)
        writeEnd = -1
        var watched = pollfd(fd: readEnd, events: 0, revents: 0)
        let ended = unsafe poll(&watched, 1, 10_000)
        #expect(ended == 1, "something still holds the pipe")
    }
}

/// Sends the parts one after the other, and reads all that is there after each.
private func read(_ parts: [[UInt8]], limit: Int = 1 << 20) throws -> [ReadLine] {
    let pipe = try Pipe()
    var reader = LineReader(descriptor: pipe.readEnd, maxLineBytes: limit)
    var lines: [ReadLine] = []
    for part in parts {
        pipe.send(part)
        while try reader.fill() == .bytes {
            while let line = reader.next() { lines.append(ReadLine(line)) }
        }
    }
    pipe.closeWriteEnd()
    #expect(try reader.fill() == .endOfInput)
    while let line = reader.next() { lines.append(ReadLine(line)) }
    #expect(try reader.fill() == .endOfInput)
    #expect(reader.next() == nil)
    #expect(reader.number == lines.count)
    #expect(reader.bytes == parts.joined().count)
    return lines
}

private func read(_ text: String, limit: Int = 1 << 20) throws -> [ReadLine] {
    try read([Array(text.utf8)], limit: limit)
}

private let byteOrderMark = "\u{FEFF}"

@Test(arguments: [
    ("a\nb\n", ["a", "b"]), ("a\nb", ["a", "b"]), ("a\r\nb\r\n", ["a", "b"]), ("a\r\nb\r", ["a", "b"]),
    ("a\r\r\n", ["a\r"]), ("\ra\n", ["\ra"]), (" a \n", [" a "]), ("a\rb\n", ["a\rb"]), ("a\0b\n", ["a\0b"]),
])
func `a line ends at LF, without one CR before it, and the last one needs none`(text: String, lines: [String]) throws {
    #expect(try read(text) == lines.map { .event($0) })
}

@Test(arguments: [
    ("", 0), ("\n", 1), ("\r\n", 1), ("\n\n\n", 3), (" \t \r\n", 1), ("\r\r\n", 1), (" ", 1), ("\r", 1), ("\n ", 2),
])
func `a line of spaces, tabs and carriage returns is blank`(text: String, count: Int) throws {
    #expect(try read(text) == Array(repeating: .blank, count: count))
}

@Test func `a vertical tab or a NUL is not blank`() throws {
    #expect(try read("\u{0B}\n\0\n") == [.event("\u{0B}"), .event("\0")])
}

@Test func `one byte order mark at the start is skipped and a second or later one is not`() throws {
    #expect(try read(byteOrderMark + "a\n") == [.event("a")])
    #expect(try read(byteOrderMark) == [])
    #expect(try read(byteOrderMark + "\n") == [.blank])
    #expect(try read(byteOrderMark + byteOrderMark + "a") == [.event(byteOrderMark + "a")])
    #expect(try read("a\n" + byteOrderMark + "b\n") == [.event("a"), .event(byteOrderMark + "b")])
    #expect(try read([[0xEF, 0xBB]]) == [.event([0xEF, 0xBB])])
    #expect(try read([[0xEF, 0xBB, 0x0A]]) == [.event([0xEF, 0xBB])])
}

@Test func `an input split at any byte gives the same lines`() throws {
    let input = Array((byteOrderMark + "{\"a\":1}\r\n\n \t\r\n12345678\n123456789\r\n1234567890\nx\n\r\nlast").utf8)
    let whole = try read([input], limit: 8)
    #expect(
        whole == [
            .event("{\"a\":1}"), .blank, .blank, .event("12345678"), .tooLarge, .tooLarge, .event("x"), .blank,
            .event("last"),
        ])
    for split in 0...input.count {
        #expect(try read([Array(input[..<split]), Array(input[split...])], limit: 8) == whole, "split at \(split)")
    }
    #expect(try read(input.map { [$0] }, limit: 8) == whole)
}

@Test(arguments: ["", "\n", "\r", "\r\n"])
func `a line of the limit is an event and one more byte is too large`(ending: String) throws {
    for limit in [1, 7, 1000, 1 << 20] {
        // Sent in parts that a pipe holds.
        func parts(_ count: Int) -> [[UInt8]] {
            let line = [UInt8](repeating: UInt8(ascii: "x"), count: count) + Array(ending.utf8)
            return stride(from: 0, to: line.count, by: 1 << 15).map { Array(line[$0..<min($0 + 1 << 15, line.count)]) }
        }
        #expect(try read(parts(limit), limit: limit) == [.event([UInt8](repeating: UInt8(ascii: "x"), count: limit))])
        #expect(try read(parts(limit + 1), limit: limit) == [.tooLarge])
        #expect(try read(parts(limit + 2), limit: limit) == [.tooLarge])
    }
}

@Test func `the byte order mark and the line ending don't count towards the limit`() throws {
    #expect(try read(byteOrderMark + "12345678\r\n", limit: 8) == [.event("12345678")])
    #expect(try read(byteOrderMark + "12345678", limit: 8) == [.event("12345678")])
    #expect(try read(byteOrderMark + "123456789", limit: 8) == [.tooLarge])
}

@Test func `reading can stop after any line and go on without loss`() throws {
    let pipe = try Pipe()
    var reader = LineReader(descriptor: pipe.readEnd, maxLineBytes: 100)
    pipe.send("a\nb\nc\nd".utf8)
    #expect(try reader.fill() == .bytes)
    #expect(reader.next().map(ReadLine.init) == .event("a"))
    #expect((reader.number, reader.bytes) == (1, 2))
    // There are lines left: filling reads nothing and takes nothing away.
    pipe.send("e\nf\n".utf8)
    #expect(try reader.fill() == .bytes)
    #expect(reader.next().map(ReadLine.init) == .event("b"))
    #expect(reader.next().map(ReadLine.init) == .event("c"))
    #expect((reader.number, reader.bytes) == (3, 6))
    #expect(reader.next() == nil)
    #expect((reader.number, reader.bytes) == (3, 6))
    #expect(try reader.fill() == .bytes)
    #expect(reader.next().map(ReadLine.init) == .event("de"))
    #expect(reader.next().map(ReadLine.init) == .event("f"))
    #expect((reader.number, reader.bytes) == (5, 11))
}

@Test func `an empty pipe that is open would block, and is at its end once it is closed`() throws {
    let pipe = try Pipe()
    var reader = LineReader(descriptor: pipe.readEnd, maxLineBytes: 100)
    #expect(try reader.fill() == .wouldBlock)
    #expect(reader.next() == nil)
    pipe.send("a".utf8)
    #expect(try reader.fill() == .bytes)
    #expect(reader.next() == nil)
    #expect(try reader.fill() == .wouldBlock)
    pipe.closeWriteEnd()
    #expect(try reader.fill() == .endOfInput)
    #expect(reader.next().map(ReadLine.init) == .event("a"))
    #expect(reader.next() == nil)
}

@Test func `a line of 64 MiB is refused at flat memory and the next line is read`() throws {
    let pipe = try Pipe()
    var reader = LineReader(descriptor: pipe.readEnd, maxLineBytes: 1 << 20)
    let part = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 15)
    for _ in 0..<2048 {
        pipe.send(part)
        #expect(try reader.fill() == .bytes)
        #expect(reader.next() == nil)
        #expect(reader.capacity <= 2 << 20)
    }
    pipe.send("\r\nnext\n".utf8)
    #expect(try reader.fill() == .bytes)
    #expect(reader.next().map(ReadLine.init) == .tooLarge)
    #expect((reader.number, reader.bytes) == (1, 64 << 20 + 2))
    #expect(reader.next().map(ReadLine.init) == .event("next"))
}

@Test func `a directory or a closed descriptor can't be read, and the message says so`() throws {
    let directory = unsafe open("/", O_RDONLY | O_DIRECTORY)
    defer { close(directory) }
    for (descriptor, code, text) in [(directory, EISDIR, "is a directory"), (Int32(-1), EBADF, "bad file descriptor")] {
        var reader = LineReader(descriptor: descriptor, maxLineBytes: 100)
        let error = #expect(throws: ReadError.self) { try reader.fill() }
        #expect(error == .inputFailed(errno: code))
        #expect(error?.message == "standard input can't be read: \(text)")
        #expect(error?.hint != nil)
        #expect(error?.exitCode == .noInput)
    }
}
