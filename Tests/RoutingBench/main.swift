import Foundation
import Hookline

// Measures the way of an event from its bytes to the webhooks that take it, in this process: `scripts/bench routing`.
//
// Usage: RoutingBench WEBHOOKS EVENTS     prints one JSON object: seconds, nanoseconds an event, bytes

/// Webhooks come in twos with one filter, and the filters are of four kinds. Each event meets one of them.
func configuration(_ webhooks: Int) -> String {
    var text = "version: 1\ntopics: {object.created: Fires when a new object is created}\nwebhooks:\n"
    for webhook in 0..<webhooks {
        let pair = webhook / 2
        let filter =
            switch pair % 4 {
            case 0: "{object: {id: [obj_\(pair)]}, source: [shop]}"
            case 1: "{object: {amount: [{numeric: [\">=\", \(pair), \"<\", \(pair + 1)]}]}, source: [shop]}"
            case 2: "{object: {email: [{prefix: user-\(pair)@}]}, source: [shop]}"
            default: "{object: {path: [{wildcard: \"*/\(pair)/lines\"}]}, source: [shop]}"
            }
        text += "- {name: webhook-\(webhook), url: \"https://receiver.example/\(webhook)\", topics: [object.created], "
        text += "filter: \(filter)}\n"
    }
    return text
}

func event(_ pair: Int, _ number: Int) -> String {
    func value(_ kind: Int) -> Int { pair % 4 == kind ? pair : 1_000_000 + number }
    return
        #"{"topic":"object.created","id":"evt_\#(number)","timestamp":"2026-11-24T12:00:00Z","source":"shop","object":"#
        + #"{"id":"obj_\#(value(0))","type":"Order","amount":\#(value(1)),"email":"user-\#(value(2))@mail.example","path":"#
        + #""/orders/\#(value(3))/lines","state":"open","lines":[{"sku":"A-1","count":2},{"sku":"B-2","count":1}],"note":"#
        + #""\#(String(repeating: "x", count: 80))"}}"#
}

func resident() -> Int {
    let fields = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return (fields.flatMap { Int($0[1]) } ?? 0) * 4_096
}

func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .seconds(1)
}

struct Bench: ~Copyable {
    var router: Router
    var scanner: JSONScanner
    let lines: [[UInt8]]
    var matched = 0

    mutating func pass(_ events: Int, routing: Bool) throws {
        for number in 0..<events {
            unsafe try lines[number & 1_023].withUnsafeBytes { line in
                let event = unsafe try scanner.scan(line)
                guard routing, let topic = unsafe router.topic(named: event.topic.raw(in: line)) else { return }
                matched += unsafe router.targets(ofTopic: topic, scanner.leaves, in: line).count
            }
        }
    }
}

func measure(_ webhooks: Int, _ events: Int) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "hookline-routing-\(getpid()).yaml")
    try Data(configuration(webhooks).utf8).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }

    let before = resident()
    var read: Config?
    let reading = try seconds { read = try ConfigReader.standard.read(path.path).config }
    guard let config = read else { return }
    let afterReading = resident()
    let start = ContinuousClock.now
    let router = Router(topics: config.topics, webhooks: config.webhooks) { _ in true }
    let scanner = JSONScanner(input: config.input, paths: router.paths)
    let compiling = (ContinuousClock.now - start) / .seconds(1)
    let afterCompiling = resident()

    // Few enough lines to stay in the processor's cache, so that the reading of memory does not hide the rest.
    let pairs = max(1, webhooks / 2)
    let lines = (0..<1_024).map { Array(event($0 * 7_919 % pairs, $0).utf8) }
    var bench = Bench(router: router, scanner: scanner, lines: lines)
    try bench.pass(events / 10, routing: true)
    bench.matched = 0
    var scans: [Double] = []
    var routes: [Double] = []
    for _ in 0..<5 {
        scans.append(try seconds { try bench.pass(events / 5, routing: false) })
        routes.append(try seconds { try bench.pass(events / 5, routing: true) })
    }
    guard bench.matched == events / 5 * 5 * min(2, webhooks) else {
        FileHandle.standardError.write(Data("\(bench.matched) deliveries of \(events) events, not two of each\n".utf8))
        exit(1)
    }
    func nanoseconds(_ rounds: [Double]) -> Double { rounds.sorted()[2] / Double(events / 5) * 1e9 }
    print(
        #"{"webhooks":\#(webhooks),"events":\#(events),"reading":\#(reading),"compiling":\#(compiling),"#
            + #""scan_ns":\#(nanoseconds(scans)),"route_ns":\#(nanoseconds(routes)),"#
            + #""config_bytes":\#(afterReading - before),"matcher_bytes":\#(afterCompiling - afterReading)}"#)
}

let numbers = CommandLine.arguments.dropFirst().map { Int($0) ?? 0 }
guard numbers.count == 2, numbers.allSatisfy({ $0 >= 0 }) else { exit(64) }
try measure(numbers[0], numbers[1])
