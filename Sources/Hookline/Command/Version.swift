package enum Version {
    /// The version of this program (semver 2.0.0): in `--version`, the summary and the User-Agent.
    package static let current = "0.1.0"
}
