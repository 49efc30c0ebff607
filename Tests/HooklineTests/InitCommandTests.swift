import Foundation
import Glibc
import Hookline
import TestKit
import Testing

private func hookline(
    _ words: [String], in directory: TemporaryDirectory, environment: [String: String] = [:]
) throws -> ProcessResult {
    try runProcess(builtProduct("hookline"), words, environment: environment, directory: directory.path)
}

@Test func `the starter is sound, without a warning, and its own tests pass`() throws {
    let directory = try TemporaryDirectory()
    #expect(try hookline(["init", "-q"], in: directory).errorText == "")
    let validated = try hookline(["validate"], in: directory)
    #expect(validated.exit == .code(0))
    #expect(validated.errorText == "")
    #expect(validated.outputText == "webhooks.yaml: ok, 2 webhooks, 2 topics\n")
    let tested = try hookline(["test"], in: directory)
    #expect(tested.exit == .code(0))
    #expect(tested.outputText.contains("3 passed"), "\(tested.outputText)")
}

@Test func `what comes next is told on standard error, in lines that name the file`() throws {
    let directory = try TemporaryDirectory()
    let result = try hookline(["init", "my hooks.yaml"], in: directory)
    #expect(result.exit == .code(0))
    #expect(result.outputText == "")
    let commands = ConfigStarter.commands(at: "my hooks.yaml")
    #expect(commands.validate == "hookline validate 'my hooks.yaml'")
    #expect(commands.deliver.hasSuffix(" | hookline --config 'my hooks.yaml'"))
    for line in [commands.secret, commands.validate, commands.plan, commands.listen, commands.deliver] {
        #expect(result.errorText.contains("    \(line)\n"), "\(line)")
        let text = try directory.text(of: "my hooks.yaml")
        #expect(text.contains("#   \(line)\n"), "\(line)")
    }
}

@Test(arguments: ["webhooks.yaml", "folder", "dangling"])
func `what is there is not written over`(name: String) throws {
    let directory = try TemporaryDirectory()
    try directory.write("mine", to: "webhooks.yaml")
    try FileManager.default.createDirectory(atPath: directory.file("folder"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
        atPath: directory.file("dangling"), withDestinationPath: directory.file("elsewhere"))
    let result = try hookline(["init", name], in: directory)
    #expect(result.exit == .code(74))
    #expect(
        result.errorText
            == "hookline: error: `\(name)` is there already\n  hint: name another place: hookline init PATH\n")
    #expect(try directory.text(of: "webhooks.yaml") == "mine")
    #expect(!FileManager.default.fileExists(atPath: directory.file("elsewhere")))
}

@Test func `a folder that is missing is told with the command that makes it`() throws {
    let directory = try TemporaryDirectory()
    let result = try hookline(["init", "a b/webhooks.yaml"], in: directory)
    #expect(result.exit == .code(74))
    #expect(result.errorText.contains("can't write `a b/webhooks.yaml`: no such file or directory\n"))
    #expect(result.errorText.contains("hint: make its folder first: mkdir -p 'a b'\n"))
}

@Test(.enabled(if: !isSanitized, "a limit on the size of files ends a sanitizer's own start"))
func `a starter that can't be written whole does not stay`() throws {
    let directory = try TemporaryDirectory()
    let result = try runProcess(
        "/bin/sh", ["-c", "ulimit -f 1; exec \"$0\" init", builtProduct("hookline")], directory: directory.path)
    #expect(result.exit == .code(74))
    #expect(result.errorText.contains("can't write `webhooks.yaml`: file too large"), "\(result.errorText)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
}

@Test func `the starter goes where run would look, or to standard output`() throws {
    let directory = try TemporaryDirectory()
    #expect(try hookline(["init"], in: directory, environment: ["HOOKLINE_CONFIG": "other.yaml"]).exit == .code(0))
    let text = try directory.text(of: "other.yaml")
    #expect(text == ConfigStarter.text(at: "other.yaml"))
    let printed = try hookline(["init", "-"], in: directory)
    #expect(printed.outputText == ConfigStarter.text(at: "webhooks.yaml"))
    #expect(printed.errorText == "")
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["other.yaml"])
}

@Test(arguments: ["a\nb.yaml", "-x.yaml", "c/d e.yaml"])
func `the comments stay comments whatever the name of the file`(path: String) throws {
    let directory = try TemporaryDirectory()
    try directory.write(ConfigStarter.text(at: path), to: "webhooks.yaml")
    #expect(try ConfigCases.reader.read(directory.file("webhooks.yaml")).config.webhooks.count == 2)
    let commands = ConfigStarter.commands(at: path)
    if path.hasPrefix("-") { #expect(commands.deliver.hasSuffix("hookline --config ./-x.yaml")) }
    if path.hasPrefix("c") { #expect(commands.listen == "hookline listen --directory c/.hookline-listen &") }
}
