/// The keys that `--secret` and `--public-key` give: secrets first, each in the order given.
package struct KeyOptions: Sendable {
    /// Their texts.
    package let texts: [Secret]
    /// Nil: no key was given.
    package let verifier: SignatureVerifier?

    package init(secrets: [String], publicKeys: [String]) throws(KeyOptionError) {
        var keys: [SigningKey] = []
        for (index, text) in secrets.enumerated() {
            do throws(KeyError) {
                keys.append(try SigningKey(Secret(text)))
            } catch {
                throw KeyOptionError(option: .secret, number: index + 1, of: secrets.count, error: error)
            }
        }
        for (index, text) in publicKeys.enumerated() {
            do throws(KeyError) {
                keys.append(try SigningKey(publicKey: Secret(text)))
            } catch {
                throw KeyOptionError(option: .publicKey, number: index + 1, of: publicKeys.count, error: error)
            }
        }
        texts = (secrets + publicKeys).map { Secret($0) }
        verifier = keys.isEmpty ? nil : SignatureVerifier(keys: keys)
    }
}

/// A value of `--secret` or `--public-key`, or of their variables, that is no key. It shows nothing of the value.
package struct KeyOptionError: UserFacing, Equatable {
    package enum Option: String, Sendable { case secret = "--secret", publicKey = "--public-key" }

    package var option: Option
    /// Its place among the values of the option, from 1.
    package var number: Int
    package var of: Int
    package var error: KeyError

    package var message: String {
        let variable = option == .secret ? "HOOKLINE_SECRET" : "HOOKLINE_PUBLIC_KEY"
        let place = of == 1 ? "" : ", number \(number) of \(of)"
        return "the value of `\(option.rawValue)` or `\(variable)`\(place) can't be used: \(error.message)"
    }

    package var hint: String? {
        switch error {
        case .otherForm(.publicKey, _): "set HOOKLINE_PUBLIC_KEY to it"
        case .otherForm: "set HOOKLINE_SECRET to it"
        case .several: "write commas between the keys of the variable, or give the option again for each"
        default: error.hint
        }
    }

    package var exitCode: ExitCode { .usage }
}
