import FoundationEssentials
import Hookline
import Testing

/// One row of `Data/json/lines.tsv`, whose head explains its notation.
struct LineCase: Sendable, CustomTestStringConvertible {
    var name: String
    /// The reason of a refusal, or nil.
    var reason: String?
    /// The decoded topic where the line is an event.
    var topic: [UInt8]
    var line: [UInt8]
    /// Where the refusal points, or nil.
    var offset: Int?
    var pointer: String

    var testDescription: String { name }

    static let all: [LineCase] = {
        let path = (#filePath.split(separator: "/").dropLast() + ["Data", "json", "lines.tsv"]).joined(separator: "/")
        let bytes = (try? Data(contentsOf: URL(filePath: "/" + path))) ?? Data()
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
            LineCase(columns: $0.split(separator: "\t", omittingEmptySubsequences: false))
        }
    }()

    private init(columns: [Substring]) {
        name = String(columns[0])
        let isEvent = columns[1].hasPrefix("ok ")
        reason = isEvent ? nil : String(columns[1])
        topic = isEvent ? Self.decode(columns[1].dropFirst(3)).bytes : []
        (line, offset) = Self.decode(columns[2])
        pointer = columns.count > 3 ? String(decoding: Self.decode(columns[3]).bytes, as: UTF8.self) : "/topic"
    }

    private static func decode(_ notation: Substring) -> (bytes: [UInt8], mark: Int?) {
        var bytes: [UInt8] = []
        var mark: Int?
        var rest = notation
        while let open = rest.firstIndex(of: "<") {
            bytes += rest[..<open].utf8
            let close = rest[open...].firstIndex(of: ">") ?? rest.endIndex
            let inside = rest[rest.index(after: open)..<close]
            if inside == "!" {
                mark = bytes.count
            } else if let star = inside.firstIndex(of: "*"), let times = Int(inside[..<star]) {
                for _ in 0..<times { bytes += inside[inside.index(after: star)...].utf8 }
            } else if let byte = UInt8(inside, radix: 16) {
                bytes.append(byte)
            }
            rest = rest[close...].dropFirst()
        }
        return (bytes + rest.utf8, mark)
    }
}

/// Scans bytes that end where their memory does, so that a sanitizer sees a read past them.
func scan(
    _ line: [UInt8], input: Config.Input = .init(), findsCloudEvents: Bool = false
) -> Result<Event, EventError> {
    var scanner = JSONScanner(input: input, findsCloudEvents: findsCloudEvents)
    return unsafe line.withUnsafeBytes { bytes in
        do throws(EventError) {
            return try unsafe .success(scanner.scan(bytes))
        } catch {
            return .failure(error)
        }
    }
}

func decode(_ text: Event.Text, in line: [UInt8]) -> [UInt8] {
    unsafe line.withUnsafeBytes { unsafe text.decode(in: $0) }
}

private func input(topic: String) -> Config.Input {
    var input = Config.Input()
    input.topic = JSONPointer(topic) ?? input.topic
    return input
}

@Test func `the table holds at least 300 lines, each with its own name`() {
    #expect(LineCase.all.count >= 300)
    #expect(Set(LineCase.all.map(\.name)).count == LineCase.all.count)
}

@Test(arguments: LineCase.all)
func `a line is an event or refused as the table says`(row: LineCase) {
    switch scan(row.line, input: input(topic: row.pointer)) {
    case .success(let event):
        #expect(row.reason == nil)
        #expect(decode(event.topic, in: row.line) == row.topic)
    case .failure(let error):
        #expect(error.reason == row.reason)
        #expect(error.offset == row.offset)
    }
}

@Test(arguments: LineCase.all.filter { $0.reason == nil || $0.offset != nil })
func `a line that is cut short is refused where it ends`(row: LineCase) {
    for length in 0..<min(row.offset ?? .max, row.line.lastIndex(of: UInt8(ascii: "}")) ?? row.line.count) {
        guard case .failure(let error) = scan(Array(row.line[..<length]), input: input(topic: row.pointer)) else {
            Issue.record("\(length) bytes of it are an event")
            return
        }
        // The shortest of the table's non-objects are whole at a shorter length too.
        if error == .notAnObject { continue }
        #expect(error.offset == length, "\(error)")
    }
}

@Test func `a string is valid at every distance from the end of the line`() {
    for padding in 0...20 {
        for content in ["", "a", "é", "\\n", "\\u00e9", "😀"] {
            let text = String(repeating: "x", count: padding) + content
            for tail in ["}", " }", "       }", "              }"] {
                let line = Array(#"{"v":"\#(text)","topic":"\#(text)t"\#(tail)"#.utf8)
                #expect((try? scan(line).get())?.topic.count == text.utf8.count + 1)
            }
        }
    }
}

@Test(arguments: 0...20)
func `a control character, an open character and a stray quote are found at every place of a word`(place: Int) {
    let before = Array((#"{"topic":""# + String(repeating: "x", count: place)).utf8)
    let after = Array((String(repeating: "y", count: 20) + #""}"#).utf8)
    for control: UInt8 in 0..<0x20 {
        #expect(scan(before + [control] + after) == .failure(.notJSON(at: before.count)))
    }
    for byte: UInt8 in 0x80...0xC1 {
        #expect(scan(before + [byte] + after) == .failure(.invalidUTF8(at: before.count)))
    }
    for byte: UInt8 in 0xC2...0xF4 {
        #expect(scan(before + [byte] + after) == .failure(.invalidUTF8(at: before.count + 1)))
    }
    #expect(scan(before + [UInt8(ascii: "\"")] + after) == .failure(.notJSON(at: before.count + 1)))
    for byte: UInt8 in 0x20...0x7F where byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
        #expect((try? scan(before + [byte] + after).get())?.topic.count == place + 21)
    }
}

@Test func `id and time are found where they are text, and are absent where they are not`() throws {
    let line = Array(#"{"id":"a\u0062","timestamp":"2026-11-24T08:00:00Z","topic":"t"}"#.utf8)
    let event = try scan(line).get()
    let id = try #require(event.id)
    #expect(id == Event.Text(start: 7, count: 7, hasEscapes: true))
    #expect(decode(id, in: line) == Array("ab".utf8))
    #expect(event.time == Event.Text(start: 29, count: 20, hasEscapes: false))
    for other in ["1", "null", "true", "[]", #"{"id":"x"}"#, #"["x"]"#] {
        let event = try scan(Array(#"{"id":\#(other),"timestamp":\#(other),"topic":"t"}"#.utf8)).get()
        #expect(event.id == nil)
        #expect(event.time == nil)
    }
    #expect(try scan(Array(#"{"topic":"t"}"#.utf8)).get().id == nil)
    #expect(
        try scan(Array(#"{"id":"","topic":"t"}"#.utf8)).get().id == Event.Text(start: 7, count: 0, hasEscapes: false))
}

@Test func `topic, id and time can share a way and each other's place`() throws {
    var input = Config.Input()
    input.topic = JSONPointer(tokens: ["meta", "kind"])
    input.id = JSONPointer(tokens: ["meta", "kind"])
    input.time = JSONPointer(tokens: ["meta", "times", "1"])
    let line = Array(#"{"meta":{"times":["a","b"],"kind":"t"}}"#.utf8)
    let event = try scan(line, input: input).get()
    #expect(event.topic == Event.Text(start: 35, count: 1, hasEscapes: false))
    #expect(event.id == event.topic)
    #expect(event.time == Event.Text(start: 23, count: 1, hasEscapes: false))
}

@Test func `one line leaves nothing behind for the next`() throws {
    var input = Config.Input()
    input.topic = JSONPointer(tokens: ["v", "1", "k"])
    var scanner = JSONScanner(input: input)
    let lines = [
        #"{"v":[{"k":"a"},{"k":"t"}]}"#, #"{"v":[{"k":"a"},{"k":"t"#, #"{"v":[1,{}]}"#, #"{"v":[1,{"k":"t"}]}"#,
    ]
    var found: [Int?] = []
    for line in lines {
        let bytes = Array(line.utf8)
        let event = unsafe bytes.withUnsafeBytes { bytes in try? unsafe scanner.scan(bytes) }
        found.append(event?.topic.start)
    }
    #expect(found == [22, nil, nil, 14])
}

@Test func `an empty buffer without memory is refused as an early end`() {
    var scanner = JSONScanner(input: .init())
    #expect(throws: EventError.notJSON(at: 0)) {
        try unsafe scanner.scan(UnsafeRawBufferPointer(start: nil, count: 0))
    }
}

@Test func `an event of one MiB is scanned to its last byte`() throws {
    var line = Array(#"{"topic":"t","v":""#.utf8)
    line += [UInt8](repeating: UInt8(ascii: "x"), count: (1 << 20) - line.count - 2) + Array("\"}".utf8)
    #expect(line.count == 1 << 20)
    #expect(try scan(line).get().topic.count == 1)
    line[line.count - 1] = UInt8(ascii: "]")
    #expect(scan(line) == .failure(.notJSON(at: line.count - 1)))
}
