/// The command lines that hints name: what to type next, from the same folder.
extension Options {
    /// Shows what waits in this run's spool.
    package var spoolListLine: String { SpoolOptions.listLine(spool, config) }

    /// Sends what is due in this run's spool, and nothing else.
    package var spoolRunLine: String {
        "hookline" + configOption(config) + (spool.map { " --spool " + shellWord($0) } ?? "") + " < /dev/null"
    }

    /// Sends the dead letters of a file again.
    package func replayLine(_ file: String) -> String {
        "hookline replay --prune" + configOption(config) + " " + shellWord(file.hasPrefix("-") ? "./" + file : file)
    }
}

extension SpoolOptions {
    /// Shows what waits in this spool.
    var listLine: String { Self.listLine(spool, config) }

    fileprivate static func listLine(_ spool: String?, _ config: String) -> String {
        "hookline spool list" + (spool.map { " --spool " + shellWord($0) } ?? configOption(config))
    }
}

/// Names the configuration, where it is not the one that is read without the option.
func configOption(_ path: String) -> String {
    path == Options().config ? "" : " --config " + shellWord(path)
}

/// A text as one word of a POSIX shell: as it stands where that is safe, else in single quotes.
package func shellWord(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { $0.isLetterOrDigit || "_-./,:=+@%".utf8.contains($0) || $0 >= 0x80 }
    return isPlain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
}
