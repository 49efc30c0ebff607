"""Routing by scripts/bench: one process without a network, with 10 to 50,000 webhooks that have filters.

Usage:  import bench_routing; not a command of its own. Tests/RoutingBench is what it builds and runs.

Needs:  swift, Python 3.9.
"""
import json
import subprocess

from bench_measure import build

WEBHOOKS = [10, 100, 1_000, 10_000, 50_000]


def run(bench):
    count = bench.options.events or 1_000_000
    program = build("RoutingBench")
    print(f"\nrouting: {count:,} events, each for two webhooks")
    print(f"  {'webhooks':>8} {'read s':>8} {'compile s':>9} {'matcher MiB':>11} {'scan ns':>8} {'scan+route ns':>13}"
          f" {'events/s':>10} {'x 10':>6}")
    rows = []
    for webhooks in WEBHOOKS:
        done = subprocess.run([program, str(webhooks), str(count)], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        if done.returncode:
            bench.problem(f"routing with {webhooks} webhooks: {done.stderr[-2000:]}")
            continue
        row = json.loads(done.stdout)
        row["ratio"] = row["route_ns"] / (rows[0]["route_ns"] if rows else row["route_ns"])
        rows.append(row)
        print("  {webhooks:8,} {reading:8.3f} {compiling:9.3f} {0:11.1f} {scan_ns:8.0f} {route_ns:13.0f} {1:10,.0f}"
              " {ratio:6.2f}".format(row["matcher_bytes"] / 2**20, 1e9 / row["route_ns"], **row))
    return rows
