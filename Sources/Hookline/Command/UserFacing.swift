/// An error that a person reads: what failed and where (`message`), and what to try (`hint`).
///
/// A message is lower case, has no full stop, names the thing as the user wrote it, and never holds a secret.
package protocol UserFacing: Error {
    var message: String { get }
    var hint: String? { get }
    var exitCode: ExitCode { get }
}
