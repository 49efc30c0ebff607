import Glibc
import Hookline
import TestKit
import Testing

/// `network.proxy` against a proxy that prints what it is sent.
@Suite struct ProxyTests {
    private static func start(
        _ options: [String] = [], in directory: TemporaryDirectory
    ) throws -> (server: TestServer, proxy: TestServer, webhook: Webhook) {
        try directory.makeCertificate("server")
        let server = try TestServer("https_server", ["server.pem", "server.key"], in: directory)
        let proxy = try TestServer("connect_proxy", options, in: directory)
        var hook = try webhook(port: server.port, in: directory, host: "localhost")
        hook.auth = .bearer(.value(Secret("b34rer")))
        hook.headers = [.init(name: "X-Key", value: .value(Secret("k3y")))]
        return (server, proxy, hook)
    }

    @Test(arguments: ["http", "https"])
    func `a proxy sees CONNECT with its own credentials, and nothing that is the receiver's`(scheme: String) throws {
        let directory = try TemporaryDirectory()
        let (server, proxy, hook) = try Self.start(
            ["--user", "us er:p@ss"] + (scheme == "https" ? ["--tls", "server.pem", "server.key"] : []),
            in: directory)
        let configured = try Proxy.parse("\(scheme)://us%20er:p%40ss@localhost:\(proxy.port)").get()
        #expect(configured.url == "\(scheme)://localhost:\(proxy.port)")
        let outcomes = try deliver(to: [hook, hook], proxy: configured)
        #expect(outcomes == [.response(.init(status: 200)), .response(.init(status: 200))])
        #expect(try server.finish().allSatisfy { $0 == "/hook 200 - Bearer b34rer" })
        let seen = try proxy.finish()
        #expect(seen.first == "CONNECT localhost:\(server.port) HTTP/1.1")
        for line in seen {
            #expect(
                ["CONNECT", "Host:", "Proxy-A", "Proxy-C", "User-Agent:"].contains { line.hasPrefix($0) }, "\(line)")
        }
    }

    @Test(arguments: [("407", "us:wrong", 407), ("403", "us:er", 403), ("502", "us:er", 502)])
    func `a proxy that does not let a webhook through is proxy_refused, and tried again after a 5xx alone`(
        status: String, credentials: String, expected: Int
    ) throws {
        let directory = try TemporaryDirectory()
        let (server, proxy, hook) = try Self.start(
            ["--user", "us:er"] + (expected == 407 ? [] : ["--status", status]), in: directory)
        let configured = try Proxy.parse("http://\(credentials)@127.0.0.1:\(proxy.port)/").get()
        let outcome = try #require(try deliver(to: [hook], proxy: configured).first)
        let failure = DeliveryFailure(
            .proxyRefused, detail: "the proxy answered \(expected)", isRetried: expected == 502)
        #expect(outcome == .failure(failure))
        #expect(outcome.hint(for: hook)?.contains("network.proxy") == true)
        #expect(try server.finish() == [])
        _ = try proxy.finish()
    }

    @Test func `an https proxy whose certificate nobody vouches for gets nothing`() throws {
        let directory = try TemporaryDirectory()
        try directory.makeCertificate("other")
        let (server, proxy, hook) = try Self.start(["--tls", "other.pem", "other.key"], in: directory)
        let configured = try Proxy.parse("https://us:er@localhost:\(proxy.port)").get()
        #expect(try deliver(to: [hook], proxy: configured).map(\.name) == ["certificate_invalid"])
        #expect(try proxy.finish() == [])
        #expect(try server.finish() == [])
    }

    @Test func `the proxy's own address is guarded, and the message says that it is the proxy's`() throws {
        let directory = try TemporaryDirectory()
        let (_, proxy, hook) = try Self.start(in: directory)
        let configured = try Proxy.parse("http://127.0.0.1:\(proxy.port)").get()
        let outcome = try #require(try deliver(to: [hook], proxy: configured, allow: ["::1/128"]).first)
        #expect(outcome.name == "forbidden_address")
        #expect(outcome.text.contains("the proxy's address 127.0.0.1"))
        #expect(try proxy.finish() == [])
    }

    @Test(arguments: [
        "10.0.0.1", "0xa000001", "012.1", "167772161", "[::ffff:10.0.0.1]", "[fd00::1]", "10.0.0.1.", "0x0a.0.1",
        "１０.0.0.1", "10。0。0。1",
    ])
    func `a forbidden address in a webhook's URL is never asked of a proxy`(host: String) throws {
        let directory = try TemporaryDirectory()
        let (_, proxy, _) = try Self.start(in: directory)
        let configured = try Proxy.parse("http://127.0.0.1:\(proxy.port)").get()
        let hook = try webhook(port: "8443", in: directory, host: host)
        let outcome = try #require(try deliver(to: [hook], proxy: configured).first)
        #expect(outcome.name == "forbidden_address", "\(outcome)")
        #expect(!outcome.text.contains("proxy"))
        #expect(try proxy.finish() == [])
    }

    /// The real command, with these variables in its environment.
    private static func run(
        _ environment: [String], network: String, to server: TestServer, in directory: TemporaryDirectory
    ) throws -> ProcessResult {
        let configuration = """
            version: 1
            topics: {t: A topic}
            network: {allow: [127.0.0.1/32], \(network)}
            webhooks:
              - name: w
                url: https://127.0.0.1:\(server.port)/hook
                topics: [t]
                tls: {ca_file: server.pem}
                retry: {max_attempts: 2, initial_backoff: 1ms}
            """
        try directory.write(configuration, to: "webhooks.yaml")
        return try runProcess(
            "/usr/bin/env", environment + [builtProduct("hookline"), "-v", "--dead-letter", "dead.ndjson"],
            directory: directory.path, input: .text(#"{"topic":"t"}"#))
    }

    @Test func `proxies of the environment are ignored`() throws {
        let directory = try TemporaryDirectory()
        let (server, proxy, _) = try Self.start(in: directory)
        let variables = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "http_proxy"]
        let result = try Self.run(
            variables.map { "\($0)=http://127.0.0.1:\(proxy.port)" }, network: "proxy: null", to: server, in: directory)
        #expect(result.exit == .code(0))
        #expect(try proxy.finish() == [])
        #expect(try server.finish().count == 1)
    }

    @Test func `network.proxy is gone through whatever no_proxy says`() throws {
        let directory = try TemporaryDirectory()
        let (server, proxy, _) = try Self.start(["--user", "us:s3cret"], in: directory)
        let result = try Self.run(
            ["no_proxy=*", "NO_PROXY=*", "PROXY=http://us:s3cret@127.0.0.1:\(proxy.port)"],
            network: "proxy: {env: PROXY}",
            to: server, in: directory)
        #expect(result.exit == .code(0), "\(result.errorText)")
        #expect(try proxy.finish().filter { $0.hasPrefix("CONNECT") } == ["CONNECT 127.0.0.1:\(server.port) HTTP/1.1"])
        #expect(try server.finish().count == 1)
    }

    @Test func `a proxy that wants other credentials makes dead letters, which do not tell the ones it got`() throws {
        let directory = try TemporaryDirectory()
        let (server, proxy, _) = try Self.start(["--user", "us:other"], in: directory)
        let result = try Self.run(
            ["PROXY=http://us:s3cret@127.0.0.1:\(proxy.port)"], network: "proxy: {env: PROXY}", to: server,
            in: directory)
        #expect(result.exit == .code(1))
        let dead = try directory.text(of: "dead.ndjson")
        #expect(dead.contains(#""reason":"proxy_refused","status":null,"attempts":1"#))
        #expect(result.errorText.contains("the proxy answered 407"))
        for secret in ["s3cret", "us:", "dXM6czNjcmV0"] {
            #expect(!(result.outputText + result.errorText + dead).contains(secret))
        }
        #expect(try server.finish() == [])
        _ = try proxy.finish()
    }
}
