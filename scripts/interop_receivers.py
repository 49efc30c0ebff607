"""Checks of scripts/interop about docs/receivers.md: its Python receivers take what hookline sends.

Usage:  import interop_receivers; not a command of its own. GROUPS holds the functions by name.

Needs:  see scripts/interop_checks.py.
"""
import json
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile

import interop_signing

PAGE = pathlib.Path(__file__).resolve().parent.parent / "docs/receivers.md"


def programs():
    """The page's Python files by name."""
    return dict(re.findall(r"^```python (\S+)\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL))


def with_svix(files):
    """`receiver.py` with the lines of svix in place of those that import and verify."""
    taken = [line for line in files["svix_lines.py"].splitlines() if line]
    text = files["receiver.py"]
    for line, start in zip(taken, ["from standardwebhooks import", "webhook.verify("], strict=True):
        text, count = re.subn(rf"^( *){re.escape(start)}.*$", lambda found: found[1] + line, text, flags=re.MULTILINE)
        if count != 1:
            raise ValueError(f"{count} lines of receiver.py begin with {start}")
    return text


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def receivers(suite):
    files = programs()
    for name, program in [("standardwebhooks", files["receiver.py"]), ("svix", with_svix(files))]:
        with tempfile.TemporaryDirectory(dir=suite.work) as folder:
            one(suite, name, program, files["work.py"], pathlib.Path(folder))


def one(suite, name, program, work, folder):
    """Sends to one receiver: all events, the same run again, and a run with another secret."""
    [key], [other] = interop_signing.secret(suite), interop_signing.secret(suite)
    (folder / "receiver.py").write_text(program)
    (folder / "work.py").write_text(work)
    for file in ("server.pem", "server.key"):
        shutil.copy(suite.certificates / file, folder)
    port = free_port()
    server = subprocess.Popen([sys.executable, "receiver.py"], cwd=folder, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True,
                              env={**os.environ, "WEBHOOK_SECRET": key, "PORT": str(port)})
    try:
        if server.stdout.readline() != "ready\n":
            suite.check(f"the receiver with {name} starts", "it does not say that it is ready")
            return

        def send(secret):
            return suite.run([{"name": format, "url": f"https://localhost:{port}/{format}", "format": format,
                               "signing": {"secrets": [{"env": "KEY"}]}} for format in ("json", "ndjson")],
                             {"KEY": secret, "HOOKLINE_RUN_ID": "receivers"})

        first, refused = send(key), send(other)
        stored = batches(folder)
        again = send(key)
        problem = suite.not_delivered(first) or suite.not_delivered(again)
        sent = sum(webhook["requests"] for webhook in first.summary["webhooks"])
        if problem is None and (batches(folder) != stored or len(stored) != sent):
            problem = f"{sent} batches were sent twice, and {len(stored)}, then {len(batches(folder))} are stored"
        suite.check(f"the receiver with {name} stores each batch once", problem,
                    f"{sent} batches, sent twice under the same ids")
        statuses = {status for webhook in refused.summary["webhooks"] for status in webhook["status"]}
        suite.check(f"the receiver with {name} answers 401 to another secret",
                    None if statuses == {"401"} and refused.code == 1 else f"{statuses}, exit code {refused.code}")
        done = subprocess.run([sys.executable, "work.py"], cwd=folder, capture_output=True, text=True)
        wanted = sorted(2 * [f"{event['topic']} {event['id']}" for event in map(json.loads, suite.events)])
        left = subprocess.run([sys.executable, "work.py"], cwd=folder, capture_output=True, text=True).stdout
        suite.check(f"work.py takes what {name} let in", None if sorted(done.stdout.splitlines()) == wanted and not left
                    else f"{len(done.stdout.splitlines())} events of {len(wanted)}: {done.stderr[-600:]}",
                    f"{len(wanted):,} events, once")
    finally:
        server.kill()
        server.wait()


def batches(folder):
    """The ids in the receiver's inbox."""
    with sqlite3.connect(folder / "inbox.db") as inbox:
        return sorted(inbox.execute("SELECT id FROM inbox"))


GROUPS = {"receivers": receivers}
