import Foundation
import Glibc
import TestKit
import Testing

/// One case: a folder of data below `Cases`, and what the real command makes of it.
///
/// - `webhooks.yaml`: the configuration; missing: there is none. `old.yaml`: another one.
/// - `events.ndjson`: standard input; missing: empty.
/// - `arguments`: of `hookline`, one a line; missing: none.
/// - `listen`: arguments of `hookline listen`, one a line; missing: no receiver runs.
/// - `settings`: one a line, of `stdin closed`, `stdin held` (open until the summary is there), `stdin directory`,
///   `stdout closed`, `stdout broken` (nobody reads it), `stdout full`, and `SIGTERM after TEXT` (on standard error).
/// - `expected.*`: what came out, by the names that `run` gives; an output that is empty has no file.
///
/// In configuration and arguments `{{PORT}}` is the receiver's port, `{{CA}}` the file of its authority, and `{{DIR}}`
/// the temporary folder in which the command runs.
struct EndToEndCase {
    let folder: URL

    static let cases = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Cases")

    static let names: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: cases.path)
        return (names ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }()

    init(name: String) { folder = Self.cases.appending(path: name) }

    /// The outputs that were recorded, by name.
    func expected() throws -> [String: String] {
        var outputs: [String: String] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file.hasPrefix("expected.") {
            outputs[String(file.dropFirst("expected.".count))] = text(file)
        }
        return outputs
    }

    /// Replaces what was recorded.
    func record(_ outputs: [String: String]) throws {
        for name in try expected().keys {
            try FileManager.default.removeItem(at: folder.appending(path: "expected.\(name)"))
        }
        for (name, text) in outputs {
            try Data(text.utf8).write(to: folder.appending(path: "expected.\(name)"))
        }
    }

    /// Runs the command, and the receiver beside it.
    ///
    /// - Returns: exit code, standard error, summary or what else stood on standard output, dead letters, rejects, and the requests that the receiver read
    ///   whole, by path; what differs from run to run is replaced by a name in angle brackets, and what is empty is left out.
    func run(threads: Int) throws -> [String: String] {
        let directory = try TemporaryDirectory()
        let hookline = try builtProduct("hookline")
        var places = Places(directory: directory.path)
        let receiver = try startReceiver(directory, &places)
        for name in ["webhooks.yaml", "old.yaml"] {
            if let configuration = text(name) { try directory.write(places.fill(configuration), to: name) }
        }
        let result = try withExtendedLifetime(receiver) { try runCommand(hookline, threads: threads, places) }
        let isSummary = result.outputText.hasPrefix(#"{"schema":"hookline.summary"#)
        var outputs = [isSummary ? "summary.json" : "stdout": result.outputText, "stderr": result.errorText]
        outputs["exit"] = if case .code(let code) = result.exit { "\(code)\n" } else { "\(result.exit)\n" }
        for file in try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() {
            if file.hasPrefix("hookline-dead-letter-") {
                outputs["dead-letters.ndjson"] = try directory.text(of: file)
            } else if file == "record.ndjson" {
                outputs[file] = try Self.byPath(directory.text(of: file))
            } else if file == "rejects.ndjson" {
                outputs[file] = try directory.text(of: file)
            }
        }
        return outputs.mapValues(places.steady).filter { !$0.value.isEmpty }
    }

    /// Requests to different webhooks overlap, so only those to one path have an order.
    private static func byPath(_ record: String) throws -> String {
        let lines = record.split(separator: "\n").map(String.init)
        let paths = try lines.map { try #require($0.firstMatch(of: /"path":"([^"]*)"/)).1 }
        let sorted = zip(paths, lines.indices).sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        return sorted.map { lines[$0.1] + "\n" }.joined()
    }

    /// - Returns: the receiver, which listens; nil: the case has none.
    private func startReceiver(_ directory: TemporaryDirectory, _ places: inout Places) throws -> LocalReceiver? {
        guard let options = lines("listen") else { return nil }
        let receiver = try LocalReceiver(in: directory, ["--record", directory.file("record.ndjson")] + options)
        places.port = receiver.port
        if let certificate = options.first(where: { ["expired", "wrong-host"].contains($0) }) {
            places.authority = ".hookline-listen/ca-\(certificate).pem"
        }
        return receiver
    }

    private func runCommand(_ hookline: String, threads: Int, _ places: Places) throws -> ProcessResult {
        let settings = lines("settings") ?? []
        let events = text("events.ndjson") ?? ""
        var input = ChildProcess.Input.text(events)
        var output = ChildProcess.Output.captured
        for setting in settings {
            switch setting {
            case "stdin closed": input = .closed
            case "stdin directory": input = .file(places.directory)
            case "stdin held": input = .streamed
            case "stdout closed": output = .closed
            case "stdout broken": output = .brokenPipe
            case "stdout full": output = .file("/dev/full")
            default: try #require(setting.hasPrefix("SIGTERM after "), "unknown setting: \(setting)")
            }
        }
        let child = try ChildProcess(
            hookline, (lines("arguments") ?? []).map(places.fill), environment: ["HOOKLINE_THREADS": "\(threads)"],
            directory: places.directory, input: input, output: output)
        let isHeld = settings.contains("stdin held")
        if isHeld { try child.write(events) }
        if let signal = settings.first(where: { $0.hasPrefix("SIGTERM after ") }) {
            try child.waitForError(String(signal.dropFirst("SIGTERM after ".count)))
            child.send(SIGTERM)
        }
        if isHeld { try child.waitForOutput("}\n") }
        return try child.finish()
    }

    private func text(_ file: String) -> String? {
        try? String(contentsOf: folder.appending(path: file), encoding: .utf8)
    }

    private func lines(_ file: String) -> [String]? {
        text(file)?.split(separator: "\n").map(String.init)
    }
}
