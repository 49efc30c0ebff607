/// FNV-1a with its two halves mixed: the same for the same bytes in every run and on every machine.
///
/// It spreads keys; it keeps nobody from choosing keys that meet.
package struct KeyHash {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    package init(_ bytes: UnsafeRawBufferPointer) {
        for index in 0..<bytes.count { unsafe add(bytes[index]) }
    }

    /// Of a string's text: escapes do not matter.
    package init(_ text: Event.Text, in line: UnsafeRawBufferPointer) {
        guard text.hasEscapes else {
            unsafe self = KeyHash(text.raw(in: line))
            return
        }
        for byte in unsafe JSONText(text, in: line) { add(byte) }
    }

    package var value: UInt64 { state ^ (state >> 32) }

    @inline(__always)
    private mutating func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
}
