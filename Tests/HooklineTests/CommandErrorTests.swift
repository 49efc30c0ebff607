import Hookline
import Testing

/// The error that a command line ends with.
private func failure(_ line: String, _ environment: [String: String] = [:]) -> OptionError? {
    do {
        _ = try readCommandLine(line, environment)
        return nil
    } catch {
        return error
    }
}

@Test(arguments: [
    ("--confg x", "unknown option `--confg`", "did you mean `--config`"),
    ("--dead-l x", "unknown option `--dead-l`", "did you mean `--dead-letter`"),
    ("--colour", "unknown option `--colour`", "`hookline help run` lists its options"),
    ("--hlep", "unknown option `--hlep`", "did you mean `--help`"),
    ("-config x", "unknown option `-c` in `-config`", "did you mean `--config`"),
    ("-x", "unknown option `-x`", "`hookline help run` lists its options"),
    ("--port 1", "unknown option `--port`", "`--port` belongs to `hookline listen`"),
    ("listen --config x", "unknown option `--config` of `listen`", "`--config` belongs to `hookline run`"),
    ("listen -v", "unknown option `-v` of `listen`", "`hookline help listen` lists its options"),
    (
        "validate --config x", "unknown option `--config` of `validate`",
        "name the path alone: hookline validate PATH"
    ),
    ("lisen", "unknown command `lisen`", "did you mean `hookline listen`"),
    ("frobnicate", "unknown command `frobnicate`", "`hookline help` lists what there is"),
    ("sign", "unknown command `sign`", "did you mean `hookline secret`"),
    ("help lisen", "unknown command `lisen`", "did you mean `hookline listen`"),
    ("resend dead.ndjson", "unknown command `resend`", "did you mean `hookline replay`"),
    ("list", "unknown command `list`", "did you mean `hookline spool`"),
    ("lint", "unknown command `lint`", "did you mean `hookline validate`"),
    (
        "spool list q", "unexpected argument `q` of `spool`",
        "show and drop take IDs, or drop --webhook or --all; --spool DIR names a directory"
    ),
    ("spool lst", "unknown command `spool lst`", "did you mean `hookline spool list`"),
    ("spool rm a", "unknown command `spool rm`", "did you mean `hookline spool drop`"),
    (
        "spool frobnicate", "unknown command `spool frobnicate`",
        "usage: hookline spool list|show|drop [ID]... [OPTION]..."
    ),
    ("spool list --body", "`--body` has no effect in `spool list`", "it belongs to `hookline spool show`"),
    (
        "spool drop a --json", "`--json` has no effect in `spool drop`",
        "it belongs to `hookline spool list` and `hookline spool show`"
    ),
    ("spool show", "`spool` needs ID", "usage: hookline spool list|show|drop [ID]... [OPTION]..."),
    ("help run listen", "unexpected argument `listen` of `help`", "`hookline help help` shows what it takes"),
    (
        "events.ndjson", "unexpected argument `events.ndjson` of `run`",
        "events come from standard input: hookline < events.ndjson"
    ),
    (
        "--strict events", "unexpected argument `events` of `run`",
        "events come from standard input: hookline < events"
    ),
    ("-", "unexpected argument `-` of `run`", "events come from standard input without being asked for"),
    (
        "-q listen", "unexpected argument `listen` after an option",
        "the command comes first: hookline listen …"
    ),
    ("listen x", "unexpected argument `x` of `listen`", "`hookline help listen` shows what it takes"),
    ("--memory", "`--memory` needs a value: --memory SIZE", "for example: --memory 32MiB"),
    ("--strict=1", "`--strict` takes no value", "write `--strict` alone, or leave it out"),
    ("--help=run", "`--help` takes no value", "write `--help` alone, or leave it out"),
    ("--config=", "`--config` needs a path, not ``", "for example: --config webhooks.yaml"),
    (
        "--deadline 30", "`--deadline` needs a duration in ms, s, m or h, 100ms to 8760h, not `30`",
        "for example: --deadline 10m"
    ),
    (
        "--memory 2MiB", "`--memory` needs a size in bytes, KiB, MiB or GiB, 4MiB to 64GiB, not `2MiB`",
        "for example: --memory 32MiB"
    ),
    (
        "--run-id a.b", "`--run-id` needs 1 to 64 characters of A-Z a-z 0-9 _ -, not `a.b`",
        "for example: --run-id orders-2026-01-31"
    ),
    ("--log-format yaml", "`--log-format` needs one of text, json, not `yaml`", "for example: --log-format json"),
    ("--log-format jsn", "`--log-format` needs one of text, json, not `jsn`", "did you mean `--log-format json`"),
    (
        "validate --format gith", "`--format` needs one of text, json, github, sarif, not `gith`",
        "did you mean `--format github`"
    ),
    (
        "listen --certificate Wrong_Host", "`--certificate` needs one of valid, expired, wrong-host, not `Wrong_Host`",
        "did you mean `--certificate wrong-host`"
    ),
    ("vali", "unknown command `vali`", "did you mean `hookline validate`"),
    ("help completion", "unknown command `completion`", "did you mean `hookline completions`"),
    ("help in", "unknown command `in`", "did you mean `hookline init`"),
    ("new", "unknown command `new`", "did you mean `hookline init`"),
    ("init --config x.yaml", "unknown option `--config` of `init`", "name the path alone: hookline init PATH"),
    ("test --config x.yaml", "unknown option `--config` of `test`", "name the path alone: hookline test PATH"),
    ("init a b", "unexpected argument `b` of `init`", "`hookline help init` shows what it takes"),
    ("completions", "`completions` needs the name of a shell", "usage: hookline completions bash|zsh|fish"),
    ("completions bsh", "there are no completions for `bsh`", "did you mean `hookline completions bash`"),
    ("completions tcsh", "there are no completions for `tcsh`", "there are `bash`, `zsh`, `fish`"),
    (
        "completions zsh fish", "unexpected argument `fish` of `completions`",
        "`hookline help completions` shows what it takes"
    ),
    (
        "completions zsh --config x.yaml", "`--config` has no effect in `completions zsh`",
        "it belongs to `hookline completions webhooks`"
    ),
    ("spool lst", "unknown command `spool lst`", "did you mean `hookline spool list`"),
    ("spool list --webhok x", "unknown option `--webhok` of `spool`", "did you mean `--webhook`"),
])
func `a wrong command line says what is wrong and what to do`(line: String, message: String, hint: String) {
    let error = failure(line)
    #expect(error?.message == message)
    #expect(error?.hint == hint)
    #expect(error?.exitCode == .usage)
}

@Test(arguments: [
    "--deadline 99ms", "--deadline 8761h", "--shutdown-grace 3601s", "--memory 4194303", "--memory 65GiB",
    "--run-id \(String(repeating: "a", count: 65))", "--run-id é", "listen --port 65536", "listen --port -1",
    "listen --port +1", "listen --port 0x1", "listen --fail-rate 1.01", "listen --fail-rate nan",
    "listen --fail-rate 1e-1", "listen --fail-rate .", "listen --seed -1", "listen --seed 18446744073709551616",
    "listen --status 199", "listen --status 600", "listen --status 200,", "listen --status close",
    "listen --delay 5", "listen --certificate none",
])
func `a value outside its range is refused`(line: String) {
    guard case .badValue = failure(line) else {
        Issue.record("\(line) was taken")
        return
    }
}

@Test(arguments: ["listen --retry-after", "listen --location"])
func `a header value with a line feed is refused`(line: String) {
    #expect(throws: OptionError.self) {
        try Invocation.parse(arguments: line.split(separator: " ").map(String.init) + ["a\r\nb"], environment: [:])
    }
}

@Test(arguments: [
    "--share"
])
func `what is not built yet is known and refused`(word: String) {
    let name = String(word.prefix { $0 != "=" })
    #expect(failure(word) == .unavailable(name))
    #expect(failure(word)?.message == "`\(name)` is not available in this version")
    #expect(failure(word)?.exitCode == .usage)
}

@Test func `the first mistake is the one that is told`() {
    #expect(failure("--bogus --help")?.message == "unknown option `--bogus`")
}

@Test func `an option in the place of a value is taken, with a warning`() throws {
    let (invocation, warnings) = try readCommandLine("--dead-letter --strict")
    #expect(invocation == running { $0.deadLetter = "--strict" })
    #expect(warnings == [.valueLooksLikeOption(option: "--dead-letter", value: "--strict")])
}

@Test func `an option given as a value with an equals sign is no reason to warn`() throws {
    #expect(try readCommandLine("--dead-letter=--strict").warnings.isEmpty)
}

@Test(
    arguments: [
        ConfigFailure.unreadable(path: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", reason: "no such file or directory"),
        RunError.unknownWebhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", nearest: nil),
    ] as [any UserFacing & Sendable])
func `a secret in the place of a path or a webhook's name is not shown`(error: any UserFacing & Sendable) {
    #expect(error.message.contains("`whsec_…`"))
    #expect(!error.message.contains("MfKQ"))
}
