"""One event by scripts/bench: the whole process from start to exit, against curl.

Usage:  import bench_one; not a command of its own.

Needs:  nginx, curl, openssl, Python 3.9.
"""
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

import bench_sink
from bench_measure import configuration, event_file

RATIO = 1.2  # goal: times curl --capath
HASHED = "curl, hashed"


def run(bench):
    runs, http2 = bench.options.runs or 21, bench.options.http2
    file = event_file(1)
    with tempfile.TemporaryDirectory(prefix="hookline-bench-") as work, bench_sink.Sink(work, http2) as sink:
        config = configuration(work, sink)
        hashed = pathlib.Path(work) / "hashed"
        hashed.mkdir()
        shutil.copy(sink.ca, hashed)
        subprocess.run(["openssl", "rehash", hashed], check=True, capture_output=True)
        post = ["curl", "-sS", "--fail", *([] if http2 else ["--http1.1"]), "-H", "Content-Type: application/json",
                "--data-binary", f"@{file}", "-o", os.devnull]
        rivals = [("curl, CA only", [*post, "--capath", hashed, "--cacert", sink.ca, sink.url]),
                  (HASHED, [*post, "--capath", "/etc/ssl/certs", "--cacert", sink.ca, sink.url]),
                  ("hookline", [bench.binary, "--config", config])]
        figures = {name: [] for name, _ in rivals}
        for number in range(runs + 1):
            for name, command in rivals:
                with open(file, "rb") as source:
                    start = time.perf_counter()
                    done = subprocess.run(command, stdin=source, capture_output=True, cwd=work)
                    wall = time.perf_counter() - start
                if name == "hookline":
                    bench.check_summary({"code": done.returncode, "output": done.stdout,
                                         "errors": done.stderr.decode()}, "one", 1)
                elif done.returncode:
                    raise SystemExit(f"bench: curl failed: {done.stderr.decode()}")
                if number:
                    figures[name].append(wall)
        arrived = sink.arrived(3 * (runs + 1))
        if arrived["requests"] != 3 * (runs + 1) or arrived["failed"]:
            bench.problem(f"one: {3 * (runs + 1)} requests were to arrive: {arrived}")
    medians = {name: statistics.median(walls) for name, walls in figures.items()}
    print(f"\none event, whole process, median of {runs} (hashed: --capath /etc/ssl/certs --cacert ca.pem)")
    rows = {}
    for name, wall in medians.items():
        rows[name] = {"wall": wall, "min": min(figures[name]), "ratio": wall / medians[HASHED]}
        goal = bench.at_most("one event: times curl", rows[name]["ratio"], RATIO) if name == "hookline" else ""
        print(f"  {name:16} {wall * 1000:8.2f} ms   min {min(figures[name]) * 1000:6.2f}"
              f"   x curl {rows[name]['ratio']:5.2f} {goal}".rstrip())
    return {"runs": runs, "rows": rows}
