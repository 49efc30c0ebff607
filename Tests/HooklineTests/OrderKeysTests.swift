import Hookline
import Testing

/// The hash of what a line has at the pointer, 0 for nothing; nil if the line is refused.
private func key(_ line: String, at pointer: String = "/object/id") throws -> UInt64? {
    var scanner = JSONScanner(input: .init(), orderKeys: [try #require(JSONPointer(pointer))])
    // What an earlier line had must not shine through.
    _ = unsafe Array(#"{"topic":"t","object":{"id":"earlier"}}"#.utf8).withUnsafeBytes { try? unsafe scanner.scan($0) }
    let isEvent = unsafe Array(line.utf8).withUnsafeBytes { unsafe (try? scanner.scan($0)) != nil }
    return isEvent ? scanner.orderKey(0) : nil
}

private func event(_ value: String) -> String { #"{"object":{"id":\#(value),"x":1},"topic":"t"}"# }

private func webhook(_ order: Webhook.Order, concurrency: Int = 4) -> Webhook {
    let url = WebhookURL(text: "https://a.example/", host: "a.example", port: 443)
    var webhook = Webhook(name: "a", url: .value(url), topics: [.all])
    webhook.order = order
    webhook.concurrency = concurrency
    return webhook
}

@Test(arguments: [
    (#""a/b""#, #""a\/\u0062""#), (#""é""#, #""\u00e9""#), ("7", "7"), ("-1.5e3", "-1.5e3"), ("true", "true"),
    (#"[1, {"a":2}]"#, #"[1, {"a":2}]"#), ("{}", "{}"), ("[]", "[]"), (#""""#, #""""#),
])
func `values that are written alike, or texts that are equal, are one key`(one: String, other: String) throws {
    let hash = try #require(try key(event(one)))
    #expect(hash != 0)
    #expect(try key(event(other)) == hash)
    #expect(try key(#"{"topic":"t","more":[{"object":{"id":0}}],"object":{"y":[],"id": \#(other) }}"#) == hash)
}

@Test func `different values are different keys`() throws {
    let values = [
        "1", "2", "1.0", #""a""#, #""b""#, #""A""#, "true", "false", "[]", "[1]", "[1 ]", "{}", #"{"a":1}"#, #""\\n""#,
        #""\n""#, "null",
    ]
    #expect(try Set(values.map { try key(event($0)) }).count == values.count)
}

@Test(arguments: [
    event("null"), #"{"topic":"t"}"#, #"{"topic":"t","object":null}"#, #"{"topic":"t","object":{}}"#,
    #"{"topic":"t","object":"id"}"#, #"{"topic":"t","object":[{"id":1}]}"#, #"{"topic":"t","id":1}"#,
    #"{"topic":"t","object":{"object":{"id":1}}}"#, #"{"topic":"t","object":{"id":1,"id":null}}"#,
])
func `what is missing or null is one key for all`(line: String) throws {
    #expect(try key(line) == 0)
}

@Test(arguments: [
    #"{"topic":"t","object":{"id":1,"id":2}}"#, #"{"object":{"id":1},"topic":"t","object":{"id":2}}"#,
    #"{"topic":"t","object":{"id":{"deep":1},"id":2}}"#,
])
func `a key that is repeated refuses no line, and the last one counts`(line: String) throws {
    #expect(try key(line) == key(event("2")))
}

@Test(arguments: [
    (#"{"topic":"t","a":[5,{"b":7}]}"#, "/a/1/b", "7"), (#"{"topic":"t","a":[5,[6]]}"#, "/a/1", "[6]"),
    (#"{"topic":"t","a":{"b":{"c":1}}}"#, "/a", #"{"b":{"c":1}}"#), (#"{"topic":"t"}"#, "/topic", #""t""#),
    (#"{"topic":"t","id":"x"}"#, "/id", #""x""#), (#"{"topic":"t","":"x"}"#, "/", #""x""#),
    (#"{"topic":"t","a/b":3}"#, "/a~1b", "3"),
])
func `a key may be anywhere, in the envelope too`(line: String, pointer: String, value: String) throws {
    #expect(try key(line, at: pointer) == key(event(value)))
}

@Test func `a key inside of another key is found with it`() throws {
    let pointers = ["/a", "/a/b", "/a/b/c"].map { JSONPointer($0) ?? JSONPointer(tokens: []) }
    var scanner = JSONScanner(input: .init(), orderKeys: pointers)
    try unsafe Array(#"{"a":{"b":{"c":1}},"topic":"t"}"#.utf8).withUnsafeBytes { _ = unsafe try scanner.scan($0) }
    let expected = [#"{"b":{"c":1}}"#, #"{"c":1}"#, "1"]
    for (place, value) in expected.enumerated() {
        let hash = scanner.orderKey(place)
        #expect(try hash == key(event(value)))
    }
}

@Test func `keys leave it as it was which lines are events and which are CloudEvents`() throws {
    let lines = [
        #"{"specversion":"1.0","id":"1","source":"s","type":"t","topic":"t","data":{"k":1,"k":2}}"#,
        #"{"topic":"t","topic":"u"}"#, #"{"topic":{"k":1}}"#, #"{"topic":"t","data":{"k":[}}"#, #"{"data":{"k":1}}"#,
    ]
    let pointers = ["/data/k", "/data", "/topic/k", "/type"].map { JSONPointer($0) ?? JSONPointer(tokens: []) }
    var with = JSONScanner(input: .init(), findsCloudEvents: true, orderKeys: pointers)
    for line in lines {
        let bytes = Array(line.utf8)
        let result = unsafe bytes.withUnsafeBytes { bytes in
            Result { () throws(EventError) in unsafe try with.scan(bytes) }
        }
        #expect(result == scan(bytes, findsCloudEvents: true), "\(line)")
    }
}

@Test func `webhooks with one pointer share it, and each has lanes of its own`() throws {
    let (id, kind) = (Webhook.Order.key(JSONPointer(tokens: ["id"])), Webhook.Order.key(JSONPointer(tokens: ["kind"])))
    let webhooks = [
        webhook(.none), webhook(id, concurrency: 1), webhook(kind), webhook(id, concurrency: 256), webhook(.strict),
        webhook(.key(JSONPointer(tokens: ["unused"]))),
    ]
    let keys = OrderKeys(webhooks, takesPart: [true, true, true, true, true, false])
    #expect(keys.pointers == [JSONPointer(tokens: ["id"]), JSONPointer(tokens: ["kind"])])
    var scanner = JSONScanner(input: .init(), orderKeys: keys.pointers)
    var met: [Set<Int>] = Array(repeating: [], count: webhooks.count)
    for number in 0..<2_000 {
        let line = #"{"topic":"t","id":"object-\#(number)","kind":\#(number % 2)}"#
        try unsafe Array(line.utf8).withUnsafeBytes { _ = unsafe try scanner.scan($0) }
        for index in webhooks.indices { met[index].insert(keys.lane(of: index, scanner)) }
    }
    #expect(met.map(\.count) == [1, 1, 2, 256, 1, 1])
    #expect(met[3] == Set(0..<256))
}
