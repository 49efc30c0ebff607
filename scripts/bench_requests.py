"""Requests a second by scripts/bench: one event each, against a minimal loop in C over the same libcurl.

Usage:  import bench_requests; not a command of its own.

bench_requests.c sends the same bodies over as many connections, and does nothing else. It is built anew for each call.

Needs:  cc, or the clang that comes with Swift; the headers of libcurl; nginx, openssl, GNU time, Python 3.9.
"""
import pathlib
import subprocess
import tempfile

import bench_sink
from bench_measure import CONNECTIONS, compiler, configuration, event_file, measure, middle

SPEED, CPU = 0.9, 1.2  # goals: times the requests a second of the loop in C, and its CPU
LOOP = "libcurl in C"


def run(bench):
    count, runs = bench.options.events if bench.options.what == "requests" else None, bench.options.runs or 5
    count = count or 20_000
    file = event_file(count)
    with tempfile.TemporaryDirectory(prefix="hookline-bench-") as work, bench_sink.Sink(work) as sink:
        config = configuration(work, sink, batch=1)
        rivals = {LOOP: ([build(work), sink.url, sink.ca, file, CONNECTIONS], None),
                  "hookline": ([bench.binary, "--config", config], file)}
        figures, arrived = {name: [] for name in rivals}, {}
        for number in range(runs + 1):
            for name, (command, stdin) in rivals.items():
                before = sink.cpu()
                done = measure(command, work, stdin)
                done["sink"] = sink.cpu() - before
                if name == "hookline":
                    bench.check_summary(done, "requests", count)
                elif done["code"] or int(done["output"]) != count:
                    raise SystemExit(f"bench: the loop in C failed: {done['output']} {done['errors']}{sink.errors()}")
                arrived[name] = sink.arrived(count)
                bench.check_arrived(arrived[name], file.stat().st_size, f"requests, {name}")
                if arrived[name]["requests"] != count:
                    bench.problem(f"requests, {name}: {count} were to arrive: {arrived[name]}")
                if number:
                    figures[name].append(done)
    print(f"\nrequests: {count:,} of one event each, {CONNECTIONS} connections, median of {runs}")
    print(f"  {'':12} {'wall s':>7} {'min':>6} {'max':>6} {'sink s':>6} {'conns':>5} {'rss MiB':>7}"
          "  requests/s and CPU s, x libcurl in C")
    rows = {}
    for name, done in figures.items():
        row = middle(done)
        base = rows.get(LOOP, row)
        row.update(requests_per_second=count / row["wall"], speed_ratio=base["wall"] / row["wall"],
                   cpu_ratio=row["cpu"] / base["cpu"], connections=arrived[name]["connections"])
        rows[name] = row
        speed, cpu = f"{row['requests_per_second']:8,.0f}", f"{row['cpu']:6.3f}"
        if name != LOOP:
            speed += f" = {row['speed_ratio']:.2f} " + bench.at_least("requests/s", row["speed_ratio"], SPEED)
            cpu += f" = {row['cpu_ratio']:.2f} " + bench.at_most("requests: CPU", row["cpu_ratio"], CPU)
        print("  {0:12} {wall:7.3f} {min:6.3f} {max:6.3f} {sink:6.2f} {connections:5} {rss:7.1f}  {1}, {2}".format(
            name, speed, cpu, **row))
    return {"requests": count, "connections": CONNECTIONS, "runs": runs, "rows": rows}


def build(work):
    """The compiled loop. Where pkg-config is not here, libcurl is looked for where the compiler looks."""
    program = pathlib.Path(work) / "bench_requests"
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libcurl"], capture_output=True, text=True)
    libraries = flags.stdout.split() if flags.returncode == 0 else ["-lcurl"]
    source = pathlib.Path(__file__).with_suffix(".c")
    subprocess.run([compiler("requests"), "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source, *libraries],
                   check=True)
    return program
