extension CompletionsOptions.Shell {
    /// For a file `_hookline` in a folder of `$fpath`, or to be sourced after `compinit`.
    var zshScript: String {
        var cases = ""
        for command in completedCommands {
            let options =
                command.options.filter(\.isAvailable).map(specification) + [
                    "'(-h --help)'{-h,--help}'[show help and exit]'", "'--version[show the version and exit]'",
                ]
            let operands =
                switch command.operands {
                case .none, .webhook, .directory: [String]()
                case .file: ["'*:file:_files'"]
                case .words(let words): ["'1:word:(\(words.joined(separator: " ")))'"]
                }
            cases += "        \(command.rawValue))\n            _arguments -s -S : \\\n"
            cases += (options + operands).map { "                \($0)" }.joined(separator: " \\\n") + " ;;\n"
        }
        let commands = completedCommands.map { command in
            "        " + singleQuoted(command.rawValue + ":" + command.sentence.replacing(":", with: "\\:")) + "\n"
        }
        return """
            #compdef hookline
            # Completion of hookline for zsh, made by `hookline completions zsh`.

            # The webhooks of the configuration that the command line names.
            _hookline_webhooks() {
                local config=${${(Q)opt_args[--config]}//\\\\:/:}
                config=${config/#\\~\\//$HOME/}
                local -a names
                names=(${(f)"$(hookline completions webhooks ${config:+--config} ${config:+$config} 2>/dev/null)"})
                compadd -a "$@" names
            }

            _hookline() {
                local command=run context state line
                local -a commands
                typeset -A opt_args
                commands=(
            \(commands.joined())    )
                if [[ $words[2] != -* ]]; then
                    if (( CURRENT == 2 )); then
                        _describe -t commands command commands
                        return
                    fi
                    command=$words[2]
                    shift words
                    (( CURRENT-- ))
                fi
                case $command in
            \(cases)    esac
            }

            if [[ $funcstack[1] == _hookline ]]; then
                _hookline "$@"
            else
                compdef _hookline hookline
            fi

            """
    }
}

/// What `_arguments` takes for an option.
private func specification(_ option: ShownOption) -> String {
    func escaped(_ text: String) -> String {
        ["\\", "[", "]", ":"].reduce(text) { $0.replacing($1, with: "\\" + $1) }
    }
    let explained = "[\(escaped(option.sentence))]"
    guard let placeholder = option.placeholder else {
        guard let short = option.short else { return singleQuoted("--\(option.name)\(explained)") }
        return "'(-\(short) --\(option.name))'{-\(short),--\(option.name)}" + singleQuoted(explained)
    }
    let action =
        switch option.completion {
        case .none: " "
        case .words(let words): "(\(words.joined(separator: " ")))"
        case .file: "_files"
        case .directory: "_files -/"
        case .webhook: "_hookline_webhooks"
        }
    return singleQuoted(
        "\(option.isRepeatable ? "*" : "")--\(option.name)=\(explained):\(escaped(placeholder)):\(action)")
}
