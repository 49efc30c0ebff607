import Hookline
import Testing

/// The plainest reader of events that can be: recursive, a tree of values, one byte at a time, no care for speed.
private struct ReferenceReader {
    enum Value {
        case object, array, other
        /// The text in UTF-8, and where it stands between its quotes.
        case string([UInt8], start: Int)
    }

    let line: [UInt8]
    let pointers: [[String]]
    var at = 0
    /// What stands at each pointer.
    var found: [Value?]

    init(_ line: [UInt8], _ input: Config.Input) {
        self.line = line
        pointers = [input.topic.tokens, input.id.tokens, input.time.tokens]
        found = [nil, nil, nil]
    }

    /// Topic's text, and where topic, id and time start.
    mutating func event() throws(EventError) -> (topic: [UInt8], starts: [Int?]) {
        try space()
        // Pointers lead through an object alone: a path that nothing matches stands for all else.
        let root = try value(path: line.count > at && line[at] == UInt8(ascii: "{") ? [] : nil, depth: 0)
        try space()
        if at < line.count { throw .notJSON(at: at) }
        guard case .object = root else { throw .notAnObject }
        let starts = found.map { if case .string(_, let start) = $0 { start } else { nil as Int? } }
        switch found[0] {
        case .string(let text, _) where !text.isEmpty: return (text, starts)
        case .string, nil: throw .topicMissing
        default: throw .topicNotText
        }
    }

    private mutating func space() throws(EventError) {
        while at < line.count, [0x20, 0x09, 0x0A, 0x0D].contains(line[at]) { at += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) throws(EventError) {
        guard at < line.count, line[at] == UInt8(ascii: character) else { throw .notJSON(at: at) }
        at += 1
    }

    private func isNext(_ character: Unicode.Scalar) -> Bool { at < line.count && line[at] == UInt8(ascii: character) }

    private mutating func value(path: [String]?, depth: Int) throws(EventError) -> Value {
        let value: Value
        if isNext("{") || isNext("[") {
            if depth == 128 { throw .tooDeep(at: at) }
            value = try isNext("{") ? object(path, depth) : array(path, depth)
        } else if isNext("\"") {
            let start = at + 1
            value = .string(try string(), start: start)
        } else if at < line.count, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(line[at]) {
            let word = ["true", "false", "null"].first { isNext($0.unicodeScalars.first ?? "?") }
            for character in (word ?? "?").unicodeScalars { try take(character) }
            value = .other
        } else {
            try number()
            value = .other
        }
        for (index, pointer) in pointers.enumerated() where pointer == path { found[index] = value }
        return value
    }

    private mutating func object(_ path: [String]?, _ depth: Int) throws(EventError) -> Value {
        try take("{")
        try space()
        var keys: [[UInt8]] = []
        while !(keys.isEmpty && isNext("}")) {
            let start = at
            let key = try string()
            let below = path.map { $0 + [String(decoding: key, as: UTF8.self)] }
            let isOnTheWay = pointers.contains { below.map($0.starts(with:)) ?? false }
            if isOnTheWay, keys.contains(key) { throw .duplicateEnvelopeKey(at: start) }
            keys.append(key)
            try space()
            try take(":")
            try space()
            _ = try value(path: below, depth: depth + 1)
            try space()
            if isNext("}") { break }
            try take(",")
            try space()
        }
        try take("}")
        return .object
    }

    private mutating func array(_ path: [String]?, _ depth: Int) throws(EventError) -> Value {
        try take("[")
        try space()
        var count = 0
        while !(count == 0 && isNext("]")) {
            _ = try value(path: path.map { $0 + [String(count)] }, depth: depth + 1)
            count += 1
            try space()
            if isNext("]") { break }
            try take(",")
            try space()
        }
        try take("]")
        return .array
    }

    private mutating func number() throws(EventError) {
        if isNext("-") { try take("-") }
        if isNext("0") { try take("0") } else { try digits() }
        if isNext(".") {
            try take(".")
            try digits()
        }
        if isNext("e") || isNext("E") {
            at += 1
            if isNext("+") || isNext("-") { at += 1 }
            try digits()
        }
    }

    private mutating func digits() throws(EventError) {
        let start = at
        while at < line.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(line[at]) { at += 1 }
        if at == start { throw .notJSON(at: at) }
    }

    /// The text goes through UTF-16, as escapes are written, and the standard library repairs what it can't hold.
    private mutating func string() throws(EventError) -> [UInt8] {
        try take("\"")
        var units: [UInt16] = []
        while !isNext("\"") {
            if at == line.count || line[at] < 0x20 { throw .notJSON(at: at) }
            if line[at] >= 0x80 {
                units += try character().utf16
            } else if !isNext("\\") {
                units.append(UInt16(line[at]))
                at += 1
            } else {
                at += 1
                units.append(try escape())
            }
        }
        at += 1
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }

    private mutating func escape() throws(EventError) -> UInt16 {
        let short: [Character: UInt16] = [
            "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
        ]
        guard at < line.count else { throw .notJSON(at: at) }
        let letter = Character(Unicode.Scalar(line[at]))
        if letter != "u" {
            guard let unit = short[letter] else { throw .notJSON(at: at) }
            at += 1
            return unit
        }
        at += 1
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard at < line.count, let digit = Character(Unicode.Scalar(line[at])).hexDigitValue,
                line[at] < 0x80
            else { throw .notJSON(at: at) }
            unit = unit * 16 + UInt16(digit)
            at += 1
        }
        return unit
    }

    /// One character that is not ASCII: its sequence is among those that the standard library encodes.
    private mutating func character() throws(EventError) -> String {
        var sequence: [UInt8] = []
        while true {
            guard at < line.count, Self.beginnings.contains(sequence + [line[at]]) else { throw .invalidUTF8(at: at) }
            sequence.append(line[at])
            at += 1
            if let text = String(validating: sequence, as: UTF8.self) { return text }
        }
    }

    /// The whole and the beginnings of every character's UTF-8.
    private static let beginnings: Set<[UInt8]> = {
        var beginnings: Set<[UInt8]> = []
        for scalar in (0x80...0x10FFFF).lazy.compactMap({ Unicode.Scalar($0 as UInt32) }) {
            // Characters that differ in their last byte alone share the beginnings.
            if scalar.value >= 0x800, scalar.value % 64 != 0 { continue }
            let sequence = Array(UTF8.encode(scalar) ?? .init())
            for length in 1...sequence.count { beginnings.insert(Array(sequence[..<length])) }
            for last: UInt8 in 0x80...0xBF where sequence.count > 2 { beginnings.insert(sequence.dropLast() + [last]) }
        }
        return beginnings
    }()
}

/// SplitMix64: the same numbers in every run.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Adds a member at the front of one of the line's objects: most such lines stay valid JSON.
    private mutating func insertMember(into line: inout [UInt8]) {
        let braces = line.indices.filter { line[$0] == UInt8(ascii: "{") }
        guard let brace = braces.randomElement(using: &self) else { return }
        let keys = [
            "topic", "id", "timestamp", "v", "meta", "kind", "a", "0", "1", "", #"\u0074opic"#, #"\ud800"#, "type",
            "source",
        ]
        let values = [
            "1", #""t""#, #""""#, #"["a","b"]"#, #"{"kind":"t"}"#, #"[0,{"k":"t"}]"#, "null", #""\ud83d\ude00""#,
        ]
        let key = keys.randomElement(using: &self) ?? ""
        let value = values.randomElement(using: &self) ?? ""
        let comma = line[(brace + 1)...].first == UInt8(ascii: "}") ? "" : ","
        line.insert(contentsOf: #""\#(key)":\#(value)\#(comma)"#.utf8, at: brace + 1)
    }

    /// Changes a line at one place or two.
    mutating func mutate(_ line: inout [UInt8], with other: [UInt8]) {
        let bytes =
            Array(#""\{}[]:,0123456789-+.eEuntrbf/ "#.utf8) + [0, 9, 10, 13, 0x1F, 0x7F, 0x80, 0xC3, 0xED, 0xF4, 0xFF]
        for _ in 0..<Int.random(in: 1...2, using: &self) {
            let place = Int.random(in: 0...line.count, using: &self)
            let end = min(line.count, place + Int.random(in: 0...12, using: &self))
            let from = Int.random(in: 0...other.count, using: &self)
            let part = other[from..<min(other.count, from + Int.random(in: 0...24, using: &self))]
            switch Int.random(in: 0..<10, using: &self) {
            case 0: line.insert(bytes.randomElement(using: &self) ?? 0, at: place)
            case 1 where place < line.count: line[place] = bytes.randomElement(using: &self) ?? 0
            case 2 where place < line.count: line[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 3: line.removeSubrange(place..<end)
            case 4: line.insert(contentsOf: part, at: place)
            case 5: line.insert(contentsOf: line[place..<end], at: place)
            case 6: line.replaceSubrange(place..<end, with: part)
            default: insertMember(into: &line)
            }
        }
    }
}

func expectSameVerdict(_ line: [UInt8], _ input: Config.Input) {
    var reference = ReferenceReader(line, input)
    let shown = String(decoding: line.prefix(500), as: UTF8.self).debugDescription
    do throws(EventError) {
        let expected = try reference.event()
        let event = try scan(line, input: input).get()
        #expect(decode(event.topic, in: line) == expected.topic, "\(shown)")
        #expect([event.topic.start, event.id?.start, event.time?.start] == expected.starts, "\(shown)")
    } catch {
        #expect(scan(line, input: input) == .failure(error), "\(shown)")
    }
    // To look for CloudEvents changes nothing else.
    let found = scan(line, input: input, findsCloudEvents: true).map {
        Event(topic: $0.topic, id: $0.id, time: $0.time)
    }
    #expect(found == scan(line, input: input), "\(shown)")
}

private func input(topic: String) -> Config.Input {
    var input = Config.Input()
    input.topic = JSONPointer(topic) ?? input.topic
    input.time = JSONPointer(tokens: ["v", "1"])
    return input
}

@Test func `the plainest reader and the scanner agree on every line of the table`() {
    for row in LineCase.all { expectSameVerdict(row.line, input(topic: row.pointer)) }
}

@Test(arguments: 0..<20)
func `the plainest reader and the scanner agree on 1,000 changed lines`(seed: UInt64) throws {
    var generator = SeededGenerator(state: seed)
    let rows = LineCase.all.filter { $0.line.count < 1000 }
    let valid = rows.filter { $0.reason == nil }
    var events = 0
    for _ in 0..<1000 {
        let row = try #require((Bool.random(using: &generator) ? valid : rows).randomElement(using: &generator))
        let other = try #require(rows.randomElement(using: &generator))
        var line = row.line
        generator.mutate(&line, with: other.line)
        expectSameVerdict(line, input(topic: row.pointer))
        if case .success = scan(line, input: input(topic: row.pointer)) { events += 1 }
    }
    // Changes that leave nothing valid would compare refusals alone.
    #expect(events > 100)
}
