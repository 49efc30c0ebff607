import Foundation
import Glibc
import TestKit
import Testing

/// A document's blocks, run in order by one shell in one new folder, with `hookline` on the PATH.
///
/// The ports 8443 and 9443 become free ones. After `hookline listen … &` the shell waits until that port answers.
struct DocumentRun {
    /// What was printed from each run block on, by the block's place; standard output and standard error together.
    private(set) var outputs: [Int: String] = [:]
    /// Exit codes other than 0 of each run block's commands, in order.
    private(set) var exitCodes: [Int: [Int]] = [:]
    let result: ProcessResult

    init(_ blocks: [DocumentBlock]) throws {
        let directory = try TemporaryDirectory()
        let ports = try ["8443", "9443"].map { ($0, try Self.freePort()) }
        let place = { (text: String) in ports.reduce(text) { $0.replacing($1.0, with: $1.1) } }
        let script = Self.head + blocks.indices.map { Self.part($0, of: blocks, place) }.joined() + "true\n"
        let folder = try builtProduct("hookline").split(separator: "/").dropLast().map { "/" + $0 }.joined()
        // `timeout` ends the shell with all that it started, also where the test is given up.
        result = try runProcess(
            "/usr/bin/timeout", ["--kill-after=5", "100", "/bin/bash", "-c", script],
            environment: [
                "PATH": folder + ":/usr/bin:/bin", "HOME": directory.path, "LANG": "C.UTF-8",
                "HOOKLINE_PORT": ports[0].1,
            ], directory: directory.path, limit: .seconds(120))
        let printed = ports.reduce(result.outputText) { $0.replacing($1.1, with: $1.0) }
        for part in printed.components(separatedBy: "\n@block ").dropFirst() {
            let number = Int(part.prefix { $0 != "\n" }) ?? -1
            exitCodes[number] = part.matches(of: /\n@exit ([0-9]+)\n/).compactMap { Int($0.1) }
            for earlier in outputs.keys { outputs[earlier]? += part }
            outputs[number] = part
        }
    }

    /// Lines of an output block that nothing printed from the run block before it on.
    func missingLines(of output: DocumentBlock, after number: Int) -> [String] {
        let printed = (outputs[number] ?? "").split(separator: "\n")
        return output.text.split(separator: "\n").map(String.init).filter { line in
            let pieces = line.replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z|msg_[0-9a-f]{32}/, with: "…")
                .components(separatedBy: "…").map(NSRegularExpression.escapedPattern)
            let pattern = "^" + pieces.joined(separator: ".*") + "$"
            return !printed.contains { $0.range(of: pattern, options: .regularExpression) != nil }
        }
    }

    private static let head = """
        exec 2>&1
        trap 'trap - ERR; kill $(jobs -p) 2>/dev/null; wait' EXIT
        trap 'printf "\\n@exit %s\\n" "$?"' ERR
        ready() {
            until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do kill -0 "$2" || return 1; done
        }

        """

    /// The part of the script that a block is.
    private static func part(_ index: Int, of blocks: [DocumentBlock], _ place: (String) -> String) -> String {
        let block = blocks[index]
        switch block.role {
        case .leftOut, .output, .sample: return ""
        case .file(let name): return "cat > '\(name)' <<'@end'\n\(place(block.text))@end\n"
        case .run:
            let lines = block.text.split(separator: "\n").map { line in
                guard line.contains(/hookline listen\b.*&( *#.*)?$/) else { return place(String(line)) }
                let port = line.firstMatch(of: /--port ([0-9]+)/).map { String($0.1) } ?? "8443"
                return place("\(line)\nready \(port) $!")
            }
            return "printf '\\n@block \(index)\\n'\n" + lines.joined(separator: "\n") + "\n"
        }
    }

    /// A port that nobody has now, and that the system gives to no one who takes any.
    private static func freePort() throws -> String {
        let range = try String(contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)
        let first = try #require(range.split(whereSeparator: \.isWhitespace).first.flatMap { UInt16($0) })
        for _ in 0..<100 {
            let port = UInt16.random(in: 10_000..<max(first, 10_100))
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let bound = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if bound == 0 { return String(port) }
        }
        throw ProcessFailure.notStarted(path: "a free port", errno: EADDRINUSE)
    }
}
