import Glibc

/// A text that no output may hold: it prints as `***`, also inside of other values, and its memory is overwritten when
/// it is freed.
///
/// Who needs the text itself asks for it by `withBytes`, or by `revealed` where a library wants a `String`.
package struct Secret: Sendable {
    private let storage: Storage

    package init(_ bytes: some Collection<UInt8>) { storage = Storage(bytes) }

    package init(_ text: String) { self.init(Array(text.utf8)) }

    package var count: Int { unsafe storage.bytes.count }

    /// The bytes, which live as long as the call.
    package func withBytes<Result, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(storage.bytes))
    }

    func begins(with prefix: String) -> Bool { unsafe withBytes { unsafe $0.starts(with: prefix.utf8) } }

    /// The text, its bytes taken as UTF-8. The copy is not overwritten: for the library call alone that needs it.
    package var revealed: String { unsafe withBytes { unsafe String(decoding: $0, as: UTF8.self) } }
}

/// Memory that only its maker writes to, so that threads may share it.
@safe private final class Storage: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ source: some Collection<UInt8>) {
        unsafe bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 1)
        unsafe bytes.copyBytes(from: source)
    }

    deinit {
        if let start = unsafe bytes.baseAddress { unsafe explicit_bzero(start, bytes.count) }
        unsafe bytes.deallocate()
    }
}

extension Secret: Equatable {
    /// For comparing configurations. What a stranger sends is compared by `Digest` in constant time.
    package static func == (left: Secret, right: Secret) -> Bool {
        unsafe left.withBytes { left in unsafe right.withBytes { right in unsafe left.elementsEqual(right) } }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "***" }
    package var debugDescription: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
