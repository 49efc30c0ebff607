/// One key of `webhooks.yaml`: what the reader takes and what the reference page says.
///
/// Its default is the value that a new `Target` has at the key's path, so that each default is declared once, in the
/// model.
struct ConfigKey<Target>: Sendable {
    typealias Path<Value> = WritableKeyPath<Target, Value> & Sendable

    enum Shape: Sendable {
        case duration(ClosedRange<Duration>, any Path<Duration>)
        /// Bytes.
        case size(ClosedRange<Int>, any Path<Int>)
        case count(ClosedRange<Int>, any Path<Int>)
        case boolean(any Path<Bool>)
        case optionalText(any Path<String?>)
        /// One of `values`.
        case choice(
            values: [String], get: @Sendable (Target) -> String,
            set: @Sendable (inout Target, String) -> Void)
        /// A JSON Pointer (RFC 6901).
        case pointer(any Path<JSONPointer>)
        /// `null` is what null sets; without it null is a mistake.
        case section([ConfigKey], null: (@Sendable (inout Target) -> Void)? = nil)
        /// A key with a rule of its own; `form` is for the reference page and the schema, and `value` is what they show as
        /// default.
        /// `show` gives its value, or values below it by their names, for comparing two configurations.
        case special(
            form: ConfigForm, value: String?, show: @Sendable (Target) -> [Setting],
            read: @Sendable (inout ConfigPass, YAMLNode, inout Target) -> Void)
        /// A mapping that is read as a whole, since its keys mean something only together; null is none of it. `rule`: what
        /// a schema says of it beyond its keys.
        case group(
            [ConfigMember], rule: @Sendable () -> JSONValue, show: @Sendable (Target) -> [Setting],
            read: @Sendable (inout ConfigPass, YAMLNode, [YAMLNode.Entry], inout Target) -> Void,
            clear: @Sendable (inout Target) -> Void)
    }

    var name: String
    var shape: Shape
    var sentence: String
    var isRequired = false
    /// The value can be a secret: it is never shown.
    var isSecret = false
    /// May not stand in `defaults`.
    var isPerWebhook = false
    /// Keys of the user's own stand in it, and no secret anywhere.
    var isOpen = false
}

/// A key of a group: what the reference page says of it.
struct ConfigMember: Sendable {
    var name: String
    /// For the reference page and the schema, e.g. `text or reference`.
    var form: ConfigForm
    /// The default as it would be written; nil: there is none.
    var value: String?
    var sentence: String
    var isRequired = false
    var isSecret = false
    var members: [ConfigMember] = []
}
