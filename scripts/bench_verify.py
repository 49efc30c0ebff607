"""The check of scripts/bench that every event arrives once, byte for byte.

Usage:  import bench_verify; not a command of its own.

Needs:  nginx, openssl, GNU time, sort and cmp, Python 3.9.
"""
import os
import pathlib
import subprocess
import tempfile

import bench_sink
from bench_measure import configuration, event_file, measure


def run(bench):
    """Sends events and compares all bytes that arrived with all that were sent, as sorted lines."""
    count = bench.options.events if bench.options.what == "verify" and bench.options.events else 100_000
    file = event_file(count)
    with tempfile.TemporaryDirectory(prefix="hookline-bench-") as work, \
            bench_sink.Sink(work, bench.options.http2) as sink:
        config = configuration(work, sink, path="keep")
        bench.check_summary(measure([bench.binary, "--config", config], work, file), "verify", count)
        came, sent, got = (pathlib.Path(work) / name for name in ("came", "sent.sorted", "came.sorted"))
        bodies = 0
        with open(came, "wb") as all_bodies:
            for path in sorted(entry for entry in sink.bodies.rglob("*") if entry.is_file()):
                body = path.read_bytes()
                all_bodies.write(body if body.endswith(b"\n") else body + b"\n")
                bodies += 1
        for source, target in [(file, sent), (came, got)]:
            subprocess.run(["sort", "-o", target, source], check=True, env={**os.environ, "LC_ALL": "C"})
        difference = subprocess.run(["cmp", sent, got], capture_output=True, text=True)
        same = difference.returncode == 0
        if not same:
            with open(came, "rb") as lines:
                arrived = sum(1 for _ in lines)
            where = (difference.stdout + difference.stderr).strip()
            bench.problem(f"verify: {arrived} lines arrived for {count} events: {where}")
    print(f"\nverify: {count:,} events in {bodies} requests: "
          + ("each arrived once, byte for byte" if same else "NOT what was sent"))
    return {"events": count, "requests": bodies, "same": same}
