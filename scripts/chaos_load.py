"""The load tests of scripts/chaos: an outage in a million events, a poison event among many, the price of write-ahead.

Usage:  import chaos_load; not a command of its own. Each test gives the list of what is wrong.

Needs:  Python 3.10; nginx for write-ahead-cost.
"""
import asyncio
import json
import math
import shutil
import statistics
import subprocess
import time

import bench_sink
import chaos_plan
import events
from chaos_process import Child
from chaos_receiver import ID, Receiver

LIMIT = 900  # seconds
MOST_COST = 1.5  # times the larger of a run without write-ahead and dd


def write_input(path, count, poison=None):
    """`count` events of scripts/events.py, one of them with the poison in a key of its own."""
    with open(path, "wb") as file:
        for block in events.events(count):
            file.write(block)
    if poison is not None:
        plain = b'"id":"evt_%010d"' % poison
        text = path.read_bytes().replace(plain, b'"note":"%b",%b' % (chaos_plan.POISON.encode(), plain), 1)
        path.write_bytes(text)


def write_configuration(folder, tools, port, webhook=(), spool=None):
    ca = tools.certificates / "ca.pem"
    (folder / "webhooks.yaml").write_text(json.dumps({
        "version": 1, "topics": {"object.created": "Fires when a new object is created"},
        "network": {"allow": ["127.0.0.1/32", "::1/128"]},
        **({"spool": {"directory": str(spool)}} if spool else {}),
        "webhooks": [{"name": "load", "url": f"https://localhost:{port}/hook/0", "topics": ["object.created"],
                      "batch": {"max_events": 500, "max_bytes": "1MiB"}, "concurrency": 4, "timeout": "5s",
                      "tls": {"ca_file": str(ca)}, **dict(webhook)}]}))


async def hookline(tools, folder, *options, input_path=None):
    """One run; gives the phase."""
    dead = folder / "dead.ndjson"
    dead.unlink(missing_ok=True)
    child = Child([tools.binary, "--dead-letter", dead.name, *options], folder, input_path or folder / "input.ndjson")
    phase = await child.phase(dead, LIMIT)
    if phase.summary is None:
        raise SystemExit(f"no summary, exit code {phase.code}:\n{phase.errors[-1000:]}")
    return phase


class Counts:
    """Checks of one load run, with what was measured."""

    def __init__(self, name):
        self.name, self.problems = name, []

    def equal(self, what, found, expected):
        if found != expected:
            self.problems.append(f"{what} is {found}, not {expected}")

    def at_most(self, what, found, limit):
        if found > limit:
            self.problems.append(f"{what} is {found:.3g}, more than {limit:.3g}")

    def done(self, detail):
        print(f"{'FAILED' if self.problems else 'ok':6}  {self.name}: {detail}", flush=True)
        for problem in self.problems:
            print(f"        {problem}")
        return self.problems


def arrived(receiver):
    """The events that were taken, and how many of them under more than one id."""
    homes = {}
    for record in receiver.records:
        if record.taken is not None:
            for event in record.events:
                homes.setdefault(event, record.webhook_id)
    twice = sum(1 for record in receiver.records if record.taken is not None
                for event in record.events if homes[event] != record.webhook_id)
    return set(homes), twice


# Outage


async def outage(tools, folder, count):
    """A 2 s outage in the middle and near the end; then a receiver that is never there, with a spool and without."""
    count = count or 1_000_000
    write_input(folder / "input.ndjson", count)
    problems = []
    for kind in ["answers 503", "is killed"]:
        for share in [0.5, 0.97]:
            problems += await short_outage(tools, folder, count, kind, share)
    few = min(count, 100_000)
    write_input(folder / "input.ndjson", few)
    problems += await never_there(tools, folder, few)
    problems += await never_there_with_spool(tools, folder, few)
    return problems


async def short_outage(tools, folder, count, kind, share):
    is_down = False
    receiver = None

    def choose(record):
        return answer_503 if is_down else accepted

    receiver = await Receiver(tools.context, choose, keeps_bodies=False, mark=ID).start()
    write_configuration(folder, tools, receiver.port, {"retry": {"max_attempts": 10}})
    task = asyncio.ensure_future(hookline(tools, folder))
    while len(receiver.records) * 500 < count * share and not task.done():
        await asyncio.sleep(0.005)
    is_down = True
    if kind == "is killed":
        await receiver.go_down()
    await asyncio.sleep(2)
    is_down = False
    if kind == "is killed":
        await receiver.come_up()
    phase = await task
    await receiver.stop()
    found, twice = arrived(receiver)
    check = Counts(f"a receiver that {kind} for 2 s after {share:.0%} of {count} events")
    check.equal("the exit code", phase.code, 0)
    check.equal("arrived", len(found), count)
    check.equal("delivered", phase.summary["books"]["delivered"], count)
    check.equal("arrived under two ids", twice, 0)
    retries = phase.summary["webhooks"][0]["retries"]
    return check.done(f"{len(found)} arrived, {retries} retries, {phase.seconds:.1f} s, {phase.peak_bytes >> 20} MiB")


async def accepted(exchange):
    await exchange.take()
    await exchange.answer(200)


async def answer_503(exchange):
    await exchange.read_all()
    await exchange.answer(503)


SHORT_RETRY = {"retry": {"max_attempts": 3, "initial_backoff": "50ms", "max_backoff": "100ms"}}


async def never_there(tools, folder, count):
    receiver = await Receiver(tools.context, lambda record: accepted, keeps_bodies=False, mark=ID).start()
    await receiver.go_down()
    write_configuration(folder, tools, receiver.port, SHORT_RETRY)
    phase = await hookline(tools, folder)
    await receiver.stop()
    check = Counts(f"a receiver that is never there, {count} events, no spool")
    check.equal("the exit code", phase.code, 1)
    check.equal("dead_lettered", phase.summary["books"]["dead_lettered"], count)
    check.equal("dead letters in the file", len({ID.search(line)[1] for line in phase.dead}), count)
    return check.done(f"{len(phase.dead)} dead letters, {phase.seconds:.1f} s, {phase.peak_bytes >> 20} MiB")


async def never_there_with_spool(tools, folder, count):
    spool = folder / "spool"
    receiver = await Receiver(tools.context, lambda record: accepted, keeps_bodies=False, mark=ID).start()
    await receiver.go_down()
    write_configuration(folder, tools, receiver.port, SHORT_RETRY, spool)
    phase = await hookline(tools, folder)
    check = Counts(f"a receiver that is never there, {count} events, with a spool")
    check.equal("the exit code", phase.code, 75)
    check.equal("deferred + waiting", phase.summary["books"]["deferred"] + phase.summary["books"]["waiting"], count)
    await receiver.come_up()
    await asyncio.sleep(6)  # the first step of the spool's schedule is 5 s
    (folder / "nothing").write_bytes(b"")
    second = await hookline(tools, folder, input_path=folder / "nothing")
    await receiver.stop()
    found, twice = arrived(receiver)
    check.equal("the next run's exit code", second.code, 0)
    check.equal("arrived", len(found), count)
    check.equal("arrived under two ids", twice, 0)
    check.equal("what the next run resumed", second.summary["books"]["resumed"], count)
    shutil.rmtree(spool)
    return check.done(f"{len(found)} arrived in the next run, {phase.seconds:.1f} s and {second.seconds:.1f} s, "
                      f"{max(phase.peak_bytes, second.peak_bytes) >> 20} MiB")


# Poison


async def poison(tools, folder, count):
    """One event that the receiver refuses among 1,000 batches of 500."""
    count = count or 500_000
    bad = count // 3
    write_input(folder / "input.ndjson", count, poison=bad)

    async def look(exchange):
        await exchange.read_all()
        if chaos_plan.POISON.encode() in exchange.body:
            return await exchange.answer(422)
        await exchange.take()
        await exchange.answer(200)

    look.__name__ = "look"
    receiver = await Receiver(tools.context, lambda record: look, keeps_bodies=False, mark=ID).start()
    write_configuration(folder, tools, receiver.port, {"on_reject": "bisect"})
    phase = await hookline(tools, folder)
    await receiver.stop()
    found, _ = arrived(receiver)
    batches = math.ceil(count / 500)
    check = Counts(f"one poison event in {batches} batches of 500")
    check.equal("the exit code", phase.code, 1)
    check.equal("the dead letters", [int(ID.search(line)[1]) for line in phase.dead], [bad])
    check.equal("arrived", len(found), count - 1)
    extra = len(receiver.records) - batches
    check.at_most("requests beyond one a batch", extra, 2 * math.log2(500) + 2)
    return check.done(f"{extra} extra requests, {phase.seconds:.1f} s, {phase.peak_bytes >> 20} MiB")


# Write-ahead


async def write_ahead_cost(tools, folder, count):
    """--write-ahead against a run without it and against writing the same bytes to the disk, medians of 5."""
    count = count or 400_000
    write_input(folder / "input.ndjson", count)
    sink_folder = folder / "sink"
    sink_folder.mkdir()
    times = {"plain": [], "write-ahead": [], "dd": []}
    check = Counts(f"write-ahead, {count} events")
    with bench_sink.Sink(sink_folder) as sink:
        write_configuration(folder, tools, sink.port)
        configuration = json.loads((folder / "webhooks.yaml").read_text())
        configuration["webhooks"][0].update(url=sink.url, tls={"ca_file": str(sink.ca)})
        (folder / "webhooks.yaml").write_text(json.dumps(configuration))
        for number in range(5):
            for kind, options in [("plain", []), ("write-ahead", ["--spool", "spool", "--write-ahead"])]:
                phase = await hookline(tools, folder, "--run-id", f"cost-{number}", *options)
                check.equal(f"the exit code of {kind}", phase.code, 0)
                times[kind].append(phase.seconds)
            begin = time.monotonic()
            subprocess.run(["dd", f"if={folder / 'input.ndjson'}", f"of={folder / 'copy'}", "bs=1M", "conv=fsync"],
                           check=True, capture_output=True)
            times["dd"].append(time.monotonic() - begin)
    medians = {kind: statistics.median(values) for kind, values in times.items()}
    ratio = medians["write-ahead"] / max(medians["plain"], medians["dd"])
    check.at_most("the ratio", ratio, MOST_COST)
    return check.done(f"{medians['write-ahead']:.2f} s, without {medians['plain']:.2f} s, dd with fsync "
                      f"{medians['dd']:.2f} s: ratio {ratio:.2f}")
