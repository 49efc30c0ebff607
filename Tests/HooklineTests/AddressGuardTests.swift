import Foundation
import Hookline
import TestKit
import Testing

/// Each forbidden block with its first and last address.
private let blocks = [
    ("0.0.0.0/8", "0.0.0.0", "0.255.255.255"),
    ("10.0.0.0/8", "10.0.0.0", "10.255.255.255"),
    ("100.64.0.0/10", "100.64.0.0", "100.127.255.255"),
    ("127.0.0.0/8", "127.0.0.0", "127.255.255.255"),
    ("169.254.0.0/16", "169.254.0.0", "169.254.255.255"),
    ("172.16.0.0/12", "172.16.0.0", "172.31.255.255"),
    ("192.0.0.0/24", "192.0.0.0", "192.0.0.255"),
    ("192.0.2.0/24", "192.0.2.0", "192.0.2.255"),
    ("192.88.99.0/24", "192.88.99.0", "192.88.99.255"),
    ("192.168.0.0/16", "192.168.0.0", "192.168.255.255"),
    ("198.18.0.0/15", "198.18.0.0", "198.19.255.255"),
    ("198.51.100.0/24", "198.51.100.0", "198.51.100.255"),
    ("203.0.113.0/24", "203.0.113.0", "203.0.113.255"),
    ("224.0.0.0/4", "224.0.0.0", "239.255.255.255"),
    ("240.0.0.0/4", "240.0.0.0", "255.255.255.255"),
    ("::/128", "::", "::"),
    ("::1/128", "::1", "::1"),
    ("64:ff9b::/96", "64:ff9b::", "64:ff9b::255.255.255.255"),
    ("64:ff9b:1::/48", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"),
    ("100::/64", "100::", "100::ffff:ffff:ffff:ffff"),
    ("2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2002::/16", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("3fff::/20", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("5f00::/16", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fc00::/7", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fe80::/10", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("ff00::/8", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
]

/// What stands beside the blocks, where that is not forbidden by another.
private let neighbours = [
    "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.1.255",
    "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
    "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
    "::1:0:0", "64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff", "64:ff9b::1:0:0", "64:ff9b:0:ffff:ffff:ffff:ffff:ffff",
    "64:ff9b:2::", "ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "100:0:0:1::",
    "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::",
    "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::", "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "5f01::",
    "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe00::", "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fec0::",
    "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
]

private func refusal(of text: String, allow: [String] = []) throws -> AddressGuard.Refusal? {
    let address = try #require(CIDR.address(text))
    let blocks = try allow.map { try #require(CIDR($0)) }
    return AddressGuard(allow: blocks).refusal(of: address)
}

@Test(arguments: blocks)
func `the first and the last address of a forbidden block are refused`(rule: String, first: String, last: String) throws
{
    for address in [first, last] { #expect(try refusal(of: address)?.rule == rule) }
}

@Test func `every rule has a row here`() {
    #expect(AddressGuard.forbidden.map(\.description) == blocks.map(\.0))
}

@Test func `the page on security names each rule`() throws {
    let page = try String(contentsOf: packageFile("docs/SECURITY.md"), encoding: .utf8)
    let cells = page.split(separator: "\n").filter { $0.hasPrefix("| ") }.flatMap { $0.split(separator: "|").prefix(1) }
    let named = cells.flatMap { $0.split(separator: ",") }.map { $0.trimmingCharacters(in: .whitespaces) }
    #expect(AddressGuard.forbidden.map(\.description).filter { !named.contains($0) } == [])
}

@Test(arguments: neighbours)
func `an address beside the forbidden blocks is permitted`(address: String) throws {
    #expect(try refusal(of: address) == nil)
}

@Test(arguments: blocks.filter { !$0.0.contains(":") })
func `another spelling of an IPv4 address is judged as that, and both are named`(
    rule: String, first: String, last: String
) throws {
    // ::0.0.0.0 is the unspecified address of IPv6 itself.
    let compatible = [first, last].filter { $0 != "0.0.0.0" }.map { ("::", $0) }
    for (prefix, address) in [("::ffff:", first), ("::ffff:", last)] + compatible {
        let found = try #require(try refusal(of: prefix + address))
        #expect([found.address, found.rule] == [address, rule])
        let spelling = try #require(found.spelling)
        #expect(CIDR.address(spelling) == CIDR.address(prefix + address))
        #expect(found.text == "\(spelling), which is \(address), lies in \(rule), which is not allowed")
    }
}

@Test(arguments: ["::ffff:9.9.9.9", "::9.9.9.9"])
func `another spelling of a public IPv4 address is permitted`(address: String) throws {
    #expect(try refusal(of: address) == nil)
}

@Test(arguments: [
    ("64:ff9b::127.0.0.1", "64:ff9b::7f00:1, which leads to 127.0.0.1, lies in 64:ff9b::/96, which is not allowed"),
    ("64:ff9b::9.9.9.9", "64:ff9b::909:909, which leads to 9.9.9.9, lies in 64:ff9b::/96, which is not allowed"),
    ("2002:7f00:1::", "2002:7f00:1::, which leads to 127.0.0.1, lies in 2002::/16, which is not allowed"),
    // Where the IPv4 address stands in these depends on the network.
    ("64:ff9b:1::7f00:1", "64:ff9b:1::7f00:1 lies in 64:ff9b:1::/48, which is not allowed"),
    ("127.0.0.1", "127.0.0.1 lies in 127.0.0.0/8, which is not allowed"),
    ("::", ":: lies in ::/128, which is not allowed"), ("::1", "::1 lies in ::1/128, which is not allowed"),
    ("::2", "::2, which is 0.0.0.2, lies in 0.0.0.0/8, which is not allowed"),
])
func `a refusal names the address, what it stands for, and the rule`(address: String, text: String) throws {
    #expect(try refusal(of: address)?.text == text)
}

@Test(arguments: [
    ("::ffff:10.0.0.0/104", "10.0.0.0/8"), ("::ffff:0:0/96", "0.0.0.0/0"), ("::ffff:7f00:1", "127.0.0.1/32"),
    ("::10.0.0.0/104", "10.0.0.0/8"), ("::2/128", "0.0.0.2/32"),
    ("::/0", nil), ("::/96", nil), ("::/95", nil), ("::fffe:0:0/95", nil), ("::/128", nil), ("::1/128", nil),
    ("fd00::/8", nil), ("10.0.0.0/8", nil),
])
func `a block of nothing but spellings of IPv4 addresses is known as one`(text: String, block: String?) throws {
    #expect(try #require(CIDR(text)).ipv4Block?.description == block)
}

@Test(arguments: [
    ("127.0.0.1", ["127.0.0.1/32"], true), ("127.0.0.2", ["127.0.0.1/32"], false),
    ("::ffff:127.0.0.1", ["127.0.0.0/8"], true), ("10.1.2.3", ["127.0.0.0/8", "10.0.0.0/8"], true),
    ("10.1.2.3", ["10.1.2.0/25"], true), ("10.1.2.128", ["10.1.2.0/25"], false), ("::1", ["127.0.0.0/8"], false),
    ("::1", ["::1/128"], true), ("fd00::1", ["fd00::/8"], true), ("fc00::1", ["fd00::/8"], false),
    ("255.255.255.255", ["0.0.0.0/0"], true), ("fe80::1", ["0.0.0.0/0"], false), ("fe80::1", ["::/0"], true),
    ("::127.0.0.1", ["127.0.0.1/32"], true), ("::127.0.0.1", ["::/0"], false), ("::ffff:127.0.0.1", ["::/0"], false),
    ("::", ["::/96"], true), ("::1", ["::/96"], true), ("::10.0.0.1", ["::/96"], false),
    ("64:ff9b::10.0.0.1", ["10.0.0.0/8"], false), ("64:ff9b::10.0.0.1", ["64:ff9b::/96"], true),
    ("2002:a00:1::", ["10.0.0.0/8"], false),
])
func `network.allow permits what it names and nothing else`(address: String, allow: [String], expected: Bool) throws {
    #expect((try refusal(of: address, allow: allow) == nil) == expected)
}

@Test(arguments: [
    ("127.0.0.1", "127.0.0.1/32"), ("fd00::1", "fd00::1/128"), ("::ffff:10.0.0.7", "10.0.0.7/32"),
    ("::10.0.0.7", "10.0.0.7/32"), ("64:ff9b::10.0.0.7", "64:ff9b::a00:7/128"),
])
func `the entry that a refusal names permits the address`(address: String, entry: String) throws {
    let found = try #require(try refusal(of: address))
    #expect(found.permittingEntry == entry)
    #expect(try refusal(of: address, allow: [found.permittingEntry]) == nil)
}
