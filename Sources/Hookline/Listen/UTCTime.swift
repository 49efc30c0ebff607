import Glibc

/// A moment of the real clock in UTC, as receivers write it.
struct UTCTime: Equatable {
    /// Since 1970-01-01T00:00:00Z.
    var milliseconds: Int

    static func now() -> UTCTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return UTCTime(milliseconds: time.tv_sec * 1000 + time.tv_nsec / 1_000_000)
    }

    /// ISO 8601 with milliseconds: `2026-11-24T07:57:17.042Z`.
    var iso8601: String {
        let parts = calendar
        let date = "\(parts.year)-\(padded(parts.month + 1))-\(padded(parts.day))"
        return "\(date)T\(parts.clock).\(padded(Int32(milliseconds % 1000), to: 3))Z"
    }

    /// The HTTP Date header (RFC 9110 section 5.6.7): `Tue, 24 Nov 2026 07:57:17 GMT`.
    var httpDate: String {
        let parts = calendar
        let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][Int(parts.weekday)]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let date = "\(padded(parts.day)) \(months[Int(parts.month)]) \(parts.year)"
        return "\(day), \(date) \(parts.clock) GMT"
    }

    private var calendar: (year: Int32, month: Int32, day: Int32, weekday: Int32, clock: String) {
        var seconds = milliseconds / 1000
        var parts = unsafe tm()
        unsafe gmtime_r(&seconds, &parts)
        let clock = unsafe "\(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec))"
        return unsafe (parts.tm_year + 1900, parts.tm_mon, parts.tm_mday, parts.tm_wday, clock)
    }

    private func padded(_ number: Int32, to width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
