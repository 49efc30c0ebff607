/// Completion scripts, from the tables of commands and options.
extension CompletionsOptions.Shell {
    /// The whole script.
    package var script: String {
        switch self {
        case .bash: bashScript
        case .zsh: zshScript
        case .fish: fishScript
        }
    }
}

/// The commands that scripts offer.
let completedCommands = Command.allCases

/// A text in single quotes of a shell.
func singleQuoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

// MARK: Bash

/// It needs nothing of the package bash-completion, and takes files from readline, which knows how to quote them.
private var bashScript: String {
    var options = ""
    var values: [(pattern: String, action: String)] = []
    for command in completedCommands {
        let shown = command.options.filter(\.isAvailable)
        let words =
            shown.flatMap { ["--" + $0.name] + ($0.short.map { ["-\($0)"] } ?? []) } + ["--help", "-h", "--version"]
        options += "        \(command.rawValue)) options='\(words.joined(separator: " "))' ;;\n"
        for option in shown where option.placeholder != nil {
            values.append(("\"\(command.rawValue) --\(option.name)\"", bashAction(option.completion)))
        }
    }
    var cases = ""
    var actions: [String] = []
    for value in values where !actions.contains(value.action) { actions.append(value.action) }
    for action in actions {
        let patterns = values.filter { $0.action == action }.map(\.pattern)
        cases +=
            "        \(patterns.joined(separator: " | \\\n        ")))\n            \(action)\n            return ;;\n"
    }
    var operands = ""
    for command in completedCommands where command.operands != .none {
        let action = bashAction(command.operands)
        // Files may be many; a word is the first operand alone.
        let isFirst = if case .words = command.operands { "((COMP_CWORD == 2)) && " } else { "" }
        operands += "        \(command.rawValue)) \(isFirst)\(action) ;;\n"
    }
    return """
        # Completion of hookline for bash, made by `hookline completions bash`.

        # Keeps those of the words that begin with $current.
        _hookline_words() {
            local word
            for word in "$@"; do
                [[ $word != "$current"* ]] || COMPREPLY+=("$word")
            done
        }

        # The webhooks of the configuration that the command line names. Their names may have spaces.
        _hookline_webhooks() {
            local name quoted word i config=()
            for ((i = 1; i < COMP_CWORD; i++)); do
                if [[ ${COMP_WORDS[i]} == --config ]]; then
                    [[ ${COMP_WORDS[i + 1]} != = ]] || ((i++))
                    word=${COMP_WORDS[i + 1]//[\\\\\\"\\']/}
                    config=(--config "${word/#~\\//$HOME/}")
                fi
            done
            while IFS= read -r name; do
                printf -v quoted %q "$name"
                case $current in
                    [\\"\\']*) [[ $name != "${current:1}"* ]] || COMPREPLY+=("$name") ;;
                    *) [[ $quoted != "$current"* ]] || COMPREPLY+=("$quoted") ;;
                esac
            done < <("${COMP_WORDS[0]/#~\\//$HOME/}" completions webhooks "${config[@]}" 2>/dev/null)
        }

        _hookline() {
            local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=run options= i
            COMPREPLY=()
            # Bash splits --option=value into three words.
            if [[ $current == = ]]; then
                current=
            elif [[ $previous == = ]]; then
                previous=${COMP_WORDS[COMP_CWORD - 2]}
            fi
            if ((COMP_CWORD == 1)) && [[ $current != -* ]]; then
                _hookline_words \(completedCommands.map(\.rawValue).joined(separator: " "))
                return
            fi
            [[ ${COMP_WORDS[1]} == -* ]] || command=${COMP_WORDS[1]}
            case "$command $previous" in
        \(cases)    esac
            case $command in
        \(options)    esac
            for ((i = 1; i < COMP_CWORD; i++)); do
                [[ ${COMP_WORDS[i]} != -- ]] || options=
            done
            if [[ $current == -* && $options ]]; then
                _hookline_words $options
                return
            fi
            case $command in
        \(operands)    esac
        }

        complete -F _hookline hookline

        """
}

private func bashAction(_ completion: Suggestion) -> String {
    switch completion {
    case .none: ":"
    case .words(let words): "_hookline_words \(words.joined(separator: " "))"
    case .file: "compopt -o default"
    case .directory: "compopt -o dirnames"
    case .webhook: "_hookline_webhooks"
    }
}

// MARK: Fish

private var fishScript: String {
    var script = """
        # Completion of hookline for fish, made by `hookline completions fish`.

        # Succeeds where the words before the cursor are of one of these commands.
        function __hookline_of
            set -l words (commandline -opc)
            set -l command run
            if set -q words[2]; and not string match -q -- '-*' $words[2]
                set command $words[2]
            end
            contains -- $command $argv
        end

        # Succeeds where this many words stand before the cursor.
        function __hookline_after
            test (count (commandline -opc)) -eq $argv[1]
        end

        # The webhooks of the configuration that the command line names.
        function __hookline_webhooks
            set -l words (commandline -opc)
            set -l config
            for i in (seq (count $words))
                if test "$words[$i]" = --config; and set -q words[(math $i + 1)]
                    set config --config $words[(math $i + 1)]
                else if string match -q -- '--config=*' $words[$i]
                    set config $words[$i]
                end
            end
            hookline completions webhooks (string replace -r '^(--config=)?~/' "\\${1}$HOME/" -- $config) 2>/dev/null
        end

        complete -c hookline -f
        complete -c hookline -s h -l help -d 'show help and exit'
        complete -c hookline -l version -d 'show the version and exit'

        """
    for command in completedCommands {
        script +=
            "complete -c hookline -n '__hookline_after 1' -a \(command.rawValue) -d \(fishQuoted(command.sentence))\n"
    }
    for command in completedCommands {
        script += "\n"
        let condition = "complete -c hookline -n '__hookline_of \(command.rawValue)"
        switch command.operands {
        case .none, .webhook, .directory: break
        case .file: script += "\(condition)' -F\n"
        case .words(let words):
            script += "\(condition); and __hookline_after 2' -a '\(words.joined(separator: " "))'\n"
        }
        for option in command.options where option.isAvailable {
            let action =
                switch option.completion {
                case .none: option.placeholder == nil ? "" : " -x"
                case .words(let words): " -x -a '\(words.joined(separator: " "))'"
                case .file: " -r -F"
                case .directory: " -x -a '(__fish_complete_directories)'"
                case .webhook: " -x -a '(__hookline_webhooks)'"
                }
            let short = option.short.map { " -s \($0)" } ?? ""
            script += "\(condition)'\(short) -l \(option.name)\(action) -d \(fishQuoted(option.sentence))\n"
        }
    }
    return script
}

/// In fish's single quotes a backslash is one only before a quote or another one.
private func fishQuoted(_ text: String) -> String {
    "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
}
