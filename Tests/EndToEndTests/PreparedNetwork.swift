import Foundation
import TestKit

/// A network without surprises for one run of the command, by a library that is preloaded (`Preload/network.c`): names
/// have the addresses that the test gives them, each connection is noted, and none leaves this machine, whatever the
/// command tries. The library is compiled once, with `cc` or the `clang` that comes with Swift.
struct PreparedNetwork {
    private let directory: TemporaryDirectory

    /// Takes lines `name answer`, where the answer is `hang`, or addresses with commas between; of several lines for one
    /// name each look-up takes the next one.
    init(names: String = "") throws {
        directory = try TemporaryDirectory()
        try directory.write(names, to: "names")
        try directory.write("", to: "connections")
    }

    /// The environment in which the command has this network.
    var environment: [String: String] {
        get throws {
            [
                "LD_PRELOAD": try Self.library.get().path,
                "HOOKLINE_TEST_NAMES": directory.file("names"),
                "HOOKLINE_TEST_CONNECTIONS": directory.file("connections"),
            ]
        }
    }

    /// What was connected to, or would have been: lines of address and port.
    var connections: [String] {
        get throws { try directory.text(of: "connections").split(separator: "\n").map(String.init) }
    }

    private static let library = Result { try PreloadedLibrary("network") }
}

/// A library that is preloaded into the command: `Preload/<name>.c`, compiled with `cc` or the `clang` that comes with
/// Swift. It is there as long as this is.
struct PreloadedLibrary {
    private let directory: TemporaryDirectory
    let path: String

    init(_ name: String) throws { try self.init(source: "Tests/EndToEndTests/Preload/\(name).c") }

    /// `source`: a file of this package.
    init(source: String) throws {
        directory = try TemporaryDirectory()
        path = directory.file("preloaded.so")
        let search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let arguments = [
            "-O1", "-Wall", "-Werror", "-fPIC", "-shared", "-o", path,
            packageFile(source).path, "-ldl", "-lpthread",
        ]
        var messages = ""
        for compiler in ["cc", "clang"] {
            let result = try runProcess(
                "/usr/bin/env", [compiler] + arguments, environment: ["PATH": search], limit: .seconds(60))
            if result.exit == .code(0) { return }
            messages += result.errorText
        }
        throw NotCompiled(messages: messages)
    }

    private struct NotCompiled: Error {
        var messages: String
    }
}
