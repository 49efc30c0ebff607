// A libFuzzer target, built with the configuration reader's own sources by scripts/fuzz: no target of Package.swift.

import Glibc

/// Reads any bytes as a configuration, and renders all that there is to say about them.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzConfig(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    // The reader takes a path: a pipe has one too, and holds more than libFuzzer's inputs.
    var ends: [Int32] = [-1, -1]
    precondition(unsafe pipe(&ends) == 0 && write(ends[1], start, count) == count)
    close(ends[1])
    defer { close(ends[0]) }
    let reader = ConfigReader(
        parsers: ConfigReader.Parsers(
            url: { text in
                guard text.hasPrefix("https://") else { return .failure(.malformed("no https")) }
                return .success(WebhookURL(text: text, host: String(text.dropFirst(8)), port: 443))
            },
            proxy: { .success(Proxy(url: $0, username: $0.contains("@") ? Secret($0) : nil)) },
            topic: { bytes, _ in
                bytes.first == UInt8(ascii: "{")
                    ? .success(String(decoding: bytes.dropFirst(), as: UTF8.self))
                    : .failure(EventProblem(message: "this is no object", hint: nil))
            }),
        digest: { String($0.count) })
    do throws(ConfigFailure) {
        let (config, warnings) = try reader.read("/proc/self/fd/\(ends[0])")
        precondition(config.webhooks.allSatisfy { !$0.name.isEmpty })
        precondition(warnings.errorCount == 0)
        precondition(warnings.text.isEmpty == warnings.problems.isEmpty)
    } catch .invalid(let report) {
        precondition(report.errorCount > 0)
        precondition(!report.text.isEmpty)
    } catch {
        preconditionFailure("the file can't be read: \(error)")
    }
    return 0
}
