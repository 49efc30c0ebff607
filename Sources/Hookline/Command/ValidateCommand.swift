import Glibc

/// `hookline validate`: checks configurations, prints every problem at once, sends nothing (SPEC section 1).
package enum ValidateCommand {
    /// Checks each file or directory: problems go to standard error, a line for each sound one to standard output.
    ///
    /// The code is success also with warnings; a file that can't be read goes before one that is wrong, and both before an
    /// output that failed.
    package static func perform(_ paths: [String], _ options: ValidateOptions, console: Console) -> ExitCode {
        var code = ExitCode.success
        for path in paths {
            do {
                let (config, warnings) = try ConfigReader.standard.read(path)
                warnings.show(on: console)
                let webhooks = counted(config.webhooks.count, "webhook")
                var line = "\(path): ok, \(webhooks), \(counted(config.topics.count, "topic"))"
                if options.resolvesReferences {
                    let resolver = ReferenceResolver.standard
                    let resolved = try resolver.resolve(config, report: warnings) { config.webhooks[$0].active }
                    resolved.warnings.show(on: console)
                    line += ", \(counted(resolved.count, "reference")) resolved"
                    let skipped = config.webhooks.count { !$0.active }
                    if skipped > 0 {
                        line += "; \(counted(skipped, "inactive webhook was", "inactive webhooks were")) skipped"
                    }
                }
                line += "\n"
                let isWritten = writeAll(Array(line.utf8), to: STDOUT_FILENO) == 0
                if !isWritten, code == .success { code = .outputFailed }
            } catch {
                error.show(on: console)
                code = code == .noInput ? code : error.exitCode
            }
        }
        return code
    }
}
