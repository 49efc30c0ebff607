internal import CLinux

/// The bytes that batches hold, against the bound that `--memory` sets.
///
/// Shared by the batches, which book themselves in and out; used on one thread.
package final class MemoryAccount {
    /// In bytes. One event more may be held than fits, so that an event larger than the bound still passes.
    package let limit: Int
    package private(set) var held: Int {
        get { unsafe uncheckedHeld }
        set { unsafe uncheckedHeld = newValue }
    }
    // Looked at for each event: the check that nobody else is at it would be paid each time.
    @exclusivity(unchecked) private var uncheckedHeld = 0

    /// Bodies of this size and more are kept apart from the heap, which they would leave in pieces.
    private static let largeBlock: Int32 = 4 << 20

    package init(limit: Int) {
        self.limit = limit
        // Refused, it only costs memory.
        _ = hookline_map_blocks_from(Self.largeBlock)
    }

    package var isFull: Bool { held >= limit }

    package func take(_ bytes: Int) { held += bytes }
    package func give(_ bytes: Int) { held -= bytes }
}
