import Foundation
import Hookline
import TestKit
import Testing

/// Requests on the loop's thread, and on one of their own.
@Suite struct NetworkTests {
    private let directory: TemporaryDirectory
    private let memory = MemoryAccount(limit: 1 << 20)

    init() throws { directory = try TemporaryDirectory() }

    private func network(threads: Int) -> Network {
        let loopback = AddressGuard(allow: ["127.0.0.1/32"].compactMap { CIDR($0) })
        return Network(CurlMulti(maxConnections: 9, addressGuard: loopback), threads: threads)
    }

    /// `place`: the webhook's; each receiver is one webhook.
    private func start(_ id: String, to receiver: LocalReceiver, _ place: Int = 0, in network: Network) throws {
        let webhook = try webhook(port: receiver.port, in: directory)
        let batch = Batch(
            webhook: place, payload: Payload(.json), opened: .now, memory: memory, expectedBytes: 0, expectedEvents: 1)
        batch.id = id
        let trust = try Trust(system: (nil, nil)).adding(directory.file(".hookline-listen/ca.pem"))
        let request = Request(webhook, trust: trust, signer: nil, proxy: nil, batch, at: Moment.now.wall)
        network.start(request, for: .batch(batch))
    }

    /// Waits until so many requests ended: the ids of their batches, and how they did.
    private func ended(_ count: Int, in network: Network) throws -> [String: String] {
        var ended: [String: String] = [:]
        for _ in 0..<600 where ended.count < count {
            for completion in network.perform() {
                guard case .batch(let batch) = completion.purpose else { continue }
                #expect(ended.updateValue(completion.outcome.name, forKey: batch.id) == nil)
            }
            if ended.count < count { network.wait(for: [], atMost: .milliseconds(100)) }
        }
        return ended
    }

    @Test(arguments: [1, 2])
    func `each of many requests ends once, with its own batch`(threads: Int) throws {
        let receiver = try LocalReceiver(in: directory, ["-q"])
        let network = network(threads: threads)
        let ids = (0..<200).map { "msg_\($0)" }
        for id in ids { try start(id, to: receiver, in: network) }
        #expect(try ended(200, in: network) == Dictionary(uniqueKeysWithValues: ids.map { ($0, "status 200") }))
        #expect(network.perform().isEmpty)
    }

    @Test(arguments: [1, 2])
    func `what is under way comes back when it is aborted, and later requests are sent`(threads: Int) throws {
        let hanging = try LocalReceiver(in: directory, ["-q", "--delay", "1h"])
        let receiver = try LocalReceiver(in: directory, ["-q"])
        let network = network(threads: threads)
        for id in ["a", "b", "c"] { try start(id, to: hanging, in: network) }
        try start("d", to: receiver, 1, in: network)
        #expect(try ended(1, in: network) == ["d": "status 200"])
        // One that the second thread may not have seen yet.
        try start("e", to: hanging, in: network)
        #expect(network.abort().map(\.id).sorted() == ["a", "b", "c", "e"])
        #expect(network.abort().isEmpty)
        try start("f", to: receiver, 1, in: network)
        #expect(try ended(1, in: network) == ["f": "status 200"])
        hanging.process.send(SIGKILL)
    }

    // A stack of 8 GB does not fit into 4 GB of addresses, so that no thread can be started. It ended the run.
    @Test(.enabled(if: !isSanitized, "a sanitizer needs more addresses"))
    func `a run that gets no second thread does with one`() throws {
        let receiver = try LocalReceiver(in: directory, ["-q"])
        try directory.write(
            """
            version: 1
            topics: {object.created: An object is created}
            network: {allow: [127.0.0.1/32, "::1/128"]}
            webhooks:
              - {name: orders, url: "https://localhost:\(receiver.port)/", topics: [object.created],
                 tls: {ca_file: .hookline-listen/ca.pem}}
            """, to: "webhooks.yaml")
        let script = "ulimit -s 8000000; ulimit -v 4000000; exec \"$0\" --threads 2"
        let result = try runProcess(
            "/bin/bash", ["-c", script, builtProduct("hookline")], directory: directory.path,
            input: .text(#"{"topic":"object.created"}"#))
        #expect(result.exit == .code(0), "\(result.errorText)")
        #expect(result.outputText.contains(#""delivered":1"#))
    }

    @Test(arguments: [1, 2])
    func `the wait ends when a descriptor can be read, though no request ends`(threads: Int) throws {
        let hanging = try LocalReceiver(in: directory, ["-q", "--delay", "1h"])
        let network = network(threads: threads)
        try start("a", to: hanging, in: network)
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data("x".utf8))
        network.wait(for: [pipe.fileHandleForReading.fileDescriptor], atMost: .seconds(3_600))
        #expect(network.perform().isEmpty)
        hanging.process.send(SIGKILL)
    }
}
