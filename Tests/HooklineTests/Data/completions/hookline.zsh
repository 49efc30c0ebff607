#compdef hookline
# Completion of hookline for zsh, made by `hookline completions zsh`.

# The webhooks of the configuration that the command line names.
_hookline_webhooks() {
    local config=${${(Q)opt_args[--config]}//\\:/:}
    config=${config/#\~\//$HOME/}
    local -a names
    names=(${(f)"$(hookline completions webhooks ${config:+--config} ${config:+$config} 2>/dev/null)"})
    compadd -a "$@" names
}

_hookline() {
    local command=run context state line
    local -a commands
    typeset -A opt_args
    commands=(
        'run:deliver the events of standard input and print a summary; the default'
        'validate:check configurations, print every problem at once, send nothing'
        'listen:receive on 127.0.0.1, for demos and tests'
        'replay:resend dead letters, each to the webhook that failed'
        'spool:look into the spool'
        'plan:show what would be sent where, and send nothing'
        'explain:say why a webhook takes an event, or does not'
        'test:run the configuration'\''s own tests'
        'diff:compare two configurations'
        'verify:check recorded requests against a secret, and say which part is wrong'
        'secret:make a signing secret or key pair'
        'report:add up the summaries of many runs'
        'schema:print a JSON Schema'
        'init:write a starter configuration'
        'completions:print a completion script for a shell'
        'help:show this, or the help of a command'
    )
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
        run)
            _arguments -s -S : \
                '--config=[configuration\: a file, or a directory whose *.yaml and *.yml files are merged in the order of their names]:PATH:_files' \
                '*--only=[deliver to this webhook only; may be given again; all active webhooks without it]:NAME:_hookline_webhooks' \
                '--dead-letter=[append events that could not be delivered to FILE; without it hookline-dead-letter-<run id>.ndjson, made only when needed]:FILE:_files' \
                '--rejects=[append lines that are no event to FILE, with line number and reason]:FILE:_files' \
                '--deadline=[stop after this time, whatever is left; no limit without it; finishing the outputs may take a little longer]:DURATION: ' \
                '--shutdown-grace=[how long delivery may go on after a signal; a second signal ends it at once]:DURATION: ' \
                '--run-id=[name of this input\: repeating the run repeats the ids of its batches; random without it]:ID: ' \
                '--memory=[most event bytes held at once]:SIZE: ' \
                '--threads=[2\: sign, encrypt and send on a thread of its own, beside the one that reads; it pays where a core is free]:N: ' \
                '--strict[stop at the first line that is no event, or whose topic is not declared]' \
                '--summary=[write the summary to FILE too]:FILE:_files' \
                '--metrics=[write metrics of the run to FILE, for the textfile collector of Prometheus'\'' node_exporter]:FILE:_files' \
                '--spool=[keep what can'\''t be delivered now in this directory, for a later run; without it the configuration'\''s spool]:DIR:_files -/' \
                '--write-ahead[keep each batch in the spool before its first attempt]' \
                '--progress=[show how far the run is, at the bottom of standard error\: auto\: where that is a terminal and standard input is none, unless -q or --log-format json; always\: as on a terminal, whatever it is; never]:auto|always|never:(auto always never)' \
                '--log-format=[lines on standard error\: for people, or one JSON object each]:text|json:(text json)' \
                '(-q --quiet)'{-q,--quiet}'[say nothing on standard error but errors]' \
                '(-v --verbose)'{-v,--verbose}'[say more on standard error, each request included]' \
                '(-h --help)'{-h,--help}'[show help and exit]' \
                '--version[show the version and exit]' ;;
        validate)
            _arguments -s -S : \
                '--resolve[look up the variables and files that active webhooks name, as a run does]' \
                '--format=[how problems are told\: as text on standard error; or on standard output as one JSON object, as commands of GitHub Actions, or as a SARIF 2.1.0 log]:text|json|github|sarif:(text json github sarif)' \
                '(-h --help)'{-h,--help}'[show help and exit]' \
                '--version[show the version and exit]' \
                '*:file:_files' ;;
        listen)
            _arguments -s -S : \
                '--directory=[where the throwaway CA and certificate are made and kept\: ca.pem, server.pem, server.key]:DIR:_files -/' \
                '--port=[port on 127.0.0.1; 0 takes any free one]:N: ' \
                '--status=[statuses to answer with, in turn, one a request; the last one repeats; reset closes the connection while the body is read]:LIST: ' \
                '--reset[close every connection while the body is read, as --status reset does]' \
                '--fail-rate=[share of requests, drawn by chance, that are answered 503 instead]:X: ' \
                '--seed=[start of the random numbers of --fail-rate]:N: ' \
                '--delay=[how long each answer waits]:DURATION: ' \
                '--retry-after=[the Retry-After header of answers that are not 2xx]:VALUE: ' \
                '--location=[the Location header of answers that are 3xx]:URL: ' \
                '--reject-containing=[answer 400 to a request whose body holds TEXT]:TEXT: ' \
                '--record=[append each request to FILE as a line of JSON]:FILE:_files' \
                '*--secret=[verify that this secret, or its public key, signed each request, and answer 401 where not; may be given again]:SECRET: ' \
                '*--public-key=[the same with the public key of a secret whsk_; may be given again]:KEY: ' \
                '--certificate=[the certificate that is shown]:valid|expired|wrong-host:(valid expired wrong-host)' \
                '(-q --quiet)'{-q,--quiet}'[print no line per request]' \
                '(-h --help)'{-h,--help}'[show help and exit]' \
                '--version[show the version and exit]' ;;
        replay)
            _arguments -s -S : \
                '--config=[configuration\: a file, or a directory whose *.yaml and *.yml files are merged in the order of their names]:PATH:_files' \
                '*--only=[deliver to this webhook only; may be given again; all active webhooks without it]:NAME:_hookline_webhooks' \
                '--dead-letter=[where dead letters of standard input go that can'\''t be delivered now; without it hookline-dead-letter-<run id>.ndjson, made only when needed; those of files stay in them]:FILE:_files' \
                '--rejects=[write lines that are no dead letter to FILE, with line number and reason]:FILE:_files' \
                '--prune[take what was delivered out of the files, each of which is replaced as a whole]' \
                '--deadline=[stop after this time, whatever is left; no limit without it; finishing the outputs may take a little longer]:DURATION: ' \
                '--shutdown-grace=[how long delivery may go on after a signal; a second signal ends it at once]:DURATION: ' \
                '--memory=[most event bytes held at once]:SIZE: ' \
                '--threads=[2\: sign, encrypt and send on a thread of its own, beside the one that reads; it pays where a core is free]:N: ' \
                '--summary=[write the summary to FILE too]:FILE:_files' \
                '--metrics=[write metrics of the run to FILE, for the textfile collector of Prometheus'\'' node_exporter]:FILE:_files' \
                '--progress=[show how far the run is, at the bottom of standard error\: auto\: where that is a terminal and standard input is none, unless -q or --log-format json; always\: as on a terminal, whatever it is; never]:auto|always|never:(auto always never)' \
                '--log-format=[lines on standard error\: for people, or one JSON object each]:text|json:(text json)' \
                '(-q --quiet)'{-q,--quiet}'[say nothing on standard error but errors]' \
                '(-v --verbose)'{-v,--verbose}'[say more on standard error, each request included]' \
                '(-h --help)'{-h,--help}'[show help and exit]' \
                '--version[show the version and exit]' \
                '*:file:_files' ;;
        spool)
            _arguments -s -S : \
                '--spool=[the spool'\''s directory; without it the one that the configuration names]:DIR:_files -/' \
                '--config=[configuration that names the directory, where --spool does not, and max_age, for when items expire]:PATH:_files' \
                '--json[of list and show\: print JSON, one object a line]' \
                '--body[of show\: print the events too]' \
                '--webhook=[of list and drop\: what waits for this webhook alone]:NAME:_hookline_webhooks' \
                '--all[of drop\: whatever waits]' \
                '(-h --help)'{-h,--help}'[show help and exit]' \
                '--version[show the version and exit]' \
                '1:word:(list show drop)' ;;
        plan)
            _arguments -s -S : \
                '--config=[configuration\: a file, or a directory whose *.yaml and *.yml files are merged in the order of their names]:PATH:_files' \
                '*--only=[deliver to this webhook only; may be given again; all active webhooks without it]:NAME:_hookline_webhooks' \
                '--run-id=[name of this input\: repeating the run repeats the ids of its batches; random without it]:ID: ' \
                '--format=[text\: a table; json\: the summary of a run that delivers all; mermaid\: a graph of topics, webhooks and origins]:text|json|mermaid:(text json mermaid)' \
                '--requests[with text\: print each request first, as a curl command without URL paths, header values and long bodies]' \
                '--strict[stop at the first line that is no event, or whose topic is not declared]' \
                '--log-format=[lines on standard error\: for people, or one JSON object each]:text|json:(text json)' \
                '(-q --quiet)'{-q,--quiet}'[say nothing on standard error but errors]' \
                '(-v --verbose)'{-v,--verbose}'[say more on standard error, each request included]' \
                '(-h --help)'{-h,--help}'[show help and exit]' \
                '--version[show the version and exit]' ;;
        explain)
            _arguments -s -S : \
                '--config=[configuration\: a file or a directory]:PATH:_files' \
                '--event=[a file of events, one a line; - is standard input]:FILE:_files' \
                '--webhook=[the webhook to explain; without it each one]:NAME:_hookline_webhooks' \
                '--format=[text, or json\: an object a line]:text|json:(text json)' \
                '(-h --help)'{-h,--help}'[show help and exit]' \
                '--version[show the version and exit]' ;;
        test)
            _arguments -s -S : \
                '--format=[how results are told\: as text, as JUnit'\''s XML, or as commands of GitHub Actions]:text|junit|github:(text junit github)' \
                '(-v --verbose)'{-v,--verbose}'[with text\: name the tests that passed too]' \
                '(-h --help)'{-h,--help}'[show help and exit]' \
                '--version[show the version and exit]' \
                '*:file:_files' ;;
        diff)
            _arguments -s -S : \
                '--format=[how differences are told\: as text, or as one JSON object]:text|json:(text json)' \
                '--sample=[events whose destinations are compared; without it those of standard input, where that is a file or a pipe]:FILE:_files' \
                '(-v --verbose)'{-v,--verbose}'[show the events of the examples]' \
                '(-h --help)'{-h,--help}'[show help and exit]' \
                '--version[show the version and exit]' \
                '*:file:_files' ;;
        verify)
            _arguments -s -S : \
                '*--secret=[a secret that may have signed the requests; may be given again]:SECRET: ' \
                '*--public-key=[a public key of a secret that may have signed them; may be given again]:KEY: ' \
                '--at=[the time that timestamps are held against; without it the time in the record, or now where there is none]:TIME|now: ' \
                '(-h --help)'{-h,--help}'[show help and exit]' \
                '--version[show the version and exit]' \
                '*:file:_files' ;;
        secret)
            _arguments -s -S : \
                '--ed25519[make a key pair\: whsk_ signs, whpk_ verifies]' \
                '(-q --quiet)'{-q,--quiet}'[print the secret and say nothing else]' \
                '(-h --help)'{-h,--help}'[show help and exit]' \
                '--version[show the version and exit]' ;;
        report)
            _arguments -s -S : \
                '--format=[what is printed\: tables, or one JSON object]:text|json:(text json)' \
                '--html=[draw the report into FILE too\: one page with charts, for a browser or a printer]:FILE:_files' \
                '(-h --help)'{-h,--help}'[show help and exit]' \
                '--version[show the version and exit]' \
                '*:file:_files' ;;
        schema)
            _arguments -s -S : \
                '(-h --help)'{-h,--help}'[show help and exit]' \
                '--version[show the version and exit]' \
                '1:word:(config summary dead-letter)' ;;
        init)
            _arguments -s -S : \
                '(-q --quiet)'{-q,--quiet}'[write the file and say nothing else]' \
                '(-h --help)'{-h,--help}'[show help and exit]' \
                '--version[show the version and exit]' \
                '*:file:_files' ;;
        completions)
            _arguments -s -S : \
                '--config=[of webhooks\: the configuration whose webhooks are named]:PATH:_files' \
                '(-h --help)'{-h,--help}'[show help and exit]' \
                '--version[show the version and exit]' \
                '1:word:(bash zsh fish)' ;;
        help)
            _arguments -s -S : \
                '(-h --help)'{-h,--help}'[show help and exit]' \
                '--version[show the version and exit]' \
                '1:word:(run validate listen replay spool plan explain test diff verify secret report schema init completions help)' ;;
    esac
}

if [[ $funcstack[1] == _hookline ]]; then
    _hookline "$@"
else
    compdef _hookline hookline
fi
