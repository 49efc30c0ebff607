/// What libyaml says about broken syntax, in words for the person who typed it.
struct YAMLSyntaxProblem {
    /// libyaml's problem, e.g. `did not find expected key`.
    var problem: String
    /// What it was doing, e.g. `while parsing a block mapping`.
    var context: String?
    /// Where that began, from 1.
    var contextLine: Int
    /// Where the problem is, from 1.
    var line: Int

    /// Half a surrogate pair as an escape, which YAML never takes and JSON needs in twos.
    static let surrogate = ConfigError.syntax(surrogateMessage, hint: surrogateHint)

    private static let surrogateProblem = "found invalid Unicode character escape code"
    private static let surrogateMessage = "this escape is half of a character"
    private static let surrogateHint =
        "an escape from \\ud800 to \\udbff needs one from \\udc00 to \\udfff right after it"

    var message: String {
        if problem == Self.surrogateProblem { return Self.surrogateMessage }
        let plain =
            switch problem {
            case "mapping values are not allowed in this context": "a `:` may not stand here"
            case "found character that cannot start any token": "a value may not start with this character"
            case "did not find expected alphabetic or numeric character": "an alias or anchor needs a name"
            case "did not find expected node content": "a value is missing here"
            case "found unexpected end of stream": "the file ends too early"
            default: problem
            }
        guard let context, contextLine != line else { return plain }
        return "\(plain) \(context) that starts on line \(contextLine)"
    }

    var hint: String? {
        switch problem {
        case "mapping values are not allowed in this context":
            "quote the value if it holds `: `; else check the indentation of this line and of the one before"
        case "found character that cannot start any token":
            "indent with spaces, not tabs; quote a value that starts with `@`, `%`, `>`, `|` or a backquote"
        case "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            "indent with spaces, not tabs"
        case "did not find expected alphabetic or numeric character":
            "quote it: \"*\""
        case "did not find expected key", "did not find expected '-' indicator":
            "check the indentation of this line, and quote a value that starts with `{`, `[`, `&`, `*` or a quote"
        case "could not find expected ':'":
            "a key needs `: ` after it; check the indentation of this line"
        case "did not find expected ',' or ']'":
            "close the list with `]`, and quote a value that holds `,`, `:`, `[`, `{`, `>` or `|`"
        case "did not find expected ',' or '}'":
            "close the mapping with `}`, and quote a value that holds `,`, `:`, `[` or `{`"
        case "did not find expected node content":
            "quote a value that starts with a colon or comma, e.g. \"::1/128\""
        case "found unexpected end of stream": "close the quotes"
        case "found unknown escape character": "write `\\\\` for a backslash, or use single quotes"
        case Self.surrogateProblem: Self.surrogateHint
        case "found unexpected ':'": "write a space after the colon of a key"
        case "control characters are not allowed": "remove it, or write it as an escape such as \"\\x1b\""
        default: nil
        }
    }
}
