/// `hookline listen`: a local HTTPS receiver for demos and tests (SPEC section 1).
package enum ListenCommand {
    package static func perform(_ options: ListenOptions, console: Console) -> ExitCode { .failure }
}
