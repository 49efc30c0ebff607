"""Runs one plan of scripts/chaos: receivers, hookline, and what happens to it. Gathers the evidence for the judge.

Usage:  import chaos_process; not a command of its own.

  execute(plan, tools, folder)   one run from beginning to end; gives an Evidence
  start(...), Child              one hookline process, also for the load tests

Needs:  Python 3.10, Linux.
"""
import asyncio
import dataclasses
import itertools
import json
import os
import pathlib
import resource
import signal
import subprocess
import threading
import time

import chaos_disk
import chaos_plan
from chaos_receiver import Receiver

FIRST_STEP = 5.1  # seconds until a spooled batch is due
LIMIT = 60  # seconds; a run that takes longer hangs


@dataclasses.dataclass
class Tools:
    """What all runs share."""
    binary: pathlib.Path
    certificates: pathlib.Path
    context: object
    features: dict
    modes: list
    library: pathlib.Path = None  # that makes the disk fail


@dataclasses.dataclass
class Phase:
    """One hookline process. `summary`: None where it printed none; `dead`: lines of its own dead-letter
    file; `spool`: what waited after it; `is_follow_up`: it had no input, only the spool;
    `requests_after`: how many had arrived in all; `hits`: what the disk refused, as (call, path); `rejects`: lines of its
    own file of refused lines; `sent`: the signal that it got, or 0; `may_fail`: its outputs could fail."""
    code: int
    killed: bool
    hung: bool
    output: bytes
    errors: str
    summary: dict
    dead: list
    seconds: float
    peak_bytes: int
    spool: list = dataclasses.field(default_factory=list)
    is_follow_up: bool = False
    requests_after: int = 0
    hits: list = dataclasses.field(default_factory=list)
    rejects: list = dataclasses.field(default_factory=list)
    sent: int = 0
    may_fail: bool = False


@dataclasses.dataclass
class Evidence:
    records: list
    phases: list


class Child:
    """A hookline process. Its standard output and error go through pipes, so that a limit of file sizes spares them."""

    def __init__(self, command, folder, input_path, piped=False, file_bytes=None, environment=None):
        def limit_files():
            if file_bytes is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
        self.path, self.peak_bytes = os.path.realpath(command[0]), 0
        self.sent, self.may_fail = 0, file_bytes is not None or "LD_PRELOAD" in (environment or {})
        self.begin = time.monotonic()
        source = subprocess.PIPE if piped else open(input_path, "rb")
        self.process = subprocess.Popen(
            list(map(str, command)), cwd=folder, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=limit_files if file_bytes is not None else None,
            env={"PATH": os.environ["PATH"], "CHAOS_SECRET": chaos_plan.SECRET, **(environment or {})})
        self.outcome = asyncio.get_running_loop().run_in_executor(None, self.gather)
        if piped:
            threading.Thread(target=self.feed, args=(input_path,), daemon=True).start()
        else:
            source.close()

    def feed(self, path):
        """Writes the input in pieces, with a pause now and then, as a program that makes events does."""
        try:
            with open(path, "rb") as source, self.process.stdin as pipe:
                for piece in iter(lambda: source.read(5000), b""):
                    pipe.write(piece)
                    pipe.flush()
                    time.sleep(0.002)
        except OSError:
            pass  # the process ended before its input

    def gather(self):
        errors = []
        reader = threading.Thread(target=lambda: errors.append(self.process.stderr.read()))
        watcher = threading.Thread(target=self.watch)
        reader.start()
        watcher.start()
        output = self.process.stdout.read()
        reader.join()
        self.process.wait()
        watcher.join()
        self.process.stdout.close()
        self.process.stderr.close()
        return output, errors[0].decode(errors="replace"), self.peak_bytes, time.monotonic() - self.begin

    def watch(self):
        """Its peak by /proc: that of getrusage begins with what this program held when it forked."""
        while self.process.returncode is None:
            try:
                with open(f"/proc/{self.process.pid}/status") as status:
                    peak = [int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM")]
                # Before its exec it is still this program.
                if os.readlink(f"/proc/{self.process.pid}/exe") == self.path:
                    self.peak_bytes = max([self.peak_bytes, *peak])
            except OSError:
                return
            time.sleep(0.01)

    @property
    def is_running(self):
        return not self.outcome.done()

    def signal(self, number):
        self.sent = int(number)
        self.process.send_signal(number)

    async def phase(self, dead_path=None, limit=LIMIT):
        """Waits for its end."""
        hung = False
        try:
            output, errors, peak, seconds = await asyncio.wait_for(asyncio.shield(self.outcome), limit)
        except asyncio.TimeoutError:
            hung = True
            self.signal(signal.SIGKILL)
            output, errors, peak, seconds = await self.outcome
        killed = self.process.returncode == -signal.SIGKILL and not hung
        try:
            summary = json.loads(output)
        except ValueError:
            summary = None
        dead = dead_path.read_bytes().split(b"\n") if dead_path and dead_path.exists() else []
        if dead and (not dead[-1] or killed):
            dead.pop()  # after the last line feed; a kill may cut a line
        return Phase(self.process.returncode, killed, hung, output, errors, summary, dead, seconds, peak,
                     sent=self.sent, may_fail=self.may_fail)


async def receivers_of(plan, tools):
    records, order, seen, links = [], itertools.count(), {}, itertools.count()

    def choose(record):
        key = record.path, record.webhook_id
        seen[key] = seen.get(key, 0) + 1
        return plan.fault(record, seen[key])

    return [await Receiver(tools.context, choose, lambda: plan.link_fault(next(links)), records=records,
                           order=order).start() for _ in range(plan.ports)]


async def reached(receivers, child, moment):
    """Waits for the moment of an act: so many requests, and a little more; False when the process ended before."""
    while len(receivers[0].records) < moment["requests"]:
        if not child.is_running:
            return False
        await asyncio.sleep(0.002)
    await asyncio.sleep(moment["after"])
    return child.is_running


async def perform_acts(plan, receivers, child):
    if (moment := plan.act("terminate")) and await reached(receivers, child, moment):
        child.signal(getattr(signal, moment["signal"]))
    if (moment := plan.act("kill")) and await reached(receivers, child, moment):
        child.signal(signal.SIGKILL)
    if (moment := plan.act("outage")) and await reached(receivers, child, moment):
        for receiver in receivers:
            await receiver.go_down()
        await asyncio.sleep(moment["seconds"])
        for receiver in receivers:
            await receiver.come_up()


async def start(plan, tools, folder, number):
    """Starts the run's process number so many, from 1; gives it and the path of its dead letters."""
    dead = folder / f"dead-{number}.ndjson"
    command = [tools.binary, "--config", "webhooks.yaml", "--dead-letter", dead.name, "-v"]
    if plan.run_id:
        command += ["--run-id", plan.run_id]
    for name, value in plan.options.items():
        command += [name, value] if value is not True else [name]
    environment = {}
    if plan.disk:
        command += ["--rejects", f"rejects-{number}.ndjson"]
        environment = plan.disk.environment(number, folder)
        if environment:
            environment["LD_PRELOAD"] = str(tools.library)
    full = plan.act("disk_full") if number == 1 else None
    return Child(command, folder, folder / "input.ndjson", plan.is_piped, full and full["bytes"], environment), dead


async def spooled(tools, folder):
    """What waits in the run's spool: (webhook, webhook-id, numbers of the input's lines) of each batch."""
    if not (folder / "spool").exists():
        return []

    async def look(*arguments):
        process = await asyncio.create_subprocess_exec(
            tools.binary, "spool", *arguments, "--spool", "spool", "--json", cwd=folder, stdout=subprocess.PIPE,
            env={"PATH": os.environ["PATH"]})
        output, _ = await process.communicate()
        if process.returncode:
            raise SystemExit(f"hookline spool {arguments[0]} ended with {process.returncode} in {folder}")
        return [json.loads(line) for line in output.splitlines()]

    ids = sorted({entry["webhook_id"] for entry in await look("list")})
    shown = await look("show", *ids) if ids else []
    return [(entry["webhook"], entry["webhook_id"], [line["line"] for line in entry["lines"]]) for entry in shown]


async def take_up(plan, tools, folder, phases):
    """Runs without input take up what waits, with receivers that do what they should."""
    plan.calm_down()
    if not phases[-1].is_follow_up:
        (folder / "input.ndjson").rename(folder / "first-input.ndjson")
        (folder / "input.ndjson").write_bytes(b"")
    await asyncio.sleep(FIRST_STEP)
    await run_to_its_end(plan, tools, folder, phases)
    phases[-1].is_follow_up = True
    phases[-1].spool = await spooled(tools, folder)


async def run_to_its_end(plan, tools, folder, phases, meanwhile=None):
    """`meanwhile(child)`: what happens to it."""
    child, dead = await start(plan, tools, folder, len(phases) + 1)
    acts = asyncio.ensure_future(meanwhile(child)) if meanwhile else None
    phases.append(await child.phase(dead))
    if acts:
        await acts
    if plan.disk:
        phases[-1].hits = chaos_disk.hits(len(phases), folder)
        rejects = folder / f"rejects-{len(phases)}.ndjson"
        phases[-1].rejects = rejects.read_bytes().splitlines() if rejects.exists() else []


async def repeat(plan, tools, folder, phases, receivers):
    """After a disk that failed: the same input under the same id, until a disk is whole."""
    run_id = plan.run_id
    plan.calm_down()
    plan.run_id = run_id
    while True:
        is_last = len(phases) + 1 not in plan.disk.faulty
        await run_to_its_end(plan, tools, folder, phases)
        phases[-1].requests_after = len(receivers[0].records)
        phases[-1].spool = await spooled(tools, folder)
        if is_last:
            return


async def revive(receivers):
    for receiver in receivers:
        if receiver.listener is None:
            await receiver.come_up()


async def execute(plan, tools, folder):
    receivers = await receivers_of(plan, tools)
    try:
        (folder / "input.ndjson").write_bytes(plan.input_bytes())
        (folder / "webhooks.yaml").write_text(
            plan.configuration([receiver.port for receiver in receivers], tools.certificates / "ca.pem"))
        if plan.act("down"):
            for receiver in receivers:
                await receiver.go_down()
        phases = []
        await run_to_its_end(plan, tools, folder, phases, lambda child: perform_acts(plan, receivers, child))
        phases[0].requests_after = len(receivers[0].records)
        if phases[0].killed:
            await run_to_its_end(plan, tools, folder, phases)
        phases[-1].spool = await spooled(tools, folder)
        if plan.disk and plan.writes_ahead and not phases[0].hung:
            await revive(receivers)
            await repeat(plan, tools, folder, phases, receivers)
        last_faulty = max(plan.disk.faulty) if plan.disk else 0
        while phases[-1].spool and not phases[-1].hung:
            await revive(receivers)
            await take_up(plan, tools, folder, phases)
            if len(phases) > last_faulty:
                break
        return Evidence(receivers[0].records, phases)
    finally:
        for receiver in receivers:
            await receiver.stop()
