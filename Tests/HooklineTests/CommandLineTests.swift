import Hookline
import Testing

/// What a command line means, given as words with single spaces between them.
func readCommandLine(
    _ line: String, _ environment: [String: String] = [:]
) throws(OptionError) -> (invocation: Invocation, warnings: [OptionWarning]) {
    try Invocation.parse(arguments: line.split(separator: " ").map(String.init), environment: environment)
}

func running(_ change: (inout Options) -> Void) -> Invocation {
    var options = Options()
    change(&options)
    return .run(options)
}

func listening(_ change: (inout ListenOptions) -> Void) -> Invocation {
    var options = ListenOptions()
    change(&options)
    return .listen(options)
}

@Test(arguments: [
    ("", running { _ in }),
    ("run", running { _ in }),
    ("--config a.yaml", running { $0.config = "a.yaml" }),
    ("--config=a=b.yaml", running { $0.config = "a=b.yaml" }),
    ("run --config a.yaml --config b.yaml", running { $0.config = "b.yaml" }),
    ("--config --", running { $0.config = "--" }),
    ("--only a --only=b", running { $0.only = ["a", "b"] }),
    (
        "--dead-letter d --rejects r --summary s",
        running {
            $0.deadLetter = "d"
            $0.rejects = "r"
            $0.summary = "s"
        }
    ),
    ("--deadline 100ms", running { $0.deadline = .milliseconds(100) }),
    ("--shutdown-grace 0s", running { $0.shutdownGrace = .zero }),
    ("--shutdown-grace 1h", running { $0.shutdownGrace = .seconds(3600) }),
    ("--run-id aZ0_-", running { $0.runID = "aZ0_-" }),
    ("--memory 4MiB", running { $0.memory = 4 << 20 }),
    ("--memory 64GiB", running { $0.memory = 64 << 30 }),
    ("--memory 10MB", running { $0.memory = 10_000_000 }),
    ("--strict", running { $0.strict = true }),
    ("--log-format json", running { $0.logFormat = .json }),
    ("-q", running { $0.verbosity = .quiet }),
    ("--verbose", running { $0.verbosity = .verbose }),
    ("-qv", running { $0.verbosity = .verbose }),
    ("-v -q --", running { $0.verbosity = .quiet }),
])
func `a command line of run sets its options`(line: String, expected: Invocation) throws {
    #expect(try readCommandLine(line).invocation == expected)
}

@Test(arguments: [
    ("listen", listening { _ in }),
    (
        "listen --directory d --port 0",
        listening {
            $0.directory = "d"
            $0.port = 0
        }
    ),
    ("listen --port 65535", listening { $0.port = 65_535 }),
    ("listen --status 503,reset,200", listening { $0.answers = [.status(503), .reset, .status(200)] }),
    ("listen --status 200 --reset", listening { $0.answers = [.reset] }),
    (
        "listen --fail-rate 0.25 --seed 18446744073709551615",
        listening {
            $0.failRate = 0.25
            $0.seed = .max
        }
    ),
    ("listen --delay 200ms", listening { $0.delay = .milliseconds(200) }),
    (
        "listen --retry-after 2 --location https://a.example/",
        listening {
            $0.retryAfter = "2"
            $0.location = "https://a.example/"
        }
    ),
    (
        "listen --reject-containing bad --record f -q",
        listening {
            $0.rejectContaining = "bad"
            $0.record = "f"
            $0.quiet = true
        }
    ),
    ("listen --certificate wrong-host", listening { $0.certificate = .wrongHost }),
])
func `a command line of listen sets its options`(line: String, expected: Invocation) throws {
    #expect(try readCommandLine(line).invocation == expected)
}

private var verifyOptions: VerifyOptions {
    var options = VerifyOptions()
    options.secrets = ["a", "b"]
    options.publicKeys = ["c"]
    options.at = .time(WallTime(milliseconds: 7_000))
    return options
}

private var nowOptions: VerifyOptions {
    var options = VerifyOptions()
    options.at = .now
    return options
}

private var pairOptions: SecretOptions {
    var options = SecretOptions()
    options.ed25519 = true
    options.quiet = true
    return options
}

@Test(arguments: [
    ("validate", Invocation.validate(["webhooks.yaml"])), ("validate a b", .validate(["a", "b"])),
    ("validate -- --a", .validate(["--a"])), ("validate a -- -b", .validate(["a", "-b"])),
    ("validate -", .validate(["-"])),
    ("verify r --secret a --secret=b --public-key c --at 7", .verify("r", verifyOptions)),
    ("verify --at now -", .verify("-", nowOptions)), ("secret --ed25519 -q", .secret(pairOptions)),
    ("help", .help(nil)), ("-h", .help(nil)), ("--help", .help(nil)), ("-qh", .help(nil)),
    ("help listen", .help(.listen)), ("listen --help", .help(.listen)), ("validate a -h", .help(.validate)),
    ("run -h", .help(.run)), ("help help", .help(.help)), ("help run", .help(.run)),
    ("--version", .version), ("listen --version", .version), ("-q --version", .version),
    ("--memory 1 --help --bogus", .help(nil)),
])
func `other command lines name what they ask for`(line: String, expected: Invocation) throws {
    #expect(try readCommandLine(line).invocation == expected)
}

@Test func `every option that takes a value takes its own example, and no empty text`() {
    func check<Target>(_ table: [Option<Target>]) {
        for option in table {
            guard case .value(let value) = option.kind else { continue }
            var target = Target()
            #expect(value.set(&target, value.example), "\(option.name)")
            #expect(!value.set(&target, ""), "\(option.name)")
        }
    }
    check(Options.table)
    check(ListenOptions.table)
    check(SpoolOptions.table)
    check(VerifyOptions.table)
    check(SecretOptions.table)
}

@Test func `every default that is shown is the one that stays when it is given`() {
    func check<Target: Equatable>(_ table: [Option<Target>]) {
        for option in table {
            guard case .value(let value) = option.kind, let initial = value.initial else { continue }
            var target = Target()
            #expect(value.set(&target, initial), "\(option.name)")
            #expect(target == Target(), "\(option.name)")
        }
    }
    check(Options.table)
    check(ListenOptions.table)
    check(SpoolOptions.table)
    check(VerifyOptions.table)
    check(SecretOptions.table)
}

@Test func `no two options of a command share a name`() {
    #expect(Set(Options.table.map(\.name)).count == Options.table.count)
    #expect(Set(ListenOptions.table.map(\.name)).count == ListenOptions.table.count)
    #expect(Set(SpoolOptions.table.map(\.name)).count == SpoolOptions.table.count)
    #expect(Set(VerifyOptions.table.map(\.name)).count == VerifyOptions.table.count)
    #expect(Set(SecretOptions.table.map(\.name)).count == SecretOptions.table.count)
}
