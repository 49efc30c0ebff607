import Glibc

/// `hookline validate`: checks configurations, prints every problem at once, sends nothing (SPEC section 1).
package enum ValidateCommand {
    /// Checks each file or directory: problems go to standard error, a line for each sound one to standard output.
    /// No path stands for `webhooks.yaml`. The code is success also with warnings; a file that can't be read goes before one that is wrong, and
    /// both before an output that failed.
    package static func perform(paths: [String], console: Console, reader: ConfigReader = plainReader) -> ExitCode {
        var code = ExitCode.success
        for path in paths.isEmpty ? ["webhooks.yaml"] : paths {
            do {
                let (config, warnings) = try reader.read(path)
                warnings.show(on: console)
                let webhooks = counted(config.webhooks.count, "webhook")
                let line = "\(path): ok, \(webhooks), \(counted(config.topics.count, "topic"))\n"
                let isWritten = writeAll(Array(line.utf8), to: STDOUT_FILENO) == 0
                if !isWritten, code == .success { code = .outputFailed }
            } catch {
                error.show(on: console)
                code = code == .noInput ? code : error.exitCode
            }
        }
        return code
    }

    /// Checks URLs by their text alone and makes no digest, which `validate` does not show.
    private static var plainReader: ConfigReader {
        ConfigReader(
            parseURL: { text in
                if text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7f }) {
                    return .failure(.controlCharacter)
                }
                guard let colon = text.firstRange(of: "://") else { return .failure(.malformed("no scheme")) }
                let scheme = text[..<colon.lowerBound].lowercased()
                if scheme != "https" { return .failure(.notHTTPS(scheme: scheme)) }
                if text.contains("#") { return .failure(.fragment) }
                let authority = text[colon.upperBound...].prefix { $0 != "/" && $0 != "?" }
                if authority.contains("@") { return .failure(.credentials) }
                let host = authority.prefix { $0 != ":" }.lowercased()
                if host.isEmpty { return .failure(.noHost) }
                let digits = authority.dropFirst(host.count + 1)
                guard let port = digits.isEmpty ? 443 : Int(digits), (1...65_535).contains(port) else {
                    return .failure(.port)
                }
                return .success(WebhookURL(text: text, host: host, port: port))
            },
            digest: { _ in "" })
    }

    private static func counted(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
