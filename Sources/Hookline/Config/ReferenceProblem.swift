/// Why what a reference names can't be used. Holds nothing of the value.
package enum ReferenceProblem: Equatable, Sendable {
    case unset
    case empty
    /// `reason` is the system's.
    case unreadable(reason: String)
    case tooLarge(limit: Int)
    case notUTF8
    case url(URLProblem)
    case proxy(URLProblem)
    case headerValue
    case username
    /// A control character in a token or password.
    case controlCharacter
    case notPEM
    /// What is wrong with a signing key, and what to do.
    case signingKey(message: String, hint: String?)

    func message(of reference: Reference) -> String {
        let place = reference.kind == .env ? "environment variable \(quoted(reference.name))" : quoted(reference.name)
        let owner = "\(quoted(reference.key)): \(place)"
        return switch self {
        case .unset: "\(owner) is not set"
        case .empty: "\(owner) is empty"
        case .unreadable(let reason): "\(owner) can't be read: \(reason)"
        case .tooLarge(let limit): "\(owner) is larger than \(Quantity.text(bytes: limit))"
        case .notUTF8: "\(owner) is not UTF-8"
        case .url(let problem): "\(owner): \(problem.message)"
        case .proxy(let problem): "\(owner): \(problem.proxyMessage)"
        case .headerValue: "\(owner) is blank or holds a control character"
        case .username: "\(owner) holds a colon or a control character"
        case .controlCharacter: "\(owner) holds a control character"
        case .notPEM: "\(owner) holds no PEM"
        case .signingKey(let message, _): "\(owner): \(message)"
        }
    }

    func hint(of reference: Reference) -> String? {
        switch self {
        case .unset: "set it where hookline runs, or name a file"
        case .empty: reference.kind == .env ? "set it to the value" : "write the value into it"
        case .unreadable: "a relative path starts at the folder of the configuration file"
        case .tooLarge, .notUTF8: "name the file that holds this value and nothing else"
        case .url(let problem): problem.hint
        case .proxy(let problem): problem.proxyHint
        case .headerValue, .controlCharacter: "only one final line break of a file is dropped: keep it to one line"
        case .username: "RFC 7617 has no room for them"
        case .notPEM: "it should begin with -----BEGIN"
        case .signingKey(_, let hint): hint
        }
    }
}
