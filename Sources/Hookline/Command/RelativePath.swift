import Glibc

/// Paths as tools that look at a working tree want them: seen from the folder where hookline was started.
package enum RelativePath {
    /// A path below the folder from there on, any other path whole; both without `./` and `//`.
    package static func of(_ path: String, in folder: String) -> String {
        let whole = normal(path)
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        let rest = whole.hasPrefix(prefix) ? String(whole.dropFirst(prefix.count)) : whole
        return rest.isEmpty ? path : rest
    }

    /// A path without empty segments and `.`, and without `..` behind another segment, as RFC 3986 section 6.2.2.3 has it:
    /// by its text alone.
    private static func normal(_ path: String) -> String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == "..", let last = segments.last, last != ".." {
                segments.removeLast()
            } else {
                segments.append(segment)
            }
        }
        return (path.hasPrefix("/") ? "/" : "") + segments.joined(separator: "/")
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
