import Glibc

/// `hookline replay`: sends dead letters again, each to the webhook that failed (SPEC sections 1 and 9).
package enum ReplayCommand {
    /// - Parameters:
    ///   - paths: files of dead letters; none, or `-` alone: standard input.
    ///   - options: those of `run` that it has, and its own.
    ///   - console: the log.
    /// - Returns: the exit code of SPEC section 2.
    package static func perform(_ paths: [String], _ options: ReplayOptions, console: Console) -> ExitCode {
        if let problem = ReplayError(paths, options) {
            console.error(problem)
            return problem.exitCode
        }
        let source = ReplaySource(paths: paths == ["-"] ? [] : paths, prunes: options.prunes)
        return Run.perform(options.run, as: .replay(source), console: console)
    }
}

/// What can't be replayed together.
enum ReplayError: UserFacing, Equatable {
    case inputAmongFiles
    case nothingToPrune
    case outputIsInput(String)

    /// nil: nothing is wrong.
    init?(_ paths: [String], _ options: ReplayOptions) {
        if paths.contains("-"), paths.count > 1 {
            self = .inputAmongFiles
        } else if options.prunes, paths.isEmpty || paths == ["-"] {
            self = .nothingToPrune
        } else if let path = Self.output(of: options.run, among: paths == ["-"] ? [] : paths) {
            self = .outputIsInput(path)
        } else {
            return nil
        }
    }

    /// An output that is one of the inputs: what is written would be read again, or spoil it.
    private static func output(of options: Options, among paths: [String]) -> String? {
        let fromInput = paths.isEmpty ? FileIdentity(of: STDIN_FILENO).map { [$0] } ?? [] : []
        let inputs = (fromInput + paths.compactMap { FileIdentity(at: $0) }).filter(\.isRegular)
        let outputs = [options.rejects, options.summary, options.metrics, paths.isEmpty ? options.deadLetter : nil]
            .compactMap(\.self)
        return outputs.first { output in FileIdentity(at: output).map(inputs.contains) ?? false }
    }

    var message: String {
        switch self {
        case .inputAmongFiles: "`replay` takes files or standard input (`-`), not both"
        case .nothingToPrune: "--prune: there is no file to take anything out of"
        case .outputIsInput(let path): "\(path) is both read and written"
        }
    }

    var hint: String? {
        switch self {
        case .inputAmongFiles: "run it twice, or pipe all of them: cat FILE... | hookline replay"
        case .nothingToPrune: "name the files: hookline replay --prune FILE..."
        case .outputIsInput: "give each a file of its own"
        }
    }

    var exitCode: ExitCode { .usage }
}
