import Foundation
import Hookline
import TestKit
import Testing

/// A command line of an example, without the shell's redirections and what follows `||`.
private func words(_ line: String) -> [String] {
    var words: [String] = []
    var isRedirected = false
    for word in line.split(separator: " ").map({ String($0) }) {
        if word == "||" || word == "|" { break }
        if isRedirected {
            isRedirected = false
        } else if word == "<" || word == ">" || word == ">>" {
            isRedirected = true
        } else {
            words.append(word)
        }
    }
    return words
}

private func commands() throws -> [(file: String, words: [String])] {
    let folder = packageFile("docs/examples")
    var commands: [(String, [String])] = []
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
        for line in try String(contentsOf: folder.appending(path: name), encoding: .utf8).split(separator: "\n") {
            let text = line.trimmingPrefix { $0 == " " }
            let command = text.hasPrefix("entry: ") ? text.dropFirst(7) : text
            if command.hasPrefix("hookline ") { commands.append((name, words(String(command.dropFirst(9))))) }
        }
    }
    return commands
}

@Test func `each command in docs/examples is one that hookline has`() throws {
    let commands = try commands()
    for (file, words) in commands {
        do {
            _ = try Invocation.parse(arguments: words, environment: [:])
        } catch {
            Issue.record("\(file): hookline \(words.joined(separator: " ")): \(error)")
        }
    }
    #expect(Set(commands.map { $0.words[0] }) == ["validate", "test", "diff"])
}

@Test(arguments: ["validate --format github", "validate --format sarif", "test --format github", "validate", "test"])
func `each check in docs/examples passes for the shipped configuration`(line: String) throws {
    #expect(try commands().contains { $0.words.joined(separator: " ").hasPrefix(line) })
    let result = try runProcess(
        builtProduct("hookline"), line.split(separator: " ").map(String.init) + [packageFile("webhooks.yaml").path],
        directory: packageFile("").path)
    #expect(result.exit == .code(0), "\(result.errorText)")
}
