internal import CCrypto

// The only door to libcrypto outside the local receiver: owners of OpenSSL's handles, and calls that need none.

/// A message digest (FIPS 180-4).
@safe package struct SHA256: ~Copyable {
    private let context: OpaquePointer

    package init() {
        guard let made = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(made, EVP_sha256(), nil) == 1 else {
            fatalError("OpenSSL has no SHA-256")
        }
        unsafe context = made
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let done = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(done == 1, "EVP_DigestUpdate failed")
    }

    package mutating func update(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    /// The digest of all bytes so far, 32 bytes.
    package consuming func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        let done = unsafe digest.withUnsafeMutableBufferPointer {
            unsafe EVP_DigestFinal_ex(context, $0.baseAddress, nil)
        }
        precondition(done == 1, "EVP_DigestFinal_ex failed")
        return digest
    }

    /// Lower-case hex digits of the digest of all bytes so far.
    package consuming func finishHex() -> String { hexDigits(finish()) }
}

/// A checksum that finds bytes that a disk or file system changed, some five times as fast as SHA-256: GMAC (NIST SP
/// 800-38D) with a key that everybody knows. Not against changes by intent.
@safe package struct Checksum: ~Copyable {
    /// Of its hex digits.
    package static let digits = 32

    private var code: HMAC

    package init() {
        guard let context = unsafe crypto_gmac_context() else { fatalError("OpenSSL has no GMAC") }
        unsafe code = HMAC(context: context, size: Self.digits / 2)
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) { unsafe code.update(bytes) }

    package mutating func update(_ bytes: [UInt8]) { unsafe bytes.withUnsafeBytes { unsafe code.update($0) } }

    /// Lower-case hex digits of the checksum of all bytes so far.
    package consuming func finishHex() -> String { hexDigits(code.finish()) }
}

/// A key for HMAC (RFC 2104), set up once: each message starts from a copy of that state. OpenSSL overwrites it when it
/// is freed.
///
/// Nobody writes to it after `init`, so that threads may share it.
@safe package final class HMACKey: @unchecked Sendable {
    package enum Hash: Sendable { case sha256, sha512 }

    private let context: OpaquePointer
    fileprivate let size: Int

    /// - Parameters:
    ///   - hash: the digest.
    ///   - key: at least one byte; OpenSSL keeps a copy.
    package init(_ hash: Hash, key: UnsafeRawBufferPointer) {
        let name = hash == .sha256 ? "SHA256" : "SHA512"
        guard let start = unsafe key.assumingMemoryBound(to: UInt8.self).baseAddress, key.count > 0,
            let made = unsafe crypto_hmac_context(name, start, key.count)
        else { fatalError("OpenSSL has no HMAC of this digest, or the key is empty") }
        unsafe context = made
        size = hash == .sha256 ? 32 : 64
    }

    deinit { unsafe EVP_MAC_CTX_free(context) }

    /// Begins a message.
    package func begin() -> HMAC {
        guard let copy = unsafe EVP_MAC_CTX_dup(context) else { fatalError("EVP_MAC_CTX_dup failed") }
        return unsafe HMAC(context: copy, size: size)
    }
}

/// The authentication code of one message, taken piece by piece.
@safe package struct HMAC: ~Copyable {
    private let context: OpaquePointer
    private let size: Int

    fileprivate init(context: OpaquePointer, size: Int) {
        unsafe self.context = context
        self.size = size
    }

    deinit { unsafe EVP_MAC_CTX_free(context) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let start = unsafe bytes.assumingMemoryBound(to: UInt8.self).baseAddress
        let done = unsafe start == nil ? 1 : EVP_MAC_update(context, start, bytes.count)
        precondition(done == 1, "EVP_MAC_update failed")
    }

    /// The code of all bytes so far: 32 or 64 bytes.
    package consuming func finish() -> [UInt8] {
        var code = [UInt8](repeating: 0, count: size)
        var count = 0
        let done = unsafe code.withUnsafeMutableBufferPointer {
            unsafe EVP_MAC_final(context, $0.baseAddress, &count, $0.count)
        }
        precondition(done == 1 && count == size, "EVP_MAC_final failed")
        return code
    }
}

/// A key for Ed25519 (RFC 8032): a private one signs and verifies, a public one verifies. OpenSSL overwrites a private
/// one when it is freed.
///
/// Nobody writes to it after `init`, so that threads may share it.
@safe package final class Ed25519Key: @unchecked Sendable {
    private let key: OpaquePointer
    package let isPrivate: Bool

    /// - Parameter seed: 32 bytes.
    package init(seed: UnsafeRawBufferPointer) {
        precondition(seed.count == 32)
        guard let start = unsafe seed.assumingMemoryBound(to: UInt8.self).baseAddress,
            let made = unsafe crypto_ed25519_private(start)
        else { fatalError("OpenSSL has no Ed25519") }
        unsafe key = made
        isPrivate = true
    }

    /// - Parameter publicKey: 32 bytes. Whether they are a point of the curve shows when something is verified.
    package init(publicKey: UnsafeRawBufferPointer) {
        precondition(publicKey.count == 32)
        guard let start = unsafe publicKey.assumingMemoryBound(to: UInt8.self).baseAddress,
            let made = unsafe crypto_ed25519_public(start)
        else { fatalError("OpenSSL has no Ed25519") }
        unsafe key = made
        isPrivate = false
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// 32 bytes.
    package var publicKey: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = 32
        let done = unsafe EVP_PKEY_get_raw_public_key(key, &bytes, &count)
        precondition(done == 1 && count == 32, "EVP_PKEY_get_raw_public_key failed")
        return bytes
    }

    /// The signature of a message, 64 bytes. The key must be private.
    package func sign(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        precondition(isPrivate)
        var signature = [UInt8](repeating: 0, count: 64)
        var count = 64
        let done = unsafe withContext { context in
            unsafe EVP_DigestSignInit(context, nil, nil, nil, key) == 1
                && signature.withUnsafeMutableBufferPointer {
                    unsafe EVP_DigestSign(
                        context, $0.baseAddress, &count, message.assumingMemoryBound(to: UInt8.self).baseAddress,
                        message.count) == 1
                }
        }
        precondition(done && count == 64, "EVP_DigestSign failed")
        return signature
    }

    /// Whether the signature is this key's of the message. Everything compared is public.
    package func verifies(_ signature: [UInt8], of message: UnsafeRawBufferPointer) -> Bool {
        unsafe withContext { context in
            unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
                && EVP_DigestVerify(
                    context, signature, signature.count, message.assumingMemoryBound(to: UInt8.self).baseAddress,
                    message.count) == 1
        }
    }

    private func withContext(_ body: (OpaquePointer) -> Bool) -> Bool {
        guard let context = unsafe EVP_MD_CTX_new() else { fatalError("EVP_MD_CTX_new failed") }
        defer {
            unsafe EVP_MD_CTX_free(context)
            // A signature that does not fit leaves its reason in the thread's queue, where TLS would take it for its own.
            ERR_clear_error()
        }
        return unsafe body(context)
    }
}

/// A certificate and its key as PEM texts, looked at before a connection needs them.
package enum ClientCertificate {
    /// Whether OpenSSL finds a certificate in the text.
    package static func holdsCertificate(_ pem: Secret) -> Bool {
        unsafe withCertificate(pem) { unsafe $0 != nil }
    }

    /// Why TLS could not use the two; nil: it can. The first certificate and the first key of each text count.
    ///
    /// - Parameters:
    ///   - certificate: PEM.
    ///   - key: PEM.
    ///   - password: of the key; nil: none was given. The terminal is never asked for one.
    /// - Returns: the first problem.
    package static func problem(certificate: Secret, key: Secret, password: Secret?) -> ClientKeyProblem? {
        unsafe withCertificate(certificate) { certificate in
            guard let certificate = unsafe certificate else { return .noCertificate }
            var asked = unsafe crypto_password(bytes: nil, count: 0, asked: 0)
            let made = unsafe key.withBytes { pem in
                guard let start = pem.baseAddress else { return unsafe OpaquePointer?.none }
                guard let password else { return unsafe crypto_pem_key(start, Int32(pem.count), &asked) }
                return unsafe password.withBytes { bytes in
                    unsafe asked.bytes = bytes.baseAddress
                    unsafe asked.count = Int32(bytes.count)
                    return unsafe crypto_pem_key(start, Int32(pem.count), &asked)
                }
            }
            guard let made = unsafe made else {
                let isEncrypted = unsafe asked.asked == 1
                return isEncrypted ? (password == nil ? .encrypted : .wrongPassword) : .noKey
            }
            defer { unsafe EVP_PKEY_free(made) }
            return unsafe X509_check_private_key(certificate, made) == 1 ? nil : .ofOtherCertificate
        }
    }

    private static func withCertificate<Result>(_ pem: Secret, _ body: (OpaquePointer?) -> Result) -> Result {
        let made = unsafe pem.withBytes { pem in
            unsafe pem.baseAddress.flatMap { unsafe crypto_pem_certificate($0, Int32(pem.count)) }
        }
        defer {
            unsafe X509_free(made)
            // What did not fit leaves its reason in the thread's queue, where TLS would take it for its own.
            ERR_clear_error()
        }
        return unsafe body(made)
    }
}

/// Base64 with the standard alphabet (RFC 4648 section 4).
package enum Base64 {
    /// With padding, without line breaks.
    package static func encode(_ bytes: [UInt8]) -> String {
        var text = encoded(bytes)
        defer { overwrite(&text) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Decodes what an encoder writes, with its padding or without any. All else is refused: another alphabet, blanks,
    /// padding cut short, and bits in the last character that no byte has.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var padded: [UInt8] = []
        // Room for the padding too: growing would leave a copy behind that nobody overwrites.
        padded.reserveCapacity(text.count + 3)
        padded += text
        if padded.last != UInt8(ascii: "=") {
            padded += [UInt8](repeating: UInt8(ascii: "="), count: (4 - padded.count % 4) % 4)
        }
        var bytes = [UInt8](repeating: 0, count: padded.count / 4 * 3)
        defer {
            overwrite(&padded)
            overwrite(&bytes)
        }
        if padded.isEmpty { return [] }
        guard padded.count % 4 == 0, unsafe EVP_DecodeBlock(&bytes, padded, Int32(padded.count)) == bytes.count else {
            return nil
        }
        let padding = padded.suffix(2).count { $0 == UInt8(ascii: "=") }
        let decoded = Array(bytes.dropLast(padding))
        // OpenSSL takes more than one text for the same bytes; the one that it writes itself is the right one.
        var canonical = encoded(decoded)
        defer { overwrite(&canonical) }
        return canonical == padded ? decoded : nil
    }

    private static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        // One byte more, for the NUL that OpenSSL adds.
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        unsafe EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
        text.removeLast()
        return text
    }
}

/// Bytes that nobody can guess, for keys.
package func randomBytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    // Without random numbers there is no key worth its name.
    guard unsafe RAND_bytes(&bytes, Int32(count)) == 1 else { fatalError("OpenSSL has no random numbers") }
    return bytes
}

/// Whether two codes are equal. How long it takes tells nothing but whether their lengths are.
package func equalInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    unsafe left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}

/// Sets all bytes to zero, in a way that the compiler can't leave out. The array must have one owner.
package func overwrite(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
}

/// Two lower-case hex digits a byte.
package func hexDigits(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
}
