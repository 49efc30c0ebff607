/// What the options of one command fill in: a value whose `init()` holds the defaults, and the table that sets it.
package protocol CommandOptions: Sendable {
    init()
    /// One row for each option, in the order of help and documentation.
    static var table: [Option<Self>] { get }
}

/// The options of a command that has none of its own.
package struct NoOptions: CommandOptions {
    package static let table: [Option<NoOptions>] = []

    package init() {}
}

/// One row of a command's option table: parser, help and `docs/usage.md` come from it.
package struct Option<Target: CommandOptions>: Sendable {
    package enum Kind: Sendable {
        /// Takes no value on the command line; its environment variable is `1`, `true`, `0` or `false`.
        case flag(short: Character?, set: @Sendable (inout Target, Bool) -> Void)
        case value(Value)
        /// Known by name and refused.
        case unavailable
    }

    /// How a value is written, shown and set.
    package struct Value: Sendable {
        /// What help shows in the value's place: `PATH`, `text|json`.
        package var placeholder: String
        /// What is accepted, as help shows it; nil: the placeholder says it.
        package var range: String?
        /// What is accepted, as a noun that ends "`--memory` needs …".
        package var expected: String
        package var example: String
        /// As the user would write it; nil: none.
        package var initial: String?
        /// Whether each occurrence adds a value. Otherwise the last one wins.
        package var isRepeatable: Bool
        package var completion: Suggestion
        /// Parses, checks and sets; false: the text is not what is expected, and nothing was set.
        package var set: @Sendable (inout Target, String) -> Bool
    }

    /// The long name, without dashes.
    package var name: String
    /// One sentence, lower case, without a full stop.
    package var sentence: String
    package var kind: Kind

    /// The environment variable that sets the option when the command line doesn't: `HOOKLINE_DEAD_LETTER`.
    package var variable: String {
        variablePrefix + name.uppercased().replacing("-", with: "_")
    }

    package typealias Path<Field> = any (WritableKeyPath<Target, Field> & Sendable)

    /// An option whose default is the field's own.
    package init<Field>(
        _ name: String, _ format: ValueFormat<Field>, _ path: Path<Field>,
        _ sentence: String
    ) {
        self.init(name, format, sentence, initial: format.text(Target()[keyPath: path]), isRepeatable: false) {
            $0[keyPath: path] = $1
        }
    }

    /// An option without a default.
    package init<Field>(
        _ name: String, _ format: ValueFormat<Field>, _ path: Path<Field?>,
        _ sentence: String
    ) {
        self.init(name, format, sentence, initial: nil, isRepeatable: false) { $0[keyPath: path] = $1 }
    }

    /// An option that may be given again; its environment variable holds all values, with commas between them.
    package init<Element>(
        _ name: String, _ format: ValueFormat<Element>,
        appendingTo path: Path<[Element]>, _ sentence: String
    ) {
        self.init(name, format, sentence, initial: nil, isRepeatable: true) { $0[keyPath: path].append($1) }
    }

    package init(
        flag name: String, short: Character? = nil, _ sentence: String,
        set: @escaping @Sendable (inout Target, Bool) -> Void
    ) {
        self.name = name
        self.sentence = sentence
        kind = .flag(short: short, set: set)
    }

    package init(unavailable name: String, _ sentence: String) {
        self.name = name
        self.sentence = sentence
        kind = .unavailable
    }

    /// The same option of a command whose options hold these.
    package func within<Outer>(_ path: any (WritableKeyPath<Outer, Target> & Sendable)) -> Option<Outer> {
        switch kind {
        case .flag(let short, let set):
            Option<Outer>(flag: name, short: short, sentence) { set(&$0[keyPath: path], $1) }
        case .value(let value):
            Option<Outer>(
                name: name, sentence: sentence,
                kind: .value(
                    Option<Outer>.Value(
                        placeholder: value.placeholder, range: value.range, expected: value.expected,
                        example: value.example, initial: value.initial, isRepeatable: value.isRepeatable,
                        completion: value.completion
                    ) { value.set(&$0[keyPath: path], $1) }))
        case .unavailable: Option<Outer>(unavailable: name, sentence)
        }
    }

    private init(name: String, sentence: String, kind: Kind) {
        (self.name, self.sentence, self.kind) = (name, sentence, kind)
    }

    private init<Field>(
        _ name: String, _ format: ValueFormat<Field>, _ sentence: String, initial: String?, isRepeatable: Bool,
        assign: @escaping @Sendable (inout Target, Field) -> Void
    ) {
        self.name = name
        self.sentence = sentence
        kind = .value(
            Value(
                placeholder: format.placeholder, range: format.range, expected: format.expected,
                example: format.example, initial: initial, isRepeatable: isRepeatable, completion: format.completion
            ) { target, text in
                guard let field = format.parse(text) else { return false }
                assign(&target, field)
                return true
            })
    }
}

/// What the names of all environment variables of options begin with.
package let variablePrefix = "HOOKLINE_"
