import TestKit
import Testing

/// `hookline listen` on a free port, ready for requests. It is killed when its owner goes.
struct LocalReceiver {
    let process: ChildProcess
    let port: String

    /// - Parameters:
    ///   - directory: where it runs, and keeps its certificates.
    ///   - options: of `hookline listen`, besides the port.
    /// - Throws: when it does not start.
    init(in directory: TemporaryDirectory, _ options: [String] = []) throws {
        process = try ChildProcess(
            builtProduct("hookline"), ["listen", "--port", "0"] + options, directory: directory.path)
        // The line on which its port stands is then complete.
        try process.waitForOutput("\n")
        let line = String(decoding: process.output, as: UTF8.self)
        port = String(try #require(line.firstMatch(of: /https:\/\/localhost:([0-9]+)/)).1)
    }
}
