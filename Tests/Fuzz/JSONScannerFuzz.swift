// A libFuzzer target, built with the scanner's own sources by scripts/fuzz: no target of Package.swift.

/// Scans any bytes as a line, with a shallow and a deep envelope. The address sanitizer sees every read past the line's
/// end; traps see the rest. Decodes what was found, and checks what must hold for any input.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzJSONScanner(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let line = unsafe UnsafeRawBufferPointer(start: start, count: count)
    var deep = Config.Input()
    deep.topic = JSONPointer(tokens: ["v", "1", "k"])
    deep.id = JSONPointer(tokens: ["v", "0"])
    deep.time = JSONPointer(tokens: ["meta", "kind"])
    let keys = [["v"], ["v", "1", "k"], ["v", "1"], ["k"], ["topic", "k"], ["meta"]].map { JSONPointer(tokens: $0) }
    for (input, findsCloudEvents, orderKeys) in [
        (Config.Input(), false, []), (Config.Input(), true, keys), (deep, true, []), (deep, false, keys),
    ] {
        var scanner = JSONScanner(input: input, findsCloudEvents: findsCloudEvents, orderKeys: orderKeys)
        do throws(EventError) {
            let event = try unsafe scanner.scan(line)
            precondition(event.topic.count > 0)
            for text in [event.topic, event.id, event.time] {
                guard let text else { continue }
                let raw = unsafe text.raw(in: line)
                let decoded = unsafe text.decode(in: line)
                precondition(String(validating: decoded, as: UTF8.self) != nil)
                precondition(decoded.count <= raw.count)
                precondition(unsafe raw.contains(UInt8(ascii: "\\")) == text.hasEscapes)
            }
            // Every byte was validated, so the whole is valid UTF-8 too.
            precondition(unsafe String(validating: line, as: UTF8.self) != nil)
        } catch {
            precondition(0...count ~= error.offset ?? 0)
        }
    }
    return 0
}
