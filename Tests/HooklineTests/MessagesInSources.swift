import Foundation
import TestKit

/// What the sources say to a user, read from their text: no list of cases holds all messages, since many have values.
enum MessagesInSources {
    /// Files whose texts are of another kind: what `validate` finds is known by its rule, the rest are descriptions.
    private static let others = [
        "ConfigError.swift", "PatternError.swift", "YAMLSyntaxProblem.swift", "ConfigRule.swift",
        "PatternOperator.swift", "Command.swift",
        "ConfigTests.swift", "EventTopic.swift",
    ]

    /// Each message with the file that it stands in; `…` stands for values.
    static func all() throws -> [String: String] {
        let folder = packageFile("Sources/Hookline")
        var found: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
        where path.hasSuffix(".swift") && !others.contains(URL(filePath: path).lastPathComponent) {
            let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
            for message in messages(in: text) { found[message] = path }
        }
        return found
    }

    /// Those of one file: all texts of a property `message` or `sentence`, the first one that `console.warning`,
    /// `console.error` or a `message:` gets, and both that a `let message =` chooses from.
    static func messages(in text: String) -> [String] {
        let bodies = text.matches(of: /var (message|sentence): String \{/).flatMap { match in
            SwiftText(text, from: match.range.upperBound).literals()
        }
        let arguments = text.matches(of: /console\.(warning|error)\(|\bmessage:\s+(?="|counted\()/).compactMap {
            match in
            SwiftText(text, from: match.range.upperBound).literals().first
        }
        let choices = text.matches(of: /let message =\n.*\n *\? (.*)\n *: (.*)\n/).flatMap { match in
            [match.1, match.2].map(String.init).flatMap { SwiftText($0, from: $0.startIndex).literals() }
        }
        return (bodies + arguments + choices).map {
            $0.replacing(/…+/, with: "…").trimmingCharacters(in: CharacterSet(charactersIn: " :"))
        }.filter { message in
            // Shorter ones are parts, such as the name of a variable.
            message.count { $0 == " " } >= 2 && message.contains(where: \.isLetter) && !message.hasPrefix(",")
        }
    }
}

/// A place in a Swift source, just behind an opening brace or parenthesis, or in front of an argument.
struct SwiftText {
    private let text: [Character]
    private var index = 0

    init(_ text: String, from start: String.Index) { self.text = Array(text[start...]) }

    /// The string literals up to where the scope or the argument ends, interpolations as `…`, `+` between two joined.
    func literals() -> [String] {
        var copy = self
        return copy.takeLiterals()
    }

    private mutating func takeLiterals() -> [String] {
        var found: [String] = []
        var depth = 0
        var joins = false
        while index < text.count {
            switch text[index] {
            case "/" where index + 1 < text.count && text[index + 1] == "/":
                while index < text.count, text[index] != "\n" { index += 1 }
            case "\"":
                let literal = takeLiteral()
                if joins, let last = found.popLast() { found.append(last + literal) } else { found.append(literal) }
                joins = false
            case "{", "(":
                depth += 1
                index += 1
            case "}", ")":
                depth -= 1
                if depth < 0 { return found }
                joins = false
                index += 1
            default:
                // A sum of literals has nothing but white space and the sign between them.
                if text[index] == "+" { joins = true } else if !text[index].isWhitespace { joins = false }
                index += 1
            }
        }
        return found
    }

    /// The literal that begins here.
    private mutating func takeLiteral() -> String {
        var literal = ""
        index += 1
        while index < text.count, text[index] != "\"" {
            if text[index] == "\\", text[index + 1] == "(" {
                literal += "…"
                index += 2
                _ = takeLiterals()
            } else if text[index] == "\\" {
                literal.append(text[index + 1])
                index += 1
            } else {
                literal.append(text[index])
            }
            index += 1
        }
        index += 1
        return literal
    }
}
