/// Whether bytes are a token: what an HTTP method or a header's name has to be (RFC 9110 section 5.6.2).
func isHTTPToken(_ bytes: some Collection<UInt8>) -> Bool {
    !bytes.isEmpty
        && bytes.allSatisfy { $0.isLetterOrDigit || "!#$%&'*+-.^_`|~".utf8.contains($0) }
}
