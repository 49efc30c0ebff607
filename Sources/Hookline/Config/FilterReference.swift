/// The part of the reference page on `filter`.
extension ConfigReference {
    /// A filter that uses most of the language.
    package static let filterExample = """
        filter:
          object:
            type: [Order, Invoice]              # one of these
            total: [{numeric: [">=", 100]}]     # and this
            customer: {email: [{anything-but: {suffix: "@example.com"}}]}
            $or:                                # and one of these
              - currency: [EUR]
              - paid: [true]
                test: [{exists: false}]

        """

    static var filters: String {
        var text = """
            ## Filters

            A filter is an event pattern in the language of Amazon EventBridge: a mapping of fields like those of the event, \
            each with a list of alternatives. All fields must hold, and of each one alternative. JSON can stand there as it is.

            ```yaml
            \(filterExample)```

            | alternative | holds if |
            | --- | --- |
            | `Order`, `300`, `true`, `null` | The value is this one. Unquoted, JSON's numbers, `true`, `false` and `null` are no texts; \
            quoted, everything is a text. Numbers are equal if they are written alike or if both are exactly doubles of one value: `300` is \
            `3e2`, but `0.1` is not `0.10`. |

            """
        for found in PatternOperator.allCases {
            let examples = found.examples.map { "`\($0)`" }.joined(separator: ", ")
            text += "| \(examples) | \(found.sentence) |\n"
        }
        return text + """

            - A list in the event matches if one of its elements does, so `[{anything-but: x}]` takes `["x", "y"]`. Fields below one list \
            must hold in the same element.
            - Keys join with dots: `a.b: [1]` and `a: {b: [1]}` are one field, in the filter and in the event. A field that is named \
            twice, outside of `$or` and inside, counts as it stands last; so does a key that an object of the event repeats.
            - `exists: false` holds if nothing stands there beside what the other fields found.
            - `$or` takes two or more mappings of fields; any other `$or` is a field of that name. All `$or` of a filter may multiply to \
            \(EventPattern.branchLimit) combinations.
            - Quote what YAML would read otherwise: `"*"`, `">"`, `"2001:db8::/32"`.


            """
    }
}
