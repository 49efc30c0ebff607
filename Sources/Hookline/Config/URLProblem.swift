/// Why a text is no URL that a webhook may have (SPEC section 3). Holds no part of the URL but its scheme.
package enum URLProblem: Error, Equatable, Sendable {
    case notHTTPS(scheme: String)
    /// `user:password@`.
    case credentials
    case fragment
    case controlCharacter
    case noHost
    /// Not from 1 to 65535.
    case port
    /// `[fe80::1%25eth0]`: an interface of one machine.
    case zone
    /// What the URL parser said.
    case malformed(String)

    /// `subject`: what the URL is, to begin a sentence.
    func message(of subject: String) -> String {
        switch self {
        case .notHTTPS(let scheme): "\(subject) must be https, not \(quoted(scheme))"
        case .credentials: "\(subject) may not hold a user name or password"
        case .fragment: "\(subject) may not have a fragment"
        case .controlCharacter: "the URL holds a control character or a space"
        case .noHost: "the URL has no host"
        case .port: "the URL's port is not from 1 to 65535"
        case .zone: "\(subject) may not have a zone id"
        case .malformed(let reason): "this is not a URL: \(reason)"
        }
    }

    var hint: String? {
        switch self {
        case .notHTTPS: "for a test on this machine, `hookline listen` serves https"
        case .credentials: "send them by auth: {basic: {username: NAME, password: {env: NAME}}}"
        case .fragment: "remove the part from `#` on: it is never sent; write %23 for a `#` in the path or query"
        case .controlCharacter: "percent-encode it, e.g. %20 for a space"
        case .noHost, .malformed: "write it like https://host.example/path"
        case .port: "leave it out for 443"
        case .zone: "it names an interface of one machine; write an address that is valid without it"
        }
    }
}

/// The same of a proxy's URL, which may be http and have a user name and password.
extension URLProblem {
    var proxyMessage: String {
        switch self {
        case .notHTTPS(let scheme): "a proxy's URL must be http or https, not \(quoted(scheme))"
        case .port: "a proxy's URL needs a port, from 1 to 65535"
        case .fragment, .credentials: "a proxy's URL has scheme, host and port alone"
        default: message(of: "a proxy's URL")
        }
    }

    var proxyHint: String? { "write it like http://proxy.example:3128" }
}
