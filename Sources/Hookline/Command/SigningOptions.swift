/// What the command line and the environment ask of `verify`, after defaults (SPEC section 1).
///
/// Each field's sentence, default and range stand in the option table (`OptionTables.swift`), which sets it.
package struct VerifyOptions: Equatable, Sendable {
    package enum JudgedAt: Equatable, Sendable {
        case now
        case time(WallTime)
    }

    /// `whsec_…` and `whsk_…`, as given.
    package var secrets: [String] = []
    /// `whpk_…`, as given.
    package var publicKeys: [String] = []
    /// What timestamps are held against; nil: the time in the record, or now where there is none.
    package var at: JudgedAt?

    package init() {}
}

/// What the command line and the environment ask of `secret`.
package struct SecretOptions: Equatable, Sendable {
    /// A key pair in the place of a symmetric secret.
    package var ed25519 = false
    /// Nothing on standard error.
    package var quiet = false

    package init() {}
}
