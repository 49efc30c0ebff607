import Foundation

/// Secrets that a test plants, and the search for them in what came out.
enum PlantedSecrets {
    static let urlPath = "pAth7Zq8xK2=/seg:Ment4Rw9"
    static let urlQuery = "qUery5Jw7Vb+/tOken8Lm3"
    static let headerText = "hEader2Tx6Pq;&vAlue7Nf5"
    static let headerFile = "fIleHdr8Kc3%&vAlue4Yb9"
    static let bearer = "bEarer6Gd4Xs.t0ken9Hv2Ej/+="
    static let basicPassword = "bAsic3Uw8Mz:pAss word5Ro"
    static let clientSecret = "cLient9Fa2Qk s3cret:6Ty+/"
    static let accessToken = "aCcess4Bn7Ld.t0ken2Vi8Sg/"
    static let whsec = "whsec_" + Data((0..<32).map { UInt8($0 * 7 + 3) }).base64EncodedString()
    static let whsk = "whsk_" + Data((0..<32).map { UInt8($0 * 5 + 11) }).base64EncodedString()
    static let proxyPassword = "pRoxy7Ce5Wh p@ss:9Dk3Ou/"
    static let keyPassword = "kEy4Zi6Jt:pAss word8Pb"

    static let all = [
        "URL path": urlPath, "URL query": urlQuery, "header's text": headerText, "header's file": headerFile,
        "bearer token": bearer, "basic password": basicPassword, "client secret": clientSecret,
        "access token": accessToken, "whsec": whsec, "whsk": whsk, "proxy password": proxyPassword,
        "client key's password": keyPassword,
    ]

    /// Names of those that a text holds, as they are, in part, in base64 at any place of a longer text, percent-encoded,
    /// or as a form's field.
    static func found(in text: String, of secrets: [String: String] = all) -> [String] {
        secrets.filter { _, secret in spellings(of: secret).contains { text.contains($0) } }.map(\.key).sorted()
    }

    static func percentEncoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
    }

    private static func spellings(of secret: String) -> Set<String> {
        let encoded = percentEncoded(secret)
        var spellings: Set<String> = [
            secret, encoded, encoded.lowercased(), encoded.replacing("%20", with: "+"),
            secret.replacing("/", with: "\\/"),
        ]
        // Parts that alone would help a thief.
        spellings.formUnion(secret.split { !$0.isASCII || !($0.isLetter || $0.isNumber) }.map(String.init))
        for text in [secret, encoded, encoded.replacing("%20", with: "+")] {
            spellings.formUnion((0..<3).map { base64(text, after: $0) })
        }
        return spellings.filter { $0.count >= 8 }
    }

    /// What of the base64 of a longer text depends on this text alone, which starts at a byte of that number modulo 3.
    private static func base64(_ text: String, after offset: Int) -> String {
        let bytes = [UInt8](repeating: 0, count: offset) + Array(text.utf8)
        let whole = bytes.count / 3 * 3
        return String(Data(bytes.prefix(whole)).base64EncodedString().dropFirst([0, 2, 3][offset]))
    }
}
