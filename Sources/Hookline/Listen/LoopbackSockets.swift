import Glibc

/// The listening sockets, 127.0.0.1 and, where the machine has IPv6, ::1, on one port. Owns both.
struct LoopbackSockets: ~Copyable {
    /// The port that was given, or the free one that was found.
    let port: Int
    let ipv4: Int32
    /// Nil on a machine without IPv6.
    let ipv6: Int32?

    /// - Parameter wanted: 0 to 65535; 0: any that is free for both.
    /// - Throws: `ListenError.portInUse`, or `.port` for any other reason.
    init(port wanted: Int) throws(ListenError) {
        // The system picks a free port for IPv4 alone; another process may hold it for IPv6.
        var attempts = wanted == 0 ? 16 : 1
        while true {
            attempts -= 1
            let first = try listen(AF_INET, port: wanted)
            let chosen = Self.port(of: first)
            do throws(ListenError) {
                ipv6 = try listen(AF_INET6, port: chosen)
            } catch .port(_, EADDRNOTAVAIL), .port(_, EAFNOSUPPORT) {
                ipv6 = nil
            } catch {
                close(first)
                if attempts > 0 { continue }
                throw error
            }
            ipv4 = first
            port = chosen
            return
        }
    }

    deinit {
        close(ipv4)
        if let ipv6 { close(ipv6) }
    }

    private static func port(of descriptor: Int32) -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// A non-blocking socket that listens on the family's loopback address.
private func listen(_ family: Int32, port: Int) throws(ListenError) -> Int32 {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(family, kind, 0)
    guard descriptor >= 0 else { throw .port(port, errno: errno) }
    var on: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
    if family == AF_INET6 { unsafe setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, size) }
    let bound = family == AF_INET ? bindIPv4(descriptor, port: port) : bindIPv6(descriptor, port: port)
    guard bound == 0, Glibc.listen(descriptor, SOMAXCONN) == 0 else {
        let code = errno
        close(descriptor)
        throw code == EADDRINUSE ? .portInUse(port) : .port(port, errno: code)
    }
    return descriptor
}

private func bindIPv4(_ descriptor: Int32, port: Int) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    return unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

private func bindIPv6(_ descriptor: Int32, port: Int) -> Int32 {
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_port = in_port_t(port).bigEndian
    address.sin6_addr = in6addr_loopback
    return unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
    }
}
