import FoundationEssentials
import Glibc

/// The file of `--record`: one JSON line per request that was read whole, written before its answer is sent.
///
/// `{"time","method","path","http_version","headers":{<lower-case name>: <values joined by ", ">},"status","body"}`;
/// a body that is no UTF-8 stands as `body_base64` instead.
final class RequestRecord {
    private let path: String
    private let descriptor: Int32

    init(path: String) throws(ListenError) {
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .record(path, errno: errno) }
    }

    deinit { close(descriptor) }

    func append(_ request: ReceivedRequest, status: Int, at time: UTCTime) throws(ListenError) {
        let code = writeAll(Self.line(request, status: status, at: time), to: descriptor)
        if code != 0 { throw .record(path, errno: code) }
    }

    /// The request's line, with its LF.
    static func line(_ request: ReceivedRequest, status: Int, at time: UTCTime) -> [UInt8] {
        let head = request.head
        var names: [String] = []
        for header in head.headers where !names.contains(header.name) { names.append(header.name) }
        var line = JSONWriter()
        line.object {
            $0.string("time", time.iso8601)
            $0.string("method", head.method)
            $0.string("path", head.target)
            $0.string("http_version", head.version)
            $0.object("headers") { for name in names { $0.string(name, head.value(name)) } }
            $0.number("status", status)
            let body = request.body ?? []
            if let text = String(validating: body, as: UTF8.self) {
                $0.string("body", text)
            } else {
                $0.string("body_base64", Data(body).base64EncodedString())
            }
        }
        line.newline()
        return line.bytes
    }
}
