"""Fan-out by scripts/bench: the same input to 1, 10 and 100 webhooks.

Usage:  import bench_fanout; not a command of its own.

With more webhooks fewer events are read, the beginning of the same file, so that as many are delivered. Each webhook
has the settings of the one, so with more of them there are more connections and more bodies that are filled at once:
what they cost is a part of the price.

Needs:  nginx, openssl, GNU time, Python 3.9.
"""
import tempfile

import bench_sink
from bench_measure import BATCH, configuration, event_file, measure, middle

RATIO = 1.2  # goal: cost of a delivered event, times that with one webhook
WEBHOOKS = [1, 10, 100]


def run(bench):
    deliveries, runs = bench.options.events or 1_000_000, bench.options.runs or 5
    figures = {webhooks: [] for webhooks in WEBHOOKS}
    arrived = {}
    with tempfile.TemporaryDirectory(prefix="hookline-bench-") as work, \
            bench_sink.Sink(work, bench.options.http2) as sink:
        configurations = {webhooks: configuration(work, sink, f"bench-{webhooks}", webhooks=webhooks)
                          for webhooks in WEBHOOKS}
        for number in range(runs + 1):
            for webhooks, config in configurations.items():
                count = deliveries // webhooks
                label = f"fan-out to {webhooks}"
                file = event_file(count)
                done = measure([bench.binary, "--config", config], work, file)
                summary = bench.check_summary(done, label, count, count * webhooks)
                arrived[webhooks] = bench.check_sent(sink, summary, label)
                bench.check_arrived(arrived[webhooks], file.stat().st_size * webhooks, label)
                if number:
                    figures[webhooks].append(done)
    print(f"\nfan-out: {deliveries:,} deliveries in batches of {BATCH}, median of {runs}")
    print(f"  {'webhooks':>8} {'events':>9} {'wall s':>7} {'min':>6} {'max':>6} {'CPU s':>6} {'requests':>8}"
          f" {'conns':>5} {'rss MiB':>7}  wall and CPU of a delivery, x 1 webhook")
    rows = {}
    for webhooks, done in figures.items():
        row = middle(done)
        delivered = deliveries // webhooks * webhooks
        row.update(events=deliveries // webhooks, requests=arrived[webhooks]["requests"],
                   connections=arrived[webhooks]["connections"])
        first = rows.get(1, row)
        words = []
        for kind in ["wall", "cpu"]:
            row[f"{kind}_per_million"] = row[kind] * 1e6 / delivered
            row[f"{kind}_ratio"] = row[f"{kind}_per_million"] / first[f"{kind}_per_million"]
            goal = bench.at_most(f"fan-out to {webhooks}: {kind}", row[f"{kind}_ratio"], RATIO) if webhooks > 1 else ""
            words.append(f"{row[f'{kind}_ratio']:.2f} {goal}".rstrip())
        rows[webhooks] = row
        print("  {0:8} {events:9,} {wall:7.3f} {min:6.3f} {max:6.3f} {cpu:6.3f} {requests:8} {connections:5}"
              " {rss:7.1f}  {1}".format(webhooks, ", ".join(words), **row))
    return {"deliveries": deliveries, "runs": runs, "rows": rows}
