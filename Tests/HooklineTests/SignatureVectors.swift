import Foundation
import TestKit
import Testing

@testable import Hookline

/// `Data/signature-vectors.json`: published and own examples of each scheme.
struct SignatureVectors: Decodable {
    struct Standard: Decodable, Sendable, CustomTestStringConvertible {
        var id: String
        var timestamp: String
        var body: String
        var secret: String
        var `public`: String?
        var signature: String

        var testDescription: String { "\(secret.prefix(6)) \(body)" }
    }

    struct GitHub: Decodable {
        var secret: String
        var body: String
        var header: String
    }

    struct Stripe: Decodable {
        var secret: String
        var timestamp: String
        var body: String
        var header: String
    }

    // swift-format-ignore: AlwaysUseLowerCamelCase
    var standard_webhooks: [Standard]
    var github: [GitHub]
    var stripe: [Stripe]

    static func read() throws -> SignatureVectors {
        let file = packageFile("Tests/HooklineTests/Data/signature-vectors.json")
        return try JSONDecoder().decode(SignatureVectors.self, from: Data(contentsOf: file))
    }
}

/// The two kinds of keys of the vectors.
let vectorSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
let otherSecret = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString()

func signing(_ scheme: Webhook.Signing.Scheme = .standardWebhooks, _ secrets: String...) -> Webhook.Signing {
    Webhook.Signing(scheme: scheme, secrets: secrets.map { .value(Secret($0)) })
}

extension Signer {
    func header(id: String, timestamp: Int, body: String) -> String {
        unsafe Array(body.utf8).withUnsafeBytes { unsafe header(id: id, timestamp: timestamp, body: $0) }
    }
}
