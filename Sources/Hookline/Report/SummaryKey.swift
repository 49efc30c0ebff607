/// One member of the summary: how it is written, and what its schema says. `Source` is what it is told of.
struct SummaryKey<Source>: Sendable {
    typealias Get<Value> = @Sendable (Source) -> Value

    let name: String
    private let makeSchema: @Sendable () -> JSONValue
    let sentence: String
    /// Whether it is there only sometimes.
    let isOptional: Bool
    let write: @Sendable (inout JSONWriter, Source) -> Void

    /// The schema, without the sentence, is made only where it is printed: a run has no use for it.
    init(
        name: String, schema: @autoclosure @escaping @Sendable () -> JSONValue, sentence: String,
        isOptional: Bool = false, write: @escaping @Sendable (inout JSONWriter, Source) -> Void
    ) {
        (self.name, makeSchema, self.sentence, self.isOptional) = (name, schema, sentence, isOptional)
        self.write = write
    }

    var schema: JSONValue { makeSchema() }

    /// A whole number, 0 or more.
    static func number(_ name: String, _ sentence: String, _ get: @escaping Get<Int>) -> Self {
        Self(name: name, schema: SummarySchema.count, sentence: sentence) { $0.number(name, get($1)) }
    }

    static func boolean(_ name: String, _ sentence: String, _ get: @escaping Get<Bool>) -> Self {
        Self(name: name, schema: ["type": "boolean"], sentence: sentence) { $0.boolean(name, get($1)) }
    }

    static func text(
        _ name: String, _ sentence: String,
        _ schema: @autoclosure @escaping @Sendable () -> JSONValue = ["type": "string"], _ get: @escaping Get<String?>
    ) -> Self {
        Self(name: name, schema: schema(), sentence: sentence) { $0.string(name, get($1)) }
    }

    /// Counts by name; `schema` is that of a name.
    static func counts(
        _ name: String, _ sentence: String, of names: @autoclosure @escaping @Sendable () -> JSONValue,
        _ get: @escaping Get<[(name: String, count: Int)]>
    ) -> Self {
        Self(
            name: name,
            schema: ["type": "object", "propertyNames": names(), "additionalProperties": SummarySchema.count],
            sentence: sentence
        ) { json, source in
            json.object(name) { for (name, count) in get(source) { $0.number(name, count) } }
        }
    }

    static func object(_ name: String, _ sentence: String, _ keys: [SummaryKey]) -> Self {
        Self(name: name, schema: SummarySchema.object(keys), sentence: sentence) { json, source in
            json.object(name) { write(keys, of: source, to: &$0) }
        }
    }

    static func list<Element>(
        _ name: String, _ sentence: String, _ keys: [SummaryKey<Element>], _ get: @escaping Get<[Element]>
    ) -> Self {
        Self(name: name, schema: ["type": "array", "items": SummarySchema.object(keys)], sentence: sentence) {
            json, source in
            json.array(name) { list in
                for element in get(source) { list.object { SummaryKey<Element>.write(keys, of: element, to: &$0) } }
            }
        }
    }

    static func write(_ keys: [SummaryKey], of source: Source, to json: inout JSONWriter) {
        for key in keys { key.write(&json, source) }
    }
}

/// The JSON Schema (2020-12) of the summary, made from the table by which it is written.
///
/// It is that of this version: a later one may add members without another `schema`.
package enum SummarySchema {
    package static var tree: JSONValue {
        JSONValue.object([
            .init("$schema", "https://json-schema.org/draft/2020-12/schema"),
            .init("$id", "urn:hookline:summary:1"), .init("title", "The summary of a run of hookline"),
        ]).adding(object(SummaryTable.document))
    }

    static var count: JSONValue { ["type": "integer", "minimum": 0] }
    static var time: JSONValue { ["type": "string", "format": "date-time"] }

    static func object<Source>(_ keys: [SummaryKey<Source>]) -> JSONValue {
        let required = keys.filter { !$0.isOptional }.map { JSONValue.text($0.name) }
        let properties = keys.map { key in
            JSONValue.Member(
                key.name, JSONValue.object([.init("description", .text(key.sentence))]).adding(key.schema))
        }
        return [
            "type": "object", "additionalProperties": false, "required": .list(required),
            "properties": .object(properties),
        ]
    }

    static func oneOf(_ names: [String]) -> JSONValue { ["enum": .list(names.map { .text($0) })] }
}
