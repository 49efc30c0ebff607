import Hookline
import Testing

private func action(_ line: String) throws(OptionError) -> SpoolOptions.Action? {
    let words = line.split(separator: " ").map(String.init)
    guard case .spool(let action, _) = try Invocation.parse(arguments: words, environment: [:]).invocation else {
        return nil
    }
    return action
}

@Test(
    arguments: [
        ("spool list", .list), ("spool --json list --webhook a", .list), ("spool show a b", .show(["a", "b"])),
        ("spool drop a", .drop(.ids(["a"]))), ("spool drop --webhook a", .drop(.webhook("a"))),
        ("spool drop --all --spool x", .drop(.all)),
    ] as [(String, SpoolOptions.Action)])
func `a word says what is done with the spool`(line: String, expected: SpoolOptions.Action) throws {
    #expect(try action(line) == expected)
}

@Test(arguments: [
    ("spool", "list, show or drop"), ("spool show", "ID"), ("spool drop", "ID, --webhook NAME or --all"),
])
func `what is missing is named`(line: String, missing: String) {
    #expect(throws: OptionError.missingOperand(missing, of: .spool)) { try action(line) }
}

// A word too many could drop more than was meant.
@Test(arguments: [
    ("spool list a", "a"), ("spool drop a --all", "a"), ("spool drop a --webhook b", "a"),
    ("spool drop --all --webhook b", "--all"),
])
func `what does not fit together is refused`(line: String, word: String) {
    #expect(throws: OptionError.unexpectedOperand(word, of: .spool)) { try action(line) }
}

@Test(arguments: [
    ("list", "--body"), ("list", "--all"), ("show a", "--webhook b"), ("show a", "--all"), ("drop a", "--body"),
    ("drop a", "--json"),
])
func `an option that has no effect is refused, unless a variable sets it`(line: String, option: String) throws {
    #expect(throws: OptionError.self) { try action("spool \(line) \(option)") }
    let words = "spool \(line)".split(separator: " ").map(String.init)
    _ = try Invocation.parse(arguments: words, environment: ["HOOKLINE_JSON": "1", "HOOKLINE_BODY": "1"])
}
