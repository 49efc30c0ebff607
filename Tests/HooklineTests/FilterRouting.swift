import Foundation
import Hookline
import TestKit

/// The way of an event from its line to the webhooks that take it, with webhooks that have filters and one topic.
struct FilterRouting: ~Copyable {
    private var scanner: JSONScanner
    private var router: Router

    init(_ config: Config) {
        router = Router(topics: config.topics, webhooks: config.webhooks) { _ in true }
        scanner = JSONScanner(input: config.input, paths: router.paths)
    }

    /// Webhooks with these filters, each given as JSON or YAML in flow style.
    init(filters: [String]) throws { self.init(try Self.config(filters: filters)) }

    /// The webhooks that take an event, whose topic stands at `/topic` or is added.
    mutating func webhooks(of event: String) throws -> [Int] {
        try webhooks(ofLine: event.contains("\"topic\":") ? event : Self.withTopic(event))
    }

    static func withTopic(_ event: String) -> String {
        "{\"topic\":\"t\"" + (event == "{}" ? "" : ",") + event.dropFirst()
    }

    private mutating func webhooks(ofLine line: String) throws -> [Int] {
        let bytes = Array(line.utf8)
        return unsafe try bytes.withUnsafeBytes { line in
            let event = unsafe try scanner.scan(line)
            let name = unsafe event.topic.raw(in: line)
            guard let topic = unsafe router.topic(named: name) else { return [] }
            var found: [Int] = []
            for target in unsafe router.targets(ofTopic: topic, scanner.leaves, in: line) {
                found.append(router.webhook(at: target))
            }
            return found
        }
    }

    /// How the first webhook's filter decides, and the bytes of each field's leaves that pass, as written.
    mutating func verdict(on event: String) throws -> (isMatch: Bool, leaves: [Int], passing: [[String]])? {
        let bytes = Array(Self.withTopic(event).utf8)
        return unsafe try bytes.withUnsafeBytes { line in
            _ = unsafe try scanner.scan(line)
            guard let verdict = unsafe router.verdict(of: 0, scanner.leaves, in: line) else { return nil }
            var passing: [[String]] = []
            for field in verdict.fields {
                var texts: [String] = []
                for leaf in field.passing {
                    texts.append(
                        unsafe String(decoding: scanner.leaves.bytes(of: scanner.leaves[leaf], in: line), as: UTF8.self)
                    )
                }
                passing.append(texts)
            }
            return (verdict.isMatch, verdict.fields.map(\.leaves.count), passing)
        }
    }

    static func config(filters: [String]) throws -> Config {
        var text = "version: 1\ntopics: {t: Things}\nwebhooks:\n"
        for (index, filter) in filters.enumerated() {
            text += "- {name: w\(index), url: \"https://a.example/\", topics: [t], signing: null, filter: \(filter)}\n"
        }
        let directory = try TemporaryDirectory()
        let path = directory.file("webhooks.yaml")
        try Data(text.utf8).write(to: URL(filePath: path))
        return try ConfigCases.reader.read(path).config
    }
}
