import Hookline
import TestKit
import Testing

/// The codes alone: what goes to which stream is for a child process to show.
@Suite struct ConfigValidateTests {
    private static let sound = ConfigCases.folder + "/valid/oddities.yaml"
    private static let wrong = ConfigCases.folder + "/broken/name-empty.yaml"
    private static let missing = ConfigCases.folder + "/valid/none.yaml"

    @Test(arguments: [
        ([sound], ExitCode.success), ([wrong], .configuration), ([missing], .noInput),
        ([wrong, sound], .configuration), ([missing, wrong, sound], .noInput), ([wrong, missing], .noInput),
    ])
    func `validate checks every path and exits by the worst of them`(paths: [String], expected: ExitCode) {
        let console = Console(format: .text, verbosity: .quiet)
        #expect(ValidateCommand.perform(paths, ValidateOptions(), console: console) == expected)
    }
}
