"""What the parts of scripts/bench share: the program to measure, its input, one measured process, goals and problems.

Usage:  import bench_measure; not a command of its own.

  Bench                  one call of scripts/bench: its options, its goals and what went wrong
  event_file(count)      the cached file with that many events of scripts/events.py
  configuration(...)     the file webhooks.yaml of a measured run
  measure(command, ...)  one process: wall, CPU, peak RSS, output and exit code

Needs:  swift for `build`, GNU time for `measure`, Python 3.9.
"""
import datetime
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time

import events

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = ROOT / ".build-bench"
BATCH = 500  # events
CONNECTIONS = 4
NDJSON = "application/x-ndjson"
CONFIGURATION = """\
version: 1
topics: {{object.created: Fires when a new object is created}}
network: {{allow: [127.0.0.1/32, "::1/128"]}}
defaults:
  format: {format}
  batch: {{max_events: {batch}, max_bytes: 1MiB, max_wait: 1s}}
  concurrency: {concurrency}
  http_version: {version}
  tls: {{ca_file: {ca}}}
{signing}{more}webhooks:
"""
SIGNING = "  signing: {{secrets: [{{file: {file}}}]}}\n"
SECRET = "whsec_aG9va2xpbmUgYmVuY2ggc2VjcmV0IG9mIDMyIGJ5dGU=\n"


class Bench:
    """One call of scripts/bench. Figures never fail it unless --check is given; events that did not arrive do."""

    def __init__(self, options):
        self.options = options
        self.problems, self.goals = [], []
        self._binary = options.binary.resolve() if options.binary else None

    @property
    def binary(self):
        """The program to measure; the release build, made when it is first asked for, if none was named."""
        if self._binary is None:
            self._binary = build()
        return self._binary

    def problem(self, text):
        self.problems.append(text)
        print(f"bench: error: {text}", file=sys.stderr)

    def at_most(self, name, found, goal):
        """Notes a figure that has a goal. Returns the words to print beside it."""
        return self._goal(name, found, goal, "at_most", found <= goal, "above")

    def at_least(self, name, found, goal):
        return self._goal(name, found, goal, "at_least", found >= goal, "below")

    def _goal(self, name, found, goal, kind, ok, missed):
        self.goals.append({"name": name, "found": found, kind: goal, "ok": ok})
        return f"goal {goal:g} {'ok' if ok else missed}"

    def missed(self):
        return [goal for goal in self.goals if not goal["ok"]]

    def check_summary(self, run, label, read, delivered=None):
        """Exit code 0, balanced books, and every event delivered once. Returns the summary, {} if there is none."""
        if run["code"] != 0:
            self.problem(f"{label}: exit code {run['code']}\n{run['errors'][-2000:]}")
        try:
            summary = json.loads(run["output"])
            books = summary["books"]
            if not books["balanced"] or books["delivered"] != (delivered or read) or summary["input"]["events"] != read:
                self.problem(f"{label}: books of {read} events: {books}")
            return summary
        except (ValueError, KeyError) as error:
            self.problem(f"{label}: no summary on standard output: {error!r}: {run['output'][:200]!r}")
            return {}

    def check_arrived(self, arrived, size, label):
        """Whether all bytes came; the last LF of an NDJSON body is optional."""
        if arrived["failed"] or arrived["bytes"] not in (size, size - arrived["requests"]):
            self.problem(f"{label}: {size} bytes were to arrive: {arrived}")

    def check_sent(self, sink, summary, label):
        """What arrived at the sink, after comparing it with what the summary says was sent."""
        webhooks = summary.get("webhooks", [])
        requests, size = (sum(webhook[key] for webhook in webhooks) for key in ("requests", "bytes_sent"))
        arrived = sink.arrived(requests)
        if arrived["failed"] or (arrived["requests"], arrived["bytes"]) != (requests, size):
            self.problem(f"{label}: {requests} requests with {size} bytes were sent: {arrived}")
        return arrived


def build(product="hookline"):
    print("building the release ...", flush=True)
    built = subprocess.run(["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", product], cwd=ROOT,
                           text=True, stdin=subprocess.DEVNULL, capture_output=True)
    if built.returncode:
        raise SystemExit(built.stdout + built.stderr + "bench: the release build failed")
    return release_folder() / product


def release_folder():
    return pathlib.Path(subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=ROOT, text=True,
                                       stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout.strip())


def circumstances():
    """When, on what and of which state of the source was measured."""
    cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
               platform.machine())
    # An unpacked archive has no commit.
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return {"at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "commit": commit.stdout.strip() or None,
            "machine": {"cpu": cpu, "architecture": platform.machine(), "cores": os.cpu_count(),
                        "kernel": platform.release(), "load": os.getloadavg()[0]}}


def event_file(count, mixed=False):
    """The path of the cached file with `count` events; a smaller one is the beginning of a larger one."""
    path = CACHE / f"events-{count}{'-mixed' if mixed else ''}.ndjson"
    if not path.exists():
        CACHE.mkdir(exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}")
        with open(part, "wb") as file:
            for block in events.events(count, mixed=mixed):
                file.write(block)
        part.rename(path)
    return path


def configuration(work, sink, name="bench", format="ndjson", signed=False, batch=BATCH, webhooks=1, path="",
                  more=""):
    """Writes NAME.yaml: `webhooks` webhooks that all take every event. `more`: further lines of `defaults`."""
    secret = pathlib.Path(work) / "secret"
    if signed and not secret.exists():
        secret.touch(mode=0o600)  # a secret that every user can read gets a warning
        secret.write_text(SECRET)
    text = CONFIGURATION.format(format=format, batch=batch, concurrency=CONNECTIONS, ca=sink.ca, more=more,
                                version="auto" if sink.http2 else '"1.1"',
                                signing=SIGNING.format(file=secret) if signed else "")
    for number in range(webhooks):
        text += f"  - {{name: bench-{number}, url: {sink.url}{path}, topics: [object.created]}}\n"
    file = pathlib.Path(work) / f"{name}.yaml"
    file.write_text(text)
    return file


def measure(command, work, stdin=None, feeder=None):
    """Runs one command. Returns seconds of wall and CPU, peak RSS in MiB, its output and exit code.

    `stdin` is a file, `feeder` a command whose output is piped into it instead. GNU time stands between, because a
    child's peak RSS begins with that of the process that started it."""
    figures, output, errors = (pathlib.Path(work) / name for name in ("time", "stdout", "stderr"))
    with open(stdin or os.devnull, "rb") as source, open(output, "wb") as out, open(errors, "wb") as err:
        feed = subprocess.Popen(list(map(str, feeder)), stdin=source, stdout=subprocess.PIPE) if feeder else None
        start = time.perf_counter()
        child = subprocess.Popen(["/usr/bin/time", "-q", "-f", "%M", "-o", str(figures), *map(str, command)],
                                 stdin=feed.stdout if feed else source, stdout=out, stderr=err, cwd=work)
        if feed:
            feed.stdout.close()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if feed:
            feed.wait()
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "rss": int(figures.read_text()) / 1024,
            "output": output.read_bytes(), "errors": errors.read_text(errors="replace"), "code": child.returncode}


def middle(runs):
    """Medians of wall and CPU seconds, the extremes of wall, and the largest peak RSS."""
    walls = [run["wall"] for run in runs]
    row = {"wall": statistics.median(walls), "min": min(walls), "max": max(walls),
           "cpu": statistics.median(run["cpu"] for run in runs), "rss": max(run["rss"] for run in runs)}
    if "sink" in runs[0]:
        row["sink"] = statistics.median(run["sink"] for run in runs)
    return row


def compiler(purpose):
    """The path of a C compiler."""
    found = shutil.which("cc") or shutil.which("clang")
    if not found:
        raise SystemExit(f"bench: {purpose} needs a C compiler: cc, or the clang that comes with Swift")
    return found
