/// The commands by the names that select them (SPEC section 1), in the order of help.
package enum Command: String, CaseIterable, Sendable {
    case run, validate, listen, replay, spool, plan, explain, test, diff, verify, secret, report, schema, `init`
    case completions, help

    /// What it does: one sentence, lower case, without a full stop.
    package var sentence: String {
        switch self {
        case .run: "deliver the events of standard input and print a summary; the default"
        case .validate: "check configurations, print every problem at once, send nothing"
        case .listen: "receive on 127.0.0.1, for demos and tests"
        case .replay: "resend dead letters, each to the webhook that failed"
        case .spool: "look into the spool"
        case .plan: "show what would be sent where, and send nothing"
        case .explain: "say why a webhook takes an event, or does not"
        case .test: "run the configuration's own tests"
        case .diff: "compare two configurations"
        case .verify: "check recorded requests against a secret, and say which part is wrong"
        case .secret: "make a signing secret or key pair"
        case .report: "add up the summaries of many runs"
        case .schema: "print a JSON Schema"
        case .`init`: "write a starter configuration"
        case .completions: "print a completion script for a shell"
        case .help: "show this, or the help of a command"
        }
    }

    /// What follows the program's name.
    package var synopsis: String {
        switch self {
        case .run: "[run] [OPTION]... < EVENTS > SUMMARY"
        case .validate: "validate [OPTION]... [PATH]..."
        case .listen: "listen [OPTION]..."
        case .replay: "replay [OPTION]... [FILE]... > SUMMARY"
        case .spool: "spool list|show|drop [ID]... [OPTION]..."
        case .plan: "plan [OPTION]... < EVENTS"
        case .explain: "explain [OPTION]... < EVENTS"
        case .test: "test [OPTION]... [PATH]..."
        case .diff: "diff OLD NEW [OPTION]... [< EVENTS]"
        case .verify: "verify FILE [OPTION]..."
        case .secret: "secret [OPTION]..."
        case .report: "report SUMMARY... [OPTION]..."
        case .schema: "schema [\(SchemaCommand.Subject.allCases.map(\.rawValue).joined(separator: "|"))]"
        case .`init`: "init [OPTION]... [PATH]"
        case .completions: "completions bash|zsh|fish"
        case .help: "help [COMMAND]"
        }
    }

    /// What the help of the command says below its synopsis: paragraphs.
    var details: [String] {
        switch self {
        case .run:
            [
                "Reads events from standard input, one JSON object a line, routes each by its topic to the webhooks "
                    + "of the configuration, delivers them as batched HTTPS POSTs, and prints one JSON summary on "
                    + "standard output. The log goes to standard error.",
                "Every option but --help and --version can be set by an environment variable: --dead-letter by "
                    + "HOOKLINE_DEAD_LETTER. The command line wins. A flag's variable is 1, true, 0 or false; values "
                    + "of an option that may be given again are separated by commas; an empty variable counts as unset.",
            ]
        case .validate:
            [
                "Checks each PATH: a configuration file, or a directory whose *.yaml and *.yml files are merged in "
                    + "the order of their names. Without a PATH it checks the one that `hookline run` would read: "
                    + "HOOKLINE_CONFIG, or \(Options().config).",
                "Variables and files that the configuration refers to are not looked at: they may be there only where a "
                    + "run is to be. With --resolve they are, for active webhooks, and so are the files of tls; no value is "
                    + "ever shown.",
                "With --format json, github or sarif, all problems of all PATHs are one document on standard output; "
                    + "docs/output.md describes it. In the last two, paths are seen from the folder where hookline was "
                    + "started.",
                "The exit code is 0 when all are right, 78 when one is wrong, and 66 when one can't be read.",
            ]
        case .listen:
            [
                "Serves HTTPS on 127.0.0.1 with a certificate that it makes itself, prints a line for each request, "
                    + "and can misbehave on request. It ends with a signal.",
                "Every option but --help and --version can be set by an environment variable: --fail-rate by "
                    + "HOOKLINE_FAIL_RATE. The command line wins.",
                "With --secret or --public-key it verifies each POST by Standard Webhooks as it arrives, with a "
                    + "tolerance of 5 minutes, and answers 401 with the reason where it is not valid. "
                    + Self.secretWarning,
                Self.keyVariables,
            ]
        case .replay:
            [
                "Reads dead letters from each FILE, or from standard input without one or where it is -, sends each "
                    + "event to the webhook that failed, and to no other, and prints one JSON summary on standard output. "
                    + "URL, auth, signing and format come from today's configuration.",
                "A batch of which every event is there, in order, keeps its webhook-id, so that its receiver can drop it if "
                    + "it came before. What is left of a batch gets a new one, and so does a batch whose webhook has "
                    + "another format by now.",
                "What fails again stays in its FILE; from standard input it goes to a new file of dead letters. So does an "
                    + "event whose webhook is gone, inactive or left out by --only, or whose topic is not declared any "
                    + "more: the exit code is then 75, unless something failed.",
                "With --prune the files lose what was delivered. What other runs append meanwhile is kept, and a file stays "
                    + "even when it is empty. Without --prune, a second replay sends all of it again.",
            ]
        case .spool:
            [
                "list shows what waits in the spool, one batch a line; show prints a batch of it, line by line, with "
                    + "--body its events too; drop removes batches by their ID, or all of --webhook NAME, or --all, and "
                    + "says how many. What a run that lives put there is shown, and never dropped.",
                "The spool has bodies and names of webhooks. Their URLs, headers and secrets are not in it.",
                "list says on standard error how much waits and when the first of it is due. Its column EXPIRES needs a "
                    + "configuration, which says how long a batch may wait.",
                "The exit code is 66 when the spool, a batch or the webhook is not there (a webhook is known when the "
                    + "configuration has it, or something waits for it), and 74 when a run works on it or it can't "
                    + "be written.",
            ]
        case .plan:
            [
                "Reads events as `hookline run` does, and shows what it would send to each webhook, in how many requests. "
                    + "It connects to nobody, looks up no secret and writes no file.",
                "Batches are cut by their number of events and bytes alone, as in a run with --run-id: max_wait and "
                    + "memory don't count. With --run-id the ids of the requests are those of the run.",
                "The exit code is that of a run which delivers everything: 1 when lines are refused, else 0.",
            ]
        case .explain:
            [
                "Says for each event and webhook whether the webhook takes it: by its topic, and by each field of the filter, "
                    + "with the event's values and what is wanted. It connects to nobody and looks up no secret.",
                "Where a webhook does not take an event, `nearest` names the fewest changes that were found to turn that; "
                    + "where it does, `decided by` names the fields of which each alone would. Both were tried.",
                "The exit code is 0, and 1 when a line is no event.",
            ]
        case .test:
            [
                "Runs the tests that each PATH holds, a configuration file or a directory of them: for each event, which "
                    + "active webhooks take it by topic and filter, against deliver_to. Nothing is sent, and no secret is "
                    + "looked up. Without a PATH it takes the one that `hookline run` would read.",
                "What differs is told with its place, what was expected and what came. docs/webhooks.yaml.md shows how "
                    + "tests are written, docs/output.md what the formats hold.",
                "The exit code is 0 when all pass or there are none, 1 when one differs, 78 when a configuration is wrong, "
                    + "and 66 when one can't be read.",
            ]
        case .diff:
            [
                "Compares two configurations, each a file or a directory, as a person reviews them: topics, settings and "
                    + "webhooks that came, went, were renamed (the URL and the topics are the same) or changed. What "
                    + "defaults say is shown at the webhooks that it affects. Of URLs the origin is shown, and of secrets only "
                    + "that they changed; none is looked up.",
                "With a sample of events, in --sample or on standard input, it also says how many of them other webhooks "
                    + "take than before, and which.",
                "The exit code is 0 when they are the same, 1 when they differ, 78 when one of them is wrong, and 66 when "
                    + "one or the sample can't be read.",
            ]
        case .verify:
            [
                "Checks each request of FILE by Standard Webhooks, prints a line for each, and says which part is wrong "
                    + "where one explains it. FILE is what `hookline listen --record` wrote, or one HTTP/1.1 request "
                    + "as text: headers, an empty line, the body; - is standard input.",
                "Timestamps may be 5 minutes off. They are held against the time in the record, since a recorded "
                    + "request is old by nature.",
                Self.secretWarning,
                Self.keyVariables,
                "The exit code is 0 when all are valid, 1 when one is not, and 66 when FILE can't be read.",
            ]
        case .secret:
            [
                "Prints a new signing secret, whsec_ and 32 random bytes in base64, on standard output, and on standard "
                    + "error where to put it. With --ed25519 it prints two lines: the secret whsk_, which signs, and "
                    + "the public key whpk_ for the receiver, which verifies. Keep them apart: `hookline secret --ed25519 -q > pair`, "
                    + "then `head -1 pair > key` and `tail -1 pair > public`."
            ]
        case .report:
            [
                "Adds up the summaries of many runs: what became of the events, by webhook, with status codes, failures and "
                    + "latencies. Each SUMMARY is a file with one or more of them, as runs print them or keep them with "
                    + "--summary; - is standard input. A summary that comes twice counts once.",
                "With --html FILE it draws one page with charts, which loads nothing, works without scripts and prints well.",
                "The exit code is 0, 66 when a SUMMARY is not there, can't be read, is no summary or has books that don't "
                    + "balance, and 74 when an output can't be written. What the runs' own exit codes were does not matter.",
            ]
        case .schema:
            [
                "Prints the JSON Schema (2020-12) of webhooks.yaml (config, the default), of a run's summary, or of one line "
                    + "of a dead-letter file. An editor with a YAML language server checks and completes webhooks.yaml by it.",
                "`hookline validate` finds more: what JSON Schema can't say, e.g. that each topic is declared. A file of a "
                    + "directory may lack what stands in another one, so the schema demands neither topics nor webhooks.",
            ]
        case .`init`:
            [
                "Writes a webhooks.yaml to start from, with comments that say what stands there and how it is tried on "
                    + "this machine, and says on standard error what comes next. Without a PATH it takes the place where "
                    + "`hookline run` would look: HOOKLINE_CONFIG, or \(Options().config). With - it writes to standard "
                    + "output.",
                "A file that is there is never written over: the exit code is then 74.",
            ]
        case .completions:
            [
                "Prints a script for the shell, which completes commands, options, their values, files and names of "
                    + "webhooks.",
                "For names of webhooks the scripts call `hookline completions webhooks`, which prints those of the "
                    + "configuration, one a line.",
                "Packages bring the scripts along. By hand: `source <(hookline completions bash)` in ~/.bashrc; for zsh "
                    + "a file _hookline in a folder of $fpath; for fish ~/.config/fish/completions/hookline.fish.",
            ]
        default: ["Shows what `hookline COMMAND --help` shows."]
        }
    }

    /// Command lines and what they do.
    var examples: [(line: String, does: String)] {
        switch self {
        case .run:
            [
                ("hookline < events.ndjson", "deliver to the webhooks of webhooks.yaml"),
                ("tail -n +1 -f events.ndjson | hookline --deadline 1h", "deliver what is appended, for an hour"),
                ("hookline --only invoicing --run-id orders-7 < orders.ndjson", "one webhook, repeatable batch ids"),
            ]
        case .validate:
            [
                ("hookline validate webhooks.yaml staging/", "check a file and a directory"),
                ("hookline validate --resolve", "check that all secrets are there"),
                ("hookline validate --format sarif > hookline.sarif", "for code scanning"),
            ]
        case .listen:
            [
                ("hookline listen --port 9443", "accept everything"),
                ("hookline listen --status 503,503,200 --retry-after 2", "fail twice, then accept"),
                ("hookline listen --record requests.ndjson", "verify with HOOKLINE_SECRET if it is set, and record"),
            ]
        case .replay:
            [
                ("hookline replay --prune hookline-dead-letter-*.ndjson", "send what failed, keep what fails again"),
                ("grep timeout dead.ndjson | hookline replay --only audit", "send some of it, to one webhook"),
            ]
        case .spool:
            [
                ("hookline spool list --spool spool", "what waits, and until when"),
                ("hookline spool drop --webhook invoicing", "forget what waits for one webhook"),
            ]
        case .plan:
            [
                ("hookline plan < events.ndjson", "what goes where"),
                ("hookline plan --requests --only invoicing < events.ndjson", "each request to one webhook"),
                ("hookline plan --format mermaid < /dev/null > webhooks.mmd", "a graph of the configuration"),
            ]
        case .explain:
            [
                ("hookline explain --webhook invoicing < event.json", "why invoicing does not get it"),
                ("head -1 events.ndjson | hookline explain", "who gets it, and why"),
            ]
        case .test:
            [
                ("hookline test", "the tests of webhooks.yaml"),
                ("hookline test --format junit staging/ > hookline.xml", "for a build server"),
            ]
        case .diff:
            [
                ("hookline diff old.yaml webhooks.yaml < events.ndjson", "what changed, and for which events"),
                ("hookline diff production/ staging/ --format json", "for a machine"),
            ]
        case .verify:
            [
                ("hookline verify requests.ndjson", "check a record with the secret in HOOKLINE_SECRET"),
                ("hookline verify request.txt --at now", "check one request as it would be judged now"),
            ]
        case .secret:
            [
                ("hookline secret", "make a secret that both sides share"),
                ("hookline secret --ed25519 -q", "make a key pair, without advice"),
            ]
        case .report:
            [
                ("hookline report summaries/*.json", "what became of all events"),
                ("hookline report --html report.html summary-*.json", "a page for a browser too"),
                ("cat summaries.ndjson | hookline report - --format json", "for a machine"),
            ]
        case .schema:
            [
                ("hookline schema > hookline.schema.json", "for an editor"),
                ("hookline schema summary", "what a run prints"),
            ]
        case .`init`:
            [
                ("hookline init", "write webhooks.yaml"),
                ("hookline init - | less", "look at it first"),
            ]
        case .completions:
            [
                ("hookline completions bash > hookline.bash", "a script to source"),
                ("hookline completions fish | source", "for this fish alone"),
            ]
        default: [("hookline help listen", "the options of the local receiver")]
        }
    }

    private static let keyVariables =
        "HOOKLINE_SECRET and HOOKLINE_PUBLIC_KEY hold several keys with commas between them. `listen` and `verify` alone "
        + "read them, and an option on the command line wins over its variable."

    private static let secretWarning =
        "Other users of the machine can see a secret on a command line: set HOOKLINE_SECRET instead."

    /// The command that a mistyped name most likely meant.
    static func nearest(to word: String) -> Command? {
        switch word {
        case "sign", "keygen", "generate": return .secret
        case "resend", "redeliver", "retry", "redrive", "dlq": return .replay
        case "list", "ls", "show", "drop", "queue": return .spool
        case "check", "lint": return .validate
        case "serve", "server", "receive": return .listen
        case "send", "deliver", "start": return .run
        case "new", "create", "starter": return .`init`
        case "completion": return .completions
        default: break
        }
        let names = allCases.map(\.rawValue)
        return (nearestName(to: word, among: names) ?? onlyCompletion(of: word, among: names)).flatMap(Command.init)
    }
}
