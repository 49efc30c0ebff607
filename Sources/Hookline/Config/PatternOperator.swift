/// The operators of event patterns: for the reader, for its messages and for the reference page.
enum PatternOperator: String, CaseIterable, Sendable {
    case prefix, suffix
    case equalsIgnoreCase = "equals-ignore-case"
    case wildcard, numeric, cidr, exists
    case anythingBut = "anything-but"

    static let names = allCases.map(\.rawValue)

    /// What `anything-but` can have in place of values.
    static let excludable: [PatternOperator] = [.prefix, .suffix, .equalsIgnoreCase, .wildcard]

    /// Alternatives for the reference page, and for hints.
    var examples: [String] {
        switch self {
        case .prefix: ["{prefix: eu-}", "{prefix: {equals-ignore-case: EU-}}"]
        case .suffix: ["{suffix: .png}", "{suffix: {equals-ignore-case: .PNG}}"]
        case .equalsIgnoreCase: ["{equals-ignore-case: order}"]
        case .wildcard: [#"{wildcard: "orders/*/lines"}"#]
        case .numeric: [#"{numeric: [">=", 10]}"#, #"{numeric: [">", 0, "<=", 5]}"#, #"{numeric: ["=", 7]}"#]
        case .cidr: ["{cidr: 10.0.0.0/8}", #"{cidr: "2001:db8::/32"}"#]
        case .exists: ["{exists: true}", "{exists: false}"]
        case .anythingBut:
            [
                "{anything-but: draft}", "{anything-but: [1, 2]}", "{anything-but: {prefix: test-}}",
                "{anything-but: {suffix: [.tmp, .bak]}}",
            ]
        }
    }

    var sentence: String {
        switch self {
        case .prefix: "The text begins so."
        case .suffix: "The text ends so."
        case .equalsIgnoreCase: "The text, whatever the case of its letters (Unicode's simple case folding)."
        case .wildcard:
            #"The whole text; each `*` stands for any text, the empty one too. `\*` is a star, `\\` a backslash."#
        case .numeric:
            "A number in the range: one bound, a lower and an upper one, or `=`. Compared as doubles; a text of digits "
                + "is no number."
        case .cidr: "The text is an address of the block."
        case .exists: "There is a value, `null` too; or there is none. Objects and empty lists are no values."
        case .anythingBut:
            "There is a value, and it is another: any but these texts or these numbers, or any but a text that one of "
                + "`prefix`, `suffix`, `equals-ignore-case`, `wildcard` takes."
        }
    }
}
