/// Which addresses a webhook may be reached at, decided when the connection is made (SPEC section 11).
package struct AddressGuard: Sendable {
    /// An address that was refused, by which rule.
    package struct Refusal: Equatable, Sendable {
        /// What was judged, as written by people: `127.0.0.1`, `fd00::1`.
        package var address: String
        package var rule: String
        /// What was to be connected to, where that is another spelling of an IPv4 address: `::ffff:127.0.0.1`.
        package var spelling: String?
        /// The IPv4 address at the other end of a translator (NAT64) or tunnel (6to4), where the address holds one.
        package var target: String?

        /// The `network.allow` line that would permit it.
        package var permittingEntry: String { address + (address.contains(":") ? "/128" : "/32") }

        /// Says which address and which rule.
        package var text: String {
            let subject =
                if let spelling {
                    "\(spelling), which is \(address),"
                } else if let target {
                    "\(address), which leads to \(target),"
                } else {
                    address
                }
            return "\(subject) lies in \(rule), which is not allowed"
        }
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
        let judged = CIDR.ipv4(spelledAs: address) ?? address
        if allow.contains(where: { $0.contains(judged) }) { return nil }
        guard let rule = Self.forbidden.first(where: { $0.contains(judged) }) else { return nil }
        return Refusal(
            address: Self.text(of: judged), rule: rule.description,
            spelling: judged == address ? nil : Self.text(of: address),
            target: Self.ipv4(behind: judged).map(Self.text))
    }

    /// The last four bytes in 64:ff9b::/96 (RFC 6052), those after the prefix in 2002::/16 (RFC 3056).
    private static func ipv4(behind address: [UInt8]) -> [UInt8]? {
        if address.starts(with: [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]) { return Array(address.suffix(4)) }
        return address.count == 16 && address.starts(with: [0x20, 0x02]) ? Array(address[2..<6]) : nil
    }

    private static func text(of address: [UInt8]) -> String {
        CIDR(network: address, prefixLength: address.count * 8).addressText
    }
}
