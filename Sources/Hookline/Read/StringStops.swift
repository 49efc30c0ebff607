internal import CBytes

/// Where strings may stop in a line: a bit for each byte, the first one lowest, which is 1 at a quote, a backslash, a
/// control character and a byte that is not ASCII.
///
/// All are found beforehand, 16 bytes in one step and whatever they are, so that to pass a string is to look at one word:
/// neither its length nor where it stands makes a branch that the processor can't foresee. Takes an eighth of the largest
/// line's memory.
@safe struct StringStops: ~Copyable {
    private var marks: UnsafeMutableRawPointer
    private var capacity = 256

    init() { unsafe marks = .allocate(byteCount: capacity, alignment: 8) }

    deinit { unsafe marks.deallocate() }

    /// Marks a line.
    /// - Returns: the marks, and eight bytes more. Valid until the next call.
    @inline(__always)
    mutating func mark(_ line: UnsafeRawBufferPointer, _ base: UnsafeRawPointer) -> UnsafePointer<UInt8> {
        let count = line.count
        if count / 8 + 16 > capacity { grow(count / 8 + 16) }
        let start = unsafe base.assumingMemoryBound(to: UInt8.self)
        var offset = 0
        while offset + 64 <= count {
            unsafe store(hookline_string_stops(start + offset), at: offset)
            offset += 64
        }
        let last = count - offset
        if count >= 64 {
            // The line's last 64 bytes, of which the first were seen already. Shifted in two steps, since 64 are none.
            let stops = unsafe hookline_string_stops(start + count - 64)
            store((stops &>> 1) &>> UInt64(truncatingIfNeeded: 63 - last), at: offset)
        } else {
            unsafe store(Self.stops(ofShort: line), at: offset)
        }
        store(0, at: offset + 64)
        return unsafe UnsafePointer(marks.assumingMemoryBound(to: UInt8.self))
    }

    @inline(__always)
    private func store(_ stops: UInt64, at offset: Int) {
        unsafe marks.storeBytes(of: stops.littleEndian, toByteOffset: offset / 8, as: UInt64.self)
    }

    private mutating func grow(_ least: Int) {
        unsafe marks.deallocate()
        capacity = max(capacity * 2, least)
        unsafe marks = .allocate(byteCount: capacity, alignment: 8)
    }

    private static func stops(ofShort line: UnsafeRawBufferPointer) -> UInt64 {
        var stops: UInt64 = 0
        for index in 0..<line.count {
            let byte = unsafe line[index]
            if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                stops |= 1 &<< UInt64(truncatingIfNeeded: index)
            }
        }
        return stops
    }
}
