/// What the command line asks of `hookline listen`. Each field's sentence and range stand in the option table.
package struct ListenOptions: Equatable, Sendable {
    /// What one request gets for an answer.
    package enum Answer: Equatable, Sendable {
        /// An HTTP status, 200 to 599.
        case status(Int)
        /// The connection is reset after the headers and half of the body were read.
        case reset
    }

    /// The certificate that the receiver shows.
    package enum Certificate: String, Sendable, CaseIterable {
        case valid, expired
        /// Valid, but for `wrong.invalid`.
        case wrongHost = "wrong-host"
    }

    /// Where the throwaway CA and certificate are made and kept: `ca.pem`, `server.pem`, `server.key`.
    package var directory = ".hookline-listen"
    /// 0 to 65535; 0: any free port.
    package var port = 8443
    /// Answers in turn, one a request, over all connections; the last one repeats.
    package var answers: [Answer] = [.status(200)]
    /// Share of requests, drawn by chance, that are answered 503 instead: 0 to 1.
    package var failRate = 0.0
    /// Start of the random numbers of `failRate`, so that a run can be repeated.
    package var seed: UInt64 = 1
    /// How long each answer waits.
    package var delay: Duration = .zero
    /// The Retry-After header, as it is, of answers that are not 2xx.
    package var retryAfter: String?
    /// The Location header of answers that are 3xx.
    package var location: String?
    /// 400 for a request whose body holds this text.
    package var rejectContaining: String?
    /// A file that gets each request as one line of JSON.
    package var record: String?
    package var certificate = Certificate.valid
    /// `whsec_…` and `whsk_…`, as given: any of them may have signed a request. With neither these nor public keys nothing
    /// is verified.
    package var secrets: [String] = []
    /// `whpk_…`, as given.
    package var publicKeys: [String] = []
    /// Print no line per request.
    package var quiet = false

    package init() {}
}
