import Hookline
import Testing

@Test(arguments: [
    ("https://billing.example.com/hooks?a=b", "billing.example.com", 443),
    ("https://billing.example.com", "billing.example.com", 443),
    ("HTTPS://Billing.Example.COM/A", "billing.example.com", 443),
    ("https://h.example:1/", "h.example", 1), ("https://h.example:65535/", "h.example", 65_535),
    ("https://h.example:443/", "h.example", 443), ("https://h.example:/", "h.example", 443),
    ("https://127.0.0.1:8443/", "127.0.0.1", 8_443), ("https://[2001:DB8::1]:8443/x", "2001:db8::1", 8_443),
    ("https://[::1]/", "::1", 443), ("https://h.example/a%20b%23c", "h.example", 443),
    ("https://bücher.example/ä", "xn--bcher-kva.example", 443),
    ("https://BÜCHER.example/", "xn--bcher-kva.example", 443),
    ("https://１２７.０。０.1/", "127.0.0.1", 443), ("https://ｌｏｃａｌｈｏｓｔ:8443/", "localhost", 8_443),
])
func `an https URL gives its host in lower case without brackets, and its port`(text: String, host: String, port: Int) {
    #expect(WebhookURL.parse(text) == .success(WebhookURL(text: text, host: host, port: port)))
}

@Test(arguments: [
    ("http://h.example/", URLProblem.notHTTPS(scheme: "http")), ("HTTP://h.example/", .notHTTPS(scheme: "http")),
    ("ftp://h.example/", .notHTTPS(scheme: "ftp")), ("file:///etc/passwd", .notHTTPS(scheme: "file")),
    ("https://user@h.example/", .credentials), ("https://user:secret@h.example/", .credentials),
    ("https://:secret@h.example/", .credentials), ("https://h.example/#part", .fragment),
    ("https://h.example/?q#", .fragment), ("https://h.example:0/", .port), ("https://h.example:65536/", .port),
    ("https://h.example:-1/", .port), ("https://h.example:80a/", .port), ("https://", .noHost),
    ("https://:443/", .noHost), ("https:///hooks", .noHost), ("https://h.example/\n", .controlCharacter),
    ("https://h.exa\tmple/", .controlCharacter),
    ("https://h.example/\0", .controlCharacter), ("https://h.example/\u{7F}", .controlCharacter),
    ("\r\nhttps://h.example/", .controlCharacter), ("https://[fe80::1%25eth0]/", .zone),
    ("https://[fe80::1%25lo]:8443/", .zone), ("https://[fe80::1%eth0]/", .zone), ("https://[::1%251]/", .zone),
])
func `a URL that a webhook may not have is refused for its reason`(text: String, problem: URLProblem) {
    #expect(WebhookURL.parse(text) == .failure(problem))
}

@Test(arguments: [
    "", "h.example", "/hooks", "https:/h.example", "https://h.example/a b", "https://[::1/", "https://[zz]/",
    "https://a\u{2028}b/", "https://ü\u{FFFD}.example/",
])
func `what is no URL at all is refused`(text: String) {
    guard case .failure = WebhookURL.parse(text) else {
        Issue.record("taken for a URL")
        return
    }
}

@Test func `no reason for a refusal repeats a secret of the URL`() {
    for text in ["https://h.example/s3cret b", "https://u:s3cret@h.example/", "https://h.example/s3cret#s3cret"] {
        guard case .failure(let problem) = WebhookURL.parse(text) else {
            Issue.record("\(text) was taken")
            continue
        }
        #expect(!String(describing: problem).contains("s3cret"))
    }
}

@Test(arguments: [
    ("https://h.example/secret?key=1", "https://h.example/…"),
    ("https://h.example:8443/secret", "https://h.example:8443/…"),
    ("https://[::1]:8443/secret", "https://[::1]:8443/…"), ("https://H.Example:443", "https://h.example/…"),
])
func `a URL is shown as its origin alone`(text: String, shown: String) throws {
    #expect(try WebhookURL.parse(text).get().redacted == shown)
}

@Test(
    arguments: [
        ("http://proxy.example:3128", "http://proxy.example:3128", nil, nil),
        ("HTTPS://Proxy.Example:443/", "https://proxy.example:443", nil, nil),
        ("http://[FD00::1]:3128", "http://[fd00::1]:3128", nil, nil),
        ("http://us%20er:p%40%3Ass@h.example:80", "http://h.example:80", "us er", "p@:ss"),
        ("http://user@h.example:80", "http://h.example:80", "user", ""),
        ("http://:pass@h.example:80", "http://h.example:80", "", "pass"),
    ] as [(String, String, String?, String?)])
func `a proxy's URL gives scheme, host and port, and its credentials decoded`(
    text: String, url: String, username: String?, password: String?
) {
    let expected = Proxy(url: url, username: username.map { Secret($0) }, password: password.map { Secret($0) })
    #expect(Proxy.parse(text) == .success(expected))
}

@Test(arguments: [
    ("socks5://h.example:1080", URLProblem.notHTTPS(scheme: "socks5")), ("http://h.example", .port),
    ("http://h.example/", .port), ("http://h.example:0", .port), ("http://h.example:70000", .port),
    ("http://h.example:80/#", .fragment), ("http://u:p%0a@h.example:80", .controlCharacter),
    ("http://u%00:p@h.example:80", .controlCharacter), ("http://u:p%ff@h.example:80", .controlCharacter),
    ("http://h.example:80\n", .controlCharacter), ("http://:80", .noHost),
])
func `a URL that a proxy may not have is refused for its reason`(text: String, problem: URLProblem) {
    #expect(Proxy.parse(text) == .failure(problem))
}

@Test(arguments: [
    "h.example:80", "http:h.example:80", "http://h.example:80/path", "http://h.example:80/?q", "http://h.example:80?",
    "http://a%3Ab:s3cret@h.example:80",
])
func `what is more or less than a proxy's URL is refused, and nothing of it is told`(text: String) {
    guard case .failure(let problem) = Proxy.parse(text) else {
        Issue.record("taken for a proxy's URL")
        return
    }
    #expect(!String(describing: problem).contains("s3cret"))
}
