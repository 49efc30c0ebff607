import Glibc

/// A block of IPv4 or IPv6 addresses, e.g. `10.0.0.0/8` or `fc00::/7` (RFC 4632, RFC 4291).
package struct CIDR: Equatable, Sendable {
    /// Network byte order: 4 bytes or 16.
    package let network: [UInt8]
    /// Leading bits that count: 0 to 32, or 0 to 128.
    package let prefixLength: Int

    /// Parses `address/length`. A bare address stands for itself alone; bits after the prefix must be zero.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = Self.address(String(first)) else { return nil }
        let width = address.count * 8
        var length = width
        if parts.count == 2 {
            guard let digits = Int(parts[1]), (0...width).contains(digits), String(digits) == parts[1] else {
                return nil
            }
            length = digits
        }
        for bit in length..<width where address[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 { return nil }
        network = address
        prefixLength = length
    }

    /// The network, in network byte order, has no bits after the prefix.
    package init(network: [UInt8], prefixLength: Int) {
        self.network = network
        self.prefixLength = prefixLength
    }

    /// Whether the block holds the address, given in network byte order (4 or 16 bytes).
    package func contains(_ address: [UInt8]) -> Bool {
        guard address.count == network.count else { return false }
        let whole = prefixLength / 8
        guard address.prefix(whole) == network.prefix(whole) else { return false }
        let rest = prefixLength % 8
        if rest == 0 { return true }
        let mask = ~(UInt8.max >> UInt8(rest))
        return address[whole] & mask == network[whole] & mask
    }

    /// The bytes of an address in its standard spelling (inet_pton: no octal, no short forms), or nil.
    package static func address(_ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let isIPv4 = unsafe bytes.withUnsafeMutableBytes { unsafe inet_pton(AF_INET, text, $0.baseAddress) } == 1
        if isIPv4 { return Array(bytes.prefix(4)) }
        let isIPv6 = unsafe bytes.withUnsafeMutableBytes { unsafe inet_pton(AF_INET6, text, $0.baseAddress) } == 1
        return isIPv6 ? bytes : nil
    }

    /// The IPv4 address that an IPv6 address is only another spelling of: `::ffff:a.b.c.d` (IPv4-mapped, RFC 4291
    /// section 2.5.5.2) and `::a.b.c.d` (IPv4-compatible, section 2.5.5.1). `::` and `::1` are addresses of IPv6.
    /// - Parameter address: 4 or 16 bytes in network byte order.
    /// - Returns: 4 bytes, or nil.
    package static func ipv4(spelledAs address: [UInt8]) -> [UInt8]? {
        guard address.count == 16, address.prefix(10).allSatisfy({ $0 == 0 }) else { return nil }
        let isMapped = address[10] == 0xff && address[11] == 0xff
        let isCompatible =
            address[10] == 0 && address[11] == 0 && address.suffix(4) != [0, 0, 0, 0]
            && address.suffix(4) != [0, 0, 0, 1]
        return isMapped || isCompatible ? Array(address.suffix(4)) : nil
    }

    /// The IPv4 block that this block is only another spelling of, e.g. 10.0.0.0/8 for `::ffff:10.0.0.0/104`; else nil.
    package var ipv4Block: CIDR? {
        guard prefixLength >= 96, let network = Self.ipv4(spelledAs: network) else { return nil }
        return CIDR(network: network, prefixLength: prefixLength - 96)
    }
}

extension CIDR: CustomStringConvertible {
    package var description: String { "\(addressText)/\(prefixLength)" }

    /// The address without the length, as inet_ntop writes it.
    package var addressText: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = network.count == 4 ? AF_INET : AF_INET6
        let written = unsafe network.withUnsafeBytes { source in
            unsafe text.withUnsafeMutableBufferPointer { target in
                unsafe inet_ntop(family, source.baseAddress, target.baseAddress, socklen_t(target.count)) != nil
            }
        }
        precondition(written, "inet_ntop failed")
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
