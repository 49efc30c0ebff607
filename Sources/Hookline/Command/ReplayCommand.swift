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

    /// nil: nothing is wrong.
    init?(_ paths: [String], _ options: ReplayOptions) {
        if paths.contains("-"), paths.count > 1 {
            self = .inputAmongFiles
        } else if options.prunes, paths.isEmpty || paths == ["-"] {
            self = .nothingToPrune
        } else {
            return nil
        }
    }

    var message: String {
        switch self {
        case .inputAmongFiles: "`replay` takes files or standard input (`-`), not both"
        case .nothingToPrune: "--prune: there is no file to take anything out of"
        }
    }

    var hint: String? {
        switch self {
        case .inputAmongFiles: "run it twice, or pipe all of them: cat FILE... | hookline replay"
        case .nothingToPrune: "name the files: hookline replay --prune FILE..."
        }
    }

    var exitCode: ExitCode { .usage }
}
