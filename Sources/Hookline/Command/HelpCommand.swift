import Glibc

/// `hookline help` and `hookline --version`: text that was asked for, on standard output.
package enum HelpCommand {
    /// - Returns: `outputFailed` when standard output can't take the text.
    package static func perform(_ text: String, console: Console) -> ExitCode {
        let code = writeAll(Array(text.utf8), to: STDOUT_FILENO)
        guard code != 0 else { return .success }
        console.error("standard output can't be written: \(systemReason(code))")
        return .outputFailed
    }
}
