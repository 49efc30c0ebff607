import Foundation
import TestKit
import Testing

@testable import Hookline

@Test func `a new secret goes to standard output alone, and differs each time`() throws {
    let path = try builtProduct("hookline")
    let results = try [[], ["-q"]].map { try runProcess(path, ["secret"] + $0) }
    #expect(results[0].output != results[1].output)
    for result in results {
        #expect(result.exit == .code(0))
        let text = result.outputText
        #expect(text.hasPrefix("whsec_") && text.hasSuffix("\n") && text.count == 51)
        let secret = String(text.dropLast())
        #expect(Data(base64Encoded: String(secret.dropFirst(6)))?.count == 32)
        let record = try recordLine(signedHeaders(secret))
        #expect(try verify(record, secret: secret).exit == .code(0))
        #expect(try verify(record).exit == .code(1))
        #expect(!result.errorText.contains(secret.dropFirst(6)))
    }
    #expect(results[0].errorText.contains("signing: {secrets: [{env: WEBHOOK_SECRET}]}"))
    #expect(results[1].errorText == "")
}

@Test func `the keys of a new pair belong together, and to no other pair`() throws {
    let path = try builtProduct("hookline")
    let pairs = try (0..<2).map { _ in
        try runProcess(path, ["secret", "--ed25519"]).outputText.split(separator: "\n").map(String.init)
    }
    for (index, pair) in pairs.enumerated() {
        #expect(pair.count == 2)
        #expect(pair[0].hasPrefix("whsk_") && pair[1].hasPrefix("whpk_"))
        let record = try recordLine(signedHeaders(pair[0]))
        #expect(try verify(record, ["--public-key", pair[1]], secret: nil).exit == .code(0))
        #expect(try verify(record, secret: pair[0]).exit == .code(0))
        #expect(try verify(record, ["--public-key", pairs[1 - index][1]], secret: nil).exit == .code(1))
    }
}

@Test func `a secret that can't be printed is told`() throws {
    let result = try runProcess(builtProduct("hookline"), ["secret"], output: .file("/dev/full"))
    #expect(result.exit == .code(74))
    #expect(result.errorText == "hookline: error: standard output can't be written: No space left on device\n")
}
