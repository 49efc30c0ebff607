/// A key of `webhooks.yaml` without its way into the model: what the reference page and the redaction need.
struct ConfigOutline: Sendable {
    var name: String
    /// For the reference page, e.g. `duration, 10ms to 1h`.
    var type: String
    /// Makes the JSON Schema of the value; of a mapping what it says beyond its keys.
    private var makeSchema: @Sendable () -> JSONValue = { [:] }
    /// As it would be written; nil if there is none.
    var value: String?
    var sentence: String
    var isRequired: Bool
    var isSecret: Bool
    var isPerWebhook: Bool
    /// Its keys are names that the user makes up.
    var namesAreFree = false
    /// Only a mapping may be shown of it: text in its place can be a secret.
    var isGroup = false
    /// All of it may be shown, whatever its keys.
    var isOpen = false
    /// A mapping that null stands for.
    var mayBeNull = false
    var children: [ConfigOutline] = []

    /// The target holds the defaults.
    init<Target>(_ key: ConfigKey<Target>, of target: Target) {
        name = key.name
        sentence = key.sentence
        isRequired = key.isRequired
        isSecret = key.isSecret
        isPerWebhook = key.isPerWebhook
        isOpen = key.isOpen
        type = ""
        switch key.shape {
        case .duration(let range, let path): take(.duration(range), Quantity.text(target[keyPath: path]))
        case .size(let range, let path): take(.size(range), Quantity.text(bytes: target[keyPath: path]))
        case .count(let range, let path): take(.count(range), "\(target[keyPath: path])")
        case .boolean(let path): take(.boolean, "\(target[keyPath: path])")
        case .optionalText: take(.optionalText, "null")
        case .choice(let values, let get, _): take(.choice(values), get(target))
        case .pointer(let path): take(.pointer, target[keyPath: path].text)
        case .section(let keys, let null):
            type = null == nil ? "mapping" : "mapping or null"
            mayBeNull = null != nil
            children = keys.map { ConfigOutline($0, of: target) }
        case .special(let form, let value, _, _): take(form, value)
        case .group(let members, let rule, _, _, _):
            type = "mapping or null"
            value = "null"
            makeSchema = rule
            mayBeNull = true
            isGroup = true
            children = members.map(ConfigOutline.init)
        }
    }

    init(_ member: ConfigMember) {
        name = member.name
        type = member.form.type
        if member.members.isEmpty { makeSchema = { member.form.schema } }
        value = member.value
        sentence = member.sentence
        isRequired = member.isRequired
        isSecret = member.isSecret
        isPerWebhook = false
        isGroup = !member.members.isEmpty
        children = member.members.map(ConfigOutline.init)
    }

    private mutating func take(_ form: ConfigForm, _ initial: String?) {
        type = form.type
        makeSchema = { form.schema }
        value = initial
    }

    var schema: JSONValue { makeSchema() }

    var withDescendants: [ConfigOutline] { [self] + children.flatMap(\.withDescendants) }
}

extension ConfigTable {
    static let webhookOutline: [ConfigOutline] = {
        let model = Webhook(name: "", url: .value(WebhookURL(text: "", host: "", port: 443)), topics: [])
        return webhook.map { ConfigOutline($0, of: model) }
    }()

    static let documentOutline: [ConfigOutline] = document.map { key in
        var outline = ConfigOutline(key, of: Config(path: "", sha256: ""))
        switch key.name {
        case "topics": outline.namesAreFree = true
        case "webhooks": outline.children = webhookOutline
        case "tests": outline.children = test.map(ConfigOutline.init)
        case "defaults": outline.children = webhookOutline.filter { !$0.isPerWebhook }
        default: break
        }
        return outline
    }
}
