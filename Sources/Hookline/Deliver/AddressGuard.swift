/// Which addresses a webhook may be reached at, decided when the connection is made (SPEC section 11).
package struct AddressGuard: Sendable {
    /// An address that was refused, by which rule.
    package struct Refusal: Equatable, Sendable {
        /// As written by people: `127.0.0.1`, `fd00::1`.
        package var address: String
        package var rule: String

        /// The `network.allow` line that would permit it.
        package var permittingEntry: String { address + (address.contains(":") ? "/128" : "/32") }
    }

    /// IANA's special-purpose registries (RFC 6890), and multicast.
    package static let forbidden = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64",
        "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "ff00::/8",
    ].compactMap(CIDR.init)

    private let allow: [CIDR]

    package init(allow: [CIDR]) { self.allow = allow }

    /// - Parameter address: 4 or 16 bytes in network byte order.
    /// - Returns: nil if the address may be connected to.
    package func refusal(of address: [UInt8]) -> Refusal? {
        let address = Self.unmapped(address)
        if allow.contains(where: { $0.contains(address) }) { return nil }
        guard let rule = Self.forbidden.first(where: { $0.contains(address) }) else { return nil }
        return Refusal(address: Self.text(of: address), rule: rule.description)
    }

    /// `::ffff:a.b.c.d` reaches the IPv4 address a.b.c.d (RFC 4291 section 2.5.5.2), so it is judged as that.
    private static func unmapped(_ address: [UInt8]) -> [UInt8] {
        let isMapped = address.count == 16 && address.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        return isMapped ? Array(address.suffix(4)) : address
    }

    private static func text(of address: [UInt8]) -> String {
        CIDR(network: address, prefixLength: address.count * 8).addressText
    }
}
