import Foundation
import Hookline
import TestKit
import Testing

/// The configurations in `Data/config`, and a reader for them that needs no network library.
enum ConfigCases {
    static let folder = String(#filePath.dropLast("ConfigCases.swift".count)) + "Data/config"

    /// The configurations of a folder without their ending, in order.
    static func names(in subfolder: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(subfolder)")) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    /// Takes URLs by their text; its digest is the number of bytes.
    static var reader: ConfigReader {
        ConfigReader(parsers: parsers, digest: { "\($0.count) bytes" })
    }

    static let parsers = ConfigReader.Parsers(url: parseURL, proxy: parseProxy, topic: EventTopic.of)

    /// What is wrong with a configuration; nil if it is sound or can't be read at all.
    static func report(of path: String) -> ConfigReport? {
        do {
            _ = try reader.read(path)
        } catch {
            if case .invalid(let report) = error { return report }
        }
        return nil
    }

    /// Compares with a recorded text, or records it when the environment has `RECORD=1`.
    static func compare(_ text: String, with path: String) throws {
        #expect(try text == recordedFile(URL(filePath: path), renewedWith: text))
    }

    private static func parseProxy(_ text: String) -> Result<Proxy, URLProblem> {
        guard let components = URLComponents(string: text), let scheme = components.scheme else {
            return .failure(.malformed("no scheme"))
        }
        guard ["http", "https"].contains(scheme) else { return .failure(.notHTTPS(scheme: scheme)) }
        guard let host = components.host, let port = components.port else { return .failure(.port) }
        return .success(
            Proxy(
                url: "\(scheme)://\(host):\(port)", username: components.user.map { Secret($0) },
                password: components.password.map { Secret($0) }))
    }

    private static func parseURL(_ text: String) -> Result<WebhookURL, URLProblem> {
        if text.contains(" ") { return .failure(.controlCharacter) }
        guard let components = URLComponents(string: text) else { return .failure(.malformed("bad syntax")) }
        guard let scheme = components.scheme else { return .failure(.malformed("no scheme")) }
        if scheme != "https" { return .failure(.notHTTPS(scheme: scheme)) }
        if components.user != nil { return .failure(.credentials) }
        if components.fragment != nil { return .failure(.fragment) }
        guard let host = components.host, !host.isEmpty else { return .failure(.noHost) }
        let port = components.port ?? 443
        return (1...65_535).contains(port)
            ? .success(WebhookURL(text: text, host: host, port: port)) : .failure(.port)
    }
}
