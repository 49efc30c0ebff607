import Foundation
import Glibc
import TestKit
import Testing

/// What a name service may answer, and what a receiver may, against the real command. `localhost.` is a name that the
/// test's name service answers, and the receiver's certificate is valid for it.
@Suite struct NameLookUpTests {
    @Test(arguments: [
        "127.0.0.2,127.0.0.1", "127.0.0.1,127.0.0.2", "::1,127.0.0.1", "127.0.0.1,::1", "10.0.0.1,127.0.0.1",
        "127.0.0.2,127.0.0.3,::1,169.254.169.254,127.0.0.1,10.0.0.1",
    ])
    func `of several addresses of a name the permitted one alone is connected to`(answer: String) throws {
        let place = try Place(names: "localhost. \(answer)")
        let result = try place.run([("a", "localhost.:\(place.port)")], topics: ["a"])
        #expect(result.exit == .code(0))
        #expect(try place.network.connections == ["127.0.0.1 \(place.port)"])
        #expect(place.forbidden.accepted() == 0)
    }

    @Test(arguments: ["127.0.0.2", "127.0.0.2,::1", "10.0.0.1,169.254.169.254,127.0.0.2"], ["auto", "\"1.1\""])
    func `a name with forbidden addresses alone is not connected to, and not tried again`(
        answer: String, httpVersion: String
    ) throws {
        let place = try Place(names: "localhost. \(answer)")
        let result = try place.run(
            [("a", "localhost.:\(place.port)")], topics: ["a"], defaults: "http_version: \(httpVersion)")
        #expect(result.exit == .code(1))
        #expect(result.outputText.contains(#""requests":1,"retries":0"#))
        #expect(result.outputText.contains(#""failures":{"forbidden_address":1}"#))
        #expect(try place.network.connections == [])
        #expect(place.forbidden.accepted() == 0)
    }

    /// libcurl asks again for another port.
    @Test func `a name whose address becomes a forbidden one is not connected to any more`() throws {
        let place = try Place(names: "localhost. 127.0.0.1\nlocalhost. 127.0.0.2")
        let other = try LoopbackListener(["127.0.0.1", "127.0.0.2"])
        let result = try place.run(
            [("a", "localhost.:\(place.port)"), ("b", "localhost.:\(other.port)")], topics: ["a", "b"])
        #expect(try place.network.connections == ["127.0.0.1 \(place.port)"])
        #expect(result.errorText.contains("b: a batch of 1 event became a dead letter: 127.0.0.2 lies in 127.0.0.0/8"))
        #expect(other.accepted() == 0)
    }

    @Test func `a name that changes between the attempts of one batch never leads to the forbidden address`() throws {
        let place = try Place(names: "localhost. 127.0.0.1\nlocalhost. 127.0.0.2", receiver: ["--status", "reset"])
        let result = try place.run([("a", "localhost.:\(place.port)")], topics: ["a"])
        #expect(result.exit == .code(1))
        let connections = try place.network.connections
        #expect(!connections.isEmpty && connections.allSatisfy { $0 == "127.0.0.1 \(place.port)" })
        #expect(place.forbidden.accepted() == 0)
    }

    @Test func `a connection that is open serves no webhook whose own address is forbidden`() throws {
        let place = try Place(names: "localhost. 127.0.0.1")
        let result = try place.run(
            [
                ("a", "localhost.:\(place.port)"), ("b", "127.0.0.2:\(place.port)"), ("c", "[::1]:\(place.port)"),
                ("d", "localhost.:\(place.port)"),
            ], topics: ["a", "b", "c", "d"])
        #expect(result.outputText.contains(#""matched":4,"resumed":0,"delivered":2,"skipped":0,"dead_lettered":2"#))
        #expect(result.errorText.contains("b: a batch of 1 event became a dead letter: 127.0.0.2 lies in 127.0.0.0/8"))
        #expect(result.errorText.contains("c: a batch of 1 event became a dead letter: ::1 lies in ::1/128"))
        #expect(try Set(place.network.connections) == ["127.0.0.1 \(place.port)"])
    }

    @Test(arguments: ["302", "307", "308"], ["127.0.0.1/32", "127.0.0.0/8"])
    func `a redirect is not followed, be its address forbidden or permitted`(status: String, allow: String) throws {
        let target = try LoopbackListener(["127.0.0.2"])
        let place = try Place(
            names: "localhost. 127.0.0.1",
            receiver: ["--status", status, "--location", "https://127.0.0.2:\(target.port)/"])
        let result = try place.run([("a", "localhost.:\(place.port)")], topics: ["a"], allow: allow)
        #expect(result.exit == .code(1))
        #expect(result.errorText.contains("redirects are never followed; if https://127.0.0.2:\(target.port) is right"))
        #expect(try place.network.connections == ["127.0.0.1 \(place.port)"])
        #expect(target.accepted() == 0)
    }

    /// Nor may HTTPS records be: the only question to the name service is that for addresses, and no other socket is
    /// connected.
    @Test(.enabled(if: hasPython)) func `an alternative service that a receiver names is not used`() throws {
        let target = try LoopbackListener(["127.0.0.1"])
        let place = try Place(names: "localhost. 127.0.0.1")
        let server = try ChildProcess(
            "/usr/bin/env", ["python3", "-c", Self.server, "\(target.port)"], directory: place.directory.path)
        try server.waitForOutput("\n")
        let port = String(decoding: server.output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        let result = try place.run([("a", "localhost.:\(port)")], topics: ["a", "a", "a"])
        #expect(result.exit == .code(0))
        #expect(try place.network.connections == ["127.0.0.1 \(port)", "127.0.0.1 \(port)", "127.0.0.1 \(port)"])
        #expect(target.accepted() == 0)
    }

    private static let hasPython = (try? runProcess("/usr/bin/env", ["python3", "-c", ""]).exit) == .code(0)

    /// Answers three requests, each on a connection of its own, and names another port for the next ones.
    private static let server = """
        import socket, ssl, sys
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain('.hookline-listen/server.pem', '.hookline-listen/server.key')
        listener = socket.create_server(('127.0.0.1', 0))
        print(listener.getsockname()[1], flush=True)
        alternatives = ', '.join('%s=":%s"; ma=86400' % (name, sys.argv[1]) for name in ('h2', 'h3', 'http/1.1'))
        for _ in range(3):
            connection = context.wrap_socket(listener.accept()[0], server_side=True)
            request = b''
            while not request.endswith(b'}]'):
                request += connection.recv(65536)
            connection.sendall(('HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nAlt-Svc: %s\\r\\n'
                'Connection: close\\r\\n\\r\\n' % alternatives).encode())
            connection.close()
        """

    @Test func `a name service that hangs does not hold up the other webhooks, and the run ends in time`() throws {
        let place = try Place(names: "localhost. 127.0.0.1\nstuck.test hang")
        let result = try place.run(
            [("a", "stuck.test:\(place.port)"), ("b", "localhost.:\(place.port)")], topics: ["a", "b"],
            defaults: "timeout: 300ms", after: "attempt 1")
        #expect(result.outputText.contains(#""failures":{"timeout":2}"#))
        #expect(result.outputText.contains(#""delivered":1,"skipped":0,"dead_lettered":1"#))
        #expect(try place.network.connections == ["127.0.0.1 \(place.port)"])
    }

    @Test func `the deadline holds while a name service hangs`() throws {
        let place = try Place(names: "stuck.test hang")
        let result = try place.run([("a", "stuck.test:443")], topics: ["a"], options: ["--deadline", "500ms"])
        #expect(result.outputText.contains(#""dead_lettered":1"#))
        #expect(result.outputText.contains(#""balanced":true"#))
    }
}

/// A receiver on 127.0.0.1, and beside it a listener of the test on 127.0.0.2, which is not permitted.
private struct Place {
    let directory: TemporaryDirectory
    let network: PreparedNetwork
    let receiver: LocalReceiver
    let forbidden: LoopbackListener

    var port: String { receiver.port }

    init(names: String, receiver options: [String] = []) throws {
        directory = try TemporaryDirectory()
        network = try PreparedNetwork(names: names + "\n")
        receiver = try LocalReceiver(in: directory, options)
        forbidden = try LoopbackListener(["127.0.0.2"], port: try #require(Int(receiver.port)))
    }

    /// Runs the command with webhooks of a topic and an authority each. All events but the first wait until the log holds
    /// the sign.
    func run(
        _ webhooks: [(topic: String, authority: String)], topics: [String], allow: String = "127.0.0.1/32",
        defaults: String = "timeout: 10s", options: [String] = [], after sign: String = "the receiver answered"
    ) throws -> ProcessResult {
        var configuration = """
            version: 1
            topics: {a: A, b: B, c: C, d: D}
            network: {allow: [\(allow)]}
            defaults:
              \(defaults)
              tls: {ca_file: .hookline-listen/ca.pem}
              batch: {max_events: 1}
              concurrency: 1
              retry: {max_attempts: 2, initial_backoff: 10ms}
            webhooks:

            """
        for (topic, authority) in webhooks {
            configuration += "  - {name: \(topic), url: 'https://\(authority)/', topics: [\(topic)]}\n"
        }
        try directory.write(configuration, to: "webhooks.yaml")
        let run = try ChildProcess(
            builtProduct("hookline"), ["-v", "--dead-letter", "dead.ndjson"] + options,
            environment: network.environment,
            directory: directory.path, input: .streamed)
        for (index, topic) in topics.enumerated() {
            try run.write(#"{"topic":"\#(topic)"}"# + "\n")
            if index == 0, topics.count > 1 { try run.waitForError(sign) }
        }
        return try run.finish()
    }
}
