import Foundation

/// A fenced block of a Markdown document, and what becomes of it when the document is run.
///
/// The words after the opening fence say it: `sh` is run; `sh not-run: <reason>` is not; a language and a name, such as
/// `yaml webhooks.yaml`, is written to the file of that name; `text` after a block that was run is what that prints. Any
/// other block is there to be read.
struct DocumentBlock: Equatable {
    enum Role: Equatable {
        case run
        case leftOut(reason: String)
        case file(name: String)
        /// Lines that are printed; `…`, times and ids stand for any text.
        case output
        case sample
    }

    /// A block of which nobody can tell whether it is to be run.
    struct Unclear: Error, Equatable {
        var line: Int
        var reason: String
    }

    var role: Role
    /// Without the fences; each line ends with a line feed.
    var text: String
    /// Of the opening fence, from 1.
    var line: Int

    /// Exit codes other than 0 that comments of the block announce, as in `# exit code 1`, in order.
    var announcedExitCodes: [Int] {
        text.matches(of: /#.*?exit code ([0-9]+)/).compactMap { Int($0.1) }
    }

    /// The blocks of a document, in order.
    static func all(of markdown: String) throws(Unclear) -> [DocumentBlock] {
        var blocks: [DocumentBlock] = []
        var open: DocumentBlock?
        // Whether the last block but samples was run, so that a `text` here shows its output.
        var showsOutput = false
        for (index, line) in markdown.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if let block = open {
                if line == "```" {
                    blocks.append(block)
                    open = nil
                } else {
                    open?.text += line + "\n"
                }
            } else if line.hasPrefix("```") {
                let role = try role(String(line.dropFirst(3)), showsOutput: showsOutput, line: index + 1)
                showsOutput = role == .run
                open = DocumentBlock(role: role, text: "", line: index + 1)
            } else if line.trimmingCharacters(in: .whitespaces).hasPrefix("```") {
                throw Unclear(line: index + 1, reason: "a fence that does not begin its line")
            } else if line.hasPrefix("#") {
                showsOutput = false
            }
        }
        if let open { throw Unclear(line: open.line, reason: "a block without an end") }
        return blocks
    }

    /// What the words after an opening fence mean.
    private static func role(_ info: String, showsOutput: Bool, line: Int) throws(Unclear) -> Role {
        let words = info.split(separator: " ", maxSplits: 1).map(String.init)
        let (language, rest) = (words.first ?? "", words.count > 1 ? words[1] : "")
        switch language {
        case "sh":
            if rest.isEmpty { return .run }
            guard let reason = rest.wholeMatch(of: /not-run: (\S.*)/)?.1 else {
                throw Unclear(line: line, reason: "`sh` is followed by neither nothing nor `not-run:` and a reason")
            }
            return .leftOut(reason: String(reason))
        case "", "bash", "shell", "console", "zsh":
            throw Unclear(line: line, reason: "\(language.isEmpty ? "no language" : language): commands are `sh`")
        default:
            if !rest.isEmpty { return .file(name: rest) }
            return language == "text" && showsOutput ? .output : .sample
        }
    }
}
