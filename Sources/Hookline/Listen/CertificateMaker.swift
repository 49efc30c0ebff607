import CCrypto
import Glibc

// The door to OpenSSL's certificates. TLS has a door of its own, `TLSStream.swift`.

/// A throwaway CA and the server certificate that it signed, as PEM. The CA's key is gone once this is made.
struct CertificateSet {
    var authority: [UInt8]
    var certificate: [UInt8]
    var key: [UInt8]
}

/// Makes and checks the receiver's certificates: X.509 v3 (RFC 5280), keys on P-256, signed with SHA-256.
enum CertificateMaker {
    private static let day = 86_400
    private static let validDays = 30

    /// Makes a CA and a server certificate, both new.
    static func make(_ kind: ListenOptions.Certificate) throws(ListenError) -> CertificateSet {
        ERR_clear_error()
        let authorityKey = try Key()
        let authority = try Certificate()
        try authority.fill(
            name: "hookline listen CA", from: -day, until: validDays * day, key: authorityKey)
        try authority.add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0", issuer: authority)
        try authority.add(NID_key_usage, "critical,keyCertSign,cRLSign", issuer: authority)
        try authority.add(NID_subject_key_identifier, "hash", issuer: authority)
        try authority.sign(issuer: authority, key: authorityKey)

        let key = try Key()
        let isExpired = kind == .expired
        let certificate = try Certificate()
        try certificate.fill(
            name: "hookline listen", from: isExpired ? -10 * day : -day, until: isExpired ? -day : validDays * day,
            key: key)
        let names = kind == .wrongHost ? "DNS:wrong.invalid" : "DNS:localhost,IP:127.0.0.1,IP:::1"
        try certificate.add(NID_basic_constraints, "critical,CA:FALSE", issuer: authority)
        try certificate.add(NID_key_usage, "critical,digitalSignature", issuer: authority)
        try certificate.add(NID_ext_key_usage, "serverAuth", issuer: authority)
        try certificate.add(NID_subject_alt_name, names, issuer: authority)
        try certificate.add(NID_subject_key_identifier, "hash", issuer: authority)
        try certificate.add(NID_authority_key_identifier, "keyid", issuer: authority)
        try certificate.sign(issuer: authority, key: authorityKey)
        return CertificateSet(authority: try authority.pem(), certificate: try certificate.pem(), key: try key.pem())
    }

    /// Whether the files hold a CA, a certificate signed by it, and its key, and neither expires within a day.
    static func isUsable(authorityFile: String, certificateFile: String, keyFile: String) -> Bool {
        guard let authority = Certificate(file: authorityFile), let certificate = Certificate(file: certificateFile),
            let key = Key(file: keyFile)
        else { return false }
        return authority.isValid(for: day) && certificate.isValid(for: day) && certificate.isSigned(by: authority)
            && certificate.belongs(to: key)
    }
}

/// Owns an EVP_PKEY.
@safe private struct Key: ~Copyable {
    let handle: OpaquePointer

    init() throws(ListenError) {
        guard let handle = unsafe crypto_p256_key() else { throw opensslError() }
        unsafe self.handle = handle
    }

    init?(file: String) {
        guard let bio = Bytes(file: file), let handle = unsafe PEM_read_bio_PrivateKey(bio.handle, nil, nil, nil) else {
            return nil
        }
        unsafe self.handle = handle
    }

    deinit { unsafe EVP_PKEY_free(handle) }

    func pem() throws(ListenError) -> [UInt8] {
        let bio = try Bytes()
        guard unsafe PEM_write_bio_PrivateKey(bio.handle, handle, nil, nil, 0, nil, nil) == 1 else {
            throw opensslError()
        }
        return bio.contents
    }
}

/// Owns an X509.
@safe private struct Certificate: ~Copyable {
    let handle: OpaquePointer

    init() throws(ListenError) {
        guard let handle = unsafe X509_new() else { throw opensslError() }
        unsafe self.handle = handle
    }

    /// Version 3, a random serial number, name and key. Times are seconds from now.
    func fill(name: String, from: Int, until: Int, key: borrowing Key) throws(ListenError) {
        var serial: UInt64 = 0
        let isRandom = unsafe withUnsafeMutableBytes(of: &serial) { bytes in
            unsafe RAND_bytes(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(bytes.count))
        }
        let subject = unsafe X509_get_subject_name(handle)
        // RFC 5280 section 4.1.2.2: a serial number is positive.
        guard isRandom == 1, unsafe X509_set_version(handle, Int(X509_VERSION_3)) == 1,
            unsafe ASN1_INTEGER_set_uint64(X509_get_serialNumber(handle), serial >> 1 | 1) == 1,
            unsafe X509_gmtime_adj(X509_getm_notBefore(handle), from) != nil,
            unsafe X509_gmtime_adj(X509_getm_notAfter(handle), until) != nil,
            unsafe X509_set_pubkey(handle, key.handle) == 1,
            unsafe X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0) == 1
        else { throw opensslError() }
    }

    init?(file: String) {
        guard let bio = Bytes(file: file), let handle = unsafe PEM_read_bio_X509(bio.handle, nil, nil, nil) else {
            return nil
        }
        unsafe self.handle = handle
    }

    deinit { unsafe X509_free(handle) }

    func add(_ extension: Int32, _ value: String, issuer: borrowing Certificate) throws(ListenError) {
        guard unsafe crypto_x509_add_extension(handle, issuer.handle, `extension`, value) == 1 else {
            throw opensslError()
        }
    }

    func sign(issuer: borrowing Certificate, key: borrowing Key) throws(ListenError) {
        guard unsafe X509_set_issuer_name(handle, X509_get_subject_name(issuer.handle)) == 1,
            unsafe X509_sign(handle, key.handle, EVP_sha256()) > 0
        else { throw opensslError() }
    }

    func pem() throws(ListenError) -> [UInt8] {
        let bio = try Bytes()
        guard unsafe PEM_write_bio_X509(bio.handle, handle) == 1 else { throw opensslError() }
        return bio.contents
    }

    func isValid(for seconds: Int) -> Bool {
        var now = time(nil)
        var then = now + seconds
        return unsafe X509_cmp_time(X509_get0_notBefore(handle), &now) < 0
            && X509_cmp_time(X509_get0_notAfter(handle), &then) > 0
    }

    func isSigned(by issuer: borrowing Certificate) -> Bool {
        unsafe X509_verify(handle, X509_get0_pubkey(issuer.handle)) == 1
    }

    func belongs(to key: borrowing Key) -> Bool { unsafe X509_check_private_key(handle, key.handle) == 1 }
}

/// Owns a BIO: memory to write to, or a file to read.
@safe private struct Bytes: ~Copyable {
    let handle: OpaquePointer

    init() throws(ListenError) {
        guard let handle = unsafe BIO_new(BIO_s_mem()) else { throw opensslError() }
        unsafe self.handle = handle
    }

    init?(file: String) {
        guard let handle = unsafe BIO_new_file(file, "r") else { return nil }
        unsafe self.handle = handle
    }

    deinit { unsafe BIO_free_all(handle) }

    var contents: [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe crypto_bio_contents(handle, &start)
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}

private func opensslError() -> ListenError { .certificate(reason: opensslReason()) }
