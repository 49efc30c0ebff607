import Hookline
import Testing

@Test(arguments: [
    (["HOOKLINE_CONFIG": "a.yaml"], running { $0.config = "a.yaml" }),
    (["HOOKLINE_CONFIG": ""], running { _ in }),
    (["HOOKLINE_ONLY": "a, b c ,d"], running { $0.only = ["a", "b c", "d"] }),
    (["HOOKLINE_DEAD_LETTER": "d,e"], running { $0.deadLetter = "d,e" }),
    (["HOOKLINE_STRICT": "1"], running { $0.strict = true }),
    (["HOOKLINE_STRICT": "true"], running { $0.strict = true }),
    (["HOOKLINE_STRICT": "false"], running { _ in }),
    (["HOOKLINE_VERBOSE": "1", "HOOKLINE_QUIET": "0"], running { $0.verbosity = .verbose }),
    (
        ["HOOKLINE_MEMORY": "8MiB", "HOOKLINE_DEADLINE": "2m"],
        running {
            $0.memory = 8 << 20
            $0.deadline = .seconds(120)
        }
    ),
    (["HOOKLINE_PORT": "x"], running { _ in }),
])
func `variables set the options of run`(environment: [String: String], expected: Invocation) throws {
    let (invocation, warnings) = try readCommandLine("", environment)
    #expect(invocation == expected)
    #expect(warnings.isEmpty)
}

@Test func `variables set the options of listen`() throws {
    let environment = ["HOOKLINE_PORT": "9", "HOOKLINE_RESET": "1", "HOOKLINE_CONFIG": "a.yaml"]
    #expect(
        try readCommandLine("listen", environment).invocation
            == listening {
                $0.port = 9
                $0.answers = [.reset]
            })
}

@Test(arguments: [
    ("--config b.yaml", ["HOOKLINE_CONFIG": "a.yaml"], running { $0.config = "b.yaml" }),
    ("--only b", ["HOOKLINE_ONLY": "a"], running { $0.only = ["b"] }),
    ("--memory 8MiB", ["HOOKLINE_MEMORY": "lots"], running { $0.memory = 8 << 20 }),
    ("-v", ["HOOKLINE_QUIET": "1"], running { $0.verbosity = .verbose }),
    ("--strict", ["HOOKLINE_STRICT": "0"], running { $0.strict = true }),
])
func `the command line wins over a variable`(
    line: String, environment: [String: String], expected: Invocation
) throws {
    #expect(try readCommandLine(line, environment).invocation == expected)
}

@Test(arguments: [
    (
        "HOOKLINE_MEMORY", "3", "`HOOKLINE_MEMORY` needs a size in bytes, KiB, MiB or GiB, 4MiB to 64GiB, not `3`",
        "for example: HOOKLINE_MEMORY=32MiB"
    ),
    (
        "HOOKLINE_STRICT", "yes", "`HOOKLINE_STRICT` needs 1, true, 0 or false, not `yes`",
        "for example: HOOKLINE_STRICT=1"
    ),
    // An empty name that was dropped could leave no name at all, which means every webhook.
    (
        "HOOKLINE_ONLY", ",", "`HOOKLINE_ONLY` needs the name of a webhook, not ``",
        "for example: HOOKLINE_ONLY=invoicing"
    ),
    ("HOOKLINE_SHARE", "x", "`HOOKLINE_SHARE` is not available in this version", "`hookline help` lists what there is"),
    (
        "HOOKLINE_PROGRESS", "1", "`HOOKLINE_PROGRESS` needs one of auto, always, never, not `1`",
        "for example: HOOKLINE_PROGRESS=never"
    ),
])
func `an error names the variable`(name: String, value: String, message: String, hint: String) {
    let error = #expect(throws: OptionError.self) { try readCommandLine("", [name: value]) }
    #expect(error?.message == message)
    #expect(error?.hint == hint)
}

@Test func `a variable that is nearly known is warned about, and its value is not shown`() throws {
    let warning = try #require(try readCommandLine("", ["HOOKLINE_STIRCT": "private"]).warnings.first)
    #expect(warning.message == "unknown environment variable `HOOKLINE_STIRCT`")
    #expect(warning.hint == "did you mean `HOOKLINE_STRICT`")
}

@Test(arguments: [
    ("HOOKLINE_SPOOL_DIR", "HOOKLINE_SPOOL"), ("HOOKLINE_CONFIG_FILE", "HOOKLINE_CONFIG"),
    ("HOOKLINE_DEAD_LETTER_PATH", "HOOKLINE_DEAD_LETTER"), ("HOOKLINE_MEMORY_LIMIT", "HOOKLINE_MEMORY"),
])
func `a variable with a word too many is warned about`(name: String, meant: String) throws {
    #expect(try readCommandLine("", [name: "x"]).warnings == [.unknownVariable(name, nearest: meant)])
}

@Test(arguments: [
    "HOOKLINE_STATUS_TOKEN", "HOOKLINE_BILLING_FILE", "HOOKLINE_SECRET_FILE",
    "HOOKLINE_BILLING_TOKEN", "HOOKLINE_SECRET_1", "HOOKLINE_SECRET", "HOOKLINE_A", "HOOKLINE_", "BILLING_TOKEN",
    "HOOKLINE_PORT", "HOOKLINE_SEED",
])
func `a variable that may be a secret of the configuration, or another command's, is not warned about`(
    name: String
) throws {
    #expect(try readCommandLine("", [name: "private"]).warnings.isEmpty)
}

@Test func `validate without a path checks the configuration that run would read`() throws {
    #expect(try readCommandLine("validate", ["HOOKLINE_CONFIG": "a.yaml"]).invocation == .validate(["a.yaml"]))
    #expect(try readCommandLine("validate b.yaml", ["HOOKLINE_CONFIG": "a.yaml"]).invocation == .validate(["b.yaml"]))
    #expect(try readCommandLine("validate", ["HOOKLINE_CONFIG": ""]).invocation == .validate(["webhooks.yaml"]))
}

@Test func `help does not look at the environment`() throws {
    #expect(try readCommandLine("--help", ["HOOKLINE_MEMORY": "3"]).invocation == .help(nil))
}
