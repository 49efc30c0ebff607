/// What stands before an event's own bytes when it is wrapped as a CloudEvent (CloudEvents 1.0.2, JSON format section
/// 3); after them comes a brace.
///
/// Points at bytes of others: it lives no longer than the call that it is made for.
@safe package struct CloudEventHead {
    /// Length of the `webhook-id`, which an event's id is made of where it has none.
    static let batchIDCount = 36

    private static let start: StaticString = #"{"specversion":"1.0","id":""#
    private static let timeStart: StaticString = #","time":""#
    private static let end: StaticString = #","datacontenttype":"application/json","data":"#
    private static let quote = UInt8(ascii: "\"")

    /// The content of the id's string; nil: it is made of the batch's id and the event's place in it.
    private let id: UnsafeRawBufferPointer?
    /// The members `source` and `type`, as `CloudEventTexts` has them.
    private let source: UnsafeRawBufferPointer
    private let type: UnsafeRawBufferPointer
    private let time: UnsafeRawBufferPointer?

    init(
        of event: UnsafeRawBufferPointer, _ found: Event, source: UnsafeRawBufferPointer, type: UnsafeRawBufferPointer
    ) {
        unsafe self.source = source
        unsafe self.type = type
        if let id = found.id, id.count > 0 { unsafe self.id = id.raw(in: event) } else { unsafe id = nil }
        if let time = found.time, !time.hasEscapes, unsafe RFC3339.isDateTime(time.raw(in: event)) {
            unsafe self.time = time.raw(in: event)
        } else {
            unsafe time = nil
        }
    }

    /// Whether the id must be filled in when the batch has got its own.
    var idIsOpen: Bool { unsafe id == nil }

    /// Number of bytes, for the event at this place in its batch, from 0.
    func count(index: Int) -> Int {
        let idCount = unsafe id?.count ?? Self.batchIDCount + 1 + Self.digits(of: index)
        let timeCount = unsafe time.map { Self.timeStart.utf8CodeUnitCount + $0.count + 1 } ?? 0
        return unsafe Self.start.utf8CodeUnitCount + idCount + 1 + source.count + type.count + timeCount
            + Self.end.utf8CodeUnitCount
    }

    /// Writes `count(index:)` bytes. An open id has zeros for the batch's id, which occur in no JSON text.
    func write(to target: UnsafeMutableRawPointer, index: Int) {
        var at = unsafe Self.copy(Self.start, to: target)
        if let id = unsafe id {
            unsafe at = Self.copy(id, to: at)
        } else {
            unsafe at.initializeMemory(as: UInt8.self, repeating: 0, count: Self.batchIDCount)
            unsafe at += Self.batchIDCount
            unsafe at.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
            unsafe at += 1
            unsafe at = Self.copyDigits(of: index, to: at)
        }
        unsafe at.storeBytes(of: Self.quote, as: UInt8.self)
        unsafe at = Self.copy(source, to: at + 1)
        unsafe at = Self.copy(type, to: at)
        if let time = unsafe time {
            unsafe at = Self.copy(Self.timeStart, to: at)
            unsafe at = Self.copy(time, to: at)
            unsafe at.storeBytes(of: Self.quote, as: UInt8.self)
            unsafe at += 1
        }
        _ = unsafe Self.copy(Self.end, to: at)
    }

    /// Puts a batch's id into a wrapped event, if its id is still open.
    static func fillID(in element: UnsafeMutableRawBufferPointer, _ batchID: String) {
        let place = unsafe UnsafeMutableRawBufferPointer(
            rebasing: element[start.utf8CodeUnitCount..<start.utf8CodeUnitCount + batchIDCount])
        guard unsafe place[0] == 0 else { return }
        precondition(batchID.utf8.count == batchIDCount, "the batch's id has another length")
        unsafe place.copyBytes(from: batchID.utf8)
    }

    private static func copy(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer)
        -> UnsafeMutableRawPointer
    {
        if let base = bytes.baseAddress { unsafe target.copyMemory(from: base, byteCount: bytes.count) }
        return unsafe target + bytes.count
    }

    private static func copy(_ text: StaticString, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        unsafe copy(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount), to: target)
    }

    private static func copyDigits(of number: Int, to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let count = digits(of: number)
        var rest = number
        for offset in (0..<count).reversed() {
            unsafe target.storeBytes(
                of: UInt8(ascii: "0") + UInt8(rest % 10), toByteOffset: offset, as: UInt8.self)
            rest /= 10
        }
        return unsafe target + count
    }

    private static func digits(of number: Int) -> Int {
        var (count, rest) = (1, number / 10)
        while rest > 0 {
            count += 1
            rest /= 10
        }
        return count
    }
}
