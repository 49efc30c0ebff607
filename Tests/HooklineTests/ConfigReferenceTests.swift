import Foundation
import TestKit
import Testing

@testable import Hookline

@Suite struct ConfigReferenceTests {
    private let root = String(#filePath.dropLast("Tests/HooklineTests/ConfigReferenceTests.swift".count))

    @Test func `the reference page says what the table says`() throws {
        try ConfigCases.compare(ConfigReference.text, with: root + "docs/webhooks.yaml.md")
    }

    @Test func `the examples of the reference page are sound`() throws {
        let directory = try TemporaryDirectory()
        try directory.write(ConfigReference.example, to: "webhooks.yaml")
        let (config, warnings) = try ConfigCases.reader.read(directory.file("webhooks.yaml"))
        #expect(config.webhooks.count == 7)
        #expect(warnings.errorCount == 0)
    }

    @Test func `the filters of the reference page are sound`() throws {
        let example = ConfigReference.filterExample.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
        let examples = PatternOperator.allCases.flatMap(\.examples).map { "    filter: {a: [\($0)]}" }
        for filter in [example] + examples {
            let directory = try TemporaryDirectory()
            let start =
                "version: 1\ntopics: {t: Things}\nwebhooks:\n  - name: one\n    url: https://a.example/\n    topics: [t]\n"
            try directory.write(start + filter + "\n", to: "webhooks.yaml")
            let config = try ConfigCases.reader.read(directory.file("webhooks.yaml")).config
            #expect(config.webhooks[0].filter != nil, "\(filter)")
        }
    }

    @Test func `the shipped example is sound and warns of what it shows on purpose`() throws {
        let (config, warnings) = try ConfigCases.reader.read(root + "webhooks.yaml")
        #expect(config.webhooks.map(\.name) == ["invoicing", "audit", "search"])
        #expect(config.topics.map(\.name) == ["object.created", "object.updated", "object.deleted", "object.send"])
        #expect(
            warnings.problems.map(\.message) == [
                "webhook `audit` subscribes to every topic", "webhook `search` is inactive: nothing is sent to it",
            ])
    }
}
