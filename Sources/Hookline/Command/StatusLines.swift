internal import CLinux
import Glibc
import Synchronization

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
        let columns = Int(hookline_terminal_columns(descriptor))
        return columns > 0 ? columns : 80
    }

    /// Paints the lines in the place of those that stand there, at once, so that nothing flickers.
    ///
    /// - Parameter lines: none may be longer than the terminal is wide, nor hold a line feed; escape sequences for colours
    ///   take no place.
    package func paint(_ lines: [String]) {
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
