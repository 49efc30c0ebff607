package enum URLProblem: Error, Equatable { case notHTTPS(scheme: String), credentials, fragment, controlCharacter, noHost, port, malformed(String) }
