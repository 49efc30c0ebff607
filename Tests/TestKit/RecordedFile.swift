import Foundation

/// What a file of the package holds, by its path below the package's folder: for files that are generated from the
/// code and kept beside it.
///
/// With `RECORD=1` in the environment the text is written there first, so that a stale file becomes right.
package func recordedFile(_ path: String, renewedWith text: String) throws -> String {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let file = package.appending(path: path)
    if ProcessInfo.processInfo.environment["RECORD"] == "1" {
        try Data(text.utf8).write(to: file)
    }
    return String(decoding: try Data(contentsOf: file), as: UTF8.self)
}
