import CCrypto
import Glibc

// The door to OpenSSL's TLS. Certificates have a door of their own, `CertificateMaker.swift`.

/// What the server side of every connection has in common: certificate, key, TLS 1.2 or newer, ALPN `http/1.1`.
///
/// Owns the SSL_CTX. Session tickets are on, as OpenSSL has them by default.
@safe final class TLSContext {
    private let handle: OpaquePointer

    /// - Throws: `ListenError.certificate` when the files can't be loaded or don't belong together.
    init(certificateFile: String, keyFile: String) throws(ListenError) {
        ERR_clear_error()
        guard let method = unsafe TLS_server_method(), let handle = unsafe SSL_CTX_new(method) else {
            throw .certificate(reason: opensslReason())
        }
        unsafe self.handle = handle
        guard unsafe crypto_tls_prepare(handle) == 1,
            unsafe SSL_CTX_use_certificate_chain_file(handle, certificateFile) == 1,
            unsafe SSL_CTX_use_PrivateKey_file(handle, keyFile, SSL_FILETYPE_PEM) == 1,
            unsafe SSL_CTX_check_private_key(handle) == 1
        else { throw .certificate(reason: opensslReason()) }
        unsafe SSL_CTX_set_default_read_buffer_len(handle, 64 << 10)
        unsafe SSL_CTX_set_alpn_select_cb(
            handle,
            { _, chosen, chosenLength, offered, offeredLength, _ in
                unsafe selectHTTP1(chosen, chosenLength, offered, offeredLength)
            }, nil)
    }

    deinit { unsafe SSL_CTX_free(handle) }

    /// Takes over a connected non-blocking socket.
    func accept(_ socket: Int32) -> TLSStream? {
        guard let stream = unsafe SSL_new(handle) else {
            close(socket)
            return nil
        }
        unsafe SSL_set_accept_state(stream)
        guard unsafe SSL_set_fd(stream, socket) == 1 else {
            unsafe SSL_free(stream)
            close(socket)
            return nil
        }
        return unsafe TLSStream(handle: stream, socket: socket)
    }
}

/// One TLS connection on a non-blocking socket. Owns the SSL and the socket.
@safe struct TLSStream: ~Copyable {
    /// How far one call came.
    enum Progress {
        /// Bytes moved; 1 for a handshake that is complete.
        case done(Int)
        /// Again when the socket can be read, or written.
        case wantsRead, wantsWrite
        /// The peer ended or broke the connection.
        case ended
    }

    private let handle: OpaquePointer
    let socket: Int32

    fileprivate init(handle: OpaquePointer, socket: Int32) {
        unsafe self.handle = handle
        self.socket = socket
    }

    deinit {
        unsafe SSL_free(handle)
        close(socket)
    }

    /// Whether bytes lie in OpenSSL's buffer, of which the socket's readiness says nothing.
    var hasPending: Bool { unsafe SSL_has_pending(handle) == 1 }

    func handshake() -> Progress {
        ERR_clear_error()
        return progress(unsafe SSL_accept(handle))
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Progress {
        ERR_clear_error()
        return progress(unsafe SSL_read(handle, buffer.baseAddress, Int32(clamping: buffer.count)))
    }

    func write(_ buffer: UnsafeRawBufferPointer) -> Progress {
        ERR_clear_error()
        return progress(unsafe SSL_write(handle, buffer.baseAddress, Int32(clamping: buffer.count)))
    }

    /// Tells the peer that no more will be sent; what it still sends can be read.
    func finishWriting() {
        ERR_clear_error()
        _ = unsafe SSL_shutdown(handle)
        _ = shutdown(socket, Int32(SHUT_WR))
    }

    /// Makes the coming close a TCP reset, with nothing said in TLS.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    private func progress(_ result: Int32) -> Progress {
        if result > 0 { return .done(Int(result)) }
        return switch unsafe SSL_get_error(handle, result) {
        case SSL_ERROR_WANT_READ: .wantsRead
        case SSL_ERROR_WANT_WRITE: .wantsWrite
        default: .ended
        }
    }
}

/// Takes `http/1.1` if the client offers it, else ends the handshake (RFC 7301 section 3.2).
private func selectHTTP1(
    _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ chosenLength: UnsafeMutablePointer<UInt8>?,
    _ offered: UnsafePointer<UInt8>?, _ offeredLength: UInt32
) -> Int32 {
    guard let chosen = unsafe chosen, let chosenLength = unsafe chosenLength, let offered = unsafe offered else {
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
    let list = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredLength))
    var start = 0
    while start < list.count {
        let length = unsafe Int(list[start])
        let name = unsafe list.dropFirst(start + 1).prefix(length)
        if unsafe name.elementsEqual("http/1.1".utf8) {
            unsafe chosen.pointee = offered + start + 1
            unsafe chosenLength.pointee = UInt8(length)
            return SSL_TLSEXT_ERR_OK
        }
        start += 1 + length
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}

/// OpenSSL's sentence for the last thing that went wrong on this thread.
func opensslReason() -> String {
    guard let text = unsafe ERR_reason_error_string(ERR_peek_last_error()) else { return "OpenSSL gives no reason" }
    return unsafe String(cString: text)
}
