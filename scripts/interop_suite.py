"""Runs hookline for the checks of scripts/interop, judges what arrived, and keeps the table.

Usage:  import interop_suite; not a command of its own. See scripts/interop_checks.py.

Needs:  Python 3.11 with the packages of scripts/interop_packages.txt, openssl.
"""
import collections
import json
import os
import pathlib
import subprocess
import tempfile
import time

import events
import local_server
from interop_verifiers import FORMATS, events_of

Run = collections.namedtuple("Run", "code summary errors dead seconds")


class Suite:
    """Certificates, events and the table of checks; `problems` is how many of them failed."""

    def __init__(self, hookline, work, count):
        self.hookline, self.work, self.count = hookline, pathlib.Path(work), count
        self.certificates = self.work / "certificates"
        self.certificates.mkdir()
        local_server.make_certificates(self.certificates)
        self.events = b"".join(events.events(count)).splitlines()
        self.group = ""
        self.passed = self.failed = 0

    def check(self, what, problem=None, detail=""):
        """Adds a line to the table. `problem`: None where the check passed, else what is wrong."""
        self.passed += problem is None
        self.failed += problem is not None
        shown = detail if problem is None else f"\n          {problem}"
        print(f"{'ok' if problem is None else 'FAILED':6}  {self.group:18}  {what}{': ' if shown else ''}{shown}",
              flush=True)

    def run(self, webhooks, environment=None, lines=None, feed=None, top=None):
        """One run of hookline. `environment`: secrets; `lines`: the events, else all; `feed`: writes them itself, to
        the pipe that it is given; `top`: further keys of the configuration."""
        with tempfile.TemporaryDirectory(prefix="run-", dir=self.work) as name:
            folder = pathlib.Path(name)
            defaults = {"tls": {"ca_file": str(self.certificates / "ca.pem")},
                        "retry": {"max_attempts": 3, "initial_backoff": "50ms", "max_backoff": "200ms"}}
            # JSON is YAML, too.
            (folder / "webhooks.yaml").write_text(json.dumps({
                "version": 1, "topics": {"object.created": "Fires when a new object is created"},
                "network": {"allow": ["127.0.0.1/32", "::1/128"]},
                "webhooks": [{"topics": ["object.created"], **defaults, **webhook,
                              "tls": {**defaults["tls"], **webhook.get("tls", {})}} for webhook in webhooks],
                **(top or {})}, indent=1))
            start = time.monotonic()
            with open(folder / "summary", "wb") as summary, open(folder / "errors", "wb") as errors:
                child = subprocess.Popen(
                    [self.hookline, "--config", "webhooks.yaml", "--dead-letter", "dead.ndjson"], cwd=folder,
                    stdin=subprocess.PIPE, stdout=summary, stderr=errors,
                    env={"PATH": os.environ["PATH"], **(environment or {})})
                try:
                    try:
                        with child.stdin:
                            if feed:
                                feed(child.stdin)
                            else:
                                child.stdin.write(b"\n".join(self.events if lines is None else lines) + b"\n")
                    except BrokenPipeError:
                        pass  # it ended early; its exit code and messages say why
                    child.wait(timeout=120)
                except subprocess.TimeoutExpired:
                    pass  # the exit code -9 says so
                finally:
                    child.kill()  # does nothing to one that has ended
                    child.wait()
            text = (folder / "summary").read_bytes()
            dead = folder / "dead.ndjson"
            return Run(child.returncode, json.loads(text) if text else None,
                       (folder / "errors").read_text(errors="replace"),
                       dead.read_bytes().splitlines() if dead.exists() else [], time.monotonic() - start)

    def not_delivered(self, run):
        """What is wrong with a run that was to deliver everything, by its own account; None: nothing."""
        if run.code != 0 or not run.summary:
            return f"exit code {run.code}: {run.errors[-600:]}"
        books = run.summary["books"]
        wanted = run.summary["input"]["events"] * len(run.summary["webhooks"])
        if not books["balanced"] or books["delivered"] != wanted:
            return f"the books: {books}"
        return None

    def not_arrived(self, receiver, path, format, lines=None):
        """What is wrong with what a receiver took; None: every event arrived once, each byte as it was."""
        if receiver.refused[path]:
            return f"{len(receiver.refused[path])} requests refused, the first by {receiver.refused[path][0]}"
        wanted = self.events if lines is None else lines
        try:
            arrived = [event for headers, body in receiver.taken[path] for event in events_of(format, headers, body)]
        except Exception as error:
            return f"a request that can't be taken apart: {type(error).__name__}: {error}"
        if sorted(arrived) != sorted(wanted):
            missing = collections.Counter(wanted) - collections.Counter(arrived)
            return (f"{len(arrived)} events arrived for {len(wanted)}, {missing.total()} are missing or changed, e.g. "
                    f"{next(iter(missing), b'')[:200]!r}")
        ids = {headers["webhook-id"] for headers, _ in receiver.taken[path]}
        if len(ids) != len(receiver.taken[path]):
            return f"{len(receiver.taken[path])} requests with {len(ids)} different ids"
        return None

    def all_formats(self, receiver, check, signing, environment, detail, lines=None):
        """One run with a webhook of each format, which must be taken whole; one line of the table for each. `check`
        judges every request. Returns the accepted requests by format."""
        problems = self.send_all_formats(receiver, check, {"signing": signing}, environment, lines)
        for format in FORMATS:
            self.check(format, problems[format], f"{self.count if lines is None else len(lines):,} events in "
                       f"{len(receiver.taken[f'/{format}']):,} requests, {detail}")
        return {format: receiver.taken[f"/{format}"] for format in FORMATS}

    def send_all_formats(self, receiver, check, settings, environment=None, lines=None, url=None):
        """The run of `all_formats`, without the table: what is wrong, by format. `settings`: of every webhook; `url`:
        where they send to, when the receiver is behind a proxy."""
        for format in FORMATS:
            receiver.route(f"/{format}", check)
        run = self.run([{"name": format, "url": f"{url or receiver.url}/{format}", "format": format, **settings}
                        for format in FORMATS], environment, lines)
        account = self.not_delivered(run)
        return {format: self.not_arrived(receiver, f"/{format}", format, lines) or account for format in FORMATS}
