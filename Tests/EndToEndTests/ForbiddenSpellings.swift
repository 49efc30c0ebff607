/// Ways to write a forbidden address as the host of a URL.
enum ForbiddenSpellings {
    /// The rules of which one must be named in the log, and the hosts, with spaces between.
    private static let table: [(rules: [String], hosts: String)] = [
        (
            ["127.0.0.0/8"],
            """
            127.0.0.1 127.0.0.2 127.255.255.254 127.1 127.0.1 127.2 2130706433 2130706434 127.16777215 017700000001
            0177.1 0177.0.0.1 0177.0.0.01 0177.0000.0000.0002 0x7f000001 0X7F000001 0x7f.1 0x7F.0.0.1 0x7f.0.0.0x1
            0x000000007f.1 127.0.0x1 127.0.0.0x2 127.0.01 %31%32%37.0.0.1 127%2e0%2e0%2e1 %30x7f.1
            127.0.0.1. 127.1. 2130706433. 127.0.0.256 127..1 127.0.0.08 0x 4294967296
            [::ffff:127.0.0.1] [::FFFF:127.0.0.1] [::ffff:7f00:1] [::FFFF:7F00:2] [0:0:0:0:0:ffff:127.0.0.1]
            [0000:0000:0000:0000:0000:FFFF:7F00:0001] [::127.0.0.1] [::7f00:1] [0:0:0:0:0:0:127.0.0.1] [0::7F00:0001]
            １２７.０.０.１ 127。0。0。1 127．0．0．1 127｡0｡0｡1 ①②⑦.0.0.1 １２７.１ １２７。１
            localhost. LOCALHOST. a.localhost. localhost.localdomain one.test
            """
        ),
        (
            ["0.0.0.0/8"],
            "0 0.0 0.0.0 0.0.0.0 00 0x0 00000.0x0.0 0. [::ffff:0.0.0.0] [::ffff:0:0] [::2] [::0.255.255.255]"
        ),
        (["::/128"], "[::] [0:0:0:0:0:0:0:0] [0::0] [::0.0.0.0]"),
        (
            ["::1/128"],
            """
            [::1] [0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [::0001] [0::1] [::0:1] [::0.0.0.1]
            ip6-localhost IP6-LOOPBACK
            """
        ),
        (
            ["127.0.0.0/8", "::1/128"],
            """
            localhost LOCALHOST LocalHost loc%61lhost a.localhost deep.name.localhost A.LOCALHOST ⓛocalhost ｌｏｃａｌｈｏｓｔ
            """
        ),
        (
            ["64:ff9b::/96"],
            "[64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [0064:FF9B:0:0:0:0:7F00:0001] [64:ff9b::8.8.8.8] nat64.test"
        ),
        (["64:ff9b:1::/48"], "[64:ff9b:1::7f00:1] [64:FF9B:1:FFFF::1]"),
        (["2002::/16"], "[2002:7f00:1::] [2002:7F00:0001::1] [2002:a00:1::1]"),
        (["fc00::/7"], "[fc00::1] [fd00::1] [FD00::1] [fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff] ula.test"),
        (["fe80::/10"], "[fe80::1] [FE80::1] [febf::1]"), (["ff00::/8"], "[ff02::1] [ff05::2] [FF0E::1]"),
        (["2001:db8::/32"], "[2001:db8::1]"), (["100::/64"], "[100::1]"), (["3fff::/20"], "[3fff::1]"),
        (["5f00::/16"], "[5f00::1]"),
        (["10.0.0.0/8"], "10.0.0.1 0xa000001 012.1 167772161 [::ffff:10.0.0.1] [::10.0.0.1] private.test"),
        (
            ["169.254.0.0/16"],
            """
            169.254.169.254 0xa9fea9fe 2852039166 0251.0376.0251.0376 169.254.43518 [::ffff:169.254.169.254]
            [::ffff:a9fe:a9fe] [::a9fe:a9fe] metadata.test
            """
        ),
        (["172.16.0.0/12"], "172.16.0.1 172.31.255.255"), (["192.168.0.0/16"], "192.168.1.1 192.168.257 0xc0.0xa8.1.1"),
        (["100.64.0.0/10"], "100.64.0.1"), (["192.0.0.0/24"], "192.0.0.1"), (["192.0.2.0/24"], "192.0.2.1"),
        (["192.88.99.0/24"], "192.88.99.1"), (["198.18.0.0/15"], "198.18.0.1"), (["198.51.100.0/24"], "198.51.100.1"),
        (["203.0.113.0/24"], "203.0.113.1"), (["224.0.0.0/4"], "224.0.0.1 239.255.255.250"),
        (["240.0.0.0/4"], "240.0.0.1 255.255.255.255 4294967295"),
    ]

    static let all: [(host: String, rules: [String])] = table.flatMap { row in
        row.hosts.split { $0 == " " || $0 == "\n" }.map { (String($0), row.rules) }
    }

    /// The answers of the name service for those that are names. A number with a final dot or out of range is one too:
    /// a resolver may answer what it likes.
    static let names = """
        127.0.0.1. 127.0.0.1
        127.1. 127.0.0.1
        2130706433. 127.0.0.1
        127.0.0.256 127.0.0.1
        127..1 127.0.0.1
        127.0.0.08 127.0.0.1
        0x 127.0.0.1
        4294967296 127.0.0.1
        0. 0.0.0.0
        localhost. 127.0.0.1
        a.localhost. 127.0.0.1
        localhost.localdomain 127.0.0.1
        one.test 127.0.0.1
        ip6-localhost ::1
        ip6-loopback ::1
        nat64.test 64:ff9b::a00:1
        ula.test fd00::1
        private.test 10.0.0.1
        metadata.test 169.254.169.254
        """

    /// What is no host of a URL at all, and a part of the reason that the configuration error gives.
    static let refused: [(authority: String, reason: String)] = [
        ("[::1%25lo]", "zone id"), ("[::1%lo]", "zone id"), ("[fe80::1%25eth0]", "zone id"),
        ("[fe80::1%251]", "zone id"), ("[::ffff:127.0.0.1%25lo]", "zone id"), ("[ff02::1%25lo]", "zone id"),
        ("[127.0.0.1]", "Bad IPv6 address"), ("[localhost]", "Bad IPv6 address"),
        ("[::ffff:127.1]", "Bad IPv6 address"),
        ("[:::1]", "Bad IPv6 address"), ("[1::2::3]", "Bad IPv6 address"), ("[::g]", "Bad IPv6 address"),
        ("[::ffff:127.0.0.1.]", "Bad IPv6 address"), ("[v1.x]", "Bad IPv6 address"), ("[::1", "Bad IPv6 address"),
        ("::1", "port"), ("[::1].", "port"), ("127.0.0.1:0", "port"), ("127.0.0.1:0x1", "port"),
        ("127.0.0.1%00", "Bad hostname"), ("127.0.0.1%20", "Bad hostname"), ("127.0.0.1%2f", "Bad hostname"),
        ("127.0.0.1\\", "Bad hostname"), ("a@127.0.0.1", "user name"), ("9.9.9.9@127.0.0.1", "user name"),
        ("/127.0.0.1", "no host"), ("", "no host"),
    ]
}
