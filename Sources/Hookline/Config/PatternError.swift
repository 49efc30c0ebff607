/// What is wrong with a `filter`. `field` is the path as typed, e.g. `filter.detail.state`.
package enum PatternError: Equatable, Sendable {
    // Fields.
    case emptyObject(field: String)
    /// `list` is the value as a list; nil where it is none that could be written on a line.
    case notList(field: String, found: String, list: String?)
    case emptyList(field: String)
    case emptyValue(field: String)
    case listInList(field: String)
    case orBranches(count: Int, limit: Int)
    // Operators.
    case noOperator(field: String)
    case unknownOperator(String, field: String, known: [String])
    case severalOperators([String], field: String)
    case needsText(operator: String, field: String, found: String)
    case needsTextAlone(operator: String, field: String, found: String)
    case emptyText(operator: String, field: String)
    case numericForm(field: String, found: String)
    case comparison(String, field: String)
    case comparisonNumber(String, field: String, found: String)
    case comparisonAlone(String, field: String)
    case comparisonAfter(String, first: String, field: String)
    case tooManyComparisons(field: String)
    /// The range as it should be written, if only the order is wrong.
    case emptyRange(field: String, lower: String, upper: String)
    case exists(field: String, found: String)
    case cidr(String, field: String)
    case wildcard(String, Wildcard.Problem, field: String)
    case anythingButValue(field: String, found: String)
    case anythingButMixed(field: String)
    case anythingButEmpty(field: String)

    var message: String {
        switch self {
        case .emptyObject(let field): "\(quoted(field)) names no field"
        case .notList(let field, let found, _): "\(quoted(field)) must be a list of alternatives, not \(found)"
        case .emptyList(let field): "\(quoted(field)) is an empty list, which nothing could match"
        case .emptyValue(let field): "\(quoted(field)) has an alternative without a value"
        case .listInList(let field): "\(quoted(field)) has a list in its list"
        case .orBranches(let count, let limit):
            "the `$or` of this pattern multiply to \(count) combinations; \(limit) are the limit"
        case .noOperator(let field): "\(quoted(field)) has an alternative without an operator"
        case .unknownOperator(let name, let field, _): "\(quoted(name)) in \(quoted(field)) is no operator"
        case .severalOperators(let names, let field):
            "\(quoted(field)) has \(names.count) operators in one alternative: \(names.map(quoted).joined(separator: ", "))"
        case .needsText(let name, let field, let found), .needsTextAlone(let name, let field, let found):
            "\(quoted(name)) in \(quoted(field)) needs a text, not \(found)"
        case .emptyText(let name, let field):
            "`anything-but` with an empty \(quoted(name)) in \(quoted(field)) excludes every text"
        case .numericForm(let field, let found):
            "`numeric` in \(quoted(field)) must be a list of comparisons, not \(found)"
        case .comparison(let name, let field): "\(quoted(name)) in \(quoted(field)) is no comparison"
        case .comparisonNumber(let name, let field, let found):
            "\(quoted(name)) in \(quoted(field)) needs a number, not \(found)"
        case .comparisonAlone(let name, let field): "\(quoted(name)) in \(quoted(field)) has no number after it"
        case .comparisonAfter(let name, let first, let field):
            "\(quoted(name)) can't follow \(quoted(first)) in \(quoted(field))"
        case .tooManyComparisons(let field): "`numeric` in \(quoted(field)) has more than two comparisons"
        case .emptyRange(let field, let lower, let upper):
            "the range in \(quoted(field)) is empty: \(lower) is not below \(upper)"
        case .exists(let field, let found): "`exists` in \(quoted(field)) must be true or false, not \(found)"
        case .cidr(let text, let field): "\(quoted(text)) in \(quoted(field)) is not a CIDR block"
        case .wildcard(let text, .repeatedStar, let field):
            "\(quoted(text)) in \(quoted(field)) has two `*` side by side"
        case .wildcard(let text, .escape(let escaped?), let field):
            "\(quoted(text)) in \(quoted(field)) escapes \(quoted(String(escaped))), which needs none"
        case .wildcard(let text, .escape(nil), let field):
            "\(quoted(text)) in \(quoted(field)) ends with a backslash alone"
        case .anythingButValue(let field, let found):
            "`anything-but` in \(quoted(field)) needs texts or numbers, not \(found)"
        case .anythingButMixed(let field): "`anything-but` in \(quoted(field)) mixes texts and numbers"
        case .anythingButEmpty(let field): "`anything-but` in \(quoted(field)) lists nothing"
        }
    }

    var hint: String? {
        switch self {
        case .emptyObject("filter"): "remove the key: without a filter every event of its topics matches"
        case .emptyObject: "name a field in it, or write [{exists: true}] in its place"
        case .notList(_, _, let list): list.map { "wrap it in [ ]: \($0)" } ?? "write a list such as [Order, Invoice]"
        case .emptyList: "list the values that match, or write [{exists: true}] for any"
        case .emptyValue: "write null, or \"\" for an empty text"
        case .listInList: "lists of an event match by their elements: write the elements alone"
        case .orBranches: "join branches that differ in one field: its list holds alternatives too"
        case .noOperator: "write one of \(PatternOperator.names.joined(separator: ", ")) in it"
        case .unknownOperator(let name, _, let known):
            nearestName(to: name.lowercased().replacing("_", with: "-"), among: known).map {
                "did you mean \(quoted($0))?"
            }
                ?? (known.count < PatternOperator.names.count
                    ? "what may stand here: " + known.joined(separator: ", ")
                    : "operators are \(known.joined(separator: ", ")); a field of the event stands in a mapping, not in a list")
        case .severalOperators(let names, _):
            "write each as an alternative of its own: [\(names.map { "{\(printable($0)): …}" }.joined(separator: ", "))]"
        case .needsText(_, _, let found): found.hasPrefix("`") ? "quote it if it is a text" : nil
        case .needsTextAlone(let name, _, let found):
            found == "a list"
                ? "write one alternative for each: [{\(name): a}, {\(name): b}]"
                : found.hasPrefix("`") ? "quote it if it is a text" : nil
        case .emptyText: "give it at least one character"
        case .numericForm: #"for example {numeric: [">", 0, "<=", 5]}"#
        case .comparison(let name, _):
            ["==": #"write "=""#, "=>": #"write ">=""#, "=<": #"write "<=""#][name]
                ?? (["!=", "<>"].contains(name)
                    ? "write {anything-but: [NUMBER]} in place of numeric"
                    : #"comparisons are "=", "<", "<=", ">" and ">=""#)
        case .comparisonNumber(_, _, let found):
            found.hasPrefix("the text") ? "write it as JSON does, without quotes: 10, -0.5 or 1e3" : nil
        case .comparisonAlone: #"each comparison has its number: [">", 0, "<", 5]"#
        case .comparisonAfter(_, let first, _):
            first == "="
                ? #""=" stands alone"# : #"a range begins with its lower bound: [">", 0, "<=", 5]"#
        case .tooManyComparisons: #"one bound, or a lower and an upper one: [">", 0, "<=", 5]"#
        case .emptyRange(_, let lower, let upper):
            lower == upper ? #"write ["=", \#(lower)] for that number alone"# : "swap the two numbers"
        case .exists(_, let found): found.hasPrefix("the text") ? "write true or false, without quotes" : nil
        case .cidr(let text, _):
            CIDR.address(text).map {
                "write \($0.count == 4 ? "\(text)/32" : "\"\(text)/128\"") for that address alone"
            }
                ?? "write it like 10.0.0.0/8 or \"2001:db8::/32\""
        case .wildcard(_, .repeatedStar, _): #"one `*` stands for any text; write \* for a star itself"#
        case .wildcard(_, .escape, _): #"write \\ for a backslash, \* for a star"#
        case .anythingButValue(_, let found):
            found == "null" ? "write {exists: true} and list the values that match" : nil
        case .anythingButMixed: "list texts alone, or numbers alone"
        case .anythingButEmpty: "list what is excluded, or write {exists: true}"
        }
    }
}
