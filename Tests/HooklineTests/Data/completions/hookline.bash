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
            word=${COMP_WORDS[i + 1]//[\\\"\']/}
            config=(--config "${word/#~\//$HOME/}")
        fi
    done
    while IFS= read -r name; do
        printf -v quoted %q "$name"
        case $current in
            [\"\']*) [[ $name != "${current:1}"* ]] || COMPREPLY+=("$name") ;;
            *) [[ $quoted != "$current"* ]] || COMPREPLY+=("$quoted") ;;
        esac
    done < <("${COMP_WORDS[0]/#~\//$HOME/}" completions webhooks "${config[@]}" 2>/dev/null)
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
        _hookline_words run validate listen replay spool plan explain test diff verify secret report schema init completions help
        return
    fi
    [[ ${COMP_WORDS[1]} == -* ]] || command=${COMP_WORDS[1]}
    case "$command $previous" in
        "run --config" | \
        "run --dead-letter" | \
        "run --rejects" | \
        "run --summary" | \
        "run --metrics" | \
        "listen --record" | \
        "replay --config" | \
        "replay --dead-letter" | \
        "replay --rejects" | \
        "replay --summary" | \
        "replay --metrics" | \
        "spool --config" | \
        "plan --config" | \
        "explain --config" | \
        "explain --event" | \
        "diff --sample" | \
        "report --html" | \
        "completions --config")
            compopt -o default
            return ;;
        "run --only" | \
        "replay --only" | \
        "spool --webhook" | \
        "plan --only" | \
        "explain --webhook")
            _hookline_webhooks
            return ;;
        "run --deadline" | \
        "run --shutdown-grace" | \
        "run --run-id" | \
        "run --memory" | \
        "run --threads" | \
        "listen --port" | \
        "listen --status" | \
        "listen --fail-rate" | \
        "listen --seed" | \
        "listen --delay" | \
        "listen --retry-after" | \
        "listen --location" | \
        "listen --reject-containing" | \
        "listen --secret" | \
        "listen --public-key" | \
        "replay --deadline" | \
        "replay --shutdown-grace" | \
        "replay --memory" | \
        "replay --threads" | \
        "plan --run-id" | \
        "verify --secret" | \
        "verify --public-key" | \
        "verify --at")
            :
            return ;;
        "run --spool" | \
        "listen --directory" | \
        "spool --spool")
            compopt -o dirnames
            return ;;
        "run --progress" | \
        "replay --progress")
            _hookline_words auto always never
            return ;;
        "run --log-format" | \
        "replay --log-format" | \
        "plan --log-format" | \
        "explain --format" | \
        "diff --format" | \
        "report --format")
            _hookline_words text json
            return ;;
        "validate --format")
            _hookline_words text json github sarif
            return ;;
        "listen --certificate")
            _hookline_words valid expired wrong-host
            return ;;
        "plan --format")
            _hookline_words text json mermaid
            return ;;
        "test --format")
            _hookline_words text junit github
            return ;;
    esac
    case $command in
        run) options='--config --only --dead-letter --rejects --deadline --shutdown-grace --run-id --memory --threads --strict --summary --metrics --spool --write-ahead --progress --log-format --quiet -q --verbose -v --help -h --version' ;;
        validate) options='--resolve --format --help -h --version' ;;
        listen) options='--directory --port --status --reset --fail-rate --seed --delay --retry-after --location --reject-containing --record --secret --public-key --certificate --quiet -q --help -h --version' ;;
        replay) options='--config --only --dead-letter --rejects --prune --deadline --shutdown-grace --memory --threads --summary --metrics --progress --log-format --quiet -q --verbose -v --help -h --version' ;;
        spool) options='--spool --config --json --body --webhook --all --help -h --version' ;;
        plan) options='--config --only --run-id --format --requests --strict --log-format --quiet -q --verbose -v --help -h --version' ;;
        explain) options='--config --event --webhook --format --help -h --version' ;;
        test) options='--format --verbose -v --help -h --version' ;;
        diff) options='--format --sample --verbose -v --help -h --version' ;;
        verify) options='--secret --public-key --at --help -h --version' ;;
        secret) options='--ed25519 --quiet -q --help -h --version' ;;
        report) options='--format --html --help -h --version' ;;
        schema) options='--help -h --version' ;;
        init) options='--quiet -q --help -h --version' ;;
        completions) options='--config --help -h --version' ;;
        help) options='--help -h --version' ;;
    esac
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} != -- ]] || options=
    done
    if [[ $current == -* && $options ]]; then
        _hookline_words $options
        return
    fi
    case $command in
        validate) compopt -o default ;;
        replay) compopt -o default ;;
        spool) ((COMP_CWORD == 2)) && _hookline_words list show drop ;;
        test) compopt -o default ;;
        diff) compopt -o default ;;
        verify) compopt -o default ;;
        report) compopt -o default ;;
        schema) ((COMP_CWORD == 2)) && _hookline_words config summary dead-letter ;;
        init) compopt -o default ;;
        completions) ((COMP_CWORD == 2)) && _hookline_words bash zsh fish ;;
        help) ((COMP_CWORD == 2)) && _hookline_words run validate listen replay spool plan explain test diff verify secret report schema init completions help ;;
    esac
}

complete -F _hookline hookline
