import Glibc

/// `hookline validate`: checks configurations, prints every problem at once, sends nothing (SPEC section 1).
package enum ValidateCommand {
    /// Checks each file or directory, and says what was found in the format that was asked for.
    ///
    /// As text, problems go to standard error and a line for each sound configuration to standard output; in the other
    /// formats all is on standard output. The code is success also with warnings; a file that can't be read goes before
    /// one that is wrong, and both before an output that failed.
    package static func perform(_ paths: [String], _ options: ValidateOptions, console: Console) -> ExitCode {
        var code = ExitCode.success
        var report = ValidateReport()
        var isWritten = true
        for path in paths {
            var line = ""
            do {
                let (config, warnings) = try ConfigReader.standard.read(path)
                var found = warnings.findings
                if options.format == .text { warnings.show(on: console) }
                let counts = (config.webhooks.count, config.topics.count)
                line = "\(printable(path: path)): ok, \(counted(counts.0, "webhook")), \(counted(counts.1, "topic"))"
                if options.resolvesReferences {
                    let resolver = ReferenceResolver.standard
                    report.findings += found
                    found = []
                    let resolved = try resolver.resolve(config, report: warnings) { config.webhooks[$0].active }
                    found = resolved.warnings.findings
                    if options.format == .text { resolved.warnings.show(on: console) }
                    line += ", \(counted(resolved.count, "reference")) resolved"
                    let skipped = config.webhooks.count { !$0.active }
                    if skipped > 0 {
                        line += "; \(counted(skipped, "inactive webhook was", "inactive webhooks were")) skipped"
                    }
                }
                report.findings += found
                report.checked.append(.init(path: path, counts: counts))
            } catch {
                line = ""
                report.findings += error.findings
                report.checked.append(.init(path: path, counts: nil))
                if options.format == .text { error.show(on: console) }
                code = code == .noInput ? code : error.exitCode
            }
            if !line.isEmpty, options.format == .text || options.format == .github {
                isWritten = writeAll(Array("\(line)\n".utf8), to: STDOUT_FILENO) == 0 && isWritten
            }
        }
        let folder = RelativePath.workingDirectory
        let output =
            switch options.format {
            case .text: [UInt8]()
            case .json: report.json
            case .github: report.workflowCommands(in: folder)
            case .sarif: report.sarif(in: folder, exitCode: code)
            }
        isWritten = writeAll(output, to: STDOUT_FILENO) == 0 && isWritten
        return !isWritten && code == .success ? .outputFailed : code
    }
}
