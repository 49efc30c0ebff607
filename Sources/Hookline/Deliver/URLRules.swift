/// What libcurl's URL parser made of a text.
package struct ParsedURL {
    /// As written.
    package var scheme: String
    /// Before the `@`, percent-decoded; nil: nothing.
    package var user: String?
    package var password: String?
    /// In ASCII, as it is looked up (IDNA), with brackets around an IPv6 address; nil: none.
    package var host: String?
    /// An IPv6 address with the interface behind it (RFC 6874), which `host` leaves out.
    package var hasZone: Bool
    /// The scheme's own where the text names none; nil: none.
    package var port: Int?
    /// Whether the text names the port.
    package var hasPort: Bool
    /// Percent-encoded; `/` where the text names none.
    package var path: String
    package var hasQuery: Bool

    /// The host without brackets, in lower case; nil: none, or an empty one.
    var bareHost: String? {
        guard let host, !host.isEmpty else { return nil }
        return (host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host).lowercased()
    }

    /// The port, if it is one: libcurl takes 0 for one.
    var validPort: Int? { port.flatMap { (1...65_535).contains($0) ? $0 : nil } }

    /// Reads a text by libcurl, and refuses what libcurl would overlook.
    ///
    /// - Parameters:
    ///   - text: the URL.
    ///   - schemes: those that are welcome, in lower case.
    /// - Returns: its parts, or why it is none.
    static func parse(_ text: String, schemes: [String]) -> Result<ParsedURL, URLProblem> {
        if text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7f }) {
            return .failure(.controlCharacter)
        }
        guard text.contains(":/") else { return .failure(.malformed("it has no scheme")) }
        return CurlMulti.parse(url: text).flatMap { url in
            guard schemes.contains(url.scheme.lowercased()) else { return .failure(.notHTTPS(scheme: url.scheme)) }
            // libcurl keeps quiet about an empty fragment.
            if text.utf8.contains(UInt8(ascii: "#")) { return .failure(.fragment) }
            // libcurl takes one to three slashes, so that a path would become the host.
            let slashes = text.utf8.dropFirst(url.scheme.utf8.count + 1).prefix(3)
            guard slashes.starts(with: "//".utf8) else { return .failure(.malformed("two slashes follow the scheme")) }
            if slashes.elementsEqual("///".utf8) || url.bareHost == nil { return .failure(.noHost) }
            if url.hasZone { return .failure(.zone) }
            return .success(url)
        }
    }
}

extension WebhookURL {
    /// Reads a webhook's URL with the parser that will connect, and holds it against SPEC section 3.
    package static func parse(_ text: String) -> Result<WebhookURL, URLProblem> {
        ParsedURL.parse(text, schemes: ["https"]).flatMap { url in
            if url.user != nil || url.password != nil { return .failure(.credentials) }
            guard let host = url.bareHost, let port = url.validPort else { return .failure(.port) }
            return .success(WebhookURL(text: text, host: host, port: port))
        }
    }
}

extension Proxy {
    /// Reads `http(s)://[user:password@]host:port`. The port must be there: what a proxy's is without one, tools differ.
    package static func parse(_ text: String) -> Result<Proxy, URLProblem> {
        ParsedURL.parse(text, schemes: ["http", "https"]).flatMap { url in
            guard url.path == "/", !url.hasQuery, !text.hasSuffix("?") else {
                return .failure(.malformed("a proxy's has no path or query"))
            }
            guard url.hasPort, let host = url.bareHost, let port = url.validPort else { return .failure(.port) }
            var proxy = Proxy(
                url: "\(url.scheme.lowercased())://\(host.contains(":") ? "[\(host)]" : host):\(port)")
            if url.user == nil, url.password == nil { return .success(proxy) }
            let (user, password) = (url.user ?? "", url.password ?? "")
            // U+FFFD: it was no UTF-8.
            let isBroken = (user + password).unicodeScalars.contains {
                $0.value < 0x20 || [0x7f, 0xfffd].contains($0.value)
            }
            if isBroken { return .failure(.controlCharacter) }
            // A Basic user name ends at the first colon (RFC 7617 section 2).
            if user.utf8.contains(UInt8(ascii: ":")) { return .failure(.malformed("its user name holds a colon")) }
            (proxy.username, proxy.password) = (Secret(user), Secret(password))
            return .success(proxy)
        }
    }
}
