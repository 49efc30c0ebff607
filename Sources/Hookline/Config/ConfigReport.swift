import Glibc

/// One thing to say about a configuration, and where.
package struct ConfigProblem: Equatable, Sendable {
    package enum Cause: Equatable, Sendable {
        case error(ConfigError)
        case warning(ConfigWarning)
    }

    package var cause: Cause
    package var mark: SourceMark

    init(_ error: ConfigError, at mark: SourceMark) {
        cause = .error(error)
        self.mark = mark
    }

    init(_ warning: ConfigWarning, at mark: SourceMark) {
        cause = .warning(warning)
        self.mark = mark
    }

    package var isError: Bool {
        if case .error = cause { true } else { false }
    }

    /// Whether it warns of what is better looked at when no errors are left: something that is not there, or a URL that
    /// may hold a secret.
    var waitsForErrors: Bool {
        switch cause {
        case .warning(.unusedTopic), .warning(.unsigned), .warning(.secretInQuery): true
        default: false
        }
    }

    package var message: String {
        switch cause {
        case .error(let error): error.message
        case .warning(let warning): warning.message
        }
    }

    package var hint: String? {
        switch cause {
        case .error(let error): error.hint
        case .warning(let warning): warning.hint
        }
    }
}

/// Problems in the order of their places, with the texts that they are about.
package struct ConfigReport: Sendable {
    package private(set) var problems: [ConfigProblem]
    private let sources: [SourceText]
    /// One per source; nil where its syntax is broken.
    let roots: [YAMLNode?]

    init(_ problems: [ConfigProblem], sources: [SourceText], roots: [YAMLNode?]) {
        var seen: [ConfigProblem] = []
        // An alias that is used twice has its problems twice.
        for problem in problems.sorted(by: { $0.mark < $1.mark }) {
            let sameMark = seen.reversed().prefix { $0.mark == problem.mark }
            if !sameMark.contains(problem) { seen.append(problem) }
        }
        self.problems = seen
        self.sources = sources
        self.roots = roots
    }

    /// Other problems of the same texts.
    func of(_ problems: [ConfigProblem]) -> ConfigReport { ConfigReport(problems, sources: sources, roots: roots) }

    package var errorCount: Int { problems.count { $0.isError } }

    /// Each problem as `file:line:column: error: message`, the line, a caret and the hint.
    package var text: String {
        var text = ""
        var shown: (file: Int, lines: ShownLines)?
        for problem in problems {
            if shown?.file != problem.mark.file {
                let file = problem.mark.file
                shown = (file, ShownLines(sources[file], root: roots[file]))
            }
            text += "\(location(of: problem)): \(problem.isError ? "error" : "warning"): \(problem.message)\n"
            text += shown?.lines.excerpt(at: problem.mark) ?? ""
            if let hint = problem.hint { text += "  hint: \(hint)\n" }
        }
        return text
    }

    /// Writes all problems to standard error: for a person with source lines, for a machine one object a line.
    package func show(on console: Console) {
        let visible = console.verbosity == .quiet ? problems.filter(\.isError) : problems
        switch console.format {
        case .text:
            let report = ConfigReport(visible, sources: sources, roots: roots)
            // Nobody is left to tell when standard error itself fails.
            _ = writeAll(Array(report.text.utf8), to: STDERR_FILENO)
        case .json:
            for problem in visible {
                let message = "\(location(of: problem)): \(problem.message)"
                if problem.isError {
                    console.error(message, hint: problem.hint)
                } else {
                    console.warning(message, hint: problem.hint)
                }
            }
        }
    }

    private func location(of problem: ConfigProblem) -> String { location(of: problem.mark) }

    /// `file:line:column`.
    package func location(of mark: SourceMark) -> String {
        "\(printable(path: path(of: mark))):\(mark.line):\(mark.column)"
    }

    /// The path of the file, as the user gave it.
    package func path(of mark: SourceMark) -> String { sources[mark.file].path }
}

/// Why there is no configuration.
package enum ConfigFailure: UserFacing {
    /// `reason` is the system's.
    case unreadable(path: String, reason: String)
    case tooLarge(path: String, limit: Int)
    case noFiles(directory: String)
    case invalid(ConfigReport)

    /// The reason why a file that isn't there can't be read.
    private static let missing = systemReason(ENOENT).lowercased()

    package var message: String {
        switch self {
        case .unreadable(let path, let reason): "can't read configuration \(quoted(path)): \(reason)"
        case .tooLarge(let path, let limit):
            "configuration \(quoted(path)) is larger than \(Quantity.text(bytes: limit))"
        case .noFiles(let directory): "directory \(quoted(directory)) holds no *.yaml or *.yml file"
        case .invalid(let report):
            "the configuration has \(counted(report.errorCount, "error"))"
        }
    }

    package var hint: String? {
        switch self {
        case .unreadable(_, Self.missing):
            "name a file or a directory of *.yaml files; `hookline init` writes one to begin with"
        case .unreadable: "name a file or a directory of *.yaml files"
        case .tooLarge, .invalid: nil
        case .noFiles: "name a configuration file, or a directory that holds some"
        }
    }

    package var exitCode: ExitCode {
        switch self {
        case .unreadable, .tooLarge, .noFiles: .noInput
        case .invalid: .configuration
        }
    }

    /// Tells the user: the report of an invalid configuration, or the one sentence of another failure.
    package func show(on console: Console) {
        if case .invalid(let report) = self { report.show(on: console) } else { console.error(self) }
    }
}
