/// How a value of `webhooks.yaml` is written: in words for the reference page, and as JSON Schema.
///
/// The schema says what a JSON Schema can say: it refuses nothing that the reader takes, and takes some of what the
/// reader refuses, e.g. a topic that is not declared.
struct ConfigForm: Sendable {
    /// E.g. `text or reference`.
    let type: String
    private let makeSchema: @Sendable () -> JSONValue

    /// The schema is made only where it is printed: a run has no use for it.
    init(_ type: String, _ schema: @autoclosure @escaping @Sendable () -> JSONValue) {
        self.type = type
        makeSchema = schema
    }

    var schema: JSONValue { makeSchema() }
}

// MARK: Texts

extension ConfigForm {
    static let text = Self("text", anyText)
    static let optionalText = Self("text or null", ["type": ["string", "number", "boolean", "null"]])
    static let pointer = Self(
        "JSON Pointer (RFC 6901)", written("^(?:/(?:[^~/]|~[01])*)+$", "a JSON Pointer such as /a/b"))
    static let name = Self(
        "text",
        text(
            "^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$",
            "1 to 100 of A-Z a-z 0-9, space, dot, _ and -; the first is a letter or digit"))
    static let version = Self("`1`", ["enum": [1, "1"]])
    static let path = Self("path or null", nullable(unexpanded))
    /// Requests of a rate.
    static let rates = 1...1_000_000
    static let rate = Self(
        "rate or null", nullable(written(NumberPattern.rate(rates), "a rate such as 50/s, 600/min or 1000/h")))
    static let pin = Self(
        "`sha256//…` or null",
        nullable(
            written(
                "^sha256//[A-Za-z0-9+/]{43}=(?:;sha256//[A-Za-z0-9+/]{43}=)*$",
                "sha256// and 44 characters of base64; several are separated by ;")))
    static let source = Self(
        "URI reference or null", nullable(text(#"^[!#-;=?-\[\]_a-z~]+$"#, "a URI reference such as urn:example:orders"))
    )
    static let url = Self("URL or reference", referable(written(httpsURL, "a URL that begins with https://")))
    static let proxy = Self(
        "URL, reference or null",
        nullable(referable(written(#"^[Hh][Tt][Tt][Pp][Ss]?://[^@\s]+$"#, "http or https, without user and password"))))

    /// One of these texts; what looks like a number may stand without quotes.
    static func choice(_ values: [String]) -> Self {
        let numbers = values.filter { JSONNumber($0) != nil }
        return Self(
            values.map { "`\($0)`" }.joined(separator: ", "),
            ["enum": .list(values.map { .text($0) } + numbers.map { .decimal($0) })])
    }

    static func duration(_ range: ClosedRange<Duration>) -> Self {
        let shown = Quantity.text(range)
        return Self(
            "duration, \(shown)",
            written(NumberPattern.duration(range), "a whole number and ms, s, m or h: \(shown)"))
    }

    static func size(_ range: ClosedRange<Int>) -> Self {
        let shown = Quantity.text(bytes: range)
        return Self(
            "size, \(shown)",
            [
                "anyOf": [
                    numbers(range),
                    written(
                        NumberPattern.size(range),
                        "a whole number of bytes, or one with B, KB, MB, GB, KiB, MiB or GiB: \(shown)"),
                ]
            ])
    }

    static func count(_ range: ClosedRange<Int>) -> Self {
        Self("whole number, \(Quantity.text(range))", numbers(range))
    }

    static let boolean = Self("`true` or `false`", ["type": "boolean"])
}

// MARK: References

extension ConfigForm {
    static let reference = Self("reference", ["$ref": "#/$defs/reference"])
    static let optionalReference = Self("reference or null", nullable(reference.schema))
    static let references = Self(
        "list of references", ["type": "array", "minItems": 1, "items": reference.schema])
    static let referableText = Self("text or reference", referable(anyText))
    static let username = Self(
        "text or reference", referable(text(#"^[^:\u0000-\u001f\u007f]*$"#, "a user name without a colon")))
    /// A PEM file, or a reference to what it holds.
    static let pem = Self("path, reference or null", nullable(referable(unexpanded)))

    /// What `{env: …}` and `{file: …}` are.
    static var referenceDefinition: JSONValue {
        [
            "description": "Where the value is kept: {env: NAME} is an environment variable, {file: PATH} a file.",
            "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
            "properties": [
                "env": written(
                    "^(?!whsec_|whsk_)[A-Za-z_][A-Za-z0-9_]*$", "the name of an environment variable, without $"),
                "file": unexpanded,
            ],
        ]
    }
}

// MARK: Lists and mappings

extension ConfigForm {
    static let mapping = Self("mapping", ["type": "object"])
    static let webhooks = Self(
        "list of webhooks", ["type": "array", "minItems": 1, "items": ["$ref": "#/$defs/webhook"]])
    static let tests = Self("list of tests", ["type": "array", "items": ["$ref": "#/$defs/test"]])
    static let names = Self("list of names", ["type": "array", "uniqueItems": true, "items": anyText])
    static let event = Self("mapping or JSON text", ["type": ["object", "string"]])
    static let topics = Self(
        "mapping of topic to description",
        [
            "type": "object", "minProperties": 1,
            "propertyNames": written(#"^[^*\u0000-\u001f\u007f]{1,256}$"#, "a topic, without *"),
            "additionalProperties": optionalText.schema,
        ])
    static let subscriptions = Self(
        "list of topics",
        [
            "type": "array", "minItems": 1, "uniqueItems": true,
            "items": text(#"^(?:\*|[^*]+|[^*]+\.\*)$"#, "a topic, object.* or \"*\""),
        ])
    static let blocks = Self(
        "list of CIDR blocks",
        [
            "type": "array",
            "items": written("^[0-9A-Fa-f:.]+(?:/[0-9]{1,3})?$", "a block such as 10.0.0.0/8 or \"::1/128\""),
        ])
    static let order = Self(
        "`none`, `strict` or `{key: JSON Pointer}`",
        [
            "anyOf": [
                choice(["none", "strict"]).schema,
                [
                    "type": "object", "additionalProperties": false, "required": ["key"],
                    "properties": ["key": pointer.schema],
                ],
            ]
        ])
    static let headers = Self(
        "mapping of name to text or reference",
        [
            "type": "object",
            "propertyNames": written(
                "^(?!(?:\(anyCase(ConfigPass.reservedHeaders)))$)[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                "a header's name, none that hookline sets itself"),
            "patternProperties": .object([
                .init("^(?:\(anyCase(ConfigPass.secretHeaders)))$", reference.schema),
                .init(
                    "^(?!(?:\(anyCase(ConfigPass.secretHeaders)))$)",
                    referable(text(#"^(?! *$)[^\u0000-\u001f\u007f]*$"#, "a header's value in one line"))),
            ]),
        ])
    static let filter = Self("event pattern or null", nullable(["$ref": "#/$defs/pattern"]))

    /// What `signing` demands beyond its keys: some belong to `custom` alone, and some schemes take one secret.
    static var signingRule: JSONValue {
        [
            "if": ["properties": ["scheme": ["const": "custom"]], "required": ["scheme"]],
            "then": ["required": ["header"]],
            "else": [
                "properties": ["header": false, "template": false, "value": false, "hash": false, "encoding": false]
            ],
            "allOf": [
                [
                    "if": ["properties": ["scheme": ["enum": ["custom", "github"]]], "required": ["scheme"]],
                    "then": ["properties": ["secrets": ["maxItems": 1]]],
                ]
            ],
        ]
    }
    /// `auth` has one of its keys.
    static var authRule: JSONValue { ["minProperties": 1, "maxProperties": 1] }
}

// MARK: Pieces

extension ConfigForm {
    /// Text; YAML reads some unquoted ones as numbers or booleans, which the reader takes as they are written.
    static var anyText: JSONValue { ["type": ["string", "number", "boolean"]] }

    /// A path that does not count on a shell.
    private static var unexpanded: JSONValue {
        text("^(?![~$])[^\\u0000]+$", "a path, written out: ~ and $ are not replaced")
    }
    private static let httpsURL = #"^[Hh][Tt][Tt][Pp][Ss]://[^/?#@\s]+(?:[/?][^#\s]*)?$"#

    /// A value that is always a string, since no number looks so.
    private static func written(_ pattern: String, _ expected: String) -> JSONValue {
        ["type": "string", "pattern": .text(pattern), "patternErrorMessage": .text(expected)]
    }

    private static func text(_ pattern: String, _ expected: String) -> JSONValue {
        written(pattern, expected).adding(anyText)
    }

    private static func numbers(_ range: ClosedRange<Int>) -> JSONValue {
        ["type": "integer", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)]
    }

    private static func referable(_ schema: JSONValue) -> JSONValue {
        ["anyOf": [["$ref": "#/$defs/reference"], schema]]
    }

    private static func nullable(_ schema: JSONValue) -> JSONValue {
        guard case .list(let choices)? = schema["anyOf"] else { return ["anyOf": [["type": "null"], schema]] }
        return ["anyOf": .list([["type": "null"]] + choices)]
    }

    /// ECMA-262 has no switch for it inside of an expression.
    private static func anyCase(_ names: Set<String>) -> String {
        names.sorted().map { name in
            name.map { $0.isLetter ? "[\($0.uppercased())\($0.lowercased())]" : "\($0)" }.joined()
        }.joined(separator: "|")
    }
}
