/// The places whose values put events in order: the distinct pointers of `order: {key: …}`, and which webhook looks at
/// which.
package struct OrderKeys: Sendable {
    package let pointers: [JSONPointer]
    /// By webhook: the place among `pointers`, and into how many lanes the key's hash divides; nil: it has no key.
    private let uses: [(pointer: Int, lanes: UInt64)?]

    /// `takesPart`: by webhook; the keys of others are not looked for.
    package init(_ webhooks: [Webhook], takesPart: [Bool]) {
        var pointers: [JSONPointer] = []
        uses = zip(webhooks, takesPart).map { webhook, takesPart in
            guard takesPart, case .key(let pointer) = webhook.order else { return nil }
            let place = pointers.firstIndex(of: pointer) ?? pointers.count
            if place == pointers.count { pointers.append(pointer) }
            return (place, UInt64(webhook.laneCount))
        }
        self.pointers = pointers
    }

    /// The lane of the event that was scanned last, among the webhook's.
    package func lane(of webhook: Int, _ scanner: borrowing JSONScanner) -> Int {
        guard let use = uses[webhook] else { return 0 }
        return Int(scanner.orderKey(use.pointer) % use.lanes)
    }
}
