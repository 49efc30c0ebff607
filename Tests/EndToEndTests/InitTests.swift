import Foundation
import Glibc
import TestKit
import Testing

/// The starter, used as its own comments say. Only the receiver's port is another, since 8443 may be taken.
@Suite struct InitTests {
    @Test(arguments: ["webhooks.yaml", "a folder/hooks.yaml"])
    func `who follows the starter's comments sees events arrive, signed`(path: String) throws {
        let directory = try TemporaryDirectory()
        let binaries = try builtProduct("hookline").split(separator: "/").dropLast().map { "/" + $0 }.joined()
        let environment = ["PATH": binaries + ":/usr/bin:/bin"]
        try FileManager.default.createDirectory(
            atPath: directory.file("a folder"), withIntermediateDirectories: false)
        let made = try runProcess(builtProduct("hookline"), ["init", path], directory: directory.path)
        #expect(made.exit == .code(0), "\(made.errorText)")
        let text = try directory.text(of: path)
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("#   ") }.map { String($0.dropFirst(4)) }
        try #require(lines.count == 5)
        // The receiver is started as the line says, without the `&`: it ends with the test.
        try #require(lines[1].hasPrefix("hookline listen") && lines[1].hasSuffix(" &"))
        let secret = try runProcess(
            "/bin/sh", ["-c", "\(lines[0]); echo $HOOKLINE_SECRET"], environment: environment, directory: directory.path
        ).outputText.dropLast()
        let signed = environment.merging(["HOOKLINE_SECRET": String(secret)]) { $1 }
        let receiver = try ChildProcess(
            "/bin/sh", ["-c", "exec \(lines[1].dropLast(2)) --port 0"], environment: signed, directory: directory.path)
        try receiver.waitForOutput("signatures are verified with 1 key\n")
        let ready = String(decoding: receiver.output, as: UTF8.self)
        let port = try #require(ready.firstMatch(of: /https:\/\/localhost:([0-9]+)/)).1
        try directory.write(text.replacing(":8443/", with: ":\(port)/"), to: path)

        let sent = try runProcess(
            "/bin/sh", ["-c", lines[2]], environment: signed, directory: directory.path)
        #expect(sent.exit == .code(0), "\(sent.errorText)")
        #expect(sent.outputText.contains(#""books":{"matched":2,"resumed":0,"delivered":2,"#))
        for line in lines[3...] {
            let result = try runProcess("/bin/sh", ["-c", line], environment: environment, directory: directory.path)
            #expect(result.exit == .code(0), "\(line): \(result.errorText)")
        }
        receiver.send(SIGTERM)
        let received = try receiver.finish().outputText
        for webhook in ["invoicing", "large-orders"] {
            #expect(received.contains(" POST /\(webhook) 200 "), "\(received)")
        }
    }
}
