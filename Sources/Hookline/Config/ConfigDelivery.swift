/// Keys of a webhook that say in which order and how fast it is sent to, and have rules of their own.
extension ConfigPass {
    /// `none`, `strict`, or a mapping with a pointer; nil after a mistake.
    mutating func order(_ node: YAMLNode) -> Webhook.Order? {
        guard case .mapping = node.content else {
            guard case .scalar = node.content, !node.isNull else {
                let expected = "none, strict or {key: …}"
                fail(.wrongType(key: "order", expected: expected, found: found(node), hint: nil), at: node.start)
                return nil
            }
            let text = if case .scalar(let scalar) = node.content { scalar.text } else { "" }
            switch text {
            case "none": return Webhook.Order.none
            case "strict": return .strict
            default:
                let expected = "none, strict or {key: …}"
                let hint =
                    nearestName(to: text, among: ["none", "strict"]).map { "did you mean \(quoted($0))?" }
                    ?? "write {key: \(JSONPointer(text) == nil ? "/object/id" : printable(text))} for the order of a key's events"
                fail(.wrongType(key: "order", expected: expected, found: found(node), hint: hint), at: node.start)
                return nil
            }
        }
        let key = ConfigMember(name: "key", form: .pointer, sentence: "", isRequired: true)
        guard let entries = members(of: node, key: "order", [key]), let value = member("key", entries),
            let text = text(value, key: "order.key")
        else { return nil }
        guard let pointer = JSONPointer(text) else {
            fail(.pointer(key: "order.key", value: text), at: value.start)
            return nil
        }
        return .key(pointer)
    }

    /// Reads a rate; null is none.
    mutating func readRateLimit(_ node: YAMLNode, in webhook: inout Webhook) {
        let key = "rate_limit"
        if node.isNull {
            webhook.rateLimit = nil
            return
        }
        let text = if case .scalar(let scalar) = node.content { scalar.text } else { "" }
        if Quantity.isDigits(text) {
            let hint = "write \(text)/s for requests in a second; units are s, min, h"
            return fail(.unitMissing(key: key, hint: hint), at: node.start)
        }
        guard let rate = Quantity.rate(text) else {
            let hint =
                Quantity.rateMeant(by: text).map { "write \($0); units are s, min, h" }
                ?? "write a whole number and a unit: 50/s, 600/min, 1000/h"
            return fail(.wrongType(key: key, expected: "a rate", found: found(node), hint: hint), at: node.start)
        }
        guard ConfigForm.rates.contains(rate.count) else {
            return fail(
                .outOfRange(key: key, value: text, range: "\(Quantity.text(ConfigForm.rates)) requests"), at: node.start
            )
        }
        webhook.rateLimit = .init(requests: rate.count, period: rate.period)
    }
}
