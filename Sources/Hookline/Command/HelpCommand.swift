/// `hookline help` and `hookline --version`: text that was asked for, on standard output.
package enum HelpCommand {
    /// - Returns: `outputFailed` when standard output can't take the text.
    package static func perform(_ text: String, console: Console) -> ExitCode {
        reporting(on: console) {
            try StandardOutput.write(Array(text.utf8))
            return .success
        }
    }
}
