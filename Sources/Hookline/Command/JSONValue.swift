/// A JSON value in the making, whose members keep their order: what schemas are made of.
package indirect enum JSONValue: Equatable, Sendable {
    case null
    case boolean(Bool)
    case number(Int)
    /// A number as it is to be written, e.g. `1.2`.
    case decimal(String)
    case text(String)
    case list([JSONValue])
    case object([Member])

    package struct Member: Equatable, Sendable {
        package var name: String
        package var value: JSONValue

        package init(_ name: String, _ value: JSONValue) { (self.name, self.value) = (name, value) }
    }

    /// Of an object; nil: it has none of this name, or this is no object.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The names of an object's members, in their order.
    package var names: [String] {
        guard case .object(let members) = self else { return [] }
        return members.map(\.name)
    }

    /// An object with the members of both; those of the other one come last, and replace what has their name.
    package func adding(_ other: JSONValue) -> JSONValue {
        guard case .object(let own) = self, case .object(let added) = other else { return self }
        let names = added.map(\.name)
        return .object(own.filter { !names.contains($0.name) } + added)
    }

    /// For people to read: two spaces a level, short lists and objects on one line. Ends with a line break.
    package var page: String { written(indent: "") + "\n" }

    private func written(indent: String) -> String {
        let deeper = indent + "  "
        let (parts, open, close): ([String], String, String)
        switch self {
        case .list(let elements):
            (parts, open, close) = (elements.map { $0.written(indent: deeper) }, "[", "]")
        case .object(let members):
            (parts, open, close) = (
                members.map { "\(Self.quoted($0.name)): \($0.value.written(indent: deeper))" }, "{", "}"
            )
        default: return scalar
        }
        let line = open + parts.joined(separator: ", ") + close
        if line.utf8.count + indent.utf8.count <= 100, !line.contains("\n") { return line }
        return open + "\n" + parts.map { deeper + $0 }.joined(separator: ",\n") + "\n" + indent + close
    }

    private var scalar: String {
        switch self {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .number(let value): "\(value)"
        case .decimal(let text): text
        case .text(let text): Self.quoted(text)
        case .list, .object: ""
        }
    }

    private static func quoted(_ text: String) -> String {
        var json = JSONWriter()
        json.string(nil, text)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral {
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int) { self = .number(value) }
}

extension JSONValue: ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .list(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0, $1) })
    }
}
