/// Writes an XML 1.0 document, element by element, indented by two spaces a level.
///
/// A character that XML can't hold, escaped or not (section 2.2: most controls, U+FFFE, U+FFFF), is shown as `\u{1b}`.
package struct XMLText {
    package typealias Attributes = [(name: String, value: any CustomStringConvertible)]

    package private(set) var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    private var depth = 0

    package init() {}

    package mutating func open(_ element: String, _ attributes: Attributes) {
        text += "\(indent)<\(element)\(Self.written(attributes))>\n"
        depth += 1
    }

    package mutating func close(_ element: String) {
        depth -= 1
        text += "\(indent)</\(element)>\n"
    }

    /// An element that holds text alone, or nothing.
    package mutating func leaf(_ element: String, _ attributes: Attributes, _ content: String) {
        text += "\(indent)<\(element)\(Self.written(attributes))"
        text += content.isEmpty ? "/>\n" : ">\(Self.escaped(content, inAttribute: false))</\(element)>\n"
    }

    private var indent: String { String(repeating: "  ", count: depth) }

    private static func written(_ attributes: Attributes) -> String {
        attributes.map { " \($0.name)=\"\(escaped($0.value.description, inAttribute: true))\"" }.joined()
    }

    private static func escaped(_ text: String, inAttribute: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            // Of `]]>`, which may not stand in text.
            case ">": escaped += "&gt;"
            case "\"" where inAttribute: escaped += "&quot;"
            // Else a reader makes a space or a line feed of them.
            case "\r": escaped += "&#13;"
            case "\n" where inAttribute: escaped += "&#10;"
            case "\t" where inAttribute: escaped += "&#9;"
            case "\n", "\t": escaped.unicodeScalars.append(scalar)
            case "\0"..." ", "\u{7f}"..."\u{9f}", "\u{fffe}", "\u{ffff}":
                escaped += scalar == " " ? " " : "\\u{\(String(scalar.value, radix: 16))}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
