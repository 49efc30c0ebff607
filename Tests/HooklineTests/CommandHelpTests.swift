import Foundation
import Hookline
import Testing
import TestKit

private let availableCommands = Command.allCases

@Test(arguments: [nil] + availableCommands)
func `help fits 80 columns and leaves no blank at the end of a line`(command: Command?) {
    for line in Help.text(of: command).split(separator: "\n", omittingEmptySubsequences: false) {
        #expect(line.count <= 80, "\(line)")
        #expect(line.last != " ", "\(line)")
    }
}

@Test func `help of a command names each option that can be used, and no other`() {
    func check<Target>(_ table: [Option<Target>], _ help: String) {
        for option in table {
            let isNamed = help.contains("--\(option.name) ") || help.contains("--\(option.name)\n")
            if case .unavailable = option.kind {
                #expect(!isNamed, "\(option.name)")
            } else {
                #expect(isNamed, "\(option.name)")
            }
        }
    }
    check(Options.table, Help.text(of: .run))
    check(Options.table, Help.text(of: nil))
    check(ValidateOptions.table, Help.text(of: .validate))
    check(ListenOptions.table, Help.text(of: .listen))
    check(SpoolOptions.table, Help.text(of: .spool))
    check(VerifyOptions.table, Help.text(of: .verify))
    check(SecretOptions.table, Help.text(of: .secret))
}

@Test func `help shows defaults and ranges as the options have them`() {
    let help = Help.text(of: .run)
    #expect(help.contains("[default: webhooks.yaml]"))
    #expect(help.contains("(4MiB to 64GiB)\n                          [default: 32MiB]"))
    #expect(help.contains("(0s to 1h) [default: 10s]"))
}

@Test func `help of the program names the commands that it has, and no other`() {
    let help = Help.text(of: nil)
    for command in Command.allCases {
        #expect(help.contains("\n  \(command.rawValue)  "), "\(command)")
    }
}

@Test func `each exit code is explained`() {
    #expect(ExitCode.table.map(\.code) == ["0", "1", "64", "66", "74", "75", "78", "128+n"])
}

@Test(arguments: availableCommands)
func `the examples in help are command lines that are taken`(command: Command) throws {
    let lines = Help.text(of: command).split(separator: "\n").filter { $0.hasPrefix("  ") && $0.contains("hookline ") }
    for line in lines {
        guard let start = line.range(of: "hookline ") else { continue }
        let words = line[start.upperBound...].split(separator: " ").prefix { !["<", ">", "|"].contains($0) }.map(
            String.init)
        #expect(throws: Never.self) { try Invocation.parse(arguments: words, environment: [:]) }
    }
}

@Test func `the page of commands and options is not stale`() throws {
    let page = UsagePage.markdown
    #expect(
        try recordedFile(packageFile("docs/usage.md"), renewedWith: page) == page,
        "renew it: RECORD=1 swift test --filter 'page of commands'")
}
