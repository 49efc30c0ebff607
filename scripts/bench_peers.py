"""Others of its kind by scripts/bench: the same events to the same sink, in batches of 500 over 4 connections.

Usage:  import bench_peers; not a command of its own.

Each that is installed takes part; a line names the others. What arrives is counted by the sink: all bytes of the input,
by each. curl -Z gets its batches cut beforehand, and that is not timed. Only hookline looks into the events, and
"syslog-ng, by topic", which parses each and sends on those of one topic (which are all).

Needs:  nginx, openssl, GNU time, Python 3.9; what scripts/bench --help names for the peers.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import bench_sink
from bench_measure import BATCH, CACHE, CONNECTIONS, NDJSON, ROOT, configuration, event_file, measure, middle

HOOKLINE, SYSLOG_NG, AIOHTTP = "hookline", "syslog-ng http()", "Python, aiohttp"
GOALS = {SYSLOG_NG: 8, AIOHTTP: 3}  # how many times as long it takes
PATIENCE = 120  # seconds for syslog-ng
SYSLOG_NG_CONFIGURATION = """\
@version: 3.35
options {{ stats-freq(0); }};
source events {{ file("{file}" flags(no-parse) follow-freq(0.1) log-fetch-limit(1000) log-iw-size(10000)); }};
destination sink {{
    http(url("{url}") method("POST") workers({connections}) batch-lines({batch}) batch-bytes(1048576)
        batch-timeout(100) body("${{MESSAGE}}") delimiter("\\n") headers("Content-Type: {type}")
        persist-name("sink") tls(ca-file("{ca}") use-system-cert-store(no)));
}};
log {{ source(events); {way}destination(sink); flags(flow-control); }};
"""
BY_TOPIC = """parser { json-parser(prefix(".event.")); };
      filter { match("object.created" value(".event.topic") type(string)); }; """


def run(bench):
    count = bench.options.events if bench.options.what == "peers" and bench.options.events else 200_000
    runs = bench.options.runs or 3
    file = event_file(count)
    size = file.stat().st_size
    with tempfile.TemporaryDirectory(prefix="hookline-bench-") as folder, bench_sink.Sink(folder) as sink:
        work = pathlib.Path(folder)
        peers, missing = peers_of(bench, work, sink, file)
        figures, arrived = {name: [] for name in peers}, {}
        for number in range(runs + 1):
            for name, once in peers.items():
                done = once()
                if done["code"] != 0:
                    raise SystemExit(f"bench: {name} ended with {done['code']}: {done['errors'][-2000:]}")
                summary = bench.check_summary(done, "peers", count) if name == HOOKLINE else None
                arrived[name] = sink.arrived(summary["webhooks"][0]["requests"] if summary else -(-count // BATCH))
                bench.check_arrived(arrived[name], size, f"peers, {name}")
                if number:
                    figures[name].append(done)
    print(f"\npeers: {count:,} events, {size / 1e6:.0f} MB, batches of {BATCH}, {CONNECTIONS} connections, "
          f"median of {runs}")
    print(f"  {'':20} {'wall s':>7} {'min':>6} {'max':>6} {'CPU s':>6} {'rss MiB':>7} {'requests':>8} {'conns':>5}"
          f" {'events/s':>9}  x hookline")
    rows = {name: row(bench, name, done, figures, arrived[name], count) for name, done in figures.items()}
    for name in missing:
        print(f"  {name:20} is not here; scripts/bench --help says how to install it")
    return {"events": count, "runs": runs, "rows": rows, "missing": missing}


def row(bench, name, done, figures, arrived, count):
    row = middle(done)
    row.update(requests=arrived["requests"], connections=arrived["connections"], events_per_second=count / row["wall"],
               ratio=row["wall"] / middle(figures[HOOKLINE])["wall"])
    goal = bench.at_least(f"peers: {name}: times hookline", row["ratio"], GOALS[name]) if name in GOALS else ""
    print("  {0:20} {wall:7.3f} {min:6.3f} {max:6.3f} {cpu:6.2f} {rss:7.1f} {requests:8} {connections:5}"
          " {events_per_second:9,.0f}  {ratio:5.2f} {1}".format(name, goal, **row).rstrip())
    return row


def peers_of(bench, work, sink, file):
    """By name, a function that runs the peer once; and the names of those that are not installed."""
    config = configuration(work, sink)
    python = python_with_aiohttp()
    script = ROOT / "scripts" / "bench_peer_aiohttp.py"
    found = {
        HOOKLINE: lambda: measure([bench.binary, "--config", config], work, file),
        AIOHTTP: python and (lambda: measure([python, script, sink.url, sink.ca], work, file)),
        "curl -Z": curl_parallel(work, sink, file),
        "parallel, curl": shutil.which("parallel") and (lambda: measure(parallel(sink, file), work)),
        SYSLOG_NG: has_syslog_ng() and (lambda: syslog_ng(work, sink, file)),
        "syslog-ng, by topic": has_syslog_ng() and (lambda: syslog_ng(work, sink, file, BY_TOPIC)),
    }
    return ({name: once for name, once in found.items() if once}, [name for name, once in found.items() if not once])


def python_with_aiohttp():
    for python in [CACHE / "venv/bin/python", ROOT / ".build-interop/venv/bin/python", sys.executable]:
        if pathlib.Path(python).exists() and \
                subprocess.run([python, "-c", "import aiohttp"], capture_output=True).returncode == 0:
            return python
    return None


def curl_parallel(work, sink, file):
    """One curl process with one transfer for each batch, which lies in a file of its own."""
    batches = work / "batches"
    batches.mkdir()
    subprocess.run(["split", "--lines", str(BATCH), "--suffix-length", "6", file, f"{batches}/"], check=True)
    config = work / "curl.conf"
    config.write_text("next\n".join(
        f'url = "{sink.url}"\ndata-binary = "@{path}"\nheader = "Content-Type: {NDJSON}"\noutput = "{os.devnull}"\n'
        f'cacert = "{sink.ca}"\nhttp1.1\nfail\nsilent\nshow-error\n' for path in sorted(batches.iterdir())))
    return lambda: measure(["curl", "-Z", "--parallel-max", CONNECTIONS, "--config", config], work)


def parallel(sink, file):
    """GNU parallel gives each curl process its batch as standard input."""
    # Cut by bytes, at the end of a line, out of the file: with --pipe and -N 500 it takes two to three times as long.
    with open(file, "rb") as lines:
        block = BATCH * file.stat().st_size // sum(1 for _ in lines)
    return ["parallel", "--will-cite", "--pipepart", "--block", block, "--arg-file", file, "--jobs",
            CONNECTIONS, f"curl -sS --fail --http1.1 --cacert {sink.ca} -H 'Content-Type: {NDJSON}' --data-binary @- "
            f"-o {os.devnull} {sink.url}"]


def has_syslog_ng():
    if not shutil.which("syslog-ng"):
        return False
    modules = subprocess.run(["syslog-ng", "--version"], capture_output=True, text=True).stdout
    return any(module.strip() == "http" for line in modules.splitlines() if line.startswith("Available-Modules:")
               for module in line.split(":", 1)[1].split(","))


def syslog_ng(work, sink, file, way=""):
    """Runs until all bytes have arrived: it follows the file and does not end by itself."""
    folder = work / "syslog-ng"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "conf").write_text(SYSLOG_NG_CONFIGURATION.format(
        file=file, url=sink.url, ca=sink.ca, type=NDJSON, way=way, batch=BATCH, connections=CONNECTIONS))
    with open(folder / "errors", "wb") as errors:
        start = time.perf_counter()
        child = subprocess.Popen(
            ["syslog-ng", "--foreground", "--no-caps", "--stderr", "--cfgfile", "conf", "--persist-file", "persist",
             "--pidfile", "pid", "--control", "control"], cwd=folder, stdin=subprocess.DEVNULL, stderr=errors)
        with open(sink.work / "access.log", "rb") as log:
            arrived = requests = 0
            while arrived + requests < file.stat().st_size:
                for line in log:
                    arrived, requests = arrived + int(line.split()[1]), requests + 1
                if child.poll() is not None or time.perf_counter() - start > PATIENCE:
                    break
                time.sleep(0.005)
        wall = time.perf_counter() - start
        status = pathlib.Path(f"/proc/{child.pid}/status").read_text() if child.returncode is None else ""
        child.terminate()
        _, code, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(code)
    rss = next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0)
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "rss": rss, "code": child.returncode,
            "errors": (folder / "errors").read_text(errors="replace")}
