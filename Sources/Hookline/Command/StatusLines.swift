internal import CLinux
import FoundationEssentials
import Glibc
import Synchronization

/// Whether a descriptor leads to a terminal that obeys escape sequences, and whose user did not say no to colours
/// (https://no-color.org).
func takesColours(_ descriptor: Int32) -> Bool {
    let environment = ProcessInfo.processInfo.environment
    return isTerminal(descriptor) && environment["NO_COLOR", default: ""].isEmpty
}

/// Whether a descriptor leads to a terminal that obeys escape sequences.
func isTerminal(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
}

/// Lines at the bottom of a terminal that are painted over again and again, below what the log writes.
///
/// Nothing of the terminal is changed but the text of these lines, so whatever ends the process, there is nothing that
/// would have to be restored. They are gone after `erase`.
package final class StatusLines: Sendable {
    /// Of the lines that stand there: how many columns each takes.
    private let shown = Mutex<[Int]>([])
    private let descriptor: Int32
    /// Whether colours are wanted: not where `NO_COLOR` is set (no-color.org) or the terminal has none.
    package let hasColours: Bool

    package init(on descriptor: Int32 = STDERR_FILENO, hasColours: Bool) {
        self.descriptor = descriptor
        self.hasColours = hasColours
    }

    /// Columns of the terminal; 80 where it is none.
    package var columns: Int {
        let columns = Int(hookline_terminal_size(descriptor).ws_col)
        return columns > 0 ? columns : 80
    }

    /// How many lines leave one of the terminal's to the log: more would scroll away and be painted again below. All where
    /// it is no terminal.
    private var room: Int {
        let rows = Int(hookline_terminal_size(descriptor).ws_row)
        return rows > 0 ? max(1, rows - 1) : .max
    }

    /// Paints the lines in the place of those that stand there, at once, so that nothing flickers. In a terminal that is
    /// too low for them the last ones are left out.
    ///
    /// - Parameter lines: none may be longer than the terminal is wide, nor hold a line feed; escape sequences for colours
    ///   take no place.
    package func paint(_ lines: [String]) {
        let lines = lines.prefix(room)
        shown.withLock { shown in
            var output = Self.home(shown, columns: columns)
            output += lines.joined(separator: "\u{1b}[K\r\n") + "\u{1b}[K\u{1b}[J"
            shown = lines.map(Self.width)
            // Nobody is left to tell when standard error itself fails.
            _ = writeAll(Array(output.utf8), to: descriptor)
        }
    }

    /// Takes the lines away until they are painted again. Nothing happens when there are none.
    package func erase() {
        shown.withLock { shown in
            if shown.isEmpty { return }
            _ = writeAll(Array((Self.home(shown, columns: columns) + "\u{1b}[J").utf8), to: descriptor)
            shown = []
        }
    }

    /// Back to the first column of the first line. A terminal that became narrower has wrapped them.
    private static func home(_ shown: [Int], columns: Int) -> String {
        let rows = shown.reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
        return rows > 1 ? "\r\u{1b}[\(rows - 1)A" : "\r"
    }

    /// Characters of a line, without its escape sequences for colours.
    private static func width(_ line: String) -> Int {
        var (width, isEscape) = (0, false)
        for character in line {
            if character == "\u{1b}" { isEscape = true }
            if !isEscape { width += 1 }
            if character == "m" { isEscape = false }
        }
        return width
    }
}
