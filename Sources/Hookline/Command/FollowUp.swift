/// The command lines that hints name: what to type next, from the same folder.
extension Options {
    /// Shows what waits in this run's spool.
    package var spoolListLine: String {
        if let spool { return "hookline spool list --spool " + shellWord(spool) }
        return "hookline spool list" + configurationOption
    }

    /// Sends the dead letters of a file again.
    package func replayLine(_ file: String) -> String {
        "hookline replay --prune" + configurationOption + " " + shellWord(file.hasPrefix("-") ? "./" + file : file)
    }

    private var configurationOption: String { config == Options().config ? "" : " --config " + shellWord(config) }
}

/// A text as one word of a POSIX shell: as it stands where that is safe, else in single quotes.
package func shellWord(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { $0.isLetterOrDigit || "_-./,:=+@%".utf8.contains($0) || $0 >= 0x80 }
    return isPlain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
}
