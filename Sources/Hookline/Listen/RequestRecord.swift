/// The file of `--record`: one JSON line per request that was read whole, written before its answer is sent.
///
/// `{"time","method","path","http_version","headers":{<lower-case name>: <values joined by ", ">},"status","body"}`;
/// a body that is no UTF-8 stands as `body_base64` instead.
final class RequestRecord {
    private var file: LineFile

    init(path: String) throws(ListenError) {
        var file = LineFile(path: path)
        do {
            try file.open()
        } catch {
            throw .record(path, errno: error.errno)
        }
        self.file = file
    }

    func append(_ request: ReceivedRequest, status: Int, at time: WallTime) throws(ListenError) {
        do {
            let start = try file.begin()
            try file.append(Self.line(request, status: status, at: time), since: start)
        } catch {
            throw .record(file.path, errno: error.errno)
        }
    }

    /// The request's line, with its LF.
    static func line(_ request: ReceivedRequest, status: Int, at time: WallTime) -> [UInt8] {
        let head = request.head
        var names: [String] = []
        for header in head.headers where !names.contains(header.name) { names.append(header.name) }
        var line = JSONWriter()
        line.object { json in
            json.string("time", time.text)
            json.string("method", head.method)
            json.string("path", head.target)
            json.string("http_version", head.version)
            json.object("headers") { for name in names { $0.string(name, head.value(name)) } }
            json.number("status", status)
            unsafe (request.body ?? []).withUnsafeBytes { unsafe json.text("body", orBase64: "body_base64", $0) }
        }
        line.newline()
        return line.bytes
    }
}
