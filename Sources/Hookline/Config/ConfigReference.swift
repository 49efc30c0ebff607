/// The reference page of `webhooks.yaml`, made from the table of keys.
package enum ConfigReference {
    /// The text of `docs/webhooks.yaml.md`.
    package static var text: String {
        var text = introduction
        text += section("The file", ConfigTable.documentOutline)
        for key in ConfigTable.documentOutline where !key.children.isEmpty && key.type == "mapping" {
            if key.name != "defaults" { text += section("`\(key.name)`", key.children) }
        }
        text += section("A webhook", ConfigTable.webhookOutline)
        for key in ConfigTable.webhookOutline { text += sections(key, at: key.name) }
        for key in ConfigTable.documentOutline where key.name == "tests" { text += section("A test", key.children) }
        return text + filters + examples + rules
    }

    /// The paths of all keys that hold a value, `webhooks.batch.max_events` for one of a webhook. Those of `defaults` are
    /// not repeated.
    package static var keys: [String] {
        func leaves(_ key: ConfigOutline, at path: String) -> [String] {
            key.children.isEmpty ? [path] : key.children.flatMap { leaves($0, at: "\(path).\($0.name)") }
        }
        return ConfigTable.documentOutline.filter { $0.name != "defaults" }.flatMap { leaves($0, at: $0.name) }
    }

    /// Those of them that may stand in `defaults`.
    package static var sharedKeys: [String] {
        let own = ConfigTable.webhookOutline.filter(\.isPerWebhook).map { "webhooks." + $0.name }
        return keys.filter { key in key.hasPrefix("webhooks.") && !own.contains(key) }
    }

    /// What `validate` finds, by name.
    private static var rules: String {
        var text = """

            ## Problems

            What `hookline validate` finds. The rules are the names in its formats `json`, `github` and `sarif`.

            | rule | level | means |
            | --- | --- | --- |

            """
        for rule in ConfigRule.allCases {
            text += "| `\(rule.rawValue)` | \(rule.isError ? "error" : "warning") | \(rule.sentence) |\n"
        }
        return text
    }

    private static let introduction = """
        # webhooks.yaml

        <!-- Made from Sources/Hookline/Config/ConfigTable.swift: RECORD=1 swift test --filter ConfigReferenceTests -->

        One YAML file declares topics and webhooks. `hookline validate` checks it and prints every problem at once.

        - The file is read strictly: an unknown key, a key given twice, a wrong type, a number out of range, a topic \
        that is not declared and a second document are errors.
        - Text needs no quotes unless YAML gives it a meaning: quote `"*"` and `"::1/128"`. An unquoted `no`, `on` or \
        `1.10` stays text where text is wanted.
        - Booleans are `true` and `false` alone.
        - A duration is a whole number with a unit: `500ms`, `5s`, `2m`, `1h`. A size is a whole number of bytes, or \
        one with `B`, `KB`, `MB`, `GB` (powers of 1000) or `KiB`, `MiB`, `GiB` (powers of 1024). A rate is a whole \
        number of requests in a second, minute or hour: `50/s`, `600/min`, `1000/h`.
        - Anchors and aliases work, up to \(YAMLParser.expansionLimit) values; merge keys (`<<`) and tags other than \
        the core ones do not. What webhooks share goes into `defaults`.
        - In place of a file, a directory can be given: its `*.yaml` and `*.yml` are read in the order of their \
        names. Their topics, webhooks and tests are joined; each other section may stand in one of them only.
        - A reference names where a value is kept: `{env: NAME}` is an environment variable, `{file: PATH}` a file, of \
        which one final line break is dropped. A relative path starts at the folder of this configuration file. A run \
        looks there once, at its start; `validate` does with `--resolve`. Where only a reference may stand, the value \
        is a secret that does not belong into this file. Variables inside of text are not replaced.
        - Path and query of a URL, values of headers and secrets are never shown, not in error messages either.


        """

    /// A table for a key's own keys, and for those of each of these.
    private static func sections(_ key: ConfigOutline, at path: String) -> String {
        if key.children.isEmpty { return "" }
        return key.children.reduce(section("`\(path)` of a webhook", key.children)) {
            $0 + sections($1, at: "\(path).\($1.name)")
        }
    }

    private static func section(_ title: String, _ keys: [ConfigOutline]) -> String {
        var text = "## \(title)\n\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n"
        for key in keys {
            let value =
                key.value.map { "`\($0)`" }
                ?? (key.isRequired ? "required" : key.children.isEmpty ? "none" : "see below")
            text += "| `\(key.name)` | \(escaped(key.type)) | \(value) | \(escaped(key.sentence)) |\n"
        }
        return text + "\n"
    }

    /// A `|` would end the table's cell.
    private static func escaped(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
