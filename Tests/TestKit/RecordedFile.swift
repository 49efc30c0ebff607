package import Foundation

/// A file of the package, by its path below the package's folder.
package func packageFile(_ path: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: path)
}

/// What a file holds, for files that are recorded or generated from the code and kept beside it.
///
/// With `RECORD=1` in the environment the text is written there first, so that a stale file becomes right.
package func recordedFile(_ file: URL, renewedWith text: String) throws -> String {
    if ProcessInfo.processInfo.environment["RECORD"] == "1" {
        try Data(text.utf8).write(to: file)
    }
    return String(decoding: try Data(contentsOf: file), as: UTF8.self)
}
