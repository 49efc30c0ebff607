import Glibc

/// Paths as tools that look at a working tree want them: seen from the folder where hookline was started.
package enum RelativePath {
    /// A path below the folder from there on, without `./`; any other path as it is.
    package static func of(_ path: String, in folder: String) -> String {
        var rest = path[...]
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        if rest.hasPrefix(prefix) { rest = rest.dropFirst(prefix.count) }
        while rest.hasPrefix("./") { rest = rest.dropFirst(2).drop { $0 == "/" } }
        return rest.isEmpty ? path : String(rest)
    }

    /// The folder that a path lies in, as it was written; `.` where none was.
    package static func folder(of path: String) -> String {
        guard let end = path.lastIndex(of: "/") else { return "." }
        return end == path.startIndex ? "/" : String(path[..<end])
    }

    /// A path as a URI reference (RFC 3986): relative, or `file:///…`.
    package static func uri(_ path: String) -> String {
        var uri = path.hasPrefix("/") ? "file://" : ""
        // A colon in the first segment would end a scheme.
        for byte in path.utf8 {
            if byte.isLetterOrDigit || "/-._~!$&'()*+,;=@".utf8.contains(byte) {
                uri.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                uri += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return uri
    }

    /// The working directory; `/` where the system can't name it.
    package static var workingDirectory: String {
        guard let name = unsafe getcwd(nil, 0) else { return "/" }
        defer { unsafe free(name) }
        return unsafe String(cString: name)
    }
}
