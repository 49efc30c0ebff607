import Glibc

/// What libcurl's socket callback needs of the system.
enum SocketAddress {
    /// The address in network byte order: 4 bytes, 16, or nil for another family than IP.
    static func bytes(_ start: UnsafeRawPointer, family: Int32) -> [UInt8]? {
        switch family {
        case AF_INET:
            return unsafe withUnsafeBytes(of: start.loadUnaligned(as: sockaddr_in.self).sin_addr) { unsafe Array($0) }
        case AF_INET6:
            return unsafe withUnsafeBytes(of: start.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { unsafe Array($0) }
        default:
            return nil
        }
    }

    /// The address that a URL's host is, in network byte order; nil: it is a name. Reads all that a resolver takes for
    /// IPv4: short forms, octal and hex parts, a dot at the end.
    static func literal(_ host: String) -> [UInt8]? {
        if host.contains(":") { return CIDR.address(host) }
        var address = in_addr()
        let bare = host.hasSuffix(".") ? String(host.dropLast()) : host
        guard unsafe inet_aton(bare, &address) != 0 else { return nil }
        return unsafe withUnsafeBytes(of: address) { unsafe Array($0) }
    }

    /// libcurl's IDN takes host names in the locale's encoding, and a configuration is UTF-8 in every locale.
    static let namesAreUTF8: Void = { _ = unsafe setlocale(LC_CTYPE, "C.UTF-8") }()

    /// A socket that no child process inherits.
    static func openSocket(_ family: Int32, _ kind: Int32, _ number: Int32) -> Int32 {
        socket(family, kind | Int32(SOCK_CLOEXEC.rawValue), number)
    }
}
