/// Event patterns as JSON Schema: their shape. What a text has to be, e.g. of `wildcard`, the reader alone says.
extension PatternOperator {
    /// An object of fields, each with an object of further fields or a list of alternatives.
    static var patternDefinition: JSONValue {
        [
            "description": "An event pattern as in Amazon EventBridge: fields and, in lists, their alternatives.",
            "type": "object", "minProperties": 1,
            "properties": [
                "$or": [
                    "anyOf": [
                        ["type": "array", "minItems": 2, "items": ["$ref": "#/$defs/pattern"]],
                        ["$ref": "#/$defs/pattern_field"],
                    ]
                ]
            ],
            "additionalProperties": ["$ref": "#/$defs/pattern_field"],
        ]
    }

    static var fieldDefinition: JSONValue {
        [
            "anyOf": [["$ref": "#/$defs/pattern"], ["$ref": "#/$defs/pattern_alternatives"]]
        ]
    }

    static var alternativesDefinition: JSONValue {
        [
            "description": "Values of which the field must have one.",
            "type": "array", "minItems": 1,
            "items": [
                "if": ["type": "object"], "then": operators(allCases) { $0.operand },
                "else": ["type": ["string", "number", "boolean", "null"]],
            ],
        ]
    }

    /// An object with one of these keys.
    private static func operators(_ choices: [PatternOperator], _ operand: (PatternOperator) -> JSONValue) -> JSONValue
    {
        [
            "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
            "properties": .object(
                choices.map { choice in
                    JSONValue.Member(
                        choice.rawValue,
                        JSONValue.object([.init("description", .text(choice.sentence))]).adding(operand(choice)))
                }),
        ]
    }

    private var operand: JSONValue {
        switch self {
        case .prefix, .suffix:
            ["anyOf": [["type": "string"], Self.operators([.equalsIgnoreCase]) { _ in ["type": "string"] }]]
        case .equalsIgnoreCase, .wildcard: ["type": "string"]
        case .cidr: ["type": "string", "pattern": "^[0-9A-Fa-f:.]+/[0-9]{1,3}$"]
        case .exists: ["type": "boolean"]
        case .numeric:
            [
                "anyOf": [
                    Self.comparisons([["=", "<", "<=", ">", ">="]]), Self.comparisons([[">", ">="], ["<", "<="]]),
                ]
            ]
        case .anythingBut:
            [
                "anyOf": [
                    ["type": ["string", "number"]], Self.list(of: "string"), Self.list(of: "number"),
                    Self.operators(Self.excludable) { choice in
                        // The empty text begins and ends every text.
                        let text: JSONValue =
                            [.prefix, .suffix].contains(choice)
                            ? ["type": "string", "minLength": 1] : ["type": "string"]
                        return ["anyOf": [text, ["type": "array", "minItems": 1, "items": text]]]
                    },
                ]
            ]
        }
    }

    private static func list(of type: JSONValue) -> JSONValue {
        ["type": "array", "minItems": 1, "items": ["type": type]]
    }

    /// For each comparison its signs, and a number.
    private static func comparisons(_ signs: [[String]]) -> JSONValue {
        let items = signs.flatMap { signs -> [JSONValue] in
            [["enum": .list(signs.map { .text($0) })], ["type": "number"]]
        }
        return ["type": "array", "minItems": .number(items.count), "prefixItems": .list(items), "items": false]
    }
}
