/// Leaves of a signing secret that stands in a text, where nothing asked for one, its prefix alone.
package func withoutSecrets(_ text: String) -> String {
    var shown = text
    for prefix in ["whsec_", "whsk_"] {
        let pieces = shown.split(separator: prefix, omittingEmptySubsequences: false)
        shown =
            pieces[0]
            + pieces.dropFirst().map { piece in
                let rest = piece.drop { $0.isASCII && ($0.isLetter || $0.isNumber || "+/=-_".contains($0)) }
                return rest.count == piece.count ? prefix + rest : prefix + "…" + rest
            }.joined()
    }
    return shown
}
