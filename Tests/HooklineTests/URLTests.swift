import Hookline
import Testing

private func problem(_ text: String) -> URLProblem? {
    if case .failure(let problem) = CurlMulti.parse(url: text) { problem } else { nil }
}

@Test(arguments: [
    ("https://a.example", "a.example", 443), ("https://a.example/", "a.example", 443),
    ("https://A.Example/Path?q=1", "a.example", 443), ("HTTPS://a.example/", "a.example", 443),
    ("hTTpS://a.example:8443/x", "a.example", 8_443), ("https://a.example:443/", "a.example", 443),
    ("https://a.example:1/", "a.example", 1), ("https://a.example:65535/", "a.example", 65_535),
    ("https://192.0.2.7/", "192.0.2.7", 443), ("https://[2001:db8::1]/", "2001:db8::1", 443),
    ("https://[::1]:8443/", "::1", 8_443), ("https://a.example/%23?a=%20b", "a.example", 443),
    ("https://a.example/p@q:r", "a.example", 443),
])
func `a URL that a webhook may have gives this host and port`(text: String, host: String, port: Int) throws {
    #expect(try CurlMulti.parse(url: text).get() == WebhookURL(text: text, host: host, port: port))
}

@Test(arguments: [
    ("http://a.example/", "http"), ("HTTP://a.example/", "http"), ("ftp://a.example/", "ftp"),
    ("file:///etc/passwd", "file"), ("wss://a.example/", "wss"), ("httpss://a.example/", "httpss"),
])
func `only https is a webhook's scheme`(text: String, scheme: String) {
    guard case .notHTTPS(let found)? = problem(text) else {
        Issue.record("\(text) was taken, or refused for something else")
        return
    }
    #expect(found.lowercased() == scheme)
}

@Test(arguments: [
    ("https://user@a.example/", URLProblem.credentials), ("https://user:word@a.example/", .credentials),
    ("https://:word@a.example/", .credentials), ("https://a.example/#part", .fragment),
    ("https://a.example#part", .fragment), ("https://a.example/\u{1}", .controlCharacter),
    ("https://a.example/\n", .controlCharacter), ("https://a.example/\u{0}x", .controlCharacter),
    ("\thttps://a.example/", .controlCharacter), ("https://a.exa\u{7f}mple/", .controlCharacter),
    ("https://a.example:0/", .port), ("https://a.example:65536/", .port), ("https://a.example:99999999999/", .port),
    ("https://a.example:80a/", .port), ("https://a.example:-1/", .port), ("https://", .noHost), ("https:///", .noHost),
    ("https://:443/", .noHost),
])
func `a URL that a webhook may not have is refused for this`(text: String, expected: URLProblem) {
    #expect(problem(text) == expected)
}

@Test(arguments: [
    "", "a.example", "/path", "https", "https:", "https://[::1/", "https://a b.example/", "://a.example/",
])
func `what is no URL is refused`(text: String) {
    #expect(problem(text) != nil)
}

@Test(arguments: [
    ("https://a.example/secret", "https://a.example"), ("https://a.example:443/secret", "https://a.example"),
    ("https://A.example:8443/secret?secret", "https://a.example:8443"),
    ("https://[::1]:8443/secret", "https://[::1]:8443"),
])
func `a URL is shown without path and query`(text: String, origin: String) throws {
    let url = try CurlMulti.parse(url: text).get()
    #expect(url.origin == origin)
    #expect(url.redacted == origin + "/…")
}
