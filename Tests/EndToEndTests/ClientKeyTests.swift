import Foundation
import TestKit
import Testing

/// What `validate --resolve` and `run` say of certificates and keys that no connection could use.
@Suite struct ClientKeyTests {
    private static func directory() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.makeCertificate("client")
        try directory.makeCertificate("other")
        try directory.openssl("pkey -in client.key -aes256 -passout pass:s3cret -out encrypted.key")
        try directory.openssl("x509 -in client.pem -outform der -out client.der")
        try directory.openssl("pkey -in client.key -outform der -out key.der")
        try directory.write("wr0ng", to: "wrong")
        try directory.write("s3cret", to: "right")
        try directory.write("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", to: "cut.pem")
        return directory
    }

    private static func run(_ tls: String, _ arguments: [String], in directory: TemporaryDirectory) throws
        -> ProcessResult
    {
        try directory.write(
            """
            version: 1
            topics: {t: A topic}
            webhooks:
              - name: w
                url: https://receiver.example/
                topics: [t]
                tls:
            \(tls.split(separator: ";").map { "      " + $0 }.joined(separator: "\n"))
            """, to: "webhooks.yaml")
        return try runProcess(builtProduct("hookline"), arguments, directory: directory.path, input: .text(""))
    }

    @Test(arguments: [
        (
            "client_cert: client.pem;client_key: other.key", "9:19",
            "`tls.client_key`: `other.key` does not belong to "
                + "`tls.client_cert` `client.pem`", "give the key that the certificate was made for"
        ),
        (
            "client_cert: client.key;client_key: client.pem", "8:20",
            "`tls.client_cert`: `client.key` holds a key and "
                + "no certificate", "were client_cert and client_key swapped?"
        ),
        (
            "client_cert: client.pem;client_key: client.pem", "9:19",
            "`tls.client_key`: `client.pem` holds a certificate "
                + "and no key", "were client_cert and client_key swapped?"
        ),
        (
            "client_cert: client.pem;client_key: encrypted.key", "9:19",
            "`tls.client_key`: `encrypted.key` is encrypted",
            "add client_key_password: {env: NAME}"
        ),
        (
            "client_cert: client.pem;client_key: encrypted.key;client_key_password: {file: wrong}", "10:28",
            "`tls.client_key_password`: `wrong` does not open `tls.client_key`", "give the password"
        ),
        (
            "client_cert: client.der;client_key: client.key", "8:20", "`tls.client_cert`: `client.der` holds no PEM",
            "of a DER file: openssl x509 -inform der"
        ),
        (
            "client_cert: client.pem;client_key: key.der", "9:19", "`tls.client_key`: `key.der` holds no PEM",
            "of a DER file: openssl pkey -inform der"
        ),
        (
            "client_cert: cut.pem;client_key: client.key", "8:20",
            "`tls.client_cert`: `cut.pem` holds no certificate "
                + "that can be read", "it should hold a block"
        ),
        (
            "ca_file: nowhere.pem", "8:16", "`tls.ca_file`: `nowhere.pem` can't be read: no such file or directory",
            "a relative path starts at"
        ),
        (
            "ca_file: .hookline-listen/ca.pem", "8:16",
            "`tls.ca_file`: `.hookline-listen/ca.pem` can't be read: no such "
                + "file or directory", "`hookline listen` makes it; start it first"
        ),
        (
            "ca_file: cut.pem", "8:16", "`tls.ca_file`: `cut.pem` holds no certificate that can be read",
            "it should hold a block"
        ),
        ("ca_file: wrong", "8:16", "`tls.ca_file`: `wrong` holds no PEM", "of a DER file"),
    ])
    func `what no connection could use is found before anything is sent`(
        tls: String, place: String, message: String, hint: String
    ) throws {
        let directory = try Self.directory()
        for arguments in [["validate", "--resolve"], ["run"]] {
            let result = try Self.run(tls, arguments, in: directory)
            #expect(result.errorText.contains("webhooks.yaml:\(place): error: \(message)\n"), "\(result.errorText)")
            #expect(result.errorText.contains("  hint: \(hint)"), "\(result.errorText)")
            #expect(result.exit == .code(78))
            #expect(result.output.isEmpty)
            for secret in ["s3cret", "wr0ng", "BEGIN EC"] { #expect(!result.errorText.contains(secret)) }
        }
    }

    @Test(arguments: [
        "client_cert: client.pem;client_key: client.key",
        "client_cert: client.pem;client_key: encrypted.key;client_key_password: {file: right}",
        "client_cert: client.pem;client_key: client.key;client_key_password: {file: right}", "ca_file: client.pem",
    ])
    func `what a connection can use is not refused`(tls: String) throws {
        let result = try Self.run(tls, ["validate", "--resolve"], in: Self.directory())
        #expect(result.exit == .code(0), "\(result.errorText)")
        let count = tls.split(separator: ";").count
        let references = "\(count) reference\(count == 1 ? "" : "s")"
        #expect(result.outputText == "webhooks.yaml: ok, 1 webhook, 1 topic, \(references) resolved\n")
    }
}
