/// `hookline schema`: prints the JSON Schema of what hookline reads and writes (SPEC section 1).
package enum SchemaCommand {
    /// What there are schemas of.
    package enum Subject: String, CaseIterable, Sendable {
        case config, summary
        case deadLetter = "dead-letter"

        package var page: String {
            switch self {
            case .config: ConfigSchema.tree.page
            case .summary: SummarySchema.tree.page
            case .deadLetter: DeadLetterSchema.tree.page
            }
        }
    }

    /// - Parameters:
    ///   - name: of a subject, as the user wrote it.
    ///   - console: for what is wrong.
    /// - Returns: success, or what is wrong.
    package static func perform(_ name: String, console: Console) -> ExitCode {
        reporting(on: console) {
            guard let subject = Subject(rawValue: name) else { throw SchemaError.unknownSubject(name) }
            try StandardOutput.write(Array(subject.page.utf8))
            return .success
        }
    }
}

/// There is no such schema.
enum SchemaError: UserFacing, Equatable {
    case unknownSubject(String)

    var message: String {
        switch self {
        case .unknownSubject(let name): "there is no schema of \(quoted(name))"
        }
    }

    var hint: String? {
        let names = SchemaCommand.Subject.allCases.map(\.rawValue)
        switch self {
        case .unknownSubject(let name):
            if let nearest = nearestName(to: name, among: names) { return "did you mean `\(nearest)`?" }
            return "there are: \(names.joined(separator: ", "))"
        }
    }

    var exitCode: ExitCode { .usage }
}
