import Foundation
import Hookline
import Testing

/// A filter with one operator for `a`, and values that it takes and does not take.
private let operators: [(filter: String, takes: [String], refuses: [String])] = [
    (
        "[Order]", ["\"Order\"", "\"\\u004frder\"", "[1,\"Order\"]"],
        ["\"order\"", "\"Order \"", "{\"Order\":1}", "null", "[]"]
    ),
    ("[300]", ["300", "300.0", "3e2", "0.3E+3", "30000e-2"], ["\"300\"", "301", "-300"]),
    ("[0]", ["0", "-0", "0.0", "0e9"], ["1e-400", "false", "null", "\"0\""]),
    ("[0.1]", ["0.1"], ["0.10", "1e-1", "0.1000000000000000055511151231257827"]),
    ("[9007199254740992]", ["9007199254740992", "9007199254740992.0"], ["9007199254740993", "9007199254740991"]),
    ("[9007199254740993]", ["9007199254740993"], ["9007199254740992", "9007199254740993.0"]),
    ("[36893488147419103232]", ["36893488147419103232", "3.6893488147419103232e19"], ["36893488147419103233"]),
    ("[1e400]", ["1e400"], ["1E400", "1e401"]),
    ("[\"300\"]", ["\"300\""], ["300"]),
    ("[true]", ["true", "[false,true]"], ["\"true\"", "false", "1"]),
    ("[null]", ["null"], ["\"null\"", "[]", "{}", "0", "false"]),
    ("[yes]", ["\"yes\""], ["true"]),
    ("[\"\"]", ["\"\""], ["\" \"", "null"]),
    ("[{prefix: eu-}]", ["\"eu-\"", "\"eu-west\""], ["\"eu\"", "\"EU-\"", "1"]),
    ("[{prefix: \"\"}]", ["\"\"", "\"a\""], ["1", "null"]),
    ("[{prefix: {equals-ignore-case: ÜN}}]", ["\"ünï\"", "\"\\u00dcnï\""], ["\"unï\"", "\"ü\""]),
    ("[{suffix: .png}]", ["\".png\"", "\"a.png\""], ["\"png\"", "\".PNG\""]),
    ("[{suffix: {equals-ignore-case: .PNG}}]", ["\"a.Png\""], ["\"a.pnG \""]),
    ("[{equals-ignore-case: straße}]", ["\"STRAßE\"", "\"STRAẞE\""], ["\"strasse\""]),
    ("[{equals-ignore-case: Σας}]", ["\"ςΑΣ\""], ["\"σα\""]),
    ("[{equals-ignore-case: ki}]", ["\"\\u212aI\""], ["\"kı\"", "\"kİ\""]),
    ("[{equals-ignore-case: \"\"}]", ["\"\""], ["null", "\"a\""]),
    ("[{wildcard: \"a*c\"}]", ["\"ac\"", "\"abc\"", "\"a\\nc\"", "\"acac\""], ["\"acb\"", "\"a\"", "\"bac\""]),
    ("[{wildcard: \"*b*\"}]", ["\"b\"", "\"abc\""], ["\"\"", "\"ac\""]),
    ("[{wildcard: \"*ab*ab*\"}]", ["\"abab\"", "\"xabyabz\""], ["\"aab\"", "\"ab\""]),
    ("[{wildcard: \"ab*ab\"}]", ["\"abab\""], ["\"ab\"", "\"aab\""]),
    ("[{wildcard: \"*\"}]", ["\"\"", "\"x\""], ["1", "null"]),
    ("[{wildcard: \"\"}]", ["\"\""], ["\"x\""]),
    ("[{wildcard: 'a\\*\\\\b'}]", ["\"a*\\\\b\""], ["\"aX\\\\b\"", "\"a*b\""]),
    ("[{numeric: [\">\", 0, \"<=\", 5]}]", ["5", "0.1", "5.0", "1e-9"], ["0", "-0.0", "5.1", "\"3\"", "null"]),
    ("[{numeric: [\"=\", 0.1]}]", ["0.1", "0.10", "1e-1"], ["0.11"]),
    ("[{numeric: [\"<\", 1e400]}]", ["1e308", "-5"], ["1e400"]),
    (
        "[{cidr: 10.0.0.5/24}]", ["\"10.0.0.255\"", "\"10.0.0.0\""],
        ["\"10.0.1.0\"", "\"10.0.0\"", "\"10.0.0.256\"", "10", "\"::10.0.0.1\""]
    ),
    ("[{cidr: 0.0.0.0/0}]", ["\"1.2.3.4\""], ["\"::1\"", "\"\""]),
    ("[{cidr: \"2001:db8::/32\"}]", ["\"2001:0DB8:ffff::1\""], ["\"2001:db9::1\"", "\"2001:db8\""]),
    ("[{cidr: 10.0.0.7/32}]", ["\"10.0.0.7\""], ["\"10.0.0.6\"", "\"10.0.0.7\\u0000\""]),
    ("[{exists: true}]", ["null", "\"\"", "[0]"], ["{}", "[]", "{\"a\":1}", "[[]]"]),
    ("[{exists: false}]", ["{}", "[]", "{\"a\":1}"], ["null", "[0]"]),
    ("[{anything-but: x}]", ["\"y\"", "1", "null", "[\"x\",\"y\"]"], ["\"x\"", "[]", "{}", "[\"x\"]"]),
    ("[{anything-but: [1, 2]}]", ["3", "\"1\""], ["1.0", "2"]),
    ("[{anything-but: {prefix: [a, b]}}]", ["\"c\"", "1"], ["\"ab\"", "\"b\""]),
    ("[{anything-but: {wildcard: \"*x*\"}}]", ["\"y\""], ["\"axb\""]),
    ("[{anything-but: {equals-ignore-case: X}}]", ["\"y\"", "true"], ["\"x\"", "\"X\""]),
    ("[a, {exists: false}]", ["\"a\"", "{}"], ["\"b\"", "null"]),
]

@Test(arguments: operators)
func `an operator takes these values and no others`(filter: String, takes: [String], refuses: [String]) throws {
    var routing = try FilterRouting(filters: ["{a: \(filter)}"])
    for value in takes {
        let found = try routing.webhooks(of: "{\"a\":\(value)}")
        #expect(found == [0], "\(filter) and \(value)")
    }
    for value in refuses {
        let found = try routing.webhooks(of: "{\"a\":\(value)}")
        #expect(found == [], "\(filter) and \(value)")
    }
}

@Test(
    arguments: [
        // Fields in one array must find their leaves in one element.
        ("{a: {b: [1], c: [2]}}", #"{"a":[{"b":1,"c":2}]}"#, true),
        ("{a: {b: [1], c: [2]}}", #"{"a":[{"b":1},{"c":2}]}"#, false),
        ("{a: {b: [1], c: [2]}}", #"{"a":[{"b":[3,1]},{"b":[1],"c":[4,2]}]}"#, true),
        ("{a: {b: {x: [1], y: [2]}, c: [3]}}", #"{"a":[{"b":[{"x":1},{"y":2}],"c":3}]}"#, false),
        ("{a: {b: {x: [1], y: [2]}, c: [3]}}", #"{"a":[{"c":3},{"b":[{"x":1},{"x":1,"y":2}],"c":3}]}"#, true),
        ("{a: {b: [1]}, d: {c: [2]}}", #"{"a":[{"b":0},{"b":1}],"d":[{"c":2},{"c":0}]}"#, true),
        // An absent field holds beside the elements that the others chose.
        ("{a: {b: [1], c: [{exists: false}]}}", #"{"a":[{"b":1},{"c":2}]}"#, true),
        ("{a: {b: [1], c: [{exists: false}]}}", #"{"a":[{"b":1,"c":2},{"b":0}]}"#, false),
        ("{d: [1], a: {c: [{exists: false}]}}", #"{"d":1,"a":[{"b":1},{"c":2}]}"#, false),
        // Dots in keys, on either side.
        ("{a.b: {c: [1]}}", #"{"a":{"b.c":1}}"#, true),
        ("{a: {b: {c: [1]}}}", #"{"a.b":[{"c":1}]}"#, true),
        ("{a: {b: [1]}}", #"{"\u0061.b":1}"#, true),
        ("{\"\": [1]}", #"{"":1}"#, true),
        ("{.a: [1]}", #"{"":{"a":1}}"#, true),
        // A key that is repeated counts as it stands last, escaped or not.
        ("{a: [1]}", #"{"a":1,"a":2}"#, false),
        ("{a: [2]}", #"{"a":1,"\u0061":2}"#, true),
        ("{a: {b: [1]}}", #"{"a":{"b":1},"a":5}"#, false),
        ("{a: [{exists: false}]}", #"{"a":1,"a":{}}"#, true),
        ("{a: {b: [1]}}", #"{"a":[{"b":1},{"b":1,"b":2}]}"#, true),
        // A field that is named twice counts as it stands last.
        ("{a: [1], $or: [{a: [2]}, {b: [3]}]}", #"{"a":2}"#, true),
        ("{$or: [{a: [2]}, {b: [3]}], a: [1]}", #"{"a":1}"#, true),
        ("{$or: [{a: [2]}, {b: [3]}], c: [1]}", #"{"c":1}"#, false),
        ("{$or: [x, y]}", #"{"$or":"x"}"#, true),
        ("{$or: [{prefix: x}, {suffix: y}]}", #"{"$or":"ay"}"#, true),
        // JSON as it is.
        (#"{"a":["\/\b\f\n\r\t\u00e9\ud83d\ude80\"\\"]}"#, #"{"a":"/\b\f\n\r\té🚀\"\\"}"#, true),
        (#"{"\ud83d\ude80":[{"numeric":[">",1e2]}]}"#, #"{"🚀":101}"#, true),
        (#"{ "a" :  [ 123456789012345678901234567890 ,"x"] }"#, #"{"a":123456789012345678901234567890}"#, true),
        ("{\"a\":\t[\t\"x\"\t]\t}", #"{"a":"x"}"#, true),
    ] as [(String, String, Bool)])
func `an event with these fields is taken, or not`(filter: String, event: String, isTaken: Bool) throws {
    var routing = try FilterRouting(filters: [filter])
    let found = try routing.webhooks(of: event)
    #expect(found == (isTaken ? [0] : []))
}

/// Where the verdict needs a choice in each of many arrays, trying all would take longer than the universe has.
@Test func `an event made to be hard is decided in no time`() throws {
    let fields = (0..<40).map { "f\($0): {x: [1], y: [2]}" }.joined(separator: ", ")
    var routing = try FilterRouting(filters: ["{\(fields)}", "{a: [{wildcard: \"*a*a*a*a*a*a*b\"}]}"])
    let elements = "[" + (0..<200).map { _ in #"{"x":1,"y":0},{"x":0,"y":2}"# }.joined(separator: ",") + "]"
    let event = "{" + (0..<40).map { "\"f\($0)\":\(elements)" }.joined(separator: ",")
    let found = try routing.webhooks(of: event + ",\"a\":\"\(String(repeating: "a", count: 50_000))\"}")
    #expect(found == [])
    let good = event.replacing("\"y\":0", with: "\"y\":2") + ",\"a\":\"\(String(repeating: "a", count: 50_000))b\"}"
    #expect(try routing.webhooks(of: good) == [0, 1])
}

@Test func `webhooks with and without filters come in the order of the configuration`() throws {
    var filters = (0..<100).map { index in index % 3 == 0 ? "null" : "{a: [\(index % 3)]}" }
    filters.append("{b: [{exists: false}]}")
    var routing = try FilterRouting(filters: filters)
    #expect(try routing.webhooks(of: #"{"a":1}"#) == (0..<100).filter { $0 % 3 < 2 } + [100])
    #expect(try routing.webhooks(of: #"{"a":[2,1],"b":0}"#) == Array(0..<100))
    #expect(try routing.webhooks(of: "{}") == (0..<100).filter { $0 % 3 == 0 } + [100])
}

@Test func `a verdict says which leaves each field found and which of them pass`() throws {
    var routing = try FilterRouting(filters: [
        "{a: {b: [{prefix: x}], c: [{numeric: [\">\", 1]}]}, d: [{exists: false}]}"
    ])
    let found = try #require(try routing.verdict(on: #"{"a":[{"b":"x\n1","c":1},{"b":"y","c":2},{"b":"x2"}],"d":{}}"#))
    // Both pass somewhere, but in no element together.
    #expect(!found.isMatch)
    #expect(found.leaves == [3, 2, 0])
    #expect(found.passing == [["x\n1", "x2"], ["2"], []])
    var none = try FilterRouting(filters: ["null"])
    #expect(try none.verdict(on: "{}") == nil)
}
