/// `hookline completions webhooks`: what the scripts ask for, since only the configuration knows it.
package enum CompletionsCommand {
    /// Prints the names of all webhooks, one a line, in the order of the configuration.
    package static func perform(_ options: CompletionsOptions, console: Console) -> ExitCode {
        reporting(on: console) {
            let config = try ConfigReader.standard.read(options.config).config
            try StandardOutput.write(Array(config.webhooks.map { $0.name + "\n" }.joined().utf8))
            return .success
        }
    }
}
