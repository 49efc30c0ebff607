internal import CCurl
import Glibc

/// libcurl's multi interface: requests under way, on connections and TLS sessions that are kept.
///
/// This file is the only door to libcurl. It owns the multi handle, the share and every easy handle; easy handles go
/// back to `idle` and are freed before the two that they belong to. Used on one thread.
@safe package final class CurlMulti {
    /// A request that ended.
    package struct Completion {
        package var batch: Batch
        package var outcome: Outcome
        package var elapsed: Duration
        package var bytesSent: Int
    }

    private let multi: UnsafeMutableRawPointer
    private let share: UnsafeMutableRawPointer
    private var idle: [Transfer] = []
    private var active: [Transfer] = []
    private let addressGuard: AddressGuard

    /// - Parameters:
    ///   - maxConnections: connections open at once, idle ones among them.
    ///   - addressGuard: judges each address before it is connected to.
    package init(maxConnections: Int, addressGuard: AddressGuard) {
        self.addressGuard = addressGuard
        // libcurl's IDN takes host names in the locale's encoding, and a configuration is UTF-8 in every locale.
        _ = unsafe setlocale(LC_CTYPE, "C.UTF-8")
        guard curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK, let multi = unsafe curl_multi_init(),
            let share = unsafe curl_share_init()
        else { fatalError("libcurl could not be initialized") }
        unsafe self.multi = multi
        unsafe self.share = share
        unsafe hookline_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, maxConnections)
        unsafe hookline_multi_set_long(multi, CURLMOPT_MAXCONNECTS, maxConnections)
        unsafe hookline_share_sessions(share)
    }

    deinit {
        for transfer in active { unsafe curl_multi_remove_handle(multi, transfer.easy) }
        active.removeAll()
        idle.removeAll()
        unsafe curl_multi_cleanup(multi)
        unsafe curl_share_cleanup(share)
        curl_global_cleanup()
    }

    /// Starts a request whose body is the batch's own bytes, read in place until the request ends.
    package func start(_ request: Request, batch: Batch) {
        // The handle that served this webhook last knows all but what changes with each request.
        let index = idle.lastIndex { $0.webhook == batch.webhook } ?? idle.indices.last
        let transfer = index.map { idle.remove(at: $0) } ?? Transfer(addressGuard)
        if transfer.webhook != batch.webhook {
            unsafe transfer.configure(request, share: share)
            transfer.webhook = batch.webhook
        }
        transfer.prepare(request, batch)
        transfer.place = active.count
        active.append(transfer)
        let added = unsafe curl_multi_add_handle(multi, transfer.easy)
        precondition(added == CURLM_OK, "libcurl did not take a request")
    }

    /// Lets every request go on as far as it can without waiting.
    /// - Returns: the requests that ended.
    package func perform() -> [Completion] {
        var running: Int32 = 0
        let result = unsafe curl_multi_perform(multi, &running)
        precondition(result == CURLM_OK, "libcurl can't go on")
        var completions: [Completion] = []
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle,
                let context = unsafe hookline_get_private(easy)
            else { continue }
            let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            let result = unsafe hookline_result(message)
            unsafe curl_multi_remove_handle(multi, easy)
            completions.append(transfer.complete(result))
            retire(transfer)
        }
        return completions
    }

    /// Waits until a request can go on, something can be read from a descriptor, or the time is over.
    package func wait(for descriptors: [Int32], atMost timeout: Duration) {
        var watched = descriptors.map { curl_waitfd(fd: $0, events: Int16(CURL_WAIT_POLLIN), revents: 0) }
        // Rounded up, so that the loop does not spin through the last millisecond.
        let milliseconds = min(max(0, (timeout + .microseconds(999)) / .milliseconds(1)), 60_000)
        let result = unsafe curl_multi_poll(multi, &watched, UInt32(watched.count), Int32(milliseconds), nil)
        precondition(result == CURLM_OK, "libcurl can't wait")
    }

    /// Ends every request at once.
    /// - Returns: the batches that were under way. Their receivers may have got them all the same.
    package func abort() -> [Batch] {
        var batches: [Batch] = []
        for transfer in active {
            unsafe curl_multi_remove_handle(multi, transfer.easy)
            batches.append(transfer.release())
        }
        idle += active
        active.removeAll()
        return batches
    }

    /// Takes a URL apart with the parser that connects.
    package static func parse(url text: String) -> Result<ParsedURL, URLProblem> {
        guard let url = unsafe curl_url() else { fatalError("out of memory") }
        defer { unsafe curl_url_cleanup(url) }
        func part(_ part: CURLUPart, _ flags: UInt32 = 0) -> String? {
            var value: UnsafeMutablePointer<CChar>?
            defer { unsafe curl_free(value) }
            guard unsafe curl_url_get(url, part, &value, flags) == CURLUE_OK else { return nil }
            return unsafe value.map { unsafe String(cString: $0) }
        }
        let result = unsafe curl_url_set(url, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME))
        switch result {
        case CURLUE_OK: break
        case CURLUE_BAD_PORT_NUMBER: return .failure(.port)
        case CURLUE_NO_HOST: return .failure(.noHost)
        default: return .failure(.malformed(unsafe String(cString: curl_url_strerror(result))))
        }
        return .success(
            ParsedURL(
                scheme: part(CURLUPART_SCHEME) ?? "",
                hasCredentials: part(CURLUPART_USER) != nil || part(CURLUPART_PASSWORD) != nil,
                host: part(CURLUPART_HOST), hasZone: part(CURLUPART_ZONEID) != nil,
                port: part(CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT)).flatMap { Int($0) }))
    }

    /// Parses an HTTP date in any of its three forms (RFC 9110 section 5.6.7).
    /// - Returns: seconds since 1970, or nil.
    package static func parse(date text: String) -> Int? {
        let seconds = unsafe curl_getdate(text, nil)
        return seconds < 0 ? nil : seconds
    }

    /// Where this libcurl was built to look for the system's certificates.
    package static var systemTrust: (directory: String?, bundle: String?) {
        guard let info = unsafe hookline_version_info() else { return (nil, nil) }
        return unsafe (
            info.pointee.capath.map { unsafe String(cString: $0) },
            info.pointee.cainfo.map { unsafe String(cString: $0) }
        )
    }

    private func retire(_ transfer: Transfer) {
        active.swapAt(transfer.place, active.count - 1)
        active[transfer.place].place = transfer.place
        active.removeLast()
        idle.append(transfer)
    }
}

/// One easy handle, and what its callbacks collect while a request is under way.
@safe private final class Transfer {
    let easy: UnsafeMutableRawPointer
    /// The webhook that the handle is set up for; -1: none yet.
    var webhook = -1
    /// Its place among the active ones.
    var place = 0

    private let addressGuard: AddressGuard
    private var batch: Batch?
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var retryAfter: String?
    private var responseBytes = 0
    private var refusal: AddressGuard.Refusal?
    /// Whether the guard let another address of the host pass.
    private var hasAllowedAddress = false
    private var headerBytes = 0
    /// libcurl writes why a request failed here.
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    /// More of a response's headers, interim ones among them, or of its body is not read.
    private static let responseLimit = 64 << 10

    init(_ addressGuard: AddressGuard) {
        self.addressGuard = addressGuard
        guard let easy = unsafe curl_easy_init() else { fatalError("libcurl could not make a handle") }
        unsafe self.easy = easy
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(headers)
        unsafe errorText.deallocate()
    }

    /// What stays the same for all requests of one webhook.
    func configure(_ request: Request, share: UnsafeMutableRawPointer) {
        unsafe curl_easy_reset(easy)
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe set(CURLOPT_PRIVATE, pointer: context)
        unsafe set(CURLOPT_SHARE, pointer: share)
        unsafe set(CURLOPT_ERRORBUFFER, pointer: errorText)
        set(CURLOPT_URL, request.url)
        set(CURLOPT_PROTOCOLS_STR, "https")
        set(CURLOPT_USERAGENT, request.userAgent)
        // An empty proxy also turns off the proxies of the environment.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOSIGNAL, 1)
        // Else removing a request whose name look-up hangs would wait for it, and with it the whole loop.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_POST, 1)
        set(CURLOPT_TIMEOUT_MS, Self.milliseconds(request.timeout))
        set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(request.connectTimeout))
        set(CURLOPT_HTTP_VERSION, request.onlyHTTP1 ? CURL_HTTP_VERSION_1_1 : Int(CURL_HTTP_VERSION_2TLS))
        set(CURLOPT_BUFFERSIZE, 16 << 10)
        set(CURLOPT_UPLOAD_BUFFERSIZE, 64 << 10)
        setTrust(request.trust)
        unsafe hookline_set_data_callback(easy, CURLOPT_WRITEFUNCTION) { _, size, count, context in
            unsafe Transfer.from(context)?.receivedBody(size * count) == true ? size * count : 0
        }
        unsafe set(CURLOPT_WRITEDATA, pointer: context)
        unsafe hookline_set_data_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
            return unsafe Transfer.from(context)?.receivedHeader(line) == true ? size * count : 0
        }
        unsafe set(CURLOPT_HEADERDATA, pointer: context)
        unsafe hookline_set_socket_callback(easy) { context, _, address in
            guard let transfer = unsafe Transfer.from(context), let address = unsafe address else {
                return curl_socket_t(CURL_SOCKET_BAD)
            }
            return unsafe transfer.openSocket(address)
        }
        unsafe set(CURLOPT_OPENSOCKETDATA, pointer: context)
    }

    /// What is another for each request.
    func prepare(_ request: Request, _ batch: Batch) {
        self.batch = batch
        retryAfter = nil
        responseBytes = 0
        refusal = nil
        hasAllowedAddress = false
        headerBytes = 0
        unsafe errorText.pointee = 0
        unsafe curl_slist_free_all(headers)
        unsafe headers = nil
        for line in request.headers {
            guard let longer = unsafe curl_slist_append(headers, line) else { fatalError("out of memory") }
            unsafe headers = longer
        }
        unsafe set(CURLOPT_HTTPHEADER, pointer: headers)
        let body = unsafe batch.body
        unsafe set(CURLOPT_POSTFIELDS, pointer: body.baseAddress)
        check(unsafe hookline_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
    }

    func complete(_ result: CURLcode) -> CurlMulti.Completion {
        let microseconds = unsafe hookline_get_offset(easy, CURLINFO_TOTAL_TIME_T)
        let sent = unsafe hookline_get_offset(easy, CURLINFO_SIZE_UPLOAD_T)
        let outcome = outcome(of: result)
        return CurlMulti.Completion(
            batch: release(), outcome: outcome, elapsed: .microseconds(microseconds), bytesSent: Int(sent))
    }

    /// Hands the batch back; its body is not touched any more.
    func release() -> Batch {
        unsafe set(CURLOPT_POSTFIELDS, pointer: nil)
        guard let batch else { preconditionFailure("a request without a batch ended") }
        self.batch = nil
        return batch
    }

    /// The one place that maps every CURLcode.
    private func outcome(of result: CURLcode) -> Outcome {
        let status = unsafe hookline_get_long(easy, CURLINFO_RESPONSE_CODE)
        // The body was cut off at the limit; the status stands.
        let wasCutOff = result == CURLE_WRITE_ERROR && responseBytes > Self.responseLimit
        if status >= 200, result == CURLE_OK || wasCutOff {
            let location = unsafe hookline_get_text(easy, CURLINFO_REDIRECT_URL).map { unsafe String(cString: $0) }
            let origin = location.flatMap { try? WebhookURL.parse($0).get().origin }
            return .response(.init(status: status, retryAfter: retryAfter, redirectOrigin: origin))
        }
        // An answer that came whole before the connection broke off, as from a server that does not read the body.
        let wasLost = Self.kind(of: result) == .connectionLost
        if status >= 300, wasLost { return .response(.init(status: status, retryAfter: retryAfter)) }
        if let refusal, !hasAllowedAddress { return .failure(DeliveryFailure(refusal)) }
        return .failure(DeliveryFailure(Self.kind(of: result), detail: detail(of: result)))
    }

    private static func kind(of result: CURLcode) -> DeliveryFailure.Kind {
        switch result {
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .nameNotResolved
        case CURLE_COULDNT_CONNECT, CURLE_NO_CONNECTION_AVAILABLE, CURLE_INTERFACE_FAILED: .connectFailed
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED, CURLE_SSL_ENGINE_INITFAILED: .tlsFailed
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CRL_BADFILE:
            .certificateInvalid
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_HTTP2,
            CURLE_HTTP2_STREAM, CURLE_SEND_FAIL_REWIND:
            .connectionLost
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING,
            CURLE_HTTP_RETURNED_ERROR, CURLE_FILESIZE_EXCEEDED, CURLE_WRITE_ERROR:
            .badResponse
        case CURLE_URL_MALFORMAT: .badURL
        default: .other
        }
    }

    private func detail(of result: CURLcode) -> String {
        // It may quote the receiver, who must not write lines of our log.
        let specific = unsafe String(cString: errorText).filter { !$0.isNewline && $0 != "\t" }
        return specific.isEmpty ? unsafe String(cString: curl_easy_strerror(result)) : specific
    }

    // MARK: Callbacks

    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        unsafe context.map { unsafe Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// - Returns: whether more may come.
    private func receivedBody(_ count: Int) -> Bool {
        responseBytes += count
        return responseBytes <= Self.responseLimit
    }

    /// Called with one whole header line, the status line among them.
    /// - Returns: whether more may come.
    private func receivedHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        headerBytes += line.count
        let text = unsafe String(decoding: line.prefix(256), as: UTF8.self)
        // The headers of an interim response (1xx) do not count.
        if text.hasPrefix("HTTP/") { retryAfter = nil }
        // libcurl's own CURLINFO_RETRY_AFTER can't tell no header from 0, and caps at six hours.
        if let value = RetryAfter.value(inHeader: text) { retryAfter = value }
        return headerBytes <= Self.responseLimit
    }

    /// Judges the address that is really connected to: after name resolution, so that rebinding a name does not help.
    private func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        let family = unsafe address.pointee.family
        guard let bytes = unsafe SocketAddress.bytes(&address.pointee.addr, family: family) else {
            return curl_socket_t(CURL_SOCKET_BAD)
        }
        if let refused = addressGuard.refusal(of: bytes) {
            refusal = refused
            return curl_socket_t(CURL_SOCKET_BAD)
        }
        hasAllowedAddress = true
        return unsafe SocketAddress.openSocket(family, address.pointee.socktype, address.pointee.protocol)
    }

    // MARK: Options

    /// The options are this file's own and fixed, so that one that is refused is a mistake of the program.
    private func check(_ result: CURLcode) { precondition(result == CURLE_OK, "libcurl refused an option") }

    private func set(_ option: CURLoption, _ value: Int) { check(unsafe hookline_set_long(easy, option, value)) }

    private func set(_ option: CURLoption, _ value: String?) { check(unsafe hookline_set_text(easy, option, value)) }

    private func set(_ option: CURLoption, pointer: UnsafeRawPointer?) {
        check(unsafe hookline_set_pointer(easy, option, pointer))
    }

    /// Certificates and host names are always checked; TLS 1.2 is the floor; a CA file adds to the system's.
    private func setTrust(_ trust: Trust) {
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let directory = trust.directory { set(CURLOPT_CAPATH, directory) }
        if let bundle = trust.bundle {
            unsafe bundle.withUnsafeBytes {
                guard let start = $0.baseAddress else { return }
                check(unsafe hookline_set_blob(easy, CURLOPT_CAINFO_BLOB, start, $0.count))
            }
        } else {
            set(CURLOPT_CAINFO, trust.file)
        }
    }

    /// A timeout of 0 would mean none.
    private static func milliseconds(_ duration: Duration) -> Int { max(1, Int(duration / .milliseconds(1))) }
}
