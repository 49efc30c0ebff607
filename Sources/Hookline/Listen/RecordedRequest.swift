import FoundationEssentials

/// A request read back from a file: a line of `RequestRecord`, or HTTP/1.1 as text.
struct RecordedRequest {
    /// Where it begins in the file, from 1.
    var line: Int
    /// When it came; nil: unknown.
    var time: WallTime?
    /// Names in lower case.
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    /// Reads all requests of a file: one a line where it begins with `{`, else one in all. Blank lines are skipped.
    static func read(_ file: [UInt8]) throws(RecordedRequestError) -> [RecordedRequest] {
        let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard let first = file.first(where: { !isBlank($0) }) else { throw RecordedRequestError(line: 1, .empty) }
        guard first == UInt8(ascii: "{") else { return [try RecordedRequest(http: file)] }
        var requests: [RecordedRequest] = []
        for (index, line) in file.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
        where !line.allSatisfy(isBlank) {
            requests.append(try RecordedRequest(record: Array(line), line: index + 1))
        }
        return requests
    }

    /// The members of a record's line that matter here.
    private struct Record: Decodable {
        var time: String?
        var headers: [String: String]
        var body: String?
        // The record's own name.
        var body_base64: String?  // swift-format-ignore: AlwaysUseLowerCamelCase
    }

    private init(record bytes: [UInt8], line: Int) throws(RecordedRequestError) {
        // Names are shown later, and one that is no token could hold what a terminal obeys.
        guard let record = try? JSONDecoder().decode(Record.self, from: Data(bytes)),
            record.headers.keys.allSatisfy({ isHTTPToken(Array($0.utf8)) })
        else {
            throw RecordedRequestError(line: line, .notARecord)
        }
        self.line = line
        time = record.time.flatMap { WallTime(rfc3339: $0) }
        headers = record.headers.map { ($0.key.lowercased(), $0.value) }.sorted { $0.0 < $1.0 }
        if let text = record.body_base64 {
            guard let decoded = Base64.decode(text.utf8) else { throw RecordedRequestError(line: line, .notARecord) }
            body = decoded
        } else {
            body = Array((record.body ?? "").utf8)
        }
    }

    /// A request line or none, headers, an empty line and the body; lines end with CR LF or LF.
    private init(http file: [UInt8]) throws(RecordedRequestError) {
        var rest = file[...]
        headers = []
        var number = 0
        var isComplete = false
        while let end = rest.firstIndex(of: 0x0A) {
            number += 1
            var line = rest[..<end]
            rest = rest[(end + 1)...]
            if line.last == 0x0D { line.removeLast() }
            if line.isEmpty {
                // Empty lines before the request are none of it.
                if headers.isEmpty { continue }
                isComplete = true
                break
            }
            if let header = try? RequestHead.Header(line: Array(line)) {
                headers.append((header.name, header.value))
            } else if !headers.isEmpty || !line.contains(UInt8(ascii: " ")) {
                throw RecordedRequestError(line: number, .notAHeader)
            }
        }
        guard isComplete else { throw RecordedRequestError(line: max(1, number), .noBody) }
        if headers.contains(where: { $0.name == "transfer-encoding" }) {
            throw RecordedRequestError(line: 1, .chunked)
        }
        line = 1
        time = nil
        body = Array(rest)
    }
}

/// Why a file holds no request that can be read.
struct RecordedRequestError: Error, Equatable {
    enum Problem: Equatable { case empty, notARecord, notAHeader, noBody, chunked }

    /// From 1.
    var line: Int
    var problem: Problem

    init(line: Int, _ problem: Problem) {
        self.line = line
        self.problem = problem
    }

    var sentence: String {
        switch problem {
        case .empty: "it holds no request"
        case .notARecord: "the line is no request of `hookline listen --record`"
        case .notAHeader: "the line is no HTTP header"
        case .noBody: "no empty line ends the headers"
        case .chunked: "the body is chunked"
        }
    }

    var hint: String {
        switch problem {
        case .empty, .notARecord, .notAHeader: "`hookline help verify` says what the file may hold"
        case .noBody: "write headers, an empty line, then the body"
        case .chunked: "write the body without its chunks, and leave Transfer-Encoding out"
        }
    }
}
