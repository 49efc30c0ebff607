extension Proxy {
    package static func parse(_ text: String) -> Result<Proxy, URLProblem> {
        CurlMulti.parse(url: text).flatMap { url in
            guard ["http", "https"].contains(url.scheme) else { return .failure(.notHTTPS(scheme: url.scheme)) }
            return .success(Proxy(url: text, username: url.hasCredentials ? Secret("x") : nil))
        }
    }
}
