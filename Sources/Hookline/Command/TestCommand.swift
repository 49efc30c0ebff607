/// `hookline test`: runs the tests that configurations hold, and sends nothing (SPEC section 6).
package enum TestCommand {
    /// Routes the event of each test as a run would, and compares who takes it with who is to.
    ///
    /// - Parameters:
    ///   - paths: files and directories, at least one.
    ///   - options: how results are told.
    ///   - console: for what is wrong with a configuration.
    /// - Returns: success, failure when a test differs, or what is wrong with a configuration; an output that failed
    ///   goes before a test that did.
    package static func perform(_ paths: [String], _ options: TestOptions, console: Console) -> ExitCode {
        reporting(on: console) {
            var report = TestReport()
            var code = ExitCode.success
            for path in paths {
                do throws(ConfigFailure) {
                    let (config, warnings) = try ConfigReader.standard.read(path)
                    let results = results(of: config, in: warnings)
                    report.suites.append(.init(path: path, outcome: .ran(results)))
                    // XML says so by its counts.
                    if results.isEmpty, options.format != .junit {
                        console.info("\(printable(path: path)): there are no tests")
                    }
                } catch {
                    report.suites.append(.init(path: path, outcome: .unreadable(error.findings)))
                    error.show(on: console)
                    code = code == .noInput ? code : error.exitCode
                }
            }
            let output =
                switch options.format {
                case .text: report.text(namesPassed: options.isVerbose)
                case .junit: report.junit(in: RelativePath.workingDirectory)
                case .github: report.workflowCommands(in: RelativePath.workingDirectory)
                }
            if code == .success { code = report.failureCount > 0 ? .failure : .success }
            do throws(StandardOutputError) {
                try StandardOutput.write(Array(output.utf8))
            } catch {
                if code != .success, code != .failure { return code }
                throw error
            }
            return code
        }
    }

    private static func results(of config: Config, in report: ConfigReport) -> [TestReport.Result] {
        var routing = Routing(config)
        return config.tests.map { test in
            let destination = unsafe test.event.withUnsafeBytes { unsafe routing.destination(of: $0) }
            let takers = destination.takers.map { config.webhooks[$0].name }
            var result = TestReport.Result(
                name: test.name, file: report.path(of: test.mark), line: test.mark.line, column: test.mark.column,
                expected: test.deliverTo, got: takers)
            result.missing = config.webhooks.filter { test.deliverTo.contains($0.name) && !takers.contains($0.name) }
                .map { TestReport.Missing(name: $0.name, reason: reason(why: $0, missed: destination, config)) }
            result.extra = takers.filter { !test.deliverTo.contains($0) }
            return result
        }
    }

    private static func reason(why webhook: Webhook, missed destination: Routing.Destination, _ config: Config)
        -> String
    {
        guard webhook.active else { return "inactive" }
        guard case .webhooks(_, let topic) = destination else { return "its topic is not declared" }
        let isSubscribed = webhook.topics.contains { $0.matches(config.topics[topic].name) }
        return isSubscribed ? "its filter refuses the event" : "not subscribed to \(quoted(config.topics[topic].name))"
    }
}
