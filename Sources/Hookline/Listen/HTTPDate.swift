import Glibc

extension WallTime {
    /// The HTTP Date header (RFC 9110 section 5.6.7): `Tue, 24 Nov 2026 07:57:17 GMT`.
    var httpDate: String {
        var time = seconds
        var parts = unsafe tm()
        unsafe gmtime_r(&time, &parts)
        // 29 characters and a NUL. The names are English: this program never sets a locale.
        var text = [CChar](repeating: 0, count: 32)
        let count = unsafe strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
