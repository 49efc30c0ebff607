"""Checks of scripts/interop about docs/examples: what runs hookline by the clock, and what stands before its pipe.

Usage:  import interop_schedules; not a command of its own. GROUPS holds the functions by name.

Needs:  systemd-analyze, flock, jq, kcat; the packages of scripts/interop_packages.txt. See scripts/interop_checks.py.
"""
import configparser
import contextlib
import datetime
import gzip
import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import time

import kubernetes_validate
import ruamel.yaml

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "docs/examples"
ORDER = {"topic": "order.created", "id": "evt_1", "order": {"id": "ord_1", "total": 250}}


@contextlib.contextmanager
def place(suite):
    """A folder with hookline on the PATH, a receiver, and a webhooks.yaml that leads to it. Gives `run`, which runs a
    line of shell there, and `arrived`, which says what came since the last time."""
    with tempfile.TemporaryDirectory(dir=suite.work) as name:
        folder = pathlib.Path(name)
        (folder / "bin").mkdir()
        (folder / "bin/hookline").symlink_to(suite.hookline)
        record = folder / "record.ndjson"
        receiver = subprocess.Popen(
            [suite.hookline, "listen", "--port", "0", "--quiet", "--record", record, "--reject-containing", "bad"],
            cwd=folder, stdout=subprocess.PIPE, text=True)
        try:
            port = receiver.stdout.readline().strip().rsplit(":", 1)[1]
            (folder / "webhooks.yaml").write_text(
                "version: 1\ntopics: {order.created: Orders, log.line: Lines of a log}\n"
                "network: {allow: [127.0.0.1/32, \"::1/128\"]}\nspool: {directory: spool}\n"
                "defaults: {tls: {ca_file: .hookline-listen/ca.pem}, signing: {secrets: [{env: SECRET}]}}\n"
                f"webhooks:\n  - {{name: all, url: \"https://localhost:{port}/all\", topics: [\"*\"]}}\n")
            environment = {"PATH": f"{folder / 'bin'}:/usr/local/bin:/usr/bin:/bin", "HOME": name, "LC_ALL": "C.UTF-8",
                           "SECRET": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}

            def run(line, **more):
                return subprocess.run(["/bin/bash", "-o", "pipefail", "-c", line], cwd=folder, capture_output=True,
                                      text=True, timeout=60, env={**environment, **more})

            def arrived():
                lines = record.read_text().splitlines() if record.exists() else []
                record.unlink(missing_ok=True)
                return [event for line in lines for event in json.loads(json.loads(line)["body"])]

            yield folder, run, arrived
        finally:
            receiver.terminate()
            receiver.wait()


def mock_broker(folder):
    """The mock of a broker that is in kcat's library, and its address. It lives as long as the process that is given."""
    log = folder / "broker.log"
    with open(log, "wb") as errors:
        broker = subprocess.Popen(["kcat", "-P", "-b", "mock", "-X", "test.mock.num.brokers=1", "-d", "mock",
                                   "-t", "orders", "-p", "0"], stdin=subprocess.PIPE, stderr=errors)
    for _ in range(200):
        found = re.search(r"bootstrap\.servers=(127\.0\.0\.1:[0-9]+)", log.read_text())
        if found:
            return broker, found[1]
        time.sleep(0.05)
    broker.kill()
    broker.wait()
    raise RuntimeError(f"no broker came: {log.read_text()[-300:]}")


def schedules(suite):
    """What cron, systemd and Kubernetes are given: their own checks take it, and its command lines deliver."""
    yesterday = (datetime.date.today() - datetime.timedelta(days=1)).isoformat()
    units = [EXAMPLES / "hookline.service", EXAMPLES / "hookline.timer"]
    ran = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
    suite.check("systemd-analyze verify takes the units", ran.stderr or (f"exit code {ran.returncode}" if ran.returncode else None))
    ran = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=15", units[0]],
                         capture_output=True, text=True)
    level = re.search(r"Overall exposure level.*: ([0-9.]+)", ran.stdout)
    suite.check("systemd-analyze security finds the service shut off", None if ran.returncode == 0 and level
                else ran.stdout[-400:] + ran.stderr, f"exposure {level[1]} of 10" if level else "")

    yaml = ruamel.yaml.YAML(typ="safe")
    documents = list(yaml.load_all(EXAMPLES / "kubernetes.yaml"))
    for document in documents:
        problem = None
        try:
            kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
        except kubernetes_validate.ValidationError as error:
            problem = str(error)
        suite.check(f"the schema of Kubernetes takes the {document['kind']}", problem)
    by_kind = {document["kind"]: document for document in documents}
    pod = by_kind["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    with place(suite) as (folder, run, arrived):
        (folder / "kubernetes").mkdir()
        (folder / "kubernetes/webhooks.yaml").write_text(by_kind["ConfigMap"]["data"]["webhooks.yaml"])
        ran = run("hookline validate kubernetes")
        suite.check("the configuration in the ConfigMap is sound", ran.stderr or None)
        (folder / "secret").mkdir()

        # The lines as each of the three would run them, but for the places.
        service = configparser.RawConfigParser(strict=False)
        service.optionxform = str
        service.read(units[0])
        systemd = shlex.split(service["Service"]["ExecStart"].replace("$$", "$").replace("%%", "%"))
        cron = [line.split("  ")[2].replace("\\%", "%")
                for line in (EXAMPLES / "crontab").read_text().splitlines() if "  orders  " in line]
        kubernetes = pod["containers"][0]["command"][2].replace("--config /etc/hookline", "").replace("/events/", "")
        lines = [("cron, every night", cron[0].replace("cd /srv/orders && ", "")),
                 ("systemd", systemd[2]), ("Kubernetes", kubernetes)]
        for what, line in lines:
            (folder / f"{yesterday}.ndjson").write_text(json.dumps(ORDER) + "\n")
            ran = run(line)
            came = arrived()
            problem = None if ran.returncode == 0 and came == [ORDER] else f"{ran.returncode}: {came}: {ran.stderr}"
            quiet = "cron" not in what or not ran.stdout + ran.stderr
            suite.check(f"{what}: the day's file is delivered", problem or (None if quiet else f"mail: {ran.stdout}{ran.stderr}"))
            (folder / f"{yesterday}.ndjson").write_text(json.dumps({**ORDER, "id": "bad"}) + "\n")
            ran = run(line)
            suite.check(f"{what}: a failure is told, and is no success",
                        None if ran.returncode == 1 and ran.stderr else f"{ran.returncode}: {ran.stderr}")
            arrived()
        quarter = cron[1].replace("cd /srv/orders && ", "")
        ran = run(quarter)
        suite.check("cron, every quarter: nothing to do makes no mail",
                    None if ran.returncode == 0 and not ran.stdout + ran.stderr else f"{ran.returncode}: {ran.stderr}")
        ran = run(f"exec 9> .hookline.lock; flock 9; {quarter}")
        suite.check("cron, every quarter: a run under way is left alone, without mail",
                    None if ran.returncode == 1 and not ran.stdout + ran.stderr else f"{ran.returncode}: {ran.stderr}")


def pipelines(suite):
    """Each line of docs/examples/pipelines.md delivers what its source has. PostgreSQL and the journal are played by
    scripts that print what those print; jq, zcat and tail are themselves, and so is kcat, with its own mock of a broker."""
    text = (EXAMPLES / "pipelines.md").read_text()
    lines = re.findall(r"```sh\n(.*?)\n```", text, re.DOTALL)
    with place(suite) as (folder, run, arrived):
        def stand_in(name, printed):
            (folder / "printed").write_text(printed)
            (folder / "bin" / name).write_text(f"#!/bin/sh\nexec cat '{folder}/printed'\n")
            (folder / "bin" / name).chmod(0o755)

        entry = {"__CURSOR": "s=1;i=2", "PRIORITY": "6", "MESSAGE": "a \"line\"\nof two", "_PID": "7"}
        sources = {
            "jq": (lambda: (folder / "orders.json").write_text(json.dumps(
                {"orders": [{"id": "1", "placed_at": "2026-11-24T09:00:00Z"}, {"id": "2", "placed_at": None}]}, indent=1)),
                [{"topic": "order.created", "id": i, "timestamp": at, "order": {"id": i, "placed_at": at}}
                 for i, at in (("1", "2026-11-24T09:00:00Z"), ("2", None))]),
            "psql": (lambda: stand_in("psql", json.dumps(ORDER) + "\n"), [ORDER]),
            "journalctl": (lambda: stand_in("journalctl", json.dumps(entry) + "\n"),
                           [{"topic": "log.line", "id": "s=1;i=2", "level": "6", "text": "a \"line\"\nof two"}]),
            "zcat": (lambda: (folder / "events-1.ndjson.gz").write_bytes(gzip.compress(json.dumps(ORDER).encode())), [ORDER]),
            "tail": (lambda: (folder / "events.ndjson").write_text(json.dumps(ORDER) + "\n"), [ORDER]),
            "kcat": (lambda: None, [ORDER, {**ORDER, "id": "evt_2"}]),
        }
        for line in lines:
            tool = line.split()[0]
            prepare, wanted = sources.pop(tool, (None, None))
            if not prepare:
                suite.check(f"the line with {tool}", "nothing is known of it")
                continue
            prepare()
            broker = None
            if tool == "tail":
                line = line.replace("--deadline 1h", "--deadline 1s")
            if tool == "kcat":
                broker, address = mock_broker(folder)
                line = line.replace("localhost:9092", address)
                events = "".join(json.dumps(event) + "\n" for event in wanted)
                subprocess.run(["kcat", "-P", "-b", address, "-t", "orders", "-p", "0"], input=events, text=True,
                               check=True, timeout=60)
            try:
                ran = run(f"timeout 30 bash -o pipefail -c {shlex.quote(line)}")
            finally:
                if broker:
                    broker.kill()
                    broker.wait()
            came = arrived()
            # `tail` never ends by itself: the pipe breaks, and it is told so at its next line.
            ended = ran.returncode == 0 or tool == "tail" and ran.returncode in (75, 124)
            suite.check(f"the line with {tool} delivers", None if ended and came == wanted else
                        f"exit code {ran.returncode}: {came}, wanted {wanted}: {ran.stderr}", f"{len(wanted)} events")
        suite.check("each known source has its line", f"none: {list(sources)}" if sources else None)


GROUPS = {"schedules": schedules, "pipelines": pipelines}
