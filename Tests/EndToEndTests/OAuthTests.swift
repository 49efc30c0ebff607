import Foundation
import Glibc
import Hookline
import TestKit
import Testing

/// Access tokens of OAuth 2: the real command against a server that gives tokens and wants them.
@Suite struct OAuthTests {
    private struct Result {
        var process: ProcessResult
        /// What the server printed for each request.
        var server: [String]
        var deadLetters: String

        /// The requests whose line begins so.
        func count(_ prefix: String) -> Int { server.filter { $0.hasPrefix(prefix) }.count }

        /// All that the run wrote.
        var written: String { process.outputText + process.errorText + deadLetters }
    }

    /// Sends `events` events, one in each request, to webhooks with the same client.
    private static func run(
        _ events: Int, server options: [String], paths: [String] = ["hook"], secret: String = "s e:cret",
        settings: String = "concurrency: 1", tokenPort: String? = nil, arguments: [String] = [],
        more: String = ""
    ) throws -> Result {
        let directory = try TemporaryDirectory()
        try directory.makeCertificate("server")
        let server = try TestServer("https_server", ["server.pem", "server.key", "--tokens"] + options, in: directory)
        var configuration = """
            version: 1
            topics: {t: A topic}
            network: {allow: [127.0.0.1/32]}
            defaults:
              tls: {ca_file: server.pem}
              batch: {max_events: 1}
              retry: {initial_backoff: 1ms, max_backoff: 1s}
              auth:
                oauth2:
                  token_url: https://127.0.0.1:\(tokenPort ?? server.port)/token
                  client_id: id
                  client_secret: {file: secret}
                  scope: a b
            webhooks:

            """
        for path in paths {
            configuration +=
                "  - {name: \(path), url: 'https://127.0.0.1:\(server.port)/\(path)', topics: [t], \(settings)}\n"
        }
        configuration += more.replacing("{{PORT}}", with: server.port)
        try directory.write(configuration, to: "webhooks.yaml")
        try directory.write("token-0", to: "bearer")
        try directory.write(secret, to: "secret")
        let lines = (0..<events).map { #"{"topic":"t","id":"\#($0)"}"# + "\n" }
        let process = try runProcess(
            builtProduct("hookline"), ["-v", "--dead-letter", "dead.ndjson"] + arguments, directory: directory.path,
            input: .text(lines.joined()))
        let result = Result(
            process: process, server: try server.finish(), deadLetters: try directory.text(of: "dead.ndjson"))
        #expect(process.outputText.contains(#""balanced":true"#), "\(process.errorText)")
        for text in ["token-", "s e:cret", "s+e", "no such secret"] { #expect(!result.written.contains(text)) }
        return result
    }

    @Test func `one token serves all batches of all webhooks with the same client`() throws {
        let result = try Self.run(20, server: [], paths: ["a", "b", "c"], settings: "concurrency: 4")
        #expect(result.process.exit == .code(0))
        #expect(result.count("/token") == 1)
        #expect(result.server.filter { $0.hasSuffix(" 200 Bearer token-1") }.count == 60)
    }

    @Test(arguments: [1, 4])
    func `a token that is refused in the middle of a run is renewed once, and nothing is lost`(
        concurrency: Int
    ) throws {
        let result = try Self.run(20, server: ["--uses", "12"], settings: "concurrency: \(concurrency)")
        #expect(result.process.exit == .code(0), "\(result.process.errorText)")
        #expect(result.count("/token 200") == 2)
        #expect(result.count("/hook 200") == 20)
        #expect(result.count("/hook 401") >= 1)
        #expect(result.count("/hook 401") <= concurrency)
        #expect(result.deadLetters == "")
    }

    @Test func `a token that ended is replaced without a 401, however short its life`() throws {
        let result = try Self.run(3, server: ["--expires-in", "0.000001"])
        #expect(result.process.exit == .code(0))
        #expect(
            result.server.filter { $0.hasPrefix("/hook") } == (1...3).map { "/hook 200 Bearer token-\($0)" })
    }

    @Test func `a client that the token server refuses is not asked for again, and its batches are dead letters`()
        throws
    {
        let result = try Self.run(5, server: [], secret: "wrong")
        #expect(result.process.exit == .code(1))
        #expect(result.server == ["/token 401 refused"])
        #expect(result.deadLetters.split(separator: "\n").count == 5)
        #expect(result.deadLetters.contains(#""reason":"token_refused","status":null,"attempts":0"#))
        #expect(result.process.errorText.contains("the token server answered 401 with invalid_client"))
        #expect(result.process.errorText.contains("check auth.oauth2"))
        #expect(result.process.outputText.contains(#""failures":{"token_refused":1}"#))
    }

    @Test func `a token server that is down at first is asked again`() throws {
        let result = try Self.run(5, server: ["--fail", "2"])
        #expect(result.process.exit == .code(0))
        #expect(result.count("/token 503") == 2)
        #expect(result.count("/token 200") == 1)
        #expect(result.count("/hook 200") == 5)
        #expect(result.process.outputText.contains(#""failures":{"token_failed":2}"#))
    }

    @Test func `a token server that stays down is asked max_attempts times, then the batches are dead letters`() throws
    {
        let result = try Self.run(5, server: ["--fail", "99"])
        #expect(result.process.exit == .code(1))
        #expect(result.server == Array(repeating: "/token 503 down", count: 4))
        #expect(result.deadLetters.split(separator: "\n").count == 5)
        #expect(result.deadLetters.contains(#""reason":"token_failed""#))
    }

    @Test func `a receiver that refuses every token causes one renewal, not one with each batch`() throws {
        let result = try Self.run(10, server: ["--never-accept"], settings: "concurrency: 4")
        #expect(result.process.exit == .code(1))
        #expect(result.count("/token 200") == 2)
        #expect(result.deadLetters.split(separator: "\n").count == 10)
        #expect(result.deadLetters.contains(#""reason":"status","status":401"#))
        #expect(result.process.errorText.contains("auth"))
    }

    @Test func `a token server that hangs does not keep a run beyond its deadline`() throws {
        let silent = try LoopbackListener(["127.0.0.1"])
        let result = try Self.run(3, server: [], tokenPort: "\(silent.port)", arguments: ["--deadline", "300ms"])
        #expect(result.process.exit == .code(1))
        #expect(result.deadLetters.split(separator: "\n").count == 3)
        #expect(result.deadLetters.contains(#""reason":"deadline","status":null,"attempts":0"#))
        #expect(result.server == [])
    }

    @Test func `a token server that hangs does not delay a webhook that needs none`() throws {
        let silent = try LoopbackListener(["127.0.0.1"])
        let result = try Self.run(
            3, server: [], tokenPort: "\(silent.port)", arguments: ["--deadline", "2s"],
            more: "  - {name: b, url: 'https://127.0.0.1:{{PORT}}/b', topics: [t], auth: {bearer: {file: bearer}}}")
        #expect(result.server == Array(repeating: "/b 200 Bearer token-0", count: 3))
        #expect(result.deadLetters.split(separator: "\n").allSatisfy { $0.hasPrefix(#"{"webhook":"hook","#) })
    }
}
