"""The isolation test of scripts/chaos: 100 webhooks of which one hangs, one is dead and one is slow.

Usage:  import chaos_isolation; not a command of its own.

Every tenth of the events goes to each of the 97 good webhooks, all of them to the three bad ones, so that what waits
for the three is more than --memory. Measured is the time until the 97 have everything, against runs without the three.

Needs:  Python 3.10.
"""
import asyncio
import json
import signal
import statistics

from chaos_load import LIMIT, Counts
from chaos_process import Child
from chaos_receiver import Receiver

GOOD, TOPICS, PER_BATCH = 97, 10, 200
MOST_RATIO, MOST_BYTES = 1.10, 96 << 20


def write_input(path, count):
    pad = "x" * 380
    with open(path, "w") as file:
        for number in range(count):
            file.write(f'{{"topic":"t{number % TOPICS}","n":"#{number:07}#","pad":"{pad}"}}\n')


def write_configuration(folder, tools, port, dead_port, with_bad):
    webhooks = [{"name": f"good {index}", "url": f"https://localhost:{port}/good/{index}",
                 "topics": [f"t{index % TOPICS}"]} for index in range(GOOD)]
    if with_bad:
        webhooks += [{"name": "hanging", "url": f"https://localhost:{port}/hanging", "topics": ["*"]},
                     {"name": "dead", "url": f"https://localhost:{dead_port}/dead", "topics": ["*"]},
                     {"name": "slow", "url": f"https://localhost:{port}/slow", "topics": ["*"]}]
    (folder / "webhooks.yaml").write_text(json.dumps({
        "version": 1, "topics": {f"t{index}": "a topic" for index in range(TOPICS)},
        "network": {"allow": ["127.0.0.1/32", "::1/128"]}, "webhooks": webhooks,
        "defaults": {"batch": {"max_events": PER_BATCH}, "tls": {"ca_file": str(tools.certificates / "ca.pem")}}}))


async def seconds_until_the_good_have_all(tools, folder, count, with_bad):
    """Gives the time, and the process's peak."""
    left = sum(len(range(index % TOPICS, count, TOPICS)) for index in range(GOOD))
    done = asyncio.Event()

    async def good(exchange):
        nonlocal left
        await exchange.take()
        await exchange.answer(200)
        left -= len(exchange.record.events)
        if left <= 0:
            done.set()

    async def hanging(exchange):
        await exchange.take()
        await asyncio.sleep(LIMIT)

    async def slow(exchange):
        await exchange.take()
        await asyncio.sleep(0.5)  # a good one takes about 5 ms
        await exchange.answer(200)

    def choose(record):
        return {"hanging": hanging, "slow": slow}.get(record.path[1:], good)

    receiver = await Receiver(tools.context, choose, keeps_bodies=False).start()
    gone = await Receiver(tools.context, choose).start()
    await gone.go_down()
    write_configuration(folder, tools, receiver.port, gone.port, with_bad)
    loop = asyncio.get_running_loop()
    begin = loop.time()
    child = Child([tools.binary, "--dead-letter", "dead.ndjson", "--shutdown-grace", "0s"], folder,
                  folder / "input.ndjson")
    try:
        await asyncio.wait_for(done.wait(), LIMIT / 3)
        seconds = loop.time() - begin
    except asyncio.TimeoutError:
        seconds = float("inf")
    if with_bad:
        child.signal(signal.SIGTERM)
    phase = await child.phase(folder / "dead.ndjson")
    (folder / "dead.ndjson").unlink(missing_ok=True)
    await receiver.stop()
    await gone.stop()
    return seconds, phase


async def isolation(tools, folder, count):
    count = count or 50_000
    write_input(folder / "input.ndjson", count)
    without, with_bad, peaks, plain_peaks = [], [], [], []
    check = Counts(f"{GOOD} webhooks beside a hanging, a dead and a slow one, {count} events")
    for _ in range(3):
        seconds, phase = await seconds_until_the_good_have_all(tools, folder, count, with_bad=False)
        check.equal("the exit code without the three", phase.code, 0)
        without.append(seconds)
        plain_peaks.append(phase.peak_bytes)
        seconds, phase = await seconds_until_the_good_have_all(tools, folder, count, with_bad=True)
        with_bad.append(seconds)
        peaks.append(phase.peak_bytes)
        check.equal("the exit code with them, stopped", phase.code, 128 + signal.SIGTERM)
        if phase.summary:
            check.equal("balanced", phase.summary["books"]["balanced"], True)
    ratio = statistics.median(with_bad) / statistics.median(without)
    check.at_most("the ratio of medians", ratio, MOST_RATIO)
    check.at_most("the peak in MiB", max(peaks) / 2**20, MOST_BYTES / 2**20)
    return check.done(f"{statistics.median(with_bad):.2f} s, without them {statistics.median(without):.2f} s: ratio "
                      f"{ratio:.2f}; peak {max(peaks) >> 20} MiB, without {max(plain_peaks) >> 20} MiB")
