/// What libcurl's URL parser made of a text.
package struct ParsedURL {
    /// As written.
    package var scheme: String
    package var hasCredentials: Bool
    /// With brackets around an IPv6 address; nil: none.
    package var host: String?
    /// An IPv6 address with the interface behind it (RFC 6874), which `host` leaves out.
    package var hasZone: Bool
    /// The scheme's own where the text names none; nil: none.
    package var port: Int?
}

extension WebhookURL {
    /// Reads a webhook's URL with the parser that will connect, and holds it against SPEC section 3.
    package static func parse(_ text: String) -> Result<WebhookURL, URLProblem> {
        if text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7f }) {
            return .failure(.controlCharacter)
        }
        guard text.contains(":/") else { return .failure(.malformed("it has no scheme")) }
        return CurlMulti.parse(url: text).flatMap { url in check(url, text) }
    }

    private static func check(_ url: ParsedURL, _ text: String) -> Result<WebhookURL, URLProblem> {
        guard url.scheme.lowercased() == "https" else { return .failure(.notHTTPS(scheme: url.scheme)) }
        if url.hasCredentials { return .failure(.credentials) }
        // libcurl keeps quiet about an empty fragment.
        if text.utf8.contains(UInt8(ascii: "#")) { return .failure(.fragment) }
        // libcurl takes one to three slashes, so that a path would become the host.
        let slashes = text.utf8.dropFirst(url.scheme.utf8.count + 1).prefix(3)
        guard slashes.starts(with: "//".utf8) else { return .failure(.malformed("two slashes follow the scheme")) }
        guard !slashes.elementsEqual("///".utf8), let host = url.host, !host.isEmpty else { return .failure(.noHost) }
        if url.hasZone { return .failure(.zone) }
        // libcurl takes 0 for a port.
        guard let port = url.port, (1...65_535).contains(port) else { return .failure(.port) }
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        return .success(WebhookURL(text: text, host: bare.lowercased(), port: port))
    }
}
