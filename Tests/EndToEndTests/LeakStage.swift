import Foundation
import Glibc
import TestKit
import Testing

/// All that a leak test needs around the command: servers that take every kind of secret, a configuration that uses
/// each of them, and what the command writes.
struct LeakStage {
    let home: TemporaryDirectory
    private let network: PreparedNetwork
    private let tokens: TestServer
    private let mutual: TestServer
    private let proxy: TestServer

    /// One way to run the command, and a text that shows in its outputs that it went this way.
    struct Way: Sendable {
        var name: String
        var sign: String
        /// Of the command; the paths of the configuration and of the servers' folder take the place of `{{CONFIG}}` and
        /// `{{HOME}}`.
        var arguments = ["--config", "{{CONFIG}}"]
        /// Of `hookline listen`.
        var listen: [String] = []
        /// Texts of the configuration and what stands there instead.
        var edits: [(old: String, new: String)] = []
        /// Variables that differ from the usual; the proxy's port and the webhook's URL take the place of `{{PROXY}}` and
        /// `{{URL}}`.
        var variables: [String: String] = [:]
        /// Variables that are not there.
        var unset: [String] = []
        /// SIGTERM is sent when standard error holds this.
        var signalAfter: String?
    }

    init() throws {
        home = try TemporaryDirectory()
        for name in ["server", "client"] { try home.makeCertificate(name) }
        try home.write(PlantedSecrets.headerFile + "\n", to: "header.txt")
        try home.write(PlantedSecrets.whsk + "\n", to: "whsk.txt")
        try home.write(PlantedSecrets.keyPassword + "\n", to: "password.txt")
        try home.openssl("pkey -in client.key -aes256 -passout file:password.txt -out encrypted.key")
        for file in ["header.txt", "whsk.txt", "client.pem", "encrypted.key"] { unsafe chmod(home.file(file), 0o600) }
        network = try PreparedNetwork()
        let certificate = ["server.pem", "server.key"]
        tokens = try TestServer(
            "https_server",
            certificate + ["--tokens", "--secret", PlantedSecrets.clientSecret, "--token", PlantedSecrets.accessToken],
            in: home)
        mutual = try TestServer("https_server", certificate + ["--client-ca", "client.pem"], in: home)
        proxy = try TestServer("connect_proxy", ["--user", "user:\(PlantedSecrets.proxyPassword)"], in: home)
    }

    /// Runs the command.
    /// - Returns: what it wrote by name, files among it; what the receiver printed; and what the receiver recorded.
    func run(_ way: Way) throws -> (outputs: [String: String], receiver: String, record: String) {
        let work = try TemporaryDirectory()
        let record = "record-\(UUID().uuidString).ndjson"
        let receiver = try LocalReceiver(in: home, ["--record", record] + way.listen)
        let authority = way.listen.first { ["expired", "wrong-host"].contains($0) }.map { "ca-\($0)" } ?? "ca"
        var text = configuration(port: receiver.port, authority: authority)
        for edit in way.edits {
            try #require(text.contains(edit.old), "\(way.name): \(edit.old)")
            text = text.replacing(edit.old, with: edit.new)
        }
        try home.write(text, to: "webhooks.yaml")
        let child = try ChildProcess(
            builtProduct("hookline"),
            way.arguments.map {
                $0.replacing("{{CONFIG}}", with: home.file("webhooks.yaml")).replacing("{{HOME}}", with: home.path)
            },
            environment: environment(port: receiver.port, way), directory: work.path,
            input: .text("{\"topic\":\"t\",\"n\":1}\n{\"topic\":\"t\",\"n\":2}\nno event\n"))
        if let text = way.signalAfter {
            try child.waitForError(text)
            child.send(SIGTERM)
        }
        let result = try child.finish()
        receiver.process.send(SIGTERM)
        var outputs = ["standard output": result.outputText, "standard error": result.errorText]
        for file in try FileManager.default.contentsOfDirectory(atPath: work.path) {
            outputs[file] = try work.text(of: file)
        }
        return (outputs, try receiver.process.finish().outputText, try home.text(of: record))
    }

    /// Ends the servers.
    /// - Returns: what they were sent, each one's in lines.
    func finish() throws -> (tokens: [String], mutual: [String], proxy: [String]) {
        (try tokens.finish(), try mutual.finish(), try proxy.finish())
    }

    private func environment(port: String, _ way: Way) throws -> [String: String] {
        var variables = try network.environment
        variables["HOOK_URL"] = url(port)
        variables["BEARER"] = PlantedSecrets.bearer
        variables["BASIC"] = PlantedSecrets.basicPassword
        variables["CLIENT_SECRET"] = PlantedSecrets.clientSecret
        variables["WHSEC"] = PlantedSecrets.whsec
        variables["KEY_PASSWORD"] = PlantedSecrets.keyPassword
        variables["PROXY"] =
            "http://user:\(PlantedSecrets.percentEncoded(PlantedSecrets.proxyPassword))@127.0.0.1:\(proxy.port)"
        for (name, value) in way.variables {
            variables[name] = value.replacing("{{URL}}", with: url(port)).replacing("{{PROXY}}", with: proxy.port)
        }
        for name in way.unset { variables[name] = nil }
        return variables
    }

    private func url(_ port: String) -> String {
        "https://localhost:\(port)/\(PlantedSecrets.urlPath)?key=\(PlantedSecrets.urlQuery)"
    }

    private func configuration(port: String, authority: String) -> String {
        """
        version: 1
        topics: {t: A topic}
        network: {allow: [127.0.0.1/32, "::1/128"], proxy: {env: PROXY}}
        defaults:
          timeout: 5s
          retry: {max_attempts: 2, initial_backoff: 10ms}
          tls: {ca_file: .hookline-listen/\(authority).pem}
        webhooks:
          - name: signed
            url: {env: HOOK_URL}
            topics: [t]
            headers:
              X-Note: "\(PlantedSecrets.headerText)"
              X-Key: {file: header.txt}
            auth: {bearer: {env: BEARER}}
            signing: {secrets: [{env: WHSEC}, {file: whsk.txt}]}
          - name: basic
            url: "\(url(port))"
            topics: [t]
            auth: {basic: {username: user, password: {env: BASIC}}}
          - name: tokens
            url: https://localhost:\(tokens.port)/hook
            topics: [t]
            tls: {ca_file: server.pem}
            auth:
              oauth2:
                token_url: https://localhost:\(tokens.port)/token
                client_id: id
                client_secret: {env: CLIENT_SECRET}
                scope: a b
          - name: mutual
            url: https://localhost:\(mutual.port)/hook
            topics: [t]
            tls:
              ca_file: server.pem
              client_cert: client.pem
              client_key: encrypted.key
              client_key_password: {env: KEY_PASSWORD}

        """
    }
}
