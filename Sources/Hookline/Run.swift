/// `hookline run`: standard input to deliveries to summary.
package enum Run {
    /// - Parameter descriptors: which of 0 to 2 were closed at start: without an input the run ends with `noInput`,
    ///   without an output with `outputFailed` (SPEC section 2).
    package static func perform(
        _ options: Options, descriptors: StandardDescriptors, console: Console
    ) -> ExitCode { .failure }
}
