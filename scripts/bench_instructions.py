#!/usr/bin/env python3
"""Instructions an event takes from its bytes into a batch: read, scanned, routed, copied. valgrind counts them.

Usage:  python3 scripts/bench_instructions.py              compares the release build with the reference; scripts/check
                                                           runs it
        python3 scripts/bench_instructions.py --self-test  gives the comparison right and wrong counts, and programs
        scripts/bench instructions [--update]              prints the counts; --update makes them the reference

`hookline plan` does all of that without a network. It runs with 20,000 and with 40,000 events, and the difference
divided by 20,000 is what an event takes: the start is in both. From call to call that differs by a few in a million. On
another architecture, or from another compiler, it is another number, so the reference counts for its own only.

Needs:  valgrind, swift, Python 3.9.
"""
import contextlib
import io
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import bench_measure  # noqa: E402

REFERENCE = pathlib.Path(__file__).with_suffix(".json")
FEW, MANY = 20_000, 40_000
MOST = 1.10  # times the reference
CONFIGURATION = """\
version: 1
topics: {object.created: Created, object.updated: Updated, object.deleted: Deleted, object.send: Sent}
defaults: {batch: {max_events: 500}}
webhooks:
  - {name: everything, url: "https://receiver.example/a", topics: ["*"], format: ndjson}
  - {name: created, url: "https://receiver.example/b", topics: [object.created], format: json}
"""
FILTERED = """\
  - {name: invoices, url: "https://receiver.example/c", topics: ["object.*"], filter: {object: {type: [Invoice]}}}
  - name: large
    url: https://receiver.example/d
    topics: [object.created, object.updated]
    filter: {object: {total: [{numeric: [">=", 5000]}], customer: {city: [{prefix: K}]}}}
"""
# There are two scanners: what filters ask for is found by one, the other is faster.
CONFIGURATIONS = {"topics": CONFIGURATION, "topics and filters": CONFIGURATION + FILTERED}


def run(bench):
    """The part of scripts/bench."""
    if not shutil.which("valgrind"):
        print("\ninstructions: valgrind is not here; scripts/setup installs it")
        return None
    found = count(bench.binary)
    reference = json.loads(REFERENCE.read_text()) if REFERENCE.exists() else None
    if bench.options.update:
        reference = found
        REFERENCE.write_text(json.dumps(found, indent=1) + "\n")
    print(f"\ninstructions an event, {found['architecture']}, {found['compiler']}")
    different = "there is none" if reference is None else difference(found, reference)
    for name, instructions in found["instructions"].items():
        words = ""
        if not different:
            limit = round(reference["instructions"][name] * MOST)
            words = f"  reference {reference['instructions'][name]:,} " + bench.at_most(
                f"instructions: {name}", instructions, limit)
        print(f"  {name:20} {instructions:8,}{words}")
    if different:
        print(f"  not compared with the reference: {different}")
    return found


def count(binary):
    """What an event takes, by configuration, with what else that depends on."""
    few, many = (bench_measure.event_file(events, mixed=True) for events in (FEW, MANY))
    found = {}
    with tempfile.TemporaryDirectory(prefix="hookline-bench-") as work:
        for name, text in CONFIGURATIONS.items():
            (pathlib.Path(work) / "webhooks.yaml").write_text(text)
            found[name] = round((counted(binary, work, many, MANY) - counted(binary, work, few, FEW)) / (MANY - FEW))
    return {"instructions": found, **surroundings()}


def surroundings():
    version = subprocess.run(["swift", "--version"], capture_output=True, text=True, check=True).stdout
    return {"compiler": re.search(r"Swift version \S+", version)[0], "architecture": platform.machine()}


def counted(binary, work, file, events):
    """All instructions of one run, which must have read all events."""
    # No --run-id: its ids are digests, whose instructions depend on what the processor has for them.
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-file=valgrind.log",
               binary, "plan", "--quiet", "--format", "json"]
    with open(file, "rb") as source:
        done = subprocess.run(command, stdin=source, capture_output=True, text=True, cwd=work,
                              env={**os.environ, "SWIFT_DETERMINISTIC_HASHING": "1"})
    log = (pathlib.Path(work) / "valgrind.log").read_text()
    collected = re.search(r"Collected : (\d+)", log)
    if done.returncode or not collected:
        raise SystemExit(f"bench: hookline plan under valgrind ended with {done.returncode}: {done.stderr}\n{log}")
    read = json.loads(done.stdout)["input"]["events"]
    if read != events:
        raise SystemExit(f"bench: hookline plan read {read} of {events} events")
    return int(collected[1])


def difference(found, reference):
    """Why the two can't be compared; empty when they can."""
    for key in ["architecture", "compiler"]:
        if found[key] != reference[key]:
            return f"its {key} is {reference[key]}, and here it is {found[key]}"
    if set(found["instructions"]) != set(reference["instructions"]):
        return "it has counts of other configurations; `scripts/bench instructions --update` makes it anew"
    return ""


def problems(found, reference):
    """A sentence for each count that is too far above the reference."""
    return [f"{name}: an event takes {instructions:,} instructions, more than {MOST:g} times the "
            f"{reference['instructions'][name]:,} of {REFERENCE.name}; if it has to be, "
            "`scripts/bench instructions --update` makes that the reference"
            for name, instructions in found["instructions"].items()
            if instructions > reference["instructions"][name] * MOST]


def obstacle(binary, sources):
    """Why there is nothing to count; empty when there is."""
    if not shutil.which("valgrind"):
        return "valgrind is not here"
    if not binary.exists():
        return "there is no release build; `swift build -c release --static-swift-stdlib --product hookline` makes it"
    if any(source.stat().st_mtime > binary.stat().st_mtime for source in sources):
        return "the release build is older than the sources"
    return ""


def check(binary, sources, reference, counting=count):
    """The exit code: 1 when an event takes too many instructions, 0 when not or when that can't be said here."""
    # What is here is asked first, since counting takes ten seconds.
    here = {**surroundings(), "instructions": reference["instructions"]}
    why = obstacle(binary, sources) or difference(here, reference)
    if why:
        print(f"check: instructions: skipped: {why}")
        return 0
    found = counting(binary)
    changed = difference(found, reference)
    wrong = [changed] if changed else problems(found, reference)
    for problem in wrong:
        print(f"error: {problem}", file=sys.stderr)
    counts = ", ".join(f"{name} {number:,}" for name, number in found["instructions"].items())
    print(f"check: instructions an event: {counts}")
    return 1 if wrong else 0


def main():
    reference = json.loads(REFERENCE.read_text())
    binary = bench_measure.release_folder() / "hookline"
    sources = [bench_measure.ROOT / "Package.swift",
               *(path for path in (bench_measure.ROOT / "Sources").rglob("*") if path.is_file())]
    if sys.argv[1:] == ["--self-test"]:
        return self_test(reference, binary, sources)
    return check(binary, sources, reference)


def self_test(reference, binary, sources):
    """The comparison must tell right from wrong; where it can count, it counts against a reference that is too low."""
    here = {**reference, **surroundings()}
    with tempfile.TemporaryDirectory(prefix="hookline-check-") as folder:
        old, program, new = (pathlib.Path(folder) / name for name in ("old", "program", "new"))
        for seconds, file in enumerate([old, program, new]):
            file.touch()
            os.utime(file, (seconds, seconds))

        def code(factor, reference=here, binary=program, sources=(old,), counting=None):
            """Of a program that takes `factor` times the reference; None: which must not be counted."""
            def pretend(_):
                if factor is None:
                    raise AssertionError("counted")
                return {**here, "instructions": {name: round(number * factor)
                                                 for name, number in here["instructions"].items()}}
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                return check(binary, sources, reference, counting or pretend)

        # Without valgrind all is skipped.
        failure = 1 if shutil.which("valgrind") else 0
        rows = [(1, {}, 0), (1.09, {}, 0), (0.5, {}, 0), (1.11, {}, failure),
                (None, {"sources": [old, new]}, 0), (None, {"binary": pathlib.Path(folder) / "missing"}, 0),
                (None, {"reference": {**here, "architecture": "m68k"}}, 0),
                (None, {"reference": {**here, "compiler": "Swift version 1.0"}}, 0),
                (1, {"reference": {**here, "instructions": {"other": 1}}}, failure)]
        judged = [(f"{factor} {list(change)}", code(factor, **change), expected) for factor, change, expected in rows]
        if not obstacle(binary, sources) and not difference(here, reference):
            found = count(binary)
            for factor, expected in [(1, 0), (1 / 1.11, 1)]:
                numbers = {name: int(number * factor) for name, number in found["instructions"].items()}
                judged.append((f"counted, {factor}", code(None, {**here, "instructions": numbers}, binary, sources,
                                                          lambda _: found), expected))
    for name, found, expected in judged:
        if found != expected:
            print(f"check: self-test: instructions: {name}: expected {expected}, found {found}", file=sys.stderr)
    right = sum(1 for _, found, expected in judged if found == expected)
    print(f"check: self-test: {right} of {len(judged)} counts of instructions judged rightly")
    return 0 if right == len(judged) else 1


if __name__ == "__main__":
    sys.exit(main())
