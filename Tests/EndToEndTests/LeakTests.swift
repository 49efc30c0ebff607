import Foundation
import Hookline
import TestKit
import Testing

/// Twelve secrets are planted, and none may be in anything that the command writes, whatever happens.
@Suite struct LeakTests {
    private typealias Way = LeakStage.Way
    private static let config = ["--config", "{{CONFIG}}"]
    private static let path = PlantedSecrets.urlPath
    private static let logs = [["-v"], ["-v", "--log-format", "json"]]
    private static let files = [
        "-v", "--rejects", "rejects.ndjson", "--dead-letter", "dead.ndjson", "--summary", "summary.json",
    ]
    private static let location = "https://localhost:9/\(PlantedSecrets.urlPath)?key=\(PlantedSecrets.urlQuery)"
    private static let basicURL = "localhost:{{PORT}}"

    /// Deliveries, and failures of the network and the receiver.
    private static let deliveries: [Way] =
        logs.flatMap { options in
            [
                Way(name: "delivered", sign: #""delivered":8"#),
                Way(name: "400", sign: "answered 400", listen: ["--status", "400"]),
                Way(name: "500", sign: "answered 500", listen: ["--status", "500"]),
                Way(name: "429", sign: "answered 429", listen: ["--status", "429", "--retry-after", "3600"]),
                Way(name: "410", sign: "answered 410", listen: ["--status", "410"]),
                Way(name: "redirect", sign: "localhost:9", listen: ["--status", "302", "--location", location]),
                Way(name: "reset", sign: "connection_lost", listen: ["--status", "reset"]),
                Way(
                    name: "timeout", sign: #""timeout""#, listen: ["--delay", "1h"],
                    edits: [("timeout: 5s", "timeout: 500ms")]),
                Way(
                    name: "certificate expired", sign: "certificate_invalid", listen: ["--certificate", "expired"]),
                Way(
                    name: "certificate of another host", sign: "certificate_invalid",
                    listen: ["--certificate", "wrong-host"]),
                Way(
                    name: "another authority", sign: "certificate_invalid",
                    edits: [(".hookline-listen/ca.pem", "client.pem")]),
                Way(
                    name: "forbidden address", sign: "forbidden_address",
                    edits: [("[127.0.0.1/32, \"::1/128\"]", "[]")]),
                Way(
                    name: "no proxy", sign: #""delivered":8"#, edits: [(", proxy: {env: PROXY}", "")]),
                Way(
                    name: "forbidden address without a proxy", sign: "forbidden_address",
                    edits: [("[127.0.0.1/32, \"::1/128\"], proxy: {env: PROXY}", "[]")]),
                Way(
                    name: "connection refused", sign: "connect_failed",
                    edits: [(", proxy: {env: PROXY}", "")], variables: ["HOOK_URL": location]),
                Way(
                    name: "unknown host", sign: "name_not_resolved",
                    edits: [(", proxy: {env: PROXY}", "")],
                    variables: ["HOOK_URL": location.replacing("localhost", with: "nowhere.test")]),
                Way(
                    name: "proxy refuses", sign: "proxy_refused",
                    variables: ["PROXY": "http://user:\(PlantedSecrets.headerFile.dropLast())@127.0.0.1:{{PROXY}}"]),
                Way(
                    name: "no such proxy", sign: "connect_failed",
                    variables: ["PROXY": "http://user:\(PlantedSecrets.headerFile.dropLast())@127.0.0.1:9"]),
                Way(name: "verified", sign: "answered 401", listen: ["--secret", PlantedSecrets.whsec]),
                Way(
                    name: "client secret refused", sign: "token_refused",
                    variables: ["CLIENT_SECRET": PlantedSecrets.clientSecret + "x"]),
                Way(
                    name: "key password refused", sign: "does not open",
                    variables: ["KEY_PASSWORD": PlantedSecrets.keyPassword + "x"]),
            ].map { way in
                var way = way
                way.name += " \(options)"
                way.arguments += options
                return way
            }
        }

    private static let endings: [Way] = [
        Way(name: "files", sign: "dead letters, kept in", arguments: config + files, listen: ["--status", "400"]),
        Way(name: "quiet", sign: #""dead_lettered":4"#, arguments: config + ["-q"], listen: ["--status", "400"]),
        Way(name: "strict", sign: #""ended":"strict""#, arguments: config + files + ["--strict"]),
        Way(
            name: "deadline", sign: #""ended":"#, arguments: config + files + ["--deadline", "500ms"],
            listen: ["--delay", "1h"]),
        Way(
            name: "signal", sign: #""ended":"#, arguments: config + files + ["--shutdown-grace", "100ms"],
            listen: ["--delay", "1h"], signalAfter: "attempt 1"),
        Way(name: "only", sign: #""name":"signed""#, arguments: config + files + ["--only", "signed"]),
        Way(name: "an option that is unknown", sign: "--reject", arguments: config + ["--reject", path]),
    ]

    /// Mistakes in the configuration and in what it refers to: for each of `run`, `validate`, `validate --resolve` and its
    /// formats.
    private static let mistakes: [Way] = [
        ["--config", "{{CONFIG}}"], ["validate", "{{CONFIG}}"], ["validate", "--resolve", "{{CONFIG}}"],
        ["validate", "--resolve", "--format", "json", "{{CONFIG}}"],
        ["validate", "--resolve", "--format", "github", "{{CONFIG}}"],
        ["validate", "--resolve", "--format", "sarif", "{{CONFIG}}"],
    ].flatMap { arguments in
        [
            Way(
                name: "broken YAML", sign: "error",
                edits: [("    auth: {bearer: {env: BEARER}}", "   auth: {bearer: '\(PlantedSecrets.bearer)'}")]),
            Way(
                name: "an open quote", sign: "error",
                edits: [("X-Note: \"\(PlantedSecrets.headerText)\"", "X-Note: \"\(PlantedSecrets.headerText)")]),
            Way(
                name: "an open brace", sign: "error",
                edits: [("{bearer: {env: BEARER}}", "{bearer: \(PlantedSecrets.bearer)")]),
            Way(
                name: "secrets in plain text", sign: "is a secret",
                edits: [
                    ("{bearer: {env: BEARER}}", "{bearer: \(PlantedSecrets.bearer)}"),
                    ("password: {env: BASIC}", "password: \"\(PlantedSecrets.basicPassword)\""),
                    ("client_secret: {env: CLIENT_SECRET}", "client_secret: \"\(PlantedSecrets.clientSecret)\""),
                    ("[{env: WHSEC}, {file: whsk.txt}]", "[\(PlantedSecrets.whsec), \(PlantedSecrets.whsk)]"),
                    (
                        "proxy: {env: PROXY}",
                        "proxy: \"http://u:\(PlantedSecrets.percentEncoded(PlantedSecrets.proxyPassword))@127.0.0.1:9\""
                    ),
                    (
                        "client_key_password: {env: KEY_PASSWORD}",
                        "client_key_password: \"\(PlantedSecrets.keyPassword)\""
                    ), ("X-Note:", "Authorization:"),
                ]),
            Way(
                name: "unknown keys", sign: "unknown key",
                edits: [
                    ("auth: {bearer: {env: BEARER}}", "auht: {bearer: \(PlantedSecrets.bearer)}"),
                    ("signing: {secrets:", "signing: {secret: \(PlantedSecrets.whsec), secrets:"),
                ]),
            Way(
                name: "a secret in the place of a variable's name", sign: "error",
                edits: [
                    ("{env: BEARER}", "{env: \"\(PlantedSecrets.bearer)\"}"),
                    ("{env: WHSEC}", "{env: \(PlantedSecrets.whsec)}"),
                    ("{env: BASIC}", "{env:\(PlantedSecrets.basicPassword.filter { $0 != " " })}"),
                ]),
            Way(
                name: "URLs that are none", sign: "error",
                edits: [("\"https://localhost", "\"https://u:\(PlantedSecrets.keyPassword)@localhost")],
                variables: ["HOOK_URL": "http://localhost/\(path)?\(PlantedSecrets.urlQuery)"]),
            Way(
                name: "URLs with other mistakes", sign: "error",
                edits: [("\"https://localhost", "\"https://localhost:0")],
                variables: ["HOOK_URL": "https://localhost:99999/\(path)?\(PlantedSecrets.urlQuery)"]),
        ].map { way in
            var way = way
            way.name += " \(arguments)"
            way.arguments = arguments
            return way
        }
    }

    private static let references: [Way] =
        [["--config", "{{CONFIG}}"], ["validate", "--resolve", "{{CONFIG}}"]]
        .flatMap { arguments in
            [
                Way(
                    name: "missing", sign: "BEARER", edits: [("header.txt", "no-header.txt")],
                    variables: ["WHSEC": ""], unset: ["BEARER", "PROXY"]),
                Way(
                    name: "bad keys", sign: "error", edits: [("whsk.txt", "header.txt")],
                    variables: [
                        "WHSEC": PlantedSecrets.whsec + "*", "BEARER": PlantedSecrets.bearer + "\n",
                        "HOOK_URL": "{{URL}} x", "PROXY": "ftp://u:\(PlantedSecrets.bearer)@127.0.0.1:9",
                    ]),
                Way(
                    name: "no PEM", sign: "error",
                    edits: [("client_cert: client.pem", "client_cert: header.txt")],
                    variables: ["WHSEC": String(PlantedSecrets.whsec.prefix(24))]),
            ].map { way in
                var way = way
                way.name += " \(arguments)"
                way.arguments = arguments
                return way
            }
        }
        + [
            Way(
                name: "sound", sign: "ok, 4 webhooks", arguments: ["validate", "--resolve", "{{CONFIG}}"])
        ]

    /// `all.ndjson` is a record of signed and unsigned requests.
    private static let verifications: [Way] = [
        Way(name: "verify", sign: "valid", arguments: ["--secret", PlantedSecrets.whsec]),
        Way(name: "verify by variable", sign: "valid", variables: ["HOOKLINE_SECRET": PlantedSecrets.whsk]),
        Way(
            name: "verify with another secret", sign: "valid",
            arguments: ["--secret=\(PlantedSecrets.whsec.dropLast(4))"]),
        Way(name: "verify with a bad secret", sign: "base64", arguments: ["--secret", PlantedSecrets.whsec + "*"]),
        Way(name: "verify without a key", sign: "needs a key"),
        Way(
            name: "verify a secret", sign: "can't read",
            arguments: [PlantedSecrets.whsec, "--secret", PlantedSecrets.whsk]),
    ].map { way in
        var way = way
        let file = way.name == "verify a secret" ? [] : ["{{HOME}}/all.ndjson"]
        way.arguments = ["verify"] + file + (way.arguments == config ? [] : way.arguments)
        return way
    }

    @Test func `no secret, signature, path or query is in anything that is written, in forty ways and more`() throws {
        let stage = try LeakStage()
        let ways = Self.deliveries + Self.endings + Self.mistakes + Self.references + Self.verifications
        #expect(ways.count >= 40)
        var record = ""
        for way in ways {
            if way.arguments.first == "verify" { try stage.home.write(record, to: "all.ndjson") }
            let found = try stage.run(way)
            record += found.record
            var secrets = PlantedSecrets.all
            let signatures = try Self.signatures(in: way.arguments.first == "verify" ? record : found.record)
            for (index, signature) in signatures.enumerated() { secrets["signature \(index)"] = signature }
            for (output, text) in found.outputs {
                #expect(PlantedSecrets.found(in: text, of: secrets) == [], "\(way.name): \(output): \(text)")
            }
            // Paths are what the local receiver is asked to show.
            secrets["URL path"] = nil
            secrets["URL query"] = nil
            #expect(PlantedSecrets.found(in: found.receiver, of: secrets) == [], "\(way.name): \(found.receiver)")
            #expect(found.outputs.values.contains { $0.contains(way.sign) }, "\(way.name): \(found.outputs)")
        }
        let servers = try stage.finish()
        try Self.expectAllInUse(record, servers)
    }

    /// The search finds what was sent where it was sent to, and what is never sent was in use.
    private static func expectAllInUse(
        _ record: String, _ servers: (tokens: [String], mutual: [String], proxy: [String])
    ) throws {
        let sent = PlantedSecrets.found(in: record)
        #expect(
            sent == ["URL path", "URL query", "basic password", "bearer token", "header's file", "header's text"])
        #expect(PlantedSecrets.found(in: servers.tokens.joined(separator: "\n")) == ["access token"])
        #expect(PlantedSecrets.found(in: servers.proxy.joined(separator: "\n")) == ["proxy password"])
        // Only with the client's secret, and with the key, whose password was needed.
        #expect(servers.tokens.contains { $0.hasPrefix("/token 200") })
        #expect(servers.mutual.contains { $0.hasPrefix("/hook 200 client") })
        let signer = try Signer(
            .init(secrets: [.value(Secret(PlantedSecrets.whsec)), .value(Secret(PlantedSecrets.whsk))]))
        var signed = 0
        for line in record.split(separator: "\n") {
            let request = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let headers = try #require(request["headers"] as? [String: String])
            guard let signature = headers["webhook-signature"] else { continue }
            let (id, time) = try (#require(headers["webhook-id"]), #require(headers["webhook-timestamp"]))
            let body = try #require(request["body"] as? String)
            let seconds = try #require(Int(time))
            let header = unsafe Array(body.utf8).withUnsafeBytes { bytes in
                unsafe signer.header(id: id, timestamp: seconds, body: bytes)
            }
            #expect(header == "webhook-signature: \(signature)")
            signed += 1
        }
        #expect(signed > 0)
    }

    /// Each signature that the receiver got, without its version.
    private static func signatures(in record: String) throws -> [String] {
        try record.split(separator: "\n").flatMap { line in
            let request = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            let value = (request?["headers"] as? [String: String])?["webhook-signature"] ?? ""
            return value.split(separator: " ").compactMap { $0.split(separator: ",").last.map(String.init) }
        }
    }
}
