/// When a run that has the spool's lock looks for what other runs left there since it began (SPEC section 9).
///
/// Pure: time comes as a parameter.
package struct SpoolWatch: Equatable, Sendable {
    /// Looking costs one listing of a folder, and reads what is new.
    package static let interval = Duration.seconds(2)

    /// When it looks next.
    package private(set) var due: ContinuousClock.Instant

    /// `now`: when it looked first.
    package init(_ now: ContinuousClock.Instant) { due = now + Self.interval }

    /// Whether it looks now; then the next time is an interval later.
    package mutating func looks(_ now: ContinuousClock.Instant) -> Bool {
        if now < due { return false }
        due = now + Self.interval
        return true
    }
}
