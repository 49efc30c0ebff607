import FoundationEssentials
import Glibc

/// One reading of both clocks. Decisions take it as a parameter, so that tests need no clock.
package struct Moment: Equatable, Sendable {
    /// For waiting and timeouts: never jumps.
    package var monotonic: ContinuousClock.Instant
    /// For people and protocols.
    package var wall: WallTime

    package init(monotonic: ContinuousClock.Instant, wall: WallTime) {
        self.monotonic = monotonic
        self.wall = wall
    }

    package static var now: Moment { Moment(monotonic: .now, wall: .now) }
}

/// Milliseconds since 1970-01-01T00:00:00Z.
package struct WallTime: Hashable, Comparable, Sendable {
    package var milliseconds: Int

    package init(milliseconds: Int) { self.milliseconds = milliseconds }

    /// Reads a time as `text` writes it; whole seconds and offsets from UTC are taken too.
    package init?(rfc3339 text: String) {
        // Foundation lets hours above 23 and text behind the time pass.
        guard unsafe Array(text.utf8).withUnsafeBytes({ unsafe RFC3339.isDateTime($0) }) else { return nil }
        let strategy = Date.ISO8601FormatStyle(includingFractionalSeconds: text.utf8.contains(UInt8(ascii: ".")))
        guard let date = try? strategy.parse(text) else { return nil }
        self.init(milliseconds: Int((date.timeIntervalSince1970 * 1_000).rounded()))
    }

    package static var now: WallTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(milliseconds: time.tv_sec * 1_000 + time.tv_nsec / 1_000_000)
    }

    /// Whole seconds since 1970, as `webhook-timestamp` has them.
    package var seconds: Int { milliseconds / 1_000 }

    /// `2026-11-24T07:46:34.123Z` (RFC 3339, UTC).
    package var text: String {
        // The formatter cuts off what is below a millisecond, and most thousandths lie a little below as a Double.
        Date(timeIntervalSince1970: (Double(milliseconds) + 0.25) / 1_000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    package static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }
}
