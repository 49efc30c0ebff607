/// How long requests took, as counts in buckets: memory stays the same however many there are.
///
/// Buckets are a sixteenth of their power of two wide, so a percentile is at most 6.25 % too high.
package struct Latency: Equatable, Sendable {
    /// As long as the highest bucket that was used.
    private var counts: [Int] = []
    private var total = 0
    private var longest = 0
    /// In microseconds, of all requests.
    package private(set) var sum = 0

    package init() {}

    /// Of what `buckets` and `maximum` said.
    package init(buckets: [(upperBound: Int, count: Int)], maximumMilliseconds: Int) {
        for (bound, count) in buckets { add(count, to: Self.bucket(bound)) }
        longest = maximumMilliseconds * 1_000
    }

    /// Those that hold requests, rising: the longest time of each in microseconds, and how many are in it.
    package var buckets: [(upperBound: Int, count: Int)] {
        counts.enumerated().filter { $0.element > 0 }.map { (Self.upperBound($0.offset), $0.element) }
    }

    package var count: Int { total }

    /// Adds what another one counted.
    package mutating func add(_ other: Latency) {
        for (bucket, count) in other.counts.enumerated() where count > 0 { add(count, to: bucket) }
        longest = max(longest, other.longest)
        sum += other.sum
    }

    package mutating func record(_ duration: Duration) {
        let microseconds = max(0, Int(duration / .microseconds(1)))
        add(1, to: Self.bucket(microseconds))
        longest = max(longest, microseconds)
        sum += microseconds
    }

    private mutating func add(_ requests: Int, to bucket: Int) {
        if bucket >= counts.count { counts += repeatElement(0, count: bucket + 1 - counts.count) }
        counts[bucket] += requests
        total += requests
    }

    /// The time within which this share (0 to 1) of the requests ended, in whole milliseconds, rounded up; 0: none.
    package func milliseconds(share: Double) -> Int {
        let rank = max(1, Int((Double(total) * share).rounded(.up)))
        var seen = 0
        for (bucket, count) in counts.enumerated() where count > 0 {
            seen += count
            if seen >= rank { return Self.roundUp(min(longest, Self.upperBound(bucket))) }
        }
        return 0
    }

    package var maximum: Int { Self.roundUp(longest) }

    /// Up to 16 µs a bucket each; beyond, sixteen buckets a power of two.
    private static func bucket(_ microseconds: Int) -> Int {
        guard microseconds >= 16 else { return microseconds }
        let exponent = Int.bitWidth - 1 - microseconds.leadingZeroBitCount
        return (exponent - 3) * 16 + (microseconds >> (exponent - 4)) & 15
    }

    private static func upperBound(_ bucket: Int) -> Int {
        guard bucket >= 16 else { return bucket }
        let exponent = bucket / 16 + 3
        return ((bucket % 16 + 17) << (exponent - 4)) - 1
    }

    private static func roundUp(_ microseconds: Int) -> Int { (microseconds + 999) / 1_000 }
}
