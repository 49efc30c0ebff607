import Foundation
import Testing

/// The real command against the real receiver. Not shown: HTTP/2, public certificate authorities, public addresses.
@Suite struct EndToEndTests {
    private static let records = ProcessInfo.processInfo.environment["RECORD"] == "1"

    /// With `RECORD=1` in the environment the outputs are recorded first.
    @Test(arguments: EndToEndCase.names, records ? [1] : [1, 2])
    func `the command does what the folder of the case says`(name: String, threads: Int) throws {
        let endToEnd = EndToEndCase(name: name)
        let outputs = try endToEnd.run(threads: threads)
        if Self.records { try endToEnd.record(outputs) }
        let expected = try endToEnd.expected()
        for output in Set(expected.keys).union(outputs.keys).sorted() {
            #expect(outputs[output] == expected[output], "\(name): \(output), threads: \(threads)")
        }
        if let summary = outputs["summary.json"] { #expect(summary.contains(#""balanced":true"#), "\(name)") }
    }
}
