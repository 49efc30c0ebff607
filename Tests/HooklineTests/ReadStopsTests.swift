import Hookline
import Testing

/// Where strings may stop is marked 64 bytes at a time, and looked at 57 bytes or more at a time: what stands at an edge of
/// these must be found like anything else.
private let contents: [[UInt8]] =
    [
        "", "a", "é", "€", "😀", "éé", "\\n", "\\\\", "\\\"", "\\u00e9", "\\ud83d\\ude00", "a\\/é\\tb", "\\", "\\u00",
        "\\x",
        "\"", "\"x", "\u{7F}", "\u{1}", "\u{1F}", "\t",
    ].map { Array($0.utf8) } + [
        [0x80], [0xC3], [0xC3, 0x41], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98], [0xFF],
    ]

@Test(arguments: contents)
func `the scanner and the plainest reader agree at every distance from both ends of a line`(content: [UInt8]) {
    for count in 0...130 {
        let before = Array(repeating: UInt8(ascii: "x"), count: count)
        let rest = before.count % 3 == 0 ? "" : "yz"
        // The string is looked at, passed, in a container that is passed, and a key; the last one ends where the line does.
        for (head, tail) in [
            (#"{"topic":""#, #""}"#), (#"{"topic":"t","v":""#, #""}"#), (#"{"topic":"t","w":["1",{"k":""#, #""}]}"#),
            (#"{"topic":"t","w":{""#, #"":[]}}"#), (#"{"topic":"t","w":""#, ""),
        ] {
            expectSameVerdict(Array(head.utf8) + before + content + Array((rest + tail).utf8), .init())
        }
    }
}

@Test func `a line of every length up to 200 bytes is read to its last byte, and refused where it is cut`() {
    for count in 0...180 {
        let line = Array(#"{"topic":"t","v":"\#(String(repeating: "x", count: count))"}"#.utf8)
        expectSameVerdict(line, .init())
        for cut in 1...3 { expectSameVerdict(Array(line.dropLast(cut)), .init()) }
        expectSameVerdict(line + [UInt8(ascii: "\"")], .init())
    }
}

@Test func `what an array or object in which nothing is looked for holds is checked, and where it ends`() {
    let values = [
        "[]", "{}", "[ ]", "{ }", "[1]", #"{"a":1}"#, #"[{"a":[{"b":{}}]},[[]],null]"#, "[1,]", "[,1]", #"{"a":1,}"#,
        "{,}",
        #"{"a"}"#, #"{"a":}"#, #"{"a" 1}"#, "{1:2}", "[1 2]", "[1}", #"{"a":1]"#, #"[{"a":1]]"#, #"{"a":[1}}"#, "[tru]",
        "[truE]", "[01]", "[-]", "[1.]", "[1e]", "[+1]", "[\"a]", "[\u{1}]", "[é]", "[[1],[2}]", "[]]", "{}}", "[", "{",
        #"{"a":"#, "[[", "[{", #"[" \u12"#, " [ 1 , { \"a\" : [ ] , \"b\" : \"\\n\" } ] ",
    ]
    for value in values {
        for line in [#"{"topic":"t","w":\#(value)}"#, #"{"w":\#(value),"topic":"t"}"#, #"{"topic":\#(value)}"#, value] {
            expectSameVerdict(Array(line.utf8), .init())
        }
    }
}

@Test func `an array or object in which nothing is looked for may be as deep as any other`() {
    for depth in 125...130 {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":"#, "}]")] {
            let width = open.utf8.count == 6 ? 2 : 1
            let times = depth / width
            let opened = String(repeating: open, count: times)
            let closed = String(repeating: close, count: times)
            for line in [
                #"{"topic":"t","w":\#(opened)1\#(closed)}"#, #"{"topic":"t","w":\#(opened)1\#(closed.dropLast())}"#,
                #"{"topic":"t","w":\#(opened)1\#(closed)]}"#, #"{"topic":"t","w":[\#(opened)1\#(closed)]}"#,
            ] {
                expectSameVerdict(Array(line.utf8), .init())
            }
        }
    }
}

@Test func `a longer line leaves no marks behind for a shorter one`() {
    var scanner = JSONScanner(input: .init())
    for count in [5_000, 0, 700, 3, 64, 20_000, 1, 63, 65] {
        for content in [#"\""#, "x"] {
            let text = String(repeating: content, count: count)
            let line = Array(#"{"v":"\#(text)","topic":"t\#(text)"}"#.utf8)
            let event = unsafe line.withUnsafeBytes { bytes in try? unsafe scanner.scan(bytes) }
            #expect(event?.topic.count == 1 + text.utf8.count)
            #expect(event?.topic.hasEscapes == (content != "x" && count > 0))
        }
    }
}
