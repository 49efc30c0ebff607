import TestKit
import Testing

/// Dead letters beyond `ulimit -f`: the system's signal for it would end the run without a summary.
@Test(.enabled(if: !isSanitized, "a limit on the size of files ends a sanitizer's own start"))
func `a dead-letter file that may not grow is an output that can't be written`() throws {
    let directory = try TemporaryDirectory()
    let configuration = """
        version: 1
        topics: {object.created: An object is created}
        network: {allow: [127.0.0.1/32]}
        webhooks:
          - {name: nobody, url: "https://127.0.0.1:9/", topics: [object.created], retry: {max_attempts: 1}}
        """
    try directory.write(configuration, to: "webhooks.yaml")
    let run = try ChildProcess(
        "/usr/bin/env",
        ["bash", "-c", #"ulimit -f 0; exec "$0" --dead-letter dead.ndjson"#, try builtProduct("hookline")],
        directory: directory.path, input: .text(#"{"topic":"object.created"}"#))
    let result = try run.finish()
    #expect(result.exit == .code(74), "\(result.errorText)")
    #expect(result.outputText.contains(#""dead_lettered":0,"deferred":0,"lost":1"#))
    #expect(result.errorText.contains("dead.ndjson can't be written: File too large"))
}
