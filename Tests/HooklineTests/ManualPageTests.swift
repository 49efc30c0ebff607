import Foundation
import Hookline
import TestKit
import Testing

@Test(arguments: [("hookline.1", ManualPage.text), ("webhooks.yaml.5", ConfigManual.text)])
func `the manual pages say what the tables say`(file: String, page: String) throws {
    #expect(
        try recordedFile(packageFile("docs/man/\(file)"), renewedWith: page) == page,
        "renew it: RECORD=1 swift test --filter 'manual pages say'")
}

@Test func `hookline(1) has each option that can be used, each variable and each exit code`() {
    let page = ManualPage.text.replacing("\\-", with: "-")
    for command in Command.allCases {
        #expect(page.contains(".SS \"hookline \(command.rawValue)\"\n"))
        for option in command.options {
            #expect(page.contains("--\(option.name)") == option.isAvailable, "\(option.name)")
            #expect(page.contains(option.variable) == option.isAvailable, "\(option.variable)")
        }
    }
    for row in ExitCode.table { #expect(page.contains(".B \(row.code)\n")) }
}

@Test func `webhooks.yaml(5) has each key and no trace of the markup of the other page`() {
    let page = ConfigManual.text.replacing("\\-", with: "-")
    for key in ConfigReference.keys {
        let name = key.split(separator: ".").last ?? ""
        #expect(page.contains(".B \(name)\n"), "\(key)")
    }
    for line in page.split(separator: "\n") {
        #expect(!line.contains("`") && !line.hasPrefix("|") && !line.hasPrefix("#"), "\(line)")
    }
}

@Test(arguments: [
    ("a `b c` d", "a \\fBb c\\fR d\n"), (".a 'b' \\n", "\\&.a \\(aqb\\(aq \\en\n"),
    ("x\u{2026} ~^", "x\\[u2026] \\(ti\\(ha\n"),
    (
        Array(repeating: "word", count: 20).joined(separator: " "),
        Array(repeating: "word", count: 16).joined(separator: " ") + "\nword word word word\n"
    ),
])
func `text in a manual page is shown as it is written`(text: String, roff: String) {
    #expect(Roff.filled(text) == roff)
}
