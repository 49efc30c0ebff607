/// Reads the words after a command by the command's option table, in GNU's way: `--opt value`, `--opt=value`, bundled
/// short flags, options after operands, and `--`, which ends the options.
///
/// Values are set only after all words are known: variables first, then the command line, in the order of its words.
package struct OptionParser<Target: CommandOptions> {
    /// The two options that every command has; each ends the reading.
    package enum Request: Equatable { case help, version }

    package private(set) var operands: [String] = []
    package private(set) var request: Request?
    package private(set) var warnings: [OptionWarning] = []

    /// The options on the command line, as they were written, without values.
    package var given: [String] {
        assignments.map { assignment in
            switch assignment.source {
            case .option(let name), .variable(let name): name
            }
        }
    }

    private let command: Command
    private var assignments: [(option: Option<Target>, source: OptionError.Source, value: String?)] = []

    package init(_ arguments: some Collection<String>, of command: Command) throws(OptionError) {
        self.command = command
        var words = Array(arguments)[...]
        while request == nil, let word = words.popFirst() {
            if word == "--" {
                operands += words
                return
            } else if word.hasPrefix("--") {
                try readLong(word, &words)
            } else if word.hasPrefix("-"), word != "-" {
                try readShort(word)
            } else {
                operands.append(word)
            }
        }
    }

    /// The options that environment and command line ask for together.
    ///
    /// A variable is not looked at where the command line sets its option, except for one that adds values up.
    package func target(environment: [String: String]) throws(OptionError) -> Target {
        var target = Target()
        let given = Set(assignments.map(\.option.name))
        for option in Target.table where !given.contains(option.name) {
            guard let text = environment[option.variable], !text.isEmpty else { continue }
            let source = OptionError.Source.variable(option.variable)
            switch option.kind {
            case .flag(_, let set):
                switch text {
                case "1", "true": set(&target, true)
                case "0", "false": set(&target, false)
                default: throw .badValue(source, value: text, expected: "1, true, 0 or false", example: "1")
                }
            case .value(let value) where value.isRepeatable:
                for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                    try apply(value, String(part.trimmingSpaces), from: source, to: &target)
                }
            case .value(let value): try apply(value, text, from: source, to: &target)
            case .unavailable: throw .unavailable(option.variable)
            }
        }
        for (option, source, text) in assignments {
            switch option.kind {
            case .flag(_, let set): set(&target, true)
            case .value(let value): try apply(value, text ?? "", from: source, to: &target)
            case .unavailable: break
            }
        }
        return target
    }

    private func apply(
        _ value: Option<Target>.Value, _ text: String, from source: OptionError.Source, to target: inout Target
    ) throws(OptionError) {
        guard value.set(&target, text) else {
            if case .words(let words) = value.completion,
                let nearest = nearestName(to: text.lowercased(), among: words)
                    ?? onlyCompletion(of: text.lowercased(), among: words)
            {
                throw .mistypedValue(source, value: text, expected: value.expected, nearest: nearest)
            }
            throw .badValue(source, value: text, expected: value.expected, example: value.example)
        }
    }

    private mutating func readLong(_ word: String, _ words: inout ArraySlice<String>) throws(OptionError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let inlineValue = parts.count == 2 ? String(parts[1]) : nil
        if name == "--help" || name == "--version" {
            guard inlineValue == nil else { throw .flagWithValue(option: name) }
            request = name == "--help" ? .help : .version
            return
        }
        guard let option = Target.table.first(where: { $0.name == name.dropFirst(2) }) else {
            throw unknown(name, meaning: String(name.dropFirst(2)))
        }
        switch option.kind {
        case .flag:
            guard inlineValue == nil else { throw .flagWithValue(option: name) }
            assignments.append((option, .option(name), nil))
        case .value(let value):
            if let text = inlineValue {
                assignments.append((option, .option(name), text))
                return
            }
            guard let text = words.popFirst() else {
                throw .missingValue(option: name, placeholder: value.placeholder, example: value.example)
            }
            if Target.table.contains(where: { "--" + $0.name == text }) {
                warnings.append(.valueLooksLikeOption(option: name, value: text))
            }
            assignments.append((option, .option(name), text))
        case .unavailable: throw .unavailable(name)
        }
    }

    private mutating func readShort(_ word: String) throws(OptionError) {
        for letter in word.dropFirst() {
            if letter == "h" {
                request = .help
                return
            }
            let option = Target.table.first { option in
                if case .flag(letter, _) = option.kind { true } else { false }
            }
            guard let option else {
                // `-config` is read as letters; the user thinks of it as one word.
                throw unknown(word.count == 2 ? word : "-\(letter)` in `\(word)", meaning: String(word.dropFirst()))
            }
            assignments.append((option, .option("-\(letter)"), nil))
        }
    }

    private func unknown(_ option: String, meaning name: String) -> OptionError {
        let owner = Command.allCases.first { other in
            option.hasPrefix("--") && other != command && other.options.contains { $0.name == name }
        }
        let names = Target.table.map(\.name) + ["help", "version"]
        let nearest = nearestName(to: name, among: names) ?? onlyCompletion(of: name, among: names)
        return .unknownOption(option, of: command, nearest: nearest.map { "--" + $0 }, owner: owner)
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = self.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}
