"""Memory by scripts/bench: peak RSS with inputs of ever more lines, which nobody has to store.

Usage:  import bench_memory; not a command of its own.
        python3 bench_memory.py LINES       writes so many lines of the same length to standard output

A block of lines is made once and written again and again, so that the pipe is faster than its reader. The lines are
short, 110 bytes, so that 100 million of them are 11 GB. The webhook has a rate limit below what this machine could do,
so that memory fills up whatever the length: without it, a longer input is only more likely to meet a moment in which
the receiver lags behind, and that is not what is asked. 100 million lines take 200 s.

Needs:  nginx, openssl, GNU time, Python 3.9.
"""
import os
import sys
import tempfile

import bench_sink
from bench_measure import configuration, measure

GROWTH, RSS = 1.05, 64  # goals: times the peak RSS with the fewest lines, MiB
LINES = [1_000_000, 10_000_000]
EVENT = b'{"id":"evt_%010d","topic":"object.created","timestamp":"2026-01-01T00:00:00Z","object":{"type":"Order"}}\n'
BLOCK = 10_000
RATE = "  rate_limit: 1000/s\n"  # of requests with 500 lines each


def run(bench):
    lengths = sorted(set(bench.options.lines or LINES))
    runs = bench.options.runs or 1
    rows = {}
    print(f"\nmemory: lines of {len(EVENT % 0)} bytes through a pipe, the largest peak RSS of {runs}")
    print(f"  {'lines':>12} {'MB':>7} {'wall s':>7} {'lines/s':>10} {'CPU s a million':>15}"
          "  peak RSS MiB, x the fewest")
    with tempfile.TemporaryDirectory(prefix="hookline-bench-") as work, \
            bench_sink.Sink(work, bench.options.http2) as sink:
        config = configuration(work, sink, more=RATE)
        for count in lengths:
            size = len(EVENT % 0) * count
            done = []
            for _ in range(runs):
                feeder = [sys.executable, __file__, count]
                done.append(measure([bench.binary, "--config", config], work, feeder=feeder))
                label = f"memory, {count} lines"
                arrived = bench.check_sent(sink, bench.check_summary(done[-1], label, count), label)
                bench.check_arrived(arrived, size, label)
            rows[count] = row(bench, count, size, done, rows.get(lengths[0]))
    return {"bytes_a_line": len(EVENT % 0), "runs": runs, "rows": rows}


def row(bench, count, size, done, fewest):
    wall, cpu, rss = (min(run[key] for run in done) if key != "rss" else max(run[key] for run in done)
                      for key in ("wall", "cpu", "rss"))
    row = {"wall": wall, "cpu": cpu, "rss": rss, "growth": rss / (fewest["rss"] if fewest else rss)}
    goals = bench.at_most(f"memory of {count:,} lines: RSS MiB", rss, RSS)
    growth = f"{row['growth']:.3f}"
    if fewest:
        growth += " " + bench.at_most(f"memory of {count:,} lines: growth", row["growth"], GROWTH)
    print(f"  {count:12,} {size / 1e6:7,.0f} {wall:7.2f} {count / wall:10,.0f} {cpu * 1e6 / count:15.2f}"
          f"  {rss:5.1f} {goals}, {growth}", flush=True)
    return row


def write(count):
    block = b"".join(EVENT % number for number in range(min(count, BLOCK)))
    length = len(EVENT % 0)
    while count > 0:
        part = memoryview(block)[:count * length]
        count -= len(part) // length
        while part:
            part = part[os.write(1, part):]


if __name__ == "__main__":
    write(int(sys.argv[1]))
