"""The throughput of scripts/bench: events a second through TLS, against `curl -T` of the same file.

Usage:  import bench_throughput; not a command of its own.

`run` measures ndjson unsigned (from a file and from a pipe) and signed, over HTTP/1.1 or with --http2 over HTTP/2;
with --matrix each of json, ndjson and cloudevents, unsigned and signed, over both. curl sends the bytes of the input;
what hookline sends in the format cloudevents is more, since each event is wrapped: the column MB says how much.

Needs:  nginx, curl, openssl, GNU time, Python 3.9.
"""
import os
import tempfile

import bench_sink
from bench_measure import configuration, event_file, measure, middle

RATIO, SIGNED_RATIO = 1.6, 2.0  # goals: times curl -T
CPU, RSS = 1.1, 64  # goals: seconds a million events, MiB
CURL = "curl -T"
FORMATS = ["json", "ndjson", "cloudevents"]


def run(bench):
    matrix = bench.options.matrix
    tables = [table(bench, http2, matrix) for http2 in ([False, True] if matrix else [bench.options.http2])]
    return {"events": bench.options.events or 1_000_000, "runs": bench.options.runs or 5, "tables": tables}


def rivals_of(work, sink, file, matrix):
    """Name, command, standard input, feeder, and whether it signs."""
    # Over HTTP/2 nginx resets a stream that it answered early, so there the body passes through a file.
    target = sink.url if sink.http2 else sink.url + "discard"
    yield CURL, ["curl", "-sS", "--fail", *([] if sink.http2 else ["--http1.1"]), "--cacert", sink.ca, "-T", file,
                 "-o", os.devnull, "-w", "%{size_upload}", target], None, None, False
    for format in FORMATS if matrix else ["ndjson"]:
        for signed in [False, True]:
            name = format + (" signed" if signed else "")
            config = configuration(work, sink, name.replace(" ", "-"), format, signed)
            yield name, ["--config", config], file, None, signed
            if not signed and not matrix:
                yield f"cat | {name}", ["--config", config], file, ["cat"], signed


def table(bench, http2, matrix):
    """All rivals over one version of HTTP, in turn, so that the machine's moods meet all of them."""
    count, runs = bench.options.events or 1_000_000, bench.options.runs or 5
    file = event_file(count)
    with tempfile.TemporaryDirectory(prefix="hookline-bench-") as work, bench_sink.Sink(work, http2) as sink:
        rivals = list(rivals_of(work, sink, file, matrix))
        figures, arrived = {name: [] for name, *_ in rivals}, {}
        for number in range(runs + 1):
            for name, command, stdin, feeder, signed in rivals:
                before = sink.cpu()
                done = measure(command if name == CURL else [bench.binary, *command], work, stdin, feeder)
                done["sink"] = sink.cpu() - before
                arrived[name] = check(bench, name, done, sink, count, file.stat().st_size, signed)
                if number:  # the first round warms the caches up
                    figures[name].append(done)
    protocol = "HTTP/2.0" if http2 else "HTTP/1.1"
    print(f"\nthroughput: {count:,} events, {file.stat().st_size / 1e6:.0f} MB, {protocol}, TLS 1.3, median of {runs}")
    print(f"  {'':18} {'wall s':>7} {'min':>6} {'max':>6} {'MB':>5} {'requests':>8} {'conns':>5} {'sink s':>6}"
          f" {'events/s':>9}  x curl, CPU s a million, peak RSS MiB")
    rows = {}
    for name, done in figures.items():
        rows[name] = row(bench, name, middle(done), rows.get(CURL), arrived[name], count, http2)
    return {"protocol": protocol, "bytes": file.stat().st_size, "rows": rows}


def check(bench, name, done, sink, count, size, signed):
    """What arrived; a problem for each way in which that is not what was to be sent."""
    label = f"throughput, {name}"
    if name == CURL:
        if done["code"] or int(done["output"]) != size:
            raise SystemExit(f"bench: curl failed: {done['output']} {done['errors']}{sink.errors()}")
        arrived = sink.arrived(1)
        bench.check_arrived(arrived, size, label)
    else:
        arrived = bench.check_sent(sink, bench.check_summary(done, label, count), label)
        if "ndjson" in name:
            bench.check_arrived(arrived, size, label)
        elif arrived["bytes"] < size:
            bench.problem(f"{label}: the events alone are {size} bytes, but {arrived['bytes']} arrived")
        if arrived["signed"] != (arrived["requests"] if signed else 0):
            bench.problem(f"{label}: {arrived['signed']} of {arrived['requests']} requests were signed")
    if arrived["protocols"] != [f"{'HTTP/2.0' if sink.http2 else 'HTTP/1.1'} TLSv1.3"]:
        bench.problem(f"{label}: {arrived['protocols']}")
    return arrived


def row(bench, name, row, curl, arrived, count, http2):
    row.update(requests=arrived["requests"], connections=arrived["connections"], bytes_sent=arrived["bytes"],
               events_per_second=count / row["wall"], cpu_per_million=row["cpu"] * 1e6 / count,
               ratio=row["wall"] / (curl or row)["wall"])
    words = [f"{row['ratio']:5.2f}", f"{row['cpu_per_million']:5.2f}", f"{row['rss']:5.1f}"]
    if name != CURL:
        label = f"throughput {name} {'h2' if http2 else 'h1'}"
        # Only what carries the input's own bytes over HTTP/1.1 is compared with a curl that does the same.
        if "ndjson" in name and not http2:
            goal = SIGNED_RATIO if "signed" in name else RATIO
            words[0] += " " + bench.at_most(f"{label}: times curl", row["ratio"], goal)
            words[1] += " " + bench.at_most(f"{label}: CPU s a million", row["cpu_per_million"], CPU)
        words[2] += " " + bench.at_most(f"{label}: RSS MiB", row["rss"], RSS)
    print("  {0:18} {wall:7.3f} {min:6.3f} {max:6.3f} {1:5.0f} {requests:8} {connections:5} {sink:6.2f}"
          " {events_per_second:9,.0f}  {2}".format(name, row["bytes_sent"] / 1e6, ", ".join(words), **row))
    return row
