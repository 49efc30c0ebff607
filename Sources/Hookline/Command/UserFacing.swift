/// An error that a person reads: what failed and where (`message`), and what to try (`hint`).
///
/// A message is lower case, has no full stop, names the thing as the user wrote it, and never holds a secret.
package protocol UserFacing: Error {
    var message: String { get }
    var hint: String? { get }
    var exitCode: ExitCode { get }
    /// Tells the user: message and hint, unless the error has more to say.
    func show(on console: Console)
}

extension UserFacing {
    package func show(on console: Console) { console.error(self) }
}

/// Lets a command do its work, and tells the user of the error that ends it.
/// - Returns: the work's exit code, or the error's.
func reporting(on console: Console, _ work: () throws -> ExitCode) -> ExitCode {
    do {
        return try work()
    } catch let error as any UserFacing {
        error.show(on: console)
        return error.exitCode
    } catch {
        preconditionFailure("an error that no user can read: \(error)")
    }
}
