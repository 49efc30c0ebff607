import Hookline
import Testing

private let attributes = [#""specversion":"1.0""#, #""id":"1""#, #""source":"/s""#, #""type":"t""#]

private func line(_ members: [String]) -> String {
    "{" + (members + [#""topic":"x""#]).joined(separator: ",") + "}"
}

private func isCloudEvent(_ line: String, input: Config.Input = .init()) throws -> Bool {
    try scan(Array(line.utf8), input: input, findsCloudEvents: true).get().isCloudEvent
}

@Test(arguments: [
    attributes, attributes.reversed(), attributes + [#""data":{"specversion":1,"id":2,"id":3}"#],
    [#""specversion":"1\u002e0""#, #""\u0069d":"\u0031""#, #""source":" ""#, #""type":"é""#],
    // What else it has is the receiver's matter.
    attributes + [#""time":7"#, #""datacontenttype":null"#, #""datacontenttype":null"#],
])
func `an event with each required attribute as text is a CloudEvent`(members: [String]) throws {
    #expect(try isCloudEvent(line(members)))
    // Nobody who asks, nobody who is told.
    #expect(try !scan(Array(line(members).utf8)).get().isCloudEvent)
}

@Test(arguments: 0..<4)
func `an event that lacks a required attribute, or has it as another value, is no CloudEvent`(place: Int) throws {
    var members = attributes
    let key = members[place].prefix { $0 != ":" }
    for value in [#""""#, "1", "1.0", "null", "true", "[]", "{}", #"["1.0"]"#, #"{"id":"1.0"}"#] {
        members[place] = "\(key):\(value)"
        #expect(try !isCloudEvent(line(members)), "\(members[place])")
    }
    members.remove(at: place)
    #expect(try !isCloudEvent(line(members)))
    #expect(try !isCloudEvent(line(members + [#""data":{\#(attributes[place])}"#])))
}

@Test(arguments: ["1.0.2", "1", "0.3", "1.1", "1.0 ", "1\\n0", "١.٠"])
func `another version is no CloudEvent`(version: String) throws {
    #expect(try !isCloudEvent(line([#""specversion":"\#(version)""#] + attributes.dropFirst())))
}

@Test(arguments: [0, 2, 3], [#""1.0""#, "null", "{}"])
func `an attribute that stands twice makes no refusal, but no CloudEvent either`(place: Int, value: String) throws {
    let second = attributes[place].prefix { $0 != ":" } + ":" + value
    #expect(try !isCloudEvent(line(attributes + [String(second)])))
    #expect(try !isCloudEvent(line([String(second)] + attributes)))
    let escaped = second.replacing("s", with: "\\u0073").replacing("t", with: "\\u0074")
    #expect(try !isCloudEvent(line(attributes + [escaped])))
}

@Test func `a second attribute is refused where it is a key of the envelope too`() throws {
    let twice = line(attributes + [#""id":"2""#])
    #expect(
        scan(Array(twice.utf8), findsCloudEvents: true)
            == .failure(.duplicateEnvelopeKey(at: twice.utf8.count - #""id":"2","topic":"x"}"#.utf8.count)))
    var input = Config.Input()
    input.id = JSONPointer(tokens: ["meta", "id"])
    #expect(try !isCloudEvent(twice, input: input))
    // On the way to the topic.
    input.topic = JSONPointer(tokens: ["source", "kind"])
    let deep = #"{"source":{"kind":"t"},"source":"s"}"#
    #expect(scan(Array(deep.utf8), input: input, findsCloudEvents: true) == .failure(.duplicateEnvelopeKey(at: 23)))
}

@Test func `topic, id and time may be attributes of a CloudEvent`() throws {
    var input = Config.Input()
    input.topic = JSONPointer(tokens: ["type"])
    input.time = JSONPointer(tokens: ["time"])
    let line = "{" + (attributes + [#""time":"now""#]).joined(separator: ",") + "}"
    let event = try scan(Array(line.utf8), input: input, findsCloudEvents: true).get()
    #expect(event.isCloudEvent)
    #expect(event.topic.count == 1)
    #expect(event.id?.count == 1)
    #expect(event.time?.count == 3)
}

@Test func `one CloudEvent says nothing of the next line`() throws {
    var scanner = JSONScanner(input: .init(), findsCloudEvents: true)
    let lines = [
        line(attributes), line(Array(attributes.dropLast())), line(attributes), line(attributes + [attributes[3]]),
        line(attributes),
    ]
    var found: [Bool] = []
    for line in lines {
        let bytes = Array(line.utf8)
        found.append(try unsafe bytes.withUnsafeBytes { unsafe try scanner.scan($0).isCloudEvent })
    }
    #expect(found == [true, false, true, false, true])
}
