import Glibc

/// Sockets of the test itself that listen on one port of several loopback addresses, and never answer.
final class LoopbackListener {
    /// The one port, free on all of the addresses.
    private(set) var port = 0
    private var descriptors: [Int32] = []

    private enum Failure: Error {
        case noPort(errno: Int32)
    }

    /// Takes addresses of IPv4 or IPv6, of which one that this machine has not is left out, and a port, 0 for any.
    init(_ addresses: [String] = ["127.0.0.1", "127.0.0.2", "::1"], port wanted: Int = 0) throws {
        for attempt in 1... {
            port = wanted
            for address in addresses {
                guard let descriptor = Self.listen(address, port: port) else { break }
                descriptors.append(descriptor)
                if port == 0 { port = Self.port(of: descriptor) }
            }
            let missing = addresses.count - descriptors.count
            if missing == 0 || (missing == 1 && errno == EADDRNOTAVAIL) { return }
            // Another process has the port on one of the addresses.
            guard attempt < 16, wanted == 0 else { throw Failure.noPort(errno: errno) }
            closeAll()
        }
    }

    deinit { closeAll() }

    /// Connections since the last call.
    func accepted() -> Int {
        var count = 0
        for descriptor in descriptors {
            while case let connection = accept(descriptor, nil, nil), connection >= 0 {
                close(connection)
                count += 1
            }
        }
        return count
    }

    private func closeAll() {
        for descriptor in descriptors { close(descriptor) }
        descriptors = []
    }

    private static func listen(_ text: String, port: Int) -> Int32? {
        let family = text.contains(":") ? AF_INET6 : AF_INET
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { return nil }
        let bound: Int32
        if family == AF_INET {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            _ = unsafe inet_pton(AF_INET, text, &address.sin_addr)
            bound = bind(descriptor, address)
        } else {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = in_port_t(port).bigEndian
            _ = unsafe inet_pton(AF_INET6, text, &address.sin6_addr)
            bound = bind(descriptor, address)
        }
        guard bound == 0, Glibc.listen(descriptor, SOMAXCONN) == 0 else {
            let code = errno
            close(descriptor)
            errno = code
            return nil
        }
        return descriptor
    }

    private static func bind<Address>(_ descriptor: Int32, _ address: Address) -> Int32 {
        unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }

    private static func port(of descriptor: Int32) -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        return Int(in_port_t(bigEndian: address.sin_port))
    }
}
