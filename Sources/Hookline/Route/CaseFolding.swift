/// Unicode's simple case folding (CaseFolding.txt, statuses C and S): each character has one other at most, so `ẞ` is
/// `ß` but not `ss`, and what a language has of its own, as the Turkish `ı`, is left alone.
struct CaseFolding: Sendable {
    static let table = CaseFolding()

    /// Open addressing with linear probing; a slot holds a character and what it folds to, or twice 0.
    private var slots: [(from: UInt32, to: UInt32)]
    private let mask: Int

    /// The characters that have a case are few, and so are the blocks that they are in.
    private static let blocks: [ClosedRange<UInt32>] = [
        0x00B5...0x0587, 0x10A0...0x10FF, 0x13A0...0x13FD, 0x1C80...0x1CBF, 0x1D79...0x1D8E, 0x1E00...0x1FFC,
        0x2126...0x2188, 0x24B6...0x24E9, 0x2C00...0x2D2D, 0xA640...0xA7FF, 0xAB53...0xABBF, 0xFF21...0xFF5A,
        0x10400...0x104FB, 0x10570...0x105BC, 0x10C80...0x10CF2, 0x10D50...0x10D85, 0x118A0...0x118DF,
        0x16E40...0x16E7F, 0x1E900...0x1E943,
    ]

    private init() {
        let capacity = 4_096
        slots = Array(repeating: (0, 0), count: capacity)
        mask = capacity - 1
        for value in Self.blocks.joined() {
            guard let scalar = Unicode.Scalar(value), scalar.properties.changesWhenCaseMapped, value != 0x131 else {
                continue
            }
            let upper = Self.single(scalar.properties.uppercaseMapping) ?? scalar
            let folded = (Self.single(upper.properties.lowercaseMapping) ?? upper).value
            if folded == value { continue }
            var slot = Int(value &* 0x9E37_79B1 >> 12) & mask
            while slots[slot].from != 0 { slot = (slot + 1) & mask }
            slots[slot] = (value, folded)
        }
    }

    private static func single(_ mapping: String) -> Unicode.Scalar? {
        mapping.unicodeScalars.count == 1 ? mapping.unicodeScalars.first : nil
    }

    private func folded(_ value: UInt32) -> UInt32 {
        var slot = Int(value &* 0x9E37_79B1 >> 12) & mask
        while slots[slot].from != 0 {
            if slots[slot].from == value { return slots[slot].to }
            slot = (slot + 1) & mask
        }
        return value
    }

    /// Replaces what `target` holds by the folded form of a text in valid UTF-8.
    func fold(_ bytes: UnsafeRawBufferPointer, into target: inout [UInt8]) {
        target.removeAll(keepingCapacity: true)
        var index = 0
        while index < bytes.count {
            let byte = unsafe bytes[index]
            index += 1
            if byte < 0x80 {
                target.append(byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte)
                continue
            }
            let following = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1
            var value = UInt32(byte) & (0x3F >> UInt32(following))
            for _ in 0..<following where index < bytes.count {
                value = value << 6 | UInt32(unsafe bytes[index] & 0x3F)
                index += 1
            }
            Self.append(folded(value), to: &target)
        }
    }

    private static func append(_ value: UInt32, to target: inout [UInt8]) {
        func tail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | (value >> shift & 0x3F)) }
        if value < 0x80 {
            target.append(UInt8(value))
        } else if value < 0x800 {
            target.append(UInt8(0xC0 | value >> 6))
            target.append(tail(0))
        } else if value < 0x10000 {
            target.append(UInt8(0xE0 | value >> 12))
            target.append(tail(6))
            target.append(tail(0))
        } else {
            target.append(UInt8(truncatingIfNeeded: 0xF0 | value >> 18))
            target.append(tail(12))
            target.append(tail(6))
            target.append(tail(0))
        }
    }

    func folded(_ text: String) -> [UInt8] {
        var target: [UInt8] = []
        unsafe Array(text.utf8).withUnsafeBytes { unsafe fold($0, into: &target) }
        return target
    }
}
