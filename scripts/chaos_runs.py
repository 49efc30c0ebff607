"""The command line of scripts/chaos: many runs, each from its seed and number, and the load tests.

Usage:  see scripts/chaos

Needs:  what scripts/chaos installs.
"""
import argparse
import asyncio
import json
import logging
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import chaos_disk  # noqa: E402
import chaos_disk_judge  # noqa: E402
import chaos_isolation  # noqa: E402
import chaos_load  # noqa: E402
import local_server  # noqa: E402
from chaos_judge import judge  # noqa: E402
from chaos_plan import FEATURES, MODES, Plan  # noqa: E402
from chaos_process import Tools, execute  # noqa: E402
from chaos_receiver import server_context  # noqa: E402

LOAD_TESTS = {"outage": chaos_load.outage, "poison": chaos_load.poison, "isolation": chaos_isolation.isolation,
              "write-ahead-cost": chaos_load.write_ahead_cost}


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/chaos", description="Runs hookline against a faulty receiver.")
    parser.add_argument("--binary", required=True, type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("test", nargs="?", choices=list(LOAD_TESTS), help="a load test in place of the runs")
    parser.add_argument("--events", type=int, metavar="N", help="how many events a load test has")
    parser.add_argument("--runs", type=int, default=200, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--only", type=int, metavar="RUN", help="just this run of the seed")
    parser.add_argument("--mode", choices=["all", *MODES], default="all")
    parser.add_argument("--disk", action="store_true", help="the disk fails, too")
    parser.add_argument("--jobs", type=int, metavar="N", help="runs at once")
    parser.add_argument("--keep", action="store_true", help="keep the folders of all runs, not only of failed ones")
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for each run")
    options = parser.parse_args()
    # Most of a run whose disk fails is waiting for what is in the spool.
    options.jobs = options.jobs or (12 if options.disk else 4)
    return options


def plan_of(options, tools, number):
    mode = options.mode if options.mode != "all" else tools.modes[number % len(tools.modes)]
    return Plan(options.seed, number, mode, tools.features, options.disk)


def is_known(binary, folder, webhook, top=None):
    """Whether this hookline takes a configuration with these keys."""
    url = {"name": "w", "url": "https://localhost:1/", "topics": ["t"], **webhook}
    whole = {"version": 1, "topics": {"t": "t"}, "webhooks": [url], **(top or {})}
    (folder / "probe.yaml").write_text(json.dumps(whole))
    return subprocess.run([binary, "validate", folder / "probe.yaml"], capture_output=True).returncode == 0


def probe(binary, folder):
    """The features and modes that can be drawn; says which can't."""
    features = {name: values for name, values in FEATURES.items()
                if all(is_known(binary, folder, {name: value}) for value in values)}
    modes = MODES if is_known(binary, folder, {}, {"spool": {"directory": "spool", "write_ahead": True}}) else MODES[:1]
    missing = [*sorted(FEATURES.keys() - features.keys()), *(mode for mode in MODES if mode not in modes)]
    if missing:
        print(f"chaos: not in this hookline, and not drawn: {', '.join(missing)}")
    return features, modes


async def run(options, tools, work, number, slots):
    """One run; gives whether it passed."""
    async with slots:
        plan = plan_of(options, tools, number)
        description = str(plan)
        folder = work / f"run-{options.seed}-{number}"
        folder.mkdir()
        begin = time.monotonic()
        evidence = await execute(plan, tools, folder)
    problems = (chaos_disk_judge.judge if plan.disk else judge)(plan, evidence)
    if options.verbose or problems:
        codes = ", ".join(f"{phase.code} after {phase.seconds:.1f} s" for phase in evidence.phases)
        print(f"{'FAILED' if problems else 'ok':6}  run {number}: {description}: {len(evidence.records)} requests, "
              f"exit code {codes}, {time.monotonic() - begin:.1f} s", flush=True)
    if problems:
        for problem in problems[:8]:
            print(f"        {problem}")
        disk = "--disk " if options.disk else ""
        again = f"scripts/chaos --seed {options.seed} --only {number} --mode {options.mode} {disk}--keep"
        print(f"        again: {again}\n        its files: {folder}", flush=True)
        for index, phase in enumerate(evidence.phases, 1):
            (folder / f"summary-{index}.json").write_bytes(phase.output)
            (folder / f"errors-{index}.txt").write_text(phase.errors)
    elif not options.keep:
        shutil.rmtree(folder)
    return not problems, evidence


async def all_runs(options, tools, work):
    # A connection that breaks under asyncio is no news here; errors of the harness come as exceptions of their own.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    slots = asyncio.Semaphore(options.jobs)
    numbers = [options.only] if options.only is not None else range(1, options.runs + 1)
    begin = time.monotonic()
    results = await asyncio.gather(*(run(options, tools, work, number, slots) for number in numbers))
    failed = sum(not passed for passed, _ in results)
    requests = sum(len(evidence.records) for _, evidence in results)
    faults = {record.fault for _, evidence in results for record in evidence.records}
    peak = max(phase.peak_bytes for _, evidence in results for phase in evidence.phases)
    refused = [sum(len(phase.hits) for phase in evidence.phases) for _, evidence in results]
    of_disk = f"{sum(refused)} failures of the disk in {sum(map(bool, refused))} runs, " if options.disk else ""
    print(f"chaos: {len(results) - failed} of {len(results)} runs passed (seed {options.seed}, {requests} requests, "
          f"{len(faults)} kinds of answer, {of_disk}peak {peak >> 20} MiB, {time.monotonic() - begin:.0f} s)")
    return 1 if failed else 0


def main():
    options = arguments()
    # A shell's background job ignores it, and so would hookline.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    work = pathlib.Path(tempfile.mkdtemp(prefix="hookline-chaos-"))
    certificates = work / "certificates"
    certificates.mkdir()
    local_server.make_certificates(certificates)
    binary = options.binary.resolve()
    features, modes = probe(binary, work)
    tools = Tools(binary, certificates, server_context(certificates), features, modes)
    if options.disk:
        tools.library = chaos_disk.build(work)
    code = 1
    try:
        if options.test:
            code = 1 if asyncio.run(LOAD_TESTS[options.test](tools, work, options.events)) else 0
        else:
            code = asyncio.run(all_runs(options, tools, work))
    finally:
        if code == 0 and not options.keep:
            shutil.rmtree(work)
    return code


if __name__ == "__main__":
    sys.exit(main())
