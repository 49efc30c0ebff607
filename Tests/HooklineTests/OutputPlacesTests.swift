import Foundation
import Hookline
import TestKit
import Testing

@Suite struct OutputPlacesTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func conflict(
        _ files: [(String, String)], spool: String? = nil, input: String? = nil
    ) -> OutputPlaces.Conflict? {
        var places = OutputPlaces()
        for (name, path) in files { places.add(name, file: path.hasPrefix("/") ? path : directory.file(path)) }
        if let spool { places.check(spool: directory.file(spool), "--spool") }
        if let input { places.check(input: FileIdentity(at: directory.file(input)), "standard input") }
        return places.conflict
    }

    @Test(arguments: ["dead", "./dead", "sub/../dead", "link"])
    func `two outputs are one file, however it is written`(path: String) throws {
        try FileManager.default.createDirectory(atPath: directory.file("sub"), withIntermediateDirectories: false)
        try directory.write("", to: "dead")
        try FileManager.default.createSymbolicLink(atPath: directory.file("link"), withDestinationPath: "dead")
        #expect(conflict([("--dead-letter", "dead"), ("--rejects", path)]) == .same("--dead-letter", "--rejects"))
        #expect(conflict([("--dead-letter", "dead"), ("--rejects", path + "2")]) == nil)
    }

    @Test(arguments: ["q", "q/", "q/dead", "./q/runs/../dead"])
    func `a file in the spool's directory is seen, though neither is there yet`(path: String) {
        #expect(conflict([("--dead-letter", path)], spool: "q") == .inSpool("--dead-letter", spool: "--spool"))
        #expect(conflict([("--dead-letter", path)], spool: "q/") == .inSpool("--dead-letter", spool: "--spool"))
        #expect(conflict([("--dead-letter", "q2"), ("--rejects", "dead")], spool: "q") == nil)
    }

    @Test func `a file that is read is no place for an output`() throws {
        try directory.write("{}", to: "events")
        #expect(
            conflict([("--summary", "other"), ("--rejects", "events")], input: "events")
                == .input("standard input", output: "--rejects"))
        #expect(conflict([("--rejects", "other")], input: "events") == nil)
    }

    @Test func `a device may take several outputs`() {
        #expect(conflict([("--dead-letter", "/dev/null"), ("--rejects", "/dev/null")]) == nil)
    }
}
