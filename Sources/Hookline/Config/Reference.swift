/// Where a setting's value is kept: `{env: NAME}` or `{file: PATH}` (SPEC section 3).
package struct Reference: Equatable, Sendable {
    package enum Kind: String, Sendable, CaseIterable { case env, file }

    package var kind: Kind
    /// The variable's name, or the file's path: a relative one is already completed by the configuration's folder.
    package var name: String
    /// The key whose value it stands for, e.g. `auth.bearer`.
    package var key: String
    package var mark: SourceMark

    package init(kind: Kind, name: String, key: String, mark: SourceMark) {
        self.kind = kind
        self.name = name
        self.key = key
        self.mark = mark
    }

    /// As the user wrote it.
    package var text: String { "{\(kind.rawValue): \(name)}" }
}

/// A setting's value, or the reference to it: until a run resolves it, nobody has looked there.
package enum Referable<Value: Equatable & Sendable>: Equatable, Sendable {
    case value(Value)
    case reference(Reference)

    /// Nil where it is not resolved.
    package var value: Value? { if case .value(let value) = self { value } else { nil } }

    package var reference: Reference? { if case .reference(let reference) = self { reference } else { nil } }
}
