internal import CCurl

/// libcurl's multi interface: requests under way, on connections and TLS sessions that are kept.
///
/// This file is the only door to libcurl. It owns the multi handle, the share and every easy handle; easy handles go
/// back to `idle` and are freed before the two that they belong to. Used on one thread, but for `wake`.
@safe package final class CurlMulti {
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
        guard curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK, let multi = unsafe curl_multi_init(),
            let share = unsafe curl_share_init()
        else { fatalError("libcurl could not be initialized") }
        unsafe self.multi = multi
        unsafe self.share = share
        unsafe hookline_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, maxConnections)
        unsafe hookline_multi_set_long(multi, CURLMOPT_MAXCONNECTS, maxConnections)
        // One request at a time on a connection, with HTTP/2 too: once a server of a host has spoken HTTP/2, libcurl 7.88
        // lets further requests join its HTTP/1.1 connections that are in use, and their answers get mixed up.
        unsafe hookline_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
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

    /// Starts a request. A batch's body is read in place until the request ends.
    package func start(_ request: Request, for purpose: Completion.Purpose) {
        // The handle that served this group last knows all but what changes with each request.
        let index = idle.lastIndex { $0.group == request.group } ?? idle.indices.last
        let transfer = index.map { idle.remove(at: $0) } ?? Transfer(addressGuard)
        if transfer.group != request.group { unsafe transfer.configure(request, share: share) }
        transfer.prepare(request, purpose)
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
        let result = unsafe curl_multi_poll(multi, &watched, UInt32(watched.count), timeout.pollMilliseconds, nil)
        precondition(result == CURLM_OK, "libcurl can't wait")
    }

    /// Ends the wait that is under way, or the next one, from any thread.
    package func wake() { unsafe curl_multi_wakeup(multi) }

    /// Ends every request at once.
    /// - Returns: the batches that were under way. Their receivers may have got them all the same.
    package func abort() -> [Batch] {
        var batches: [Batch] = []
        for transfer in active {
            unsafe curl_multi_remove_handle(multi, transfer.easy)
            if case .batch(let batch) = transfer.release() { batches.append(batch) }
        }
        idle += active
        active.removeAll()
        return batches
    }

    /// Takes a URL apart with the parser that connects.
    package static func parse(url text: String) -> Result<ParsedURL, URLProblem> {
        SocketAddress.namesAreUTF8
        guard let url = unsafe curl_url() else { fatalError("out of memory") }
        defer { unsafe curl_url_cleanup(url) }
        func part(_ part: CURLUPart, _ flags: UInt32 = 0) -> String? {
            var value: UnsafeMutablePointer<CChar>?
            defer { unsafe curl_free(value) }
            guard unsafe curl_url_get(url, part, &value, flags) == CURLUE_OK else { return nil }
            return unsafe value.map { unsafe String(cString: $0) }
        }
        // A part that libcurl does not decode holds a control character.
        func decoded(_ name: CURLUPart) -> String? {
            part(name).map { _ in part(name, UInt32(CURLU_URLDECODE)) ?? "\0" }
        }
        let result = unsafe curl_url_set(url, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME))
        switch result {
        case CURLUE_OK: break
        case CURLUE_BAD_PORT_NUMBER: return .failure(.port)
        case CURLUE_NO_HOST: return .failure(.noHost)
        default: return .failure(.malformed(unsafe String(cString: curl_url_strerror(result))))
        }
        let host = part(CURLUPART_HOST, hookline_url_ascii)
        if host == nil, part(CURLUPART_HOST) != nil { return .failure(.malformed("its host is no host name")) }
        return .success(
            ParsedURL(
                scheme: part(CURLUPART_SCHEME) ?? "", user: decoded(CURLUPART_USER),
                password: decoded(CURLUPART_PASSWORD), host: host, hasZone: part(CURLUPART_ZONEID) != nil,
                port: part(CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT)).flatMap { Int($0) },
                hasPort: part(CURLUPART_PORT) != nil, path: part(CURLUPART_PATH) ?? "",
                hasQuery: part(CURLUPART_QUERY) != nil))
    }

    /// The seconds since 1970 of an HTTP date in any of its three forms (RFC 9110 section 5.6.7), or nil.
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

extension Duration {
    /// As poll(2) takes it, at most a minute. Rounded up, so that the loop does not spin through the last millisecond.
    var pollMilliseconds: Int32 { Int32(min(max(0, (self + .microseconds(999)) / .milliseconds(1)), 60_000)) }
}

/// One easy handle, and what its callbacks collect while a request is under way.
@safe private final class Transfer {
    let easy: UnsafeMutableRawPointer
    /// What the handle is set up for; nil: nothing yet.
    private(set) var group: Request.Group?
    /// Its place among the active ones.
    var place = 0

    private let addressGuard: AddressGuard
    private var purpose: Completion.Purpose?
    private var reply = Reply()
    private var hasProxy = false
    private var literalAddress: [UInt8]?
    private var headers: UnsafeMutablePointer<curl_slist>?
    /// libcurl writes why a request failed here.
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

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

    /// What stays the same for all requests of one group.
    func configure(_ request: Request, share: UnsafeMutableRawPointer) {
        group = request.group
        literalAddress = request.literalAddress
        unsafe curl_easy_reset(easy)
        unsafe set(CURLOPT_SHARE, pointer: share)
        unsafe set(CURLOPT_ERRORBUFFER, pointer: errorText)
        set(CURLOPT_URL, request.url)
        set(CURLOPT_PROTOCOLS_STR, "https")
        set(CURLOPT_USERAGENT, request.userAgent)
        set(CURLOPT_NOSIGNAL, 1)
        // Else removing a request whose name look-up hangs would wait for it, and with it the whole loop.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_POST, 1)
        set(CURLOPT_TIMEOUT_MS, request.timeoutMilliseconds)
        set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeoutMilliseconds)
        set(CURLOPT_HTTP_VERSION, request.onlyHTTP1 ? CURL_HTTP_VERSION_1_1 : Int(CURL_HTTP_VERSION_2TLS))
        // Buffers keep libcurl's sizes, 16 and 64 KiB: it refuses to set one of a handle that still has its buffer, as one
        // does whose connection others went on using.
        setProxy(request.proxy)
        setTrust(request.trust)
        setTLS(request.tls)
        setCallbacks()
    }

    private func setCallbacks() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        for option in [CURLOPT_PRIVATE, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_OPENSOCKETDATA] {
            unsafe set(option, pointer: context)
        }
        unsafe hookline_set_data_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
            return unsafe Transfer.from(context)?.reply.received(body: piece) == true ? size * count : 0
        }
        unsafe hookline_set_data_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
            return unsafe Transfer.from(context)?.reply.received(header: line) == true ? size * count : 0
        }
        unsafe hookline_set_socket_callback(easy) { context, _, address in
            guard let transfer = unsafe Transfer.from(context), let address = unsafe address else {
                return curl_socket_t(CURL_SOCKET_BAD)
            }
            return unsafe transfer.openSocket(address)
        }
    }

    /// What is another for each request.
    func prepare(_ request: Request, _ purpose: Completion.Purpose) {
        self.purpose = purpose
        unsafe errorText.pointee = 0
        unsafe curl_slist_free_all(headers)
        unsafe headers = nil
        var lines = request.headers
        if let signature = request.signature, case .batch(let batch) = purpose {
            lines.append(unsafe signature.header(of: batch.body))
        }
        for line in lines {
            guard let longer = unsafe curl_slist_append(headers, line) else { fatalError("out of memory") }
            unsafe headers = longer
        }
        unsafe set(CURLOPT_HTTPHEADER, pointer: headers)
        switch purpose {
        case .batch(let batch):
            reply = Reply()
            unsafe setBody(batch.body, CURLOPT_POSTFIELDS)
        case .token:
            reply = Reply(keepsBody: true)
            unsafe request.tokenBody.withUnsafeBytes { unsafe setBody($0, CURLOPT_COPYPOSTFIELDS) }
        }
    }

    func complete(_ result: CURLcode) -> Completion {
        let microseconds = unsafe hookline_get_offset(easy, CURLINFO_TOTAL_TIME_T)
        let sent = unsafe hookline_get_offset(easy, CURLINFO_SIZE_UPLOAD_T)
        var end = Reply.End(Self.kind(of: result))
        end.isCutOff = result == CURLE_WRITE_ERROR
        end.isOtherKey = result == CURLE_SSL_PINNEDPUBKEYNOTMATCH
        end.status = unsafe hookline_get_long(easy, CURLINFO_RESPONSE_CODE)
        end.proxyStatus = unsafe hookline_get_long(easy, CURLINFO_HTTP_CONNECTCODE)
        end.location = unsafe hookline_get_text(easy, CURLINFO_REDIRECT_URL).map { unsafe String(cString: $0) }
        if end.failure != nil { end.detail = detail(of: result) }
        return Completion(
            purpose: release(), outcome: reply.outcome(end), elapsed: .microseconds(microseconds),
            bytesSent: Int(sent), body: reply.isBodyCutOff ? nil : reply.body)
    }

    /// Hands the request's purpose back; the body of its batch is not touched any more.
    func release() -> Completion.Purpose {
        unsafe set(CURLOPT_POSTFIELDS, pointer: nil)
        guard let purpose else { preconditionFailure("a request that nobody started ended") }
        self.purpose = nil
        return purpose
    }

    /// The one place that maps every CURLcode; nil: no failure.
    private static func kind(of result: CURLcode) -> DeliveryFailure.Kind? {
        switch result {
        case CURLE_OK: nil
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .nameNotResolved
        case CURLE_COULDNT_CONNECT, CURLE_NO_CONNECTION_AVAILABLE, CURLE_INTERFACE_FAILED: .connectFailed
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED, CURLE_SSL_ENGINE_INITFAILED: .tlsFailed
        case CURLE_SSL_CLIENTCERT: .tlsFailed
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR: .certificateInvalid
        case CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CRL_BADFILE, CURLE_SSL_PINNEDPUBKEYNOTMATCH: .certificateInvalid
        case CURLE_SSL_CERTPROBLEM: .clientCertificateInvalid
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE: .connectionLost
        case CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_SEND_FAIL_REWIND: .connectionLost
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING: .badResponse
        case CURLE_HTTP_RETURNED_ERROR, CURLE_FILESIZE_EXCEEDED, CURLE_WRITE_ERROR: .badResponse
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

    /// Judges the address that is really connected to: after name resolution, so that rebinding a name does not help.
    private func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        let family = unsafe address.pointee.family
        guard let bytes = unsafe SocketAddress.bytes(&address.pointee.addr, family: family),
            reply.mayConnect(to: bytes, destination: hasProxy ? literalAddress : nil, isProxy: hasProxy, addressGuard)
        else { return curl_socket_t(CURL_SOCKET_BAD) }
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

    private func setBody(_ body: UnsafeRawBufferPointer, _ option: CURLoption) {
        check(unsafe hookline_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        unsafe set(option, pointer: body.baseAddress)
    }

    private func set(_ option: CURLoption, blob: [UInt8]) {
        unsafe blob.withUnsafeBytes {
            if let start = $0.baseAddress { check(unsafe hookline_set_blob(easy, option, start, $0.count)) }
        }
    }

    /// Through the proxy by CONNECT, or straight; what the environment says of proxies never counts.
    private func setProxy(_ proxy: Proxy?) {
        hasProxy = proxy != nil
        // Empty texts keep libcurl from looking into the environment.
        set(CURLOPT_PROXY, proxy?.url ?? "")
        set(CURLOPT_NOPROXY, "")
        set(CURLOPT_HTTPPROXYTUNNEL, 1)
        set(CURLOPT_PROXYAUTH, hookline_auth_basic)
        set(CURLOPT_PROXYUSERNAME, proxy?.username?.revealed)
        set(CURLOPT_PROXYPASSWORD, proxy?.password?.revealed)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        // The webhook's headers are for the receiver alone.
        set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
    }

    /// Certificates and host names are always checked, the receiver's and an https proxy's; a CA file adds to the
    /// system's.
    private func setTrust(_ trust: Trust) {
        for option in [CURLOPT_SSL_VERIFYPEER, CURLOPT_PROXY_SSL_VERIFYPEER] { set(option, 1) }
        for option in [CURLOPT_SSL_VERIFYHOST, CURLOPT_PROXY_SSL_VERIFYHOST] { set(option, 2) }
        if let directory = trust.directory {
            for option in [CURLOPT_CAPATH, CURLOPT_PROXY_CAPATH] { set(option, directory) }
        }
        if let bundle = trust.bundle {
            for option in [CURLOPT_CAINFO_BLOB, CURLOPT_PROXY_CAINFO_BLOB] { set(option, blob: bundle) }
        } else {
            for option in [CURLOPT_CAINFO, CURLOPT_PROXY_CAINFO] { set(option, trust.file) }
        }
    }

    /// Versions from the webhook's lowest on, its pinned key, and its own certificate.
    private func setTLS(_ tls: Webhook.TLS) {
        set(CURLOPT_SSLVERSION, Int(tls.minVersion == .v1_3 ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_PROXY_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_PINNEDPUBLICKEY, tls.pinnedPublicKey)
        guard let identity = ClientIdentity(tls) else { return }
        set(CURLOPT_SSLCERTTYPE, "PEM")
        set(CURLOPT_SSLCERT_BLOB, blob: identity.certificate)
        set(CURLOPT_SSLKEYTYPE, "PEM")
        set(CURLOPT_SSLKEY_BLOB, blob: identity.key)
        // Without one OpenSSL would ask the terminal.
        set(CURLOPT_KEYPASSWD, identity.password)
    }
}
