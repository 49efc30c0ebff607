import Glibc

/// `hookline explain`: says why a webhook takes an event, or does not (SPEC section 1).
package enum ExplainCommand {
    /// - Parameters:
    ///   - options: which event and webhook.
    ///   - console: for what keeps it from explaining.
    /// - Returns: success; failure when a line is no event.
    package static func perform(_ options: ExplainOptions, console: Console) -> ExitCode {
        reporting(on: console) {
            let config = try ConfigReader.standard.read(options.config).config
            let webhooks = try select(options.webhook, of: config)
            var explainers: [Explaining] = []
            for webhook in webhooks { explainers.append(Explaining(webhook, config)) }
            var scanner = JSONScanner(input: config.input)
            var code = ExitCode.success
            for (index, line) in try lines(options.event).enumerated() {
                let event: Event
                do throws(EventError) {
                    event = unsafe try line.withUnsafeBufferPointer { bytes throws(EventError) in
                        unsafe try scanner.scan(UnsafeRawBufferPointer(bytes))
                    }
                } catch {
                    console.error("line \(index + 1) is no event: \(error.reason)")
                    code = .failure
                    continue
                }
                let topic = unsafe line.withUnsafeBytes {
                    unsafe String(decoding: event.topic.decode(in: $0), as: UTF8.self)
                }
                for explainer in explainers {
                    let report = ExplainReport(
                        line: index + 1, topic: topic, webhook: config.webhooks[explainer.webhook],
                        isDeclared: config.topics.contains { $0.name == topic }, explanation: explainer.explain(line))
                    try StandardOutput.write(options.format == .json ? report.json : Array(report.text.utf8))
                }
            }
            return code
        }
    }

    private static func select(_ name: String?, of config: Config) throws(ExplainError) -> [Int] {
        guard let name else { return Array(config.webhooks.indices) }
        let names = config.webhooks.map(\.name)
        guard let index = names.firstIndex(of: name) else {
            throw .unknownWebhook(name, nearest: nearestName(to: name, among: names))
        }
        return [index]
    }

    /// The lines that are not blank.
    private static func lines(_ path: String) throws(ExplainError) -> [[UInt8]] {
        do throws(SystemError) {
            return try readFile(path == "-" ? "/dev/stdin" : path).split(separator: UInt8(ascii: "\n"))
                .map { Array($0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0) }
                .filter { line in !line.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } }
        } catch {
            throw .unreadable(path, errno: error.errno)
        }
    }
}

/// A webhook, and what explains its filter, if it has one: an explainer alone can't stand in a list.
private final class Explaining {
    let webhook: Int
    private var explainer: Explainer?

    init(_ webhook: Int, _ config: Config) {
        self.webhook = webhook
        explainer = Explainer(webhook, of: config)
    }

    /// nil: it has no filter.
    func explain(_ line: [UInt8]) -> Explanation? { explainer?.explain(line) }
}

/// Why nothing can be explained.
enum ExplainError: UserFacing, Equatable {
    case unknownWebhook(String, nearest: String?)
    case unreadable(String, errno: Int32)

    var message: String {
        switch self {
        case .unknownWebhook(let name, _): "--webhook: no webhook is named \(quoted(name))"
        case .unreadable(let path, let code):
            "can't read \(path == "-" ? "standard input" : quoted(path)): \(systemReason(code))"
        }
    }

    var hint: String? {
        switch self {
        case .unknownWebhook(_, let nearest): nearest.map { "did you mean `\($0)`?" }
        case .unreadable(_, ENOENT): "name a file with one event a line"
        case .unreadable: nil
        }
    }

    var exitCode: ExitCode {
        switch self {
        case .unknownWebhook: .usage
        case .unreadable: .noInput
        }
    }
}
