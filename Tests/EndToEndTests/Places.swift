import Foundation

/// Where a case runs, and the way between its files, which know no place, and the command, which does.
struct Places {
    var directory: String
    /// Of the receiver; nil: there is none.
    var port: String?
    var authority = ".hookline-listen/ca.pem"

    /// Puts the places into a case's file.
    func fill(_ text: String) -> String {
        text.replacing("{{DIR}}", with: directory).replacing("{{PORT}}", with: port ?? "9")
            .replacing("{{CA}}", with: authority)
    }

    /// What differs from run to run, and the name that stands for it. Applied in this order.
    private static let volatile = [
        (#""run":\{"id":"[^"]+""#, #""run":{"id":"<run>""#),
        (#""duration_ms":[0-9]+"#, #""duration_ms":"<ms>""#),
        (#""config_sha256":"[0-9a-f]{64}""#, #""config_sha256":"<sha256>""#),
        (#""(p50|p90|p99|max)":[0-9.]+"#, #""$1":"<ms>""#),
        (#""buckets_us":\[[0-9,\[\]]*\]"#, #""buckets_us":"<us>""#),
        (#"msg_[0-9a-f]{32}"#, "<webhook-id>"),
        (#""webhook-timestamp":"[0-9]+""#, #""webhook-timestamp":"<seconds>""#),
        (#"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z"#, "<time>"),
        (#"hookline-dead-letter-[A-Za-z0-9_-]+\.ndjson"#, "hookline-dead-letter-<run>.ndjson"),
        (#"after [0-9]+ (ms|milliseconds)"#, "after <ms> $1"),
        // Which loopback address `localhost` means first is the machine's matter.
        (#"::1 lies in ::1/128"#, "127.0.0.1 lies in 127.0.0.0/8"),
        (#"\["::1/128"\]"#, #"["127.0.0.1/32"]"#),
        // A line of the file for each part of the summary, so that a difference can be read.
        (#",("(?:run|input|books|topics|webhooks)":[\[{])"#, ",\n$1"),
    ]

    /// Takes the places out of what came, and all else that differs from run to run.
    func steady(_ text: String) -> String {
        var text = text.replacing(directory, with: "{{DIR}}")
        if let port {
            // Only where a port can stand: an id or a checksum may hold the same digits.
            text = text.replacingOccurrences(
                of: "(localhost:|127\\.0\\.0\\.1:|port )\(port)\\b", with: "$1{{PORT}}", options: .regularExpression)
        }
        for (pattern, name) in Self.volatile {
            text = text.replacingOccurrences(of: pattern, with: name, options: .regularExpression)
        }
        return text
    }
}
