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

    /// A socket that no child process inherits.
    static func openSocket(_ family: Int32, _ kind: Int32, _ number: Int32) -> Int32 {
        socket(family, kind | Int32(SOCK_CLOEXEC.rawValue), number)
    }
}
