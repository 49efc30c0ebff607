import Foundation
import TestKit
import Testing

/// The commands of the documents: each is run as it stands there, or says why it is not.
@Suite struct DocumentTests {
    @Test(arguments: [
        "README.md", "docs/guide.md", "docs/cookbook.md", "docs/receivers.md", "docs/output.md", "docs/ARCHITECTURE.md",
        "docs/SECURITY.md", "docs/troubleshooting.md",
    ])
    func `each command runs, ends with the exit code that is announced, and prints what is shown`(path: String) throws {
        let blocks = try DocumentBlock.all(of: String(contentsOf: packageFile(path), encoding: .utf8))
        let run = try DocumentRun(blocks)
        var last: Int?
        for (index, block) in blocks.enumerated() {
            switch block.role {
            case .run:
                last = index
                #expect(
                    run.exitCodes[index] == block.announcedExitCodes,
                    "\(path):\(block.line): \(run.outputs[index] ?? "the shell did not get here")")
            case .output:
                let number = try #require(last)
                let missing = run.missingLines(of: block, after: number)
                #expect(missing.isEmpty, "\(path):\(block.line): printed was: \(run.outputs[number] ?? "nothing")")
            case .leftOut, .file, .sample: break
            }
        }
        #expect(run.result.exit == .code(0), "\(run.result.outputText.suffix(2000))")
    }

    @Test func `each link of the documents to a file or a heading leads somewhere`() throws {
        let folder = packageFile("docs")
        let pages = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".md") }
        var checked = 0
        for page in [packageFile("README.md")] + pages.map({ folder.appending(path: $0) }) {
            let text = try String(contentsOf: page, encoding: .utf8).replacing(/```[^`]*```/, with: "")
            for link in text.matches(of: /\]\(([^)\s]*)\)/).map(\.1) where !link.contains("://") {
                let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                let target = parts[0].isEmpty ? page : page.deletingLastPathComponent().appending(path: parts[0])
                let exists = FileManager.default.fileExists(atPath: target.path)
                #expect(exists, "\(page.lastPathComponent): \(link)")
                checked += 1
                guard parts.count > 1, exists else { continue }
                let anchors = try String(contentsOf: target, encoding: .utf8).matches(of: /\n#+ (.*)/).map { heading in
                    heading.1.lowercased().filter { $0.isLetter || $0.isNumber || "-_ ".contains($0) }
                        .replacing(" ", with: "-")
                }
                #expect(anchors.contains(String(parts[1])), "\(page.lastPathComponent): \(link)")
            }
        }
        #expect(checked > 30)
    }

    @Test func `a command that fails unannounced, and a line that nothing prints, are found`() throws {
        let blocks = try DocumentBlock.all(
            of: """
                # A page
                ```yaml kept.yaml
                a: 1
                ```
                ```sh
                cat kept.yaml
                false   # exit code 1
                (exit 3)
                ```
                ```text
                a: …
                b: 1
                ```
                """)
        #expect(blocks.map(\.role) == [.file(name: "kept.yaml"), .run, .output])
        let run = try DocumentRun(blocks)
        #expect(run.exitCodes == [1: [1, 3]])
        #expect(blocks[1].announcedExitCodes == [1])
        #expect(run.missingLines(of: blocks[2], after: 1) == ["b: 1"])
    }

    @Test(arguments: [
        ("```bash\nls\n```\n", 1), ("\n```\nls\n```\n", 2), ("```sh not run\nls\n```\n", 1),
        ("```sh not-run: \nls\n```\n", 1), ("- a list\n  ```sh\n  ls\n  ```\n", 2), ("```sh\nls\n", 1),
    ])
    func `a block of which nobody can tell whether it is to be run is refused`(markdown: String, line: Int) {
        #expect { try DocumentBlock.all(of: markdown) } throws: { ($0 as? DocumentBlock.Unclear)?.line == line }
    }

    @Test func `a block says why it is not run, and text shows output only where something was run before it`() throws {
        let markdown =
            "```sh not-run: needs a broker\nkcat\n```\n```text\nx\n```\n```sh\nls\n```\n# New\n```text\ny\n```\n"
        let roles = try DocumentBlock.all(of: markdown).map(\.role)
        #expect(roles == [.leftOut(reason: "needs a broker"), .sample, .run, .sample])
    }
}
