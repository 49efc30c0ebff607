/// A problem with all that is to be said of it, for formats that machines read.
package struct ConfigFinding: Equatable, Sendable {
    package var rule: ConfigRule
    package var isError: Bool
    /// As the user gave it: a file, or what stands in its place and can't be read.
    package var file: String
    /// From 1; nil: the file as a whole.
    package var line: Int?
    /// From 1, in Unicode scalars.
    package var column: Int?
    /// The column just after the key or scalar that begins there, if that ends in the same line.
    package var endColumn: Int?
    package var message: String
    package var hint: String?

    /// `file:line:column`, or the file alone.
    package var place: String {
        ([printable(path: file)] + [line, column].compactMap { $0.map(String.init) }).joined(separator: ":")
    }

    /// The hint stands in a line of its own.
    package var messageWithHint: String { message + (hint.map { "\nhint: \($0)" } ?? "") }

    /// For GitHub Actions. `folder` is where paths are seen from.
    package func workflowCommand(in folder: String) -> WorkflowCommand {
        WorkflowCommand(
            isError ? .error : .warning, file: RelativePath.of(file, in: folder), line: line, column: column,
            endColumn: endColumn, title: "hookline: \(rule.rawValue)", message: messageWithHint)
    }
}

extension ConfigReport {
    /// All problems, in the order of their places.
    package var findings: [ConfigFinding] {
        var ends: [SourceMark: SourceMark] = [:]
        if !problems.isEmpty { for root in roots { root?.noteEnds(in: &ends) } }
        return problems.map { problem in
            let end = ends[problem.mark].flatMap { $0.line == problem.mark.line ? $0.column : nil }
            return ConfigFinding(
                rule: problem.rule, isError: problem.isError, file: path(of: problem.mark), line: problem.mark.line,
                column: problem.mark.column, endColumn: end, message: problem.message, hint: problem.hint)
        }
    }
}

extension ConfigFailure {
    /// The problems that the failure tells of.
    package var findings: [ConfigFinding] {
        let (rule, file): (ConfigRule, String)
        switch self {
        case .invalid(let report): return report.findings
        case .unreadable(let path, _): (rule, file) = (.unreadable, path)
        case .tooLarge(let path, _): (rule, file) = (.tooLarge, path)
        case .noFiles(let path): (rule, file) = (.noFiles, path)
        }
        return [
            ConfigFinding(
                rule: rule, isError: true, file: withoutSecrets(file), line: nil, column: nil, endColumn: nil,
                message: message, hint: hint)
        ]
    }
}

extension YAMLNode {
    /// Notes where keys and scalars end, by where they begin.
    fileprivate func noteEnds(in ends: inout [SourceMark: SourceMark]) {
        switch content {
        case .scalar: if end > start { ends[start] = end }
        case .sequence(let elements): for element in elements { element.noteEnds(in: &ends) }
        case .mapping(let entries):
            for entry in entries {
                if entry.keyEnd > entry.keyStart { ends[entry.keyStart] = entry.keyEnd }
                entry.value.noteEnds(in: &ends)
            }
        }
    }
}

extension ConfigProblem {
    package var rule: ConfigRule {
        switch cause {
        case .error(let error): error.rule
        case .warning(let warning): warning.rule
        }
    }
}

extension ConfigWarning {
    fileprivate var rule: ConfigRule {
        switch self {
        case .everyTopic: .everyTopic
        case .unusedTopic: .unusedTopic
        case .inactive: .inactive
        case .unsigned: .unsigned
        case .readableByOthers: .readableByOthers
        case .bearerPrefix: .bearerPrefix
        case .secretTwice: .secretTwice
        case .prefixedSecret: .prefixedSecret
        case .secretInQuery: .secretInQuery
        case .dollarInURL: .dollarInURL
        case .proxied: .proxied
        case .spoolWithoutDirectory: .spoolWithoutDirectory
        case .orAsField: .orAsField
        case .testOfUndeclaredTopic: .testOfUndeclaredTopic
        }
    }
}

extension ConfigError {
    fileprivate var rule: ConfigRule {
        switch self {
        case .syntax: .syntax
        case .invalidUTF8: .invalidUTF8
        case .empty: .emptyFile
        case .secondDocument: .secondDocument
        case .tooDeep: .tooDeep
        case .unknownAlias: .unknownAlias
        case .aliasOfItself: .aliasOfItself
        case .expansion: .aliasExpansion
        case .tag: .tag
        case .mergeKey: .mergeKey
        case .keyNotText: .keyNotText
        case .duplicateKey: .duplicateKey
        case .documentNotMapping: .documentNotMapping
        case .unknownKey: .unknownKey
        case .missingKey: .missingKey
        case .onlyPerWebhook: .onlyPerWebhook
        case .sectionInTwoFiles: .sectionInTwoFiles
        case .wrongType: .wrongType
        case .emptyList: .emptyList
        case .outOfRange: .outOfRange
        case .unitMissing: .unitMissing
        case .unknownChoice: .unknownChoice
        case .version: .version
        case .pointer: .jsonPointer
        case .topicName: .topicName
        case .topicDeclaredTwice: .topicDeclaredTwice
        case .undeclaredTopic: .undeclaredTopic
        case .topicPattern: .topicPattern
        case .patternWithoutTopic: .patternWithoutTopic
        case .topicListedTwice: .topicListedTwice
        case .webhookName: .webhookName
        case .webhookNameTaken: .webhookNameTaken
        case .url: .url
        case .proxy: .proxy
        case .plainSecret: .plainSecret
        case .notReference, .referenceAsText, .referenceWithoutSpace: .notReference
        case .twoReferences: .twoReferences
        case .pathNotExpanded: .pathNotExpanded
        case .variableName: .variableName
        case .notOneOf: .notOneOf
        case .needsOther: .needsOther
        case .onlyForCustom: .onlyForCustom
        case .oneSecret: .oneSecret
        case .template: .template
        case .username: .username
        case .pin: .pin
        case .headerOfKey: .headerOfKey
        case .unresolved: .unresolved
        case .headerName: .headerName
        case .headerReserved, .signingHeaderReserved: .headerReserved
        case .headerTwice: .headerTwice
        case .headerValue: .headerValue
        case .address: .address
        case .hostBits: .hostBits
        case .ipv4Spelling: .ipv4Spelling
        case .pattern: .filter
        case .testEvent: .testEvent
        case .testNameTaken: .testNameTaken
        case .unknownWebhook: .unknownWebhook
        case .webhookListedTwice: .webhookListedTwice
        }
    }
}
