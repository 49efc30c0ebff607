import Hookline
import Testing

@Suite struct FollowUpTests {
    @Test(arguments: [
        ("spool", "spool"), ("/var/spool/hook-line_1.d", "/var/spool/hook-line_1.d"), ("my spool", "'my spool'"),
        ("it's", #"'it'\''s'"#), ("$HOME", "'$HOME'"), ("a;b", "'a;b'"), ("~x", "'~x'"), ("", "''"), ("a\nb", "'a\nb'"),
    ])
    func `a word of a command line is quoted where the shell would read it otherwise`(text: String, expected: String) {
        #expect(shellWord(text) == expected)
    }

    @Test func `what a hint names finds the spool and the configuration again`() {
        var options = Options()
        #expect(options.spoolListLine == "hookline spool list")
        #expect(options.spoolRunLine == "hookline < /dev/null")
        #expect(options.replayLine("-dead") == "hookline replay --prune ./-dead")
        options.config = "my hooks.yaml"
        #expect(options.spoolListLine == "hookline spool list --config 'my hooks.yaml'")
        #expect(options.replayLine("dead") == "hookline replay --prune --config 'my hooks.yaml' dead")
        options.spool = "q 1"
        #expect(options.spoolListLine == "hookline spool list --spool 'q 1'")
        #expect(options.spoolRunLine == "hookline --config 'my hooks.yaml' --spool 'q 1' < /dev/null")
    }
}
