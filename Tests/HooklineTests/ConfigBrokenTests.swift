import Foundation
import Hookline
import Testing

/// Configurations with one mistake each, beside all that `validate` says about it.
///
/// `RECORD=1 swift test --filter ConfigBrokenTests` writes the expected texts anew; read each one before keeping it.
@Suite struct ConfigBrokenTests {
    static let names = ConfigCases.names(in: "broken")

    @Test(arguments: names)
    func `a mistake is reported at its place with a hint, and without secrets`(name: String) throws {
        let folder = ConfigCases.folder + "/broken/"
        let report = try #require(ConfigCases.report(of: folder + name + ".yaml"))
        #expect(report.errorCount > 0)
        let output = report.text.replacing(folder, with: "")
        #expect(!output.contains("SECRET"))
        try ConfigCases.compare(output, with: folder + name + ".expected")
    }

    @Test func `twelve mistakes are reported in one run`() throws {
        let path = ConfigCases.folder + "/broken/twelve-mistakes.yaml"
        let report = try #require(ConfigCases.report(of: path))
        #expect(report.errorCount == 12)
        #expect(report.problems.map(\.mark) == report.problems.map(\.mark).sorted())
    }
}
