import Glibc

/// `hookline report`: adds up the summaries of many runs (SPEC section 1).
package enum ReportCommand {
    /// - Parameters:
    ///   - paths: at least one file of summaries, or `-`: standard input.
    ///   - options: what is printed, and whether there is to be a page.
    ///   - console: for what is wrong.
    /// - Returns: success, or what is wrong with an input or output.
    package static func perform(_ paths: [String], _ options: ReportOptions, console: Console) -> ExitCode {
        reporting(on: console) {
            if let html = options.html {
                let inputs = paths.map { $0 == "-" ? FileIdentity(of: STDIN_FILENO) : FileIdentity(at: $0) }
                if let output = FileIdentity(at: html), output.isRegular, inputs.contains(output) {
                    throw ReportError.pageIsInput(html)
                }
            }
            var records: [RunRecord] = []
            for path in paths { records += try RunRecord.read(bytes(of: path), of: path) }
            let merged = MergedRuns(records)
            if !merged.repeated.isEmpty {
                console.warning(
                    "\(counted(merged.repeated.count, "summary", "summaries")) came twice and counted once: "
                        + merged.repeated.prefix(3).map { quoted($0) }.joined(separator: ", ")
                        + (merged.repeated.count > 3 ? ", …" : ""))
            }
            if let html = options.html { try LineFile.swap(html, for: MergedPage(merged).html) }
            switch options.format {
            case .json: try StandardOutput.write(MergedJSON(merged).bytes)
            case .text:
                try StandardOutput.write(Array(MergedText(merged, isColoured: takesColours(STDOUT_FILENO)).text.utf8))
            }
            return .success
        }
    }

    private static func bytes(of path: String) throws -> [UInt8] {
        do throws(SystemError) {
            return try readFile(path == "-" ? "/dev/stdin" : path)
        } catch {
            throw RunRecordError.unreadable(path, errno: error.errno)
        }
    }
}

/// What can't be asked for.
enum ReportError: UserFacing, Equatable {
    case pageIsInput(String)

    var message: String {
        switch self {
        case .pageIsInput(let path): "--html: \(quoted(path)) is a summary that is read"
        }
    }

    var hint: String? { "name another file" }
    var exitCode: ExitCode { .usage }
}
