import Foundation
import Hookline
import TestKit
import Testing

/// Real shells run the scripts in scripts/interop; here stands what the tables promise of their text.
@Test(arguments: CompletionsOptions.Shell.allCases)
func `the script of a shell is the one on record`(shell: CompletionsOptions.Shell) throws {
    let file = packageFile("Tests/HooklineTests/Data/completions/hookline.\(shell.rawValue)")
    #expect(
        try recordedFile(file, renewedWith: shell.script) == shell.script,
        "renew it: RECORD=1 swift test --filter CompletionsTests, and read the difference")
    let printed = try runProcess(builtProduct("hookline"), ["completions", shell.rawValue])
    #expect(printed.outputText == shell.script)
    #expect(printed.exit == .code(0))
}

@Test(arguments: Command.allCases)
func `each script has each command and its options, and none that can't be used`(command: Command) {
    let (bash, zsh, fish) = (
        CompletionsOptions.Shell.bash.script, CompletionsOptions.Shell.zsh.script, CompletionsOptions.Shell.fish.script
    )
    let words = bash.split(separator: "\n").first { $0.contains("\(command.rawValue)) options=") } ?? ""
    let parts = zsh.components(separatedBy: "        \(command.rawValue))\n").last ?? ""
    let part = parts.components(separatedBy: ";;").first ?? ""
    #expect(zsh.contains("'\(command.rawValue):"))
    #expect(fish.contains("'__hookline_after 1' -a \(command.rawValue) -d"))
    for option in command.options {
        let inBash = words.split { " '".contains($0) }.contains("--\(option.name)")
        let inZsh =
            part.contains("--\(option.name)=[") || part.contains("--\(option.name)[")
            || part.contains("--\(option.name)}")
        let inFish = fish.split(separator: "\n").contains {
            $0.contains("'__hookline_of \(command.rawValue)'") && $0.contains(" -l \(option.name) ")
        }
        #expect(inBash == option.isAvailable, "\(option.name)")
        #expect(inZsh == option.isAvailable, "\(option.name)")
        #expect(inFish == option.isAvailable, "\(option.name)")
    }
}

@Test func `each option that takes a path, a webhook or one of some words is completed`() {
    for option in Command.allCases.flatMap(\.options) {
        switch option.placeholder {
        case "DIR": #expect(option.completion == .directory, "\(option.name)")
        case "FILE", "PATH": #expect(option.completion == .file, "\(option.name)")
        case "NAME": #expect(option.completion == .webhook, "\(option.name)")
        case let words? where words.contains("|") && words == words.lowercased():
            #expect(option.completion == .words(words.split(separator: "|").map(String.init)), "\(option.name)")
        default: #expect(option.completion == .none, "\(option.name)")
        }
    }
}

@Test func `names of webhooks are printed one a line, spaces and all`() throws {
    let directory = try TemporaryDirectory()
    let webhooks = ["b 2", "a"].map { "  - {name: \($0), url: https://a.example/, topics: [t]}\n" }.joined()
    try directory.write("version: 1\ntopics: {t: Things}\nwebhooks:\n" + webhooks, to: "w.yaml")
    let path = try builtProduct("hookline")
    let named = try runProcess(path, ["completions", "webhooks", "--config", "w.yaml"], directory: directory.path)
    #expect(named.outputText == "b 2\na\n")
    let missing = try runProcess(path, ["completions", "webhooks"], directory: directory.path)
    #expect(missing.exit == .code(66))
    #expect(missing.outputText == "")
}
