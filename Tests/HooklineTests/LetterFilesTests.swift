import Foundation
import Glibc
import Hookline
import TestKit
import Testing

/// Reads files to their ends, notes lines as delivered, by their numbers over all files, and prunes.
private func prune(
    _ paths: [String], delivered: [Int], beforePruning: () throws -> Void = {}
) throws -> [OutputError] {
    var files = try LetterFiles(paths, prunes: true)
    var lines = 0
    while try files.next(after: lines) {
        var reader = LineReader(descriptor: files.descriptor, maxLineBytes: 100)
        repeat { while reader.next() != nil {} } while try reader.fill() != .endOfInput || !reader.isDrained
        lines = reader.number
    }
    files.deliver(delivered)
    try beforePruning()
    return files.prune()
}

private func mode(_ path: String) throws -> Int {
    try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
}

@Test(arguments: [
    ("a\nb\nc\n", [2], "a\nc\n"), ("a\nb\nc\n", [1, 2, 3], ""), ("a\nb\nc\n", [1, 3], "b\n"),
    ("a\nb\nc", [3], "a\nb\n"),
    ("a\nb\nc", [2], "a\nc"), ("a\r\n\n \nb\r\n", [4], "a\r\n\n \n"), ("\u{FEFF}a\nb\n", [2], "\u{FEFF}a\n"),
    ("a\n" + String(repeating: "x", count: 600_000) + "\nb\n", [1, 3], String(repeating: "x", count: 600_000) + "\n"),
])
func `pruning takes out the lines that were delivered and leaves every other byte`(
    before: String, delivered: [Int], after: String
) throws {
    let directory = try TemporaryDirectory()
    try directory.write(before, to: "letters.ndjson")
    let path = directory.file("letters.ndjson")
    _ = unsafe chmod(path, 0o640)
    #expect(try prune([path], delivered: delivered).isEmpty)
    #expect(try Data(contentsOf: URL(filePath: path)) == Data(after.utf8))
    #expect(try mode(path) == 0o640)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["letters.ndjson"])
}

@Test func `lines are counted over all files, and a file without a delivered line is not touched`() throws {
    let directory = try TemporaryDirectory()
    for name in ["a", "b", "c"] { try directory.write("1\n2\n3\n", to: name) }
    let paths = ["a", "b", "c"].map(directory.file)
    let untouched = try FileManager.default.attributesOfItem(atPath: paths[1])[.systemFileNumber] as? Int
    #expect(try prune(paths, delivered: [3, 7]).isEmpty)
    #expect(try ["a", "b", "c"].map(directory.text) == ["1\n2\n", "1\n2\n3\n", "2\n3\n"])
    #expect(try FileManager.default.attributesOfItem(atPath: paths[1])[.systemFileNumber] as? Int == untouched)
}

@Test func `what another run appends while the file is read and after it was pruned is kept`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("a\nb\n", to: "letters.ndjson")
    let path = directory.file("letters.ndjson")
    var other = LineFile(path: path)
    try other.open()
    func append(_ text: String, _ other: inout LineFile) throws {
        let start = try other.begin()
        try other.append(Array(text.utf8), since: start)
        other.finish()
    }
    let problems = try prune([path], delivered: [1, 2]) {
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("c\n".utf8))
    }
    #expect(problems.isEmpty)
    #expect(try directory.text(of: "letters.ndjson") == "c\n")
    try append("d\n", &other)
    try append("e\n", &other)
    #expect(try directory.text(of: "letters.ndjson") == "c\nd\ne\n")
}

@Test func `a run whose dead-letter file was removed makes it anew`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("letters.ndjson")
    var file = LineFile(path: path)
    for text in ["a\n", "b\n"] {
        let start = try file.begin()
        try file.append(Array(text.utf8), since: start)
        file.finish()
        #expect(try directory.text(of: "letters.ndjson") == text)
        _ = unsafe unlink(path)
    }
}

@Test func `a file that another one took the place of is not pruned`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("a\nb\n", to: "letters.ndjson")
    let path = directory.file("letters.ndjson")
    let problems = try prune([path], delivered: [1]) {
        try directory.write("c\nd\n", to: "other")
        let renamed = unsafe rename(directory.file("other"), path)
        #expect(renamed == 0)
    }
    #expect(problems.map(\.path) == [path] && problems.map(\.errno) == [ESTALE])
    #expect(try directory.text(of: "letters.ndjson") == "c\nd\n")
}

@Test func `a symbolic link stays one, and its file is pruned`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("a\nb\n", to: "real")
    let linked = unsafe symlink("real", directory.file("link"))
    #expect(linked == 0)
    #expect(try prune([directory.file("link")], delivered: [1]).isEmpty)
    #expect(try directory.text(of: "real") == "b\n")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: directory.file("link")) == "real")
}

@Test func `what a killed run left beside the file does not stand in the way`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("a\nb\n", to: "letters.ndjson")
    try directory.write("half", to: ".letters.ndjson.pruned")
    #expect(try prune([directory.file("letters.ndjson")], delivered: [1]).isEmpty)
    #expect(try directory.text(of: "letters.ndjson") == "b\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["letters.ndjson"])
}

@Test func `a file that is missing, a folder, or named twice is refused before anything is read`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("a\n", to: "a")
    let (path, missing) = (directory.file("a"), directory.file("missing"))
    func error(_ paths: [String], prunes: Bool = false) -> LetterFileError? {
        do throws(LetterFileError) {
            _ = try LetterFiles(paths, prunes: prunes)
            return nil
        } catch {
            return error
        }
    }
    #expect(error([path, missing]) == .unreadable(missing, errno: ENOENT))
    #expect(error([directory.path]) == .unreadable(directory.path, errno: EISDIR))
    #expect(error([missing])?.hint == "a run that has dead letters says at its end where they are")
    #expect(error([missing + "-*"])?.hint == "no file has such a name, so there are no dead letters")
    #expect(error([directory.path])?.hint == "name the files in it")
    #expect(error([path, directory.path + "/./a"]) == .namedTwice(directory.path + "/./a"))
    #expect(error(["/dev/null"], prunes: true) == .notPrunable("/dev/null"))
    #expect(error([path, "/dev/null"]) == nil)
}
