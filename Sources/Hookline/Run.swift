/// `hookline run`: standard input to deliveries to summary.
package enum Run {
    /// Runs to the end of input, and returns the exit code that follows from the books. A standard input that was
    /// closed at start makes it `noInput`, a standard output `outputFailed` (SPEC section 2).
    package static func perform(
        _ options: Options, descriptors: StandardDescriptors, console: Console
    ) -> ExitCode { .failure }
}
