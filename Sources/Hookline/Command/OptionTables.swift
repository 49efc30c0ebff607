extension Options: CommandOptions {
    package static let table: [Option<Options>] = [
        Option(
            "config", .path("PATH", example: "webhooks.yaml"), \.config,
            "configuration: a file, or a directory whose *.yaml and *.yml files are merged in the order of their names"),
        Option(
            "only", .webhookName, appendingTo: \.only,
            "deliver to this webhook only; may be given again; all active webhooks without it"),
        Option(
            "dead-letter", .path("FILE", example: "dead.ndjson"), \.deadLetter,
            "append events that could not be delivered to FILE; without it "
                + "hookline-dead-letter-<run id>.ndjson, made only when needed"),
        Option(
            "rejects", .path("FILE", example: "rejects.ndjson"), \.rejects,
            "append lines that are no event to FILE, with line number and reason"),
        Option(
            "deadline", .duration(.milliseconds(100) ... .seconds(8_760 * 3_600), example: "10m"), \.deadline,
            "stop after this time, whatever is left; no limit without it; finishing the outputs may take a little longer"
        ),
        Option(
            "shutdown-grace", .duration(.zero ... .seconds(3_600), example: "10s"), \.shutdownGrace,
            "how long delivery may go on after a signal; a second signal ends it at once"),
        Option(
            "run-id", .runID, \.runID,
            "name of this input: repeating the run repeats the ids of its batches; random without it"),
        Option(
            "memory", .size(4 << 20...64 << 30, example: "32MiB"), \.memory,
            "most event bytes held at once"),
        Option(
            "threads", .number(1...2, example: "2"), \.threads,
            "2: sign, encrypt and send on a thread of its own, beside the one that reads; it pays where a core is free"),
        Option(flag: "strict", "stop at the first line that is no event, or whose topic is not declared") {
            $0.strict = $1
        },
        Option(
            "summary", .path("FILE", example: "summary.json"), \.summary,
            "write the summary to FILE too"),
        Option(
            "metrics", .path("FILE", example: "hookline.prom"), \.metrics,
            "write metrics of the run to FILE, for the textfile collector of Prometheus' node_exporter"),
        Option(
            "spool", .path("DIR", example: "spool"), \.spool,
            "keep what can't be delivered now in this directory, for a later run; without it the configuration's spool"),
        Option(flag: "write-ahead", "keep each batch in the spool before its first attempt") { $0.writeAhead = $1 },
        Option(
            "progress", .choice(example: .never), \.progress,
            "show how far the run is, at the bottom of standard error: auto: where that is a terminal and standard input "
                + "is none, unless -q or --log-format json; always: as on a terminal, whatever it is; never"),
        Option(
            "log-format", .choice(example: .json), \.logFormat,
            "lines on standard error: for people, or one JSON object each"),
        // Off asks for nothing, so that one of the two leaves what the other one asked for.
        Option(flag: "quiet", short: "q", "say nothing on standard error but errors") {
            if $1 { $0.verbosity = .quiet }
        },
        Option(flag: "verbose", short: "v", "say more on standard error, each request included") {
            if $1 { $0.verbosity = .verbose }
        },
        Option(unavailable: "share", "process one of several equal shares of the input"),
    ]
}

/// What the command line asks of `hookline validate`.
package struct ValidateOptions: CommandOptions, Equatable {
    /// Look up what the references of active webhooks name, as a run does.
    package var resolvesReferences = false
    package var format = Format.text

    package enum Format: String, CaseIterable, Sendable { case text, json, github, sarif }

    package init() {}

    package static let table: [Option<ValidateOptions>] = [
        Option(flag: "resolve", "look up the variables and files that active webhooks name, as a run does") {
            $0.resolvesReferences = $1
        },
        Option(
            "format", .choice(example: .sarif), \.format,
            "how problems are told: as text on standard error; or on standard output as one JSON object, as commands of "
                + "GitHub Actions, or as a SARIF 2.1.0 log"),
    ]
}

extension ListenOptions: CommandOptions {
    package static let table: [Option<ListenOptions>] = [
        Option(
            "directory", .path("DIR", example: "receiver"), \.directory,
            "where the throwaway CA and certificate are made and kept: ca.pem, server.pem, server.key"),
        Option("port", .number(0...65_535, example: "8443"), \.port, "port on 127.0.0.1; 0 takes any free one"),
        Option(
            "status", .answers, \.answers,
            "statuses to answer with, in turn, one a request; the last one repeats; reset closes the connection "
                + "while the body is read"),
        Option(flag: "reset", "close every connection while the body is read, as --status reset does") {
            if $1 { $0.answers = [.reset] }
        },
        Option("fail-rate", .fraction, \.failRate, "share of requests, drawn by chance, that are answered 503 instead"),
        Option("seed", .number(0...UInt64.max, example: "42"), \.seed, "start of the random numbers of --fail-rate"),
        Option(
            "delay", .duration(.zero ... .seconds(3_600), example: "200ms"), \.delay, "how long each answer waits"),
        Option(
            "retry-after", .headerValue("VALUE", example: "2"), \.retryAfter,
            "the Retry-After header of answers that are not 2xx"),
        Option(
            "location", .headerValue("URL", example: "https://moved.example.com/"), \.location,
            "the Location header of answers that are 3xx"),
        Option(
            "reject-containing", .text("TEXT", expected: "some text", example: "bad"), \.rejectContaining,
            "answer 400 to a request whose body holds TEXT"),
        Option(
            "record", .path("FILE", example: "requests.ndjson"), \.record,
            "append each request to FILE as a line of JSON"),
        Option(
            "secret", .signingSecret, appendingTo: \.secrets,
            "verify that this secret, or its public key, signed each request, and answer 401 where not; may be given "
                + "again"),
        Option(
            "public-key", .publicKey, appendingTo: \.publicKeys,
            "the same with the public key of a secret whsk_; may be given again"),
        Option("certificate", .choice(example: .expired), \.certificate, "the certificate that is shown"),
        Option(flag: "quiet", short: "q", "print no line per request") { $0.quiet = $1 },
    ]
}

extension VerifyOptions: CommandOptions {
    package static let table: [Option<VerifyOptions>] = [
        Option(
            "secret", .signingSecret, appendingTo: \.secrets,
            "a secret that may have signed the requests; may be given again"),
        Option(
            "public-key", .publicKey, appendingTo: \.publicKeys,
            "a public key of a secret that may have signed them; may be given again"),
        Option(
            "at", .judgedAt, \.at,
            "the time that timestamps are held against; without it the time in the record, or now where there is none"),
    ]
}

extension SecretOptions: CommandOptions {
    package static let table: [Option<SecretOptions>] = [
        Option(flag: "ed25519", "make a key pair: whsk_ signs, whpk_ verifies") { $0.ed25519 = $1 },
        Option(flag: "quiet", short: "q", "print the secret and say nothing else") { $0.quiet = $1 },
    ]
}

extension ValueFormat where Field == String {
    /// A secret of Standard Webhooks. What is wrong with it is said where it is used, without showing it.
    fileprivate static var signingSecret: Self {
        text("SECRET", expected: "a signing secret", example: "whsec_…")
    }

    fileprivate static var publicKey: Self { text("KEY", expected: "a public key", example: "whpk_…") }
}

extension ValueFormat where Field == VerifyOptions.JudgedAt {
    /// `now`, Unix seconds or RFC 3339.
    fileprivate static var judgedAt: Self {
        Self(
            placeholder: "TIME|now", range: "Unix seconds or RFC 3339",
            expected: "now, Unix seconds (not milliseconds) or an RFC 3339 time with Z or an offset",
            example: "2026-11-24T10:35:07Z",
            parse: { text in
                if text == "now" { return .now }
                if Quantity.isDigits(text) {
                    return Int(text).flatMap { $0 > 99_999_999_999 ? nil : .time(WallTime(milliseconds: $0 * 1_000)) }
                }
                return WallTime(rfc3339: text).map { .time($0) }
            },
            text: { judgedAt in
                switch judgedAt {
                case .now: "now"
                case .time(let time): time.text
                }
            })
    }
}

extension ValueFormat where Field == [ListenOptions.Answer] {
    /// Statuses or `reset`, with commas between them.
    fileprivate static var answers: Self {
        let statuses = 200...599
        return Self(
            placeholder: "LIST", range: "\(Quantity.text(statuses)), or reset",
            expected: "statuses from \(Quantity.text(statuses)), or reset, separated by commas",
            example: "503,503,200",
            parse: { text in
                let number = ValueFormat<Int>.number(statuses, example: "200")
                var answers: [ListenOptions.Answer] = []
                for word in text.split(separator: ",", omittingEmptySubsequences: false) {
                    if word == "reset" {
                        answers.append(.reset)
                    } else if let status = number.parse(String(word)) {
                        answers.append(.status(status))
                    } else {
                        return nil
                    }
                }
                return answers
            },
            text: { answers in
                answers.map { answer in
                    switch answer {
                    case .status(let status): "\(status)"
                    case .reset: "reset"
                    }
                }.joined(separator: ",")
            })
    }
}
