/// The JSON Schema (2020-12) of `webhooks.yaml`, made from the table of keys.
///
/// Of one file: in a directory of them, topics and webhooks may stand in another one, so neither is demanded.
package enum ConfigSchema {
    package static var tree: JSONValue {
        let document = ConfigTable.documentOutline
        let webhook = ConfigTable.webhookOutline
        var definitions: [JSONValue.Member] = [
            .init("webhook", object(webhook.map { ($0, reference(to: $0)) }, "A webhook.")),
            .init("test", object(ConfigTable.test.map { ConfigOutline($0) }.map { ($0, schema(of: $0)) }, "A test.")),
            .init("reference", ConfigForm.referenceDefinition),
            .init("pattern", PatternOperator.patternDefinition),
            .init("pattern_field", PatternOperator.fieldDefinition),
            .init("pattern_alternatives", PatternOperator.alternativesDefinition),
        ]
        definitions += webhook.map { .init(definition(of: $0), schema(of: $0)) }
        let root = object(
            document.map { key in
                guard key.name == "defaults" else { return (key, schema(of: key)) }
                let shared = webhook.filter { !$0.isPerWebhook }.map { ($0, reference(to: $0)) }
                return (key, object(shared, key.sentence))
            }, "The topics and webhooks of hookline, in one file or a part of a directory's.",
            required: ["version"])
        return JSONValue.object([
            .init("$schema", "https://json-schema.org/draft/2020-12/schema"),
            .init("$id", "urn:hookline:config:1"), .init("title", "webhooks.yaml of hookline"),
        ]).adding(root).adding(["$defs": .object(definitions)])
    }

    private static func definition(of key: ConfigOutline) -> String { "webhook_\(key.name)" }

    /// Keys of a webhook stand in `defaults` too.
    private static func reference(to key: ConfigOutline) -> JSONValue {
        ["$ref": .text("#/$defs/" + definition(of: key))]
    }

    private static func schema(of key: ConfigOutline) -> JSONValue {
        var schema = key.schema
        // Lists of mappings say by reference what is in them.
        if !key.children.isEmpty, !["webhooks", "tests"].contains(key.name) || key.isGroup {
            schema = object(key.children.map { ($0, self.schema(of: $0)) }, nil).adding(key.schema)
            if key.mayBeNull { schema = ["anyOf": [["type": "null"], schema]] }
        }
        var described = JSONValue.object([.init("description", .text(key.sentence))])
        if let value = key.value { described = described.adding(["default": initial(value, of: key)]) }
        return described.adding(schema)
    }

    /// A mapping with these keys and no other; `required` is what the keys say where it is nil.
    private static func object(
        _ keys: [(ConfigOutline, JSONValue)], _ description: String?, required: [String]? = nil
    ) -> JSONValue {
        var members: [JSONValue.Member] = []
        if let description { members.append(.init("description", .text(description))) }
        members += [.init("type", "object"), .init("additionalProperties", false)]
        let required = required ?? keys.map(\.0).filter(\.isRequired).map(\.name)
        if !required.isEmpty { members.append(.init("required", .list(required.map { .text($0) }))) }
        members.append(.init("properties", .object(keys.map { .init($0.name, $1) })))
        return .object(members)
    }

    /// A default as the schema's kind of value.
    private static func initial(_ value: String, of key: ConfigOutline) -> JSONValue {
        switch value {
        case "null": return .null
        case "{}": return [:]
        case "[]": return []
        case "true": return true
        case "false": return false
        default: return key.schema["type"] == "integer" ? Int(value).map { .number($0) } ?? .text(value) : .text(value)
        }
    }
}
