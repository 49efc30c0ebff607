"""Checks of scripts/interop about what others build on: JSON Schemas by check-jsonschema, metrics and alerts by promtool.

Usage:  import interop_contracts; not a command of its own. GROUPS holds the functions by name.

Needs:  see scripts/interop_checks.py; promtool.
"""
import contextlib
import json
import pathlib
import select
import socket
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = ROOT / "Tests/HooklineTests/Data/config"
EVENT = b'{"topic":"t","id":"1"}\n'
# Wrong by what stands in one place, which a JSON Schema can say. The others are wrong by what is elsewhere.
STRUCTURAL = """
unknown-top-key unknown-webhook-key unknown-network-key defaults-unknown-key defaults-with-url missing-version missing-url
version-unknown version-as-list topics-empty topics-without-value webhooks-empty webhooks-as-mapping webhooks-of-text
count-negative count-out-of-range count-as-word count-quoted duration-with-fraction duration-too-short size-out-of-range
max-event-bytes-out-of-range rate-limit-as-mapping rate-limit-without-unit rate-limit-with-unknown-unit rate-limit-of-nothing
boolean-quoted boolean-no format-mistyped format-unlike-any on-reject-unknown http-version-unknown order-as-list
order-unknown order-key-unknown name-too-long name-with-slash name-empty pointer-empty pointer-with-bad-escape
breaker-as-boolean breaker-unknown-key batch-without-value signing-without-secrets signing-with-empty-list
signing-with-one-secret-not-in-a-list secret-as-key auth-as-text auth-basic-as-text auth-basic-without-password
auth-oauth2-incomplete auth-oauth2-with-plain-secret reference-of-two reference-without-value tls-min-version-1.1
ca-file-with-tilde subscriptions-as-text pattern-star-in-the-middle topic-listed-twice topic-name-with-star spool-as-path
spool-in-webhook spool-max-age-in-days spool-max-age-too-long cloudevents-null cloudevents-source-as-list
cloudevents-source-empty filter-numeric filter-operators header-with-line-break header-name-is-a-value tests-no-list
tests-events test-without-event pinned-key-as-list
""".split()


def schema(suite):
    """The schemas are schemas, take what hookline takes and writes, and refuse what is wrong in itself."""
    tool = pathlib.Path(sys.executable).parent / "check-jsonschema"
    kept = ROOT / "docs/schema"

    def takes(schema, *files):
        """None, or what check-jsonschema says."""
        ran = subprocess.run([tool, "--schemafile", schema, *files], capture_output=True, text=True)
        return None if ran.returncode == 0 else (ran.stdout + ran.stderr)[-1500:] or f"exit code {ran.returncode}"

    for subject in ("config", "summary", "dead-letter"):
        file = kept / f"{subject}.json"
        printed = subprocess.run([suite.hookline, "schema", subject], capture_output=True).stdout
        suite.check(f"docs/schema/{subject}.json is what is printed", None if printed == file.read_bytes() else "it differs")
        ran = subprocess.run([tool, "--check-metaschema", file], capture_output=True, text=True)
        suite.check(f"the schema of {subject} is a schema", None if ran.returncode == 0 else ran.stdout + ran.stderr)
    # Not oddities.yaml, whose texts look like other types of YAML's.
    sound = [ROOT / "webhooks.yaml", ROOT / "docs/examples/webhooks.yaml", CASES / "valid/every-key.yaml",
             CASES / "formats/warnings.yaml", ROOT / "Tests/HooklineTests/Data/tests/webhooks.yaml",
             *sorted((CASES / "valid/merged").glob("[0-9]*.y*ml"))]
    suite.check("the schema takes sound configurations", takes(kept / "config.json", *sound), f"{len(sound)} files")
    files = [CASES / f"broken/{name}.yaml" for name in STRUCTURAL]
    missing = [file.stem for file in files if not file.exists()]
    ran = subprocess.run([tool, "--schemafile", kept / "config.json", "--output-format", "json",
                          *[file for file in files if file.exists()]], capture_output=True, text=True)
    report = json.loads(ran.stdout)
    refused = {pathlib.Path(error["filename"]).stem for error in report["errors"] + report["parse_errors"]}
    taken = [file.stem for file in files if file.exists() and file.stem not in refused]
    suite.check("the schema refuses what is wrong in itself",
                f"not there: {missing}; taken: {taken}" if missing or taken else None, f"{len(STRUCTURAL)} files")

    with tempfile.TemporaryDirectory(dir=suite.work) as name:
        work = pathlib.Path(name)
        summaries, letters = runs(suite, work)
        problem = takes(kept / "summary.json", *summaries)
        suite.check("the schema takes the summaries of runs", problem, f"{len(summaries)} summaries")
        problem = takes(kept / "dead-letter.json", *letters) if letters else "there is no dead letter"
        suite.check("the schema takes dead letters", problem, f"{len(letters)} dead letters")
        broken = json.loads(summaries[0].read_text())
        broken["books"]["more"] = 1
        (work / "broken.json").write_text(json.dumps(broken))
        problem = None if takes(kept / "summary.json", work / "broken.json") else "it was taken"
        suite.check("the schema refuses a summary with a member too many", problem)


@contextlib.contextmanager
def receiver(suite, work, *options):
    """The port of a `hookline listen` that answers as its options say."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = subprocess.Popen([suite.hookline, "listen", "--port", str(port), "--directory", work / f"r{port}", *options],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        select.select([child.stdout], [], [], 20)
        child.stdout.readline()
        yield port
    finally:
        child.terminate()
        child.wait()
        child.stdout.close()


def run(suite, work, webhooks, *arguments, lines=EVENT * 3):
    """What a run with these webhooks gave: exit code and bytes of standard output."""
    (work / "webhooks.yaml").write_text(json.dumps({
        "version": 1, "topics": {"t": "Things"}, "network": {"allow": ["127.0.0.1/32", "::1/128"]},
        "defaults": {"retry": {"max_attempts": 2, "initial_backoff": "10ms"}},
        "webhooks": [{"topics": ["t"], **webhook} for webhook in webhooks]}))
    ran = subprocess.run([suite.hookline, *arguments], cwd=work, input=lines, capture_output=True)
    return ran.returncode, ran.stdout


def runs(suite, work):
    """Files of summaries and of dead letters, one each, of runs that ended in all ways."""
    summaries, letters = [], []
    with receiver(suite, work) as good, receiver(suite, work, "--status", "503,400,200") as bad, \
            receiver(suite, work, "--status", "410") as gone:
        def to(port, name):
            return {"name": name, "url": f"https://localhost:{port}/x", "tls": {"ca_file": f"r{port}/ca.pem"}}

        webhooks = [to(good, "good"), to(bad, "bad"), to(gone, "gone"), {"name": "closed", "url": "https://localhost:9/"},
                    {"name": "forbidden", "url": "https://10.0.0.1/"}]
        for index, arguments in enumerate([
                [], ["--only", "good"], ["--only", "closed", "--spool", "spool"], ["plan", "--format", "json"],
                ["--strict"], ["--deadline", "100ms", "--only", "bad"], ["--run-id", "again"],
                ["replay", "dead.ndjson", "--only", "good"]]):
            lines = EVENT * 3 + (b"no event\n" + EVENT.replace(b'"t"', b'"u"') + b"\n" if index in (0, 4) else b"")
            named = [] if arguments[:1] in (["plan"], ["replay"]) else ["--dead-letter", "dead.ndjson"]
            _, output = run(suite, work, webhooks, *arguments, *named, lines=lines)
            summaries.append(work / f"summary-{index}.json")
            summaries[-1].write_bytes(output)
    for index, line in enumerate((work / "dead.ndjson").read_text().splitlines()):
        letters.append(work / f"letter-{index}.json")
        letters[-1].write_text(line)
    return summaries, letters


def metrics(suite):
    """promtool reads the metrics of runs without a complaint, and the alerts of docs/examples do what their test says."""
    def promtool(*words, text=None):
        ran = subprocess.run(["promtool", *words], input=text, capture_output=True, cwd=ROOT / "docs/examples")
        return None if ran.returncode == 0 and not (text and (ran.stdout + ran.stderr).strip()) else \
            f"exit code {ran.returncode}: {(ran.stdout + ran.stderr).decode()[-1500:]}"

    with tempfile.TemporaryDirectory(dir=suite.work) as name:
        work = pathlib.Path(name)
        with receiver(suite, work, "--status", "503,200") as port:
            webhooks = [{"name": "good", "url": f"https://localhost:{port}/x", "tls": {"ca_file": f"r{port}/ca.pem"}},
                        {"name": "closed", "url": "https://localhost:9/"}]
            for what, arguments, code in [("a run", ["--metrics", "run.prom", "--dead-letter", "dead.ndjson"], 1),
                                          ("a run with a spool", ["--metrics", "run.prom", "--spool", "spool"], 75),
                                          ("a replay", ["replay", "dead.ndjson", "--metrics", "run.prom"], 1)]:
                (work / "run.prom").unlink(missing_ok=True)
                seen, _ = run(suite, work, webhooks, *arguments)
                text = (work / "run.prom").read_bytes() if (work / "run.prom").exists() else b""
                problem = None if seen == code else f"exit code {seen} in place of {code}"
                if f"hookline_run_exit_code {code}\n".encode() not in text:
                    problem = problem or "the exit code is not in the metrics"
                suite.check(f"promtool takes the metrics of {what}",
                            problem or promtool("check", "metrics", text=text), f"{text.count(b'# TYPE')} families")
    suite.check("promtool takes the alerts", promtool("check", "rules", "prometheus-alerts.yml"))
    suite.check("the alerts do what their test says", promtool("test", "rules", "prometheus-alerts.test.yml"))


GROUPS = {"schema": schema, "metrics": metrics}
