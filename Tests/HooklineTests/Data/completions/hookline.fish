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
    hookline completions webhooks (string replace -r '^(--config=)?~/' "\${1}$HOME/" -- $config) 2>/dev/null
end

complete -c hookline -f
complete -c hookline -s h -l help -d 'show help and exit'
complete -c hookline -l version -d 'show the version and exit'
complete -c hookline -n '__hookline_after 1' -a run -d 'deliver the events of standard input and print a summary; the default'
complete -c hookline -n '__hookline_after 1' -a validate -d 'check configurations, print every problem at once, send nothing'
complete -c hookline -n '__hookline_after 1' -a listen -d 'receive on 127.0.0.1, for demos and tests'
complete -c hookline -n '__hookline_after 1' -a replay -d 'resend dead letters, each to the webhook that failed'
complete -c hookline -n '__hookline_after 1' -a spool -d 'look into the spool'
complete -c hookline -n '__hookline_after 1' -a plan -d 'show what would be sent where, and send nothing'
complete -c hookline -n '__hookline_after 1' -a explain -d 'say why a webhook takes an event, or does not'
complete -c hookline -n '__hookline_after 1' -a test -d 'run the configuration\'s own tests'
complete -c hookline -n '__hookline_after 1' -a diff -d 'compare two configurations'
complete -c hookline -n '__hookline_after 1' -a verify -d 'check recorded requests against a secret, and say which part is wrong'
complete -c hookline -n '__hookline_after 1' -a secret -d 'make a signing secret or key pair'
complete -c hookline -n '__hookline_after 1' -a report -d 'add up the summaries of many runs'
complete -c hookline -n '__hookline_after 1' -a schema -d 'print a JSON Schema'
complete -c hookline -n '__hookline_after 1' -a init -d 'write a starter configuration'
complete -c hookline -n '__hookline_after 1' -a completions -d 'print a completion script for a shell'
complete -c hookline -n '__hookline_after 1' -a help -d 'show this, or the help of a command'

complete -c hookline -n '__hookline_of run' -l config -r -F -d 'configuration: a file, or a directory whose *.yaml and *.yml files are merged in the order of their names'
complete -c hookline -n '__hookline_of run' -l only -x -a '(__hookline_webhooks)' -d 'deliver to this webhook only; may be given again; all active webhooks without it'
complete -c hookline -n '__hookline_of run' -l dead-letter -r -F -d 'append events that could not be delivered to FILE; without it hookline-dead-letter-<run id>.ndjson, made only when needed'
complete -c hookline -n '__hookline_of run' -l rejects -r -F -d 'append lines that are no event to FILE, with line number and reason'
complete -c hookline -n '__hookline_of run' -l deadline -x -d 'stop after this time, whatever is left; no limit without it; finishing the outputs may take a little longer'
complete -c hookline -n '__hookline_of run' -l shutdown-grace -x -d 'how long delivery may go on after a signal; a second signal ends it at once'
complete -c hookline -n '__hookline_of run' -l run-id -x -d 'name of this input: repeating the run repeats the ids of its batches; random without it'
complete -c hookline -n '__hookline_of run' -l memory -x -d 'most event bytes held at once'
complete -c hookline -n '__hookline_of run' -l threads -x -d '2: sign, encrypt and send on a thread of its own, beside the one that reads; it pays where a core is free'
complete -c hookline -n '__hookline_of run' -l strict -d 'stop at the first line that is no event, or whose topic is not declared'
complete -c hookline -n '__hookline_of run' -l summary -r -F -d 'write the summary to FILE too'
complete -c hookline -n '__hookline_of run' -l metrics -r -F -d 'write metrics of the run to FILE, for the textfile collector of Prometheus\' node_exporter'
complete -c hookline -n '__hookline_of run' -l spool -x -a '(__fish_complete_directories)' -d 'keep what can\'t be delivered now in this directory, for a later run; without it the configuration\'s spool'
complete -c hookline -n '__hookline_of run' -l write-ahead -d 'keep each batch in the spool before its first attempt'
complete -c hookline -n '__hookline_of run' -l progress -x -a 'auto always never' -d 'show how far the run is, at the bottom of standard error: auto: where that is a terminal and standard input is none, unless -q or --log-format json; always: as on a terminal, whatever it is; never'
complete -c hookline -n '__hookline_of run' -l log-format -x -a 'text json' -d 'lines on standard error: for people, or one JSON object each'
complete -c hookline -n '__hookline_of run' -s q -l quiet -d 'say nothing on standard error but errors'
complete -c hookline -n '__hookline_of run' -s v -l verbose -d 'say more on standard error, each request included'

complete -c hookline -n '__hookline_of validate' -F
complete -c hookline -n '__hookline_of validate' -l resolve -d 'look up the variables and files that active webhooks name, as a run does'
complete -c hookline -n '__hookline_of validate' -l format -x -a 'text json github sarif' -d 'how problems are told: as text on standard error; or on standard output as one JSON object, as commands of GitHub Actions, or as a SARIF 2.1.0 log'

complete -c hookline -n '__hookline_of listen' -l directory -x -a '(__fish_complete_directories)' -d 'where the throwaway CA and certificate are made and kept: ca.pem, server.pem, server.key'
complete -c hookline -n '__hookline_of listen' -l port -x -d 'port on 127.0.0.1; 0 takes any free one'
complete -c hookline -n '__hookline_of listen' -l status -x -d 'statuses to answer with, in turn, one a request; the last one repeats; reset closes the connection while the body is read'
complete -c hookline -n '__hookline_of listen' -l reset -d 'close every connection while the body is read, as --status reset does'
complete -c hookline -n '__hookline_of listen' -l fail-rate -x -d 'share of requests, drawn by chance, that are answered 503 instead'
complete -c hookline -n '__hookline_of listen' -l seed -x -d 'start of the random numbers of --fail-rate'
complete -c hookline -n '__hookline_of listen' -l delay -x -d 'how long each answer waits'
complete -c hookline -n '__hookline_of listen' -l retry-after -x -d 'the Retry-After header of answers that are not 2xx'
complete -c hookline -n '__hookline_of listen' -l location -x -d 'the Location header of answers that are 3xx'
complete -c hookline -n '__hookline_of listen' -l reject-containing -x -d 'answer 400 to a request whose body holds TEXT'
complete -c hookline -n '__hookline_of listen' -l record -r -F -d 'append each request to FILE as a line of JSON'
complete -c hookline -n '__hookline_of listen' -l secret -x -d 'verify that this secret, or its public key, signed each request, and answer 401 where not; may be given again'
complete -c hookline -n '__hookline_of listen' -l public-key -x -d 'the same with the public key of a secret whsk_; may be given again'
complete -c hookline -n '__hookline_of listen' -l certificate -x -a 'valid expired wrong-host' -d 'the certificate that is shown'
complete -c hookline -n '__hookline_of listen' -s q -l quiet -d 'print no line per request'

complete -c hookline -n '__hookline_of replay' -F
complete -c hookline -n '__hookline_of replay' -l config -r -F -d 'configuration: a file, or a directory whose *.yaml and *.yml files are merged in the order of their names'
complete -c hookline -n '__hookline_of replay' -l only -x -a '(__hookline_webhooks)' -d 'deliver to this webhook only; may be given again; all active webhooks without it'
complete -c hookline -n '__hookline_of replay' -l dead-letter -r -F -d 'where dead letters of standard input go that can\'t be delivered now; without it hookline-dead-letter-<run id>.ndjson, made only when needed; those of files stay in them'
complete -c hookline -n '__hookline_of replay' -l rejects -r -F -d 'write lines that are no dead letter to FILE, with line number and reason'
complete -c hookline -n '__hookline_of replay' -l prune -d 'take what was delivered out of the files, each of which is replaced as a whole'
complete -c hookline -n '__hookline_of replay' -l deadline -x -d 'stop after this time, whatever is left; no limit without it; finishing the outputs may take a little longer'
complete -c hookline -n '__hookline_of replay' -l shutdown-grace -x -d 'how long delivery may go on after a signal; a second signal ends it at once'
complete -c hookline -n '__hookline_of replay' -l memory -x -d 'most event bytes held at once'
complete -c hookline -n '__hookline_of replay' -l threads -x -d '2: sign, encrypt and send on a thread of its own, beside the one that reads; it pays where a core is free'
complete -c hookline -n '__hookline_of replay' -l summary -r -F -d 'write the summary to FILE too'
complete -c hookline -n '__hookline_of replay' -l metrics -r -F -d 'write metrics of the run to FILE, for the textfile collector of Prometheus\' node_exporter'
complete -c hookline -n '__hookline_of replay' -l progress -x -a 'auto always never' -d 'show how far the run is, at the bottom of standard error: auto: where that is a terminal and standard input is none, unless -q or --log-format json; always: as on a terminal, whatever it is; never'
complete -c hookline -n '__hookline_of replay' -l log-format -x -a 'text json' -d 'lines on standard error: for people, or one JSON object each'
complete -c hookline -n '__hookline_of replay' -s q -l quiet -d 'say nothing on standard error but errors'
complete -c hookline -n '__hookline_of replay' -s v -l verbose -d 'say more on standard error, each request included'

complete -c hookline -n '__hookline_of spool; and __hookline_after 2' -a 'list show drop'
complete -c hookline -n '__hookline_of spool' -l spool -x -a '(__fish_complete_directories)' -d 'the spool\'s directory; without it the one that the configuration names'
complete -c hookline -n '__hookline_of spool' -l config -r -F -d 'configuration that names the directory, where --spool does not, and max_age, for when items expire'
complete -c hookline -n '__hookline_of spool' -l json -d 'of list and show: print JSON, one object a line'
complete -c hookline -n '__hookline_of spool' -l body -d 'of show: print the events too'
complete -c hookline -n '__hookline_of spool' -l webhook -x -a '(__hookline_webhooks)' -d 'of list and drop: what waits for this webhook alone'
complete -c hookline -n '__hookline_of spool' -l all -d 'of drop: whatever waits'

complete -c hookline -n '__hookline_of plan' -l config -r -F -d 'configuration: a file, or a directory whose *.yaml and *.yml files are merged in the order of their names'
complete -c hookline -n '__hookline_of plan' -l only -x -a '(__hookline_webhooks)' -d 'deliver to this webhook only; may be given again; all active webhooks without it'
complete -c hookline -n '__hookline_of plan' -l run-id -x -d 'name of this input: repeating the run repeats the ids of its batches; random without it'
complete -c hookline -n '__hookline_of plan' -l format -x -a 'text json mermaid' -d 'text: a table; json: the summary of a run that delivers all; mermaid: a graph of topics, webhooks and origins'
complete -c hookline -n '__hookline_of plan' -l requests -d 'with text: print each request first, as a curl command without URL paths, header values and long bodies'
complete -c hookline -n '__hookline_of plan' -l strict -d 'stop at the first line that is no event, or whose topic is not declared'
complete -c hookline -n '__hookline_of plan' -l log-format -x -a 'text json' -d 'lines on standard error: for people, or one JSON object each'
complete -c hookline -n '__hookline_of plan' -s q -l quiet -d 'say nothing on standard error but errors'
complete -c hookline -n '__hookline_of plan' -s v -l verbose -d 'say more on standard error, each request included'

complete -c hookline -n '__hookline_of explain' -l config -r -F -d 'configuration: a file or a directory'
complete -c hookline -n '__hookline_of explain' -l event -r -F -d 'a file of events, one a line; - is standard input'
complete -c hookline -n '__hookline_of explain' -l webhook -x -a '(__hookline_webhooks)' -d 'the webhook to explain; without it each one'
complete -c hookline -n '__hookline_of explain' -l format -x -a 'text json' -d 'text, or json: an object a line'

complete -c hookline -n '__hookline_of test' -F
complete -c hookline -n '__hookline_of test' -l format -x -a 'text junit github' -d 'how results are told: as text, as JUnit\'s XML, or as commands of GitHub Actions'
complete -c hookline -n '__hookline_of test' -s v -l verbose -d 'with text: name the tests that passed too'

complete -c hookline -n '__hookline_of diff' -F
complete -c hookline -n '__hookline_of diff' -l format -x -a 'text json' -d 'how differences are told: as text, or as one JSON object'
complete -c hookline -n '__hookline_of diff' -l sample -r -F -d 'events whose destinations are compared; without it those of standard input, where that is a file or a pipe'
complete -c hookline -n '__hookline_of diff' -s v -l verbose -d 'show the events of the examples'

complete -c hookline -n '__hookline_of verify' -F
complete -c hookline -n '__hookline_of verify' -l secret -x -d 'a secret that may have signed the requests; may be given again'
complete -c hookline -n '__hookline_of verify' -l public-key -x -d 'a public key of a secret that may have signed them; may be given again'
complete -c hookline -n '__hookline_of verify' -l at -x -d 'the time that timestamps are held against; without it the time in the record, or now where there is none'

complete -c hookline -n '__hookline_of secret' -l ed25519 -d 'make a key pair: whsk_ signs, whpk_ verifies'
complete -c hookline -n '__hookline_of secret' -s q -l quiet -d 'print the secret and say nothing else'

complete -c hookline -n '__hookline_of report' -F
complete -c hookline -n '__hookline_of report' -l format -x -a 'text json' -d 'what is printed: tables, or one JSON object'
complete -c hookline -n '__hookline_of report' -l html -r -F -d 'draw the report into FILE too: one page with charts, for a browser or a printer'

complete -c hookline -n '__hookline_of schema; and __hookline_after 2' -a 'config summary dead-letter'

complete -c hookline -n '__hookline_of init' -F
complete -c hookline -n '__hookline_of init' -s q -l quiet -d 'write the file and say nothing else'

complete -c hookline -n '__hookline_of completions; and __hookline_after 2' -a 'bash zsh fish'
complete -c hookline -n '__hookline_of completions' -l config -r -F -d 'of webhooks: the configuration whose webhooks are named'

complete -c hookline -n '__hookline_of help; and __hookline_after 2' -a 'run validate listen replay spool plan explain test diff verify secret report schema init completions help'
