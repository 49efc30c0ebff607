"""What a run of scripts/chaos --disk does to the disk under hookline: drawn from the run's seed, done by chaos_disk.c.

Usage:  import chaos_disk; not a command of its own.

  build(folder)     compiles the library that is preloaded; gives its path
  DiskPlan(plan)    `rules`, `environment(number, folder)`, `fits(plan)`

Needs:  cc, or the clang that comes with Swift; Linux.
"""
import errno
import pathlib
import random
import shutil
import subprocess

# What fails, by the files that it is done to: (CALL, GLOB) as chaos_disk.c takes them.
SPOOL = {
    "group": [("sync", "*.tmp"), ("write", "*.tmp"), ("tear", "*.tmp"), ("short", "*.tmp"), ("truncate", "*.tmp"),
              ("rename", "*.tmp"), ("unlink", "*.tmp"), ("open", "*.tmp")],
    "items": [("rename", "*.items"), ("unlink", "*.items"), ("open", "*.items"), ("read", "*.items")],
    "marks": [("open", "*.done"), ("write", "*.done"), ("tear", "*.done"), ("unlink", "*.done")],
    "notes": [("open", "*/settled/*"), ("write", "*/settled/*"), ("tear", "*/settled/*"), ("sync", "*/settled/*"),
              ("sync", "*/settled")],
    "folder": [("sync", "*/spool/runs/*-????????"), ("sync", "*/spool/runs"), ("rename", "*.new")],
}
FILES = {
    "dead": [("open", "*dead-*"), ("sync", "*dead-*"), ("write", "*dead-*"), ("tear", "*dead-*"),
             ("short", "*dead-*"), ("truncate", "*dead-*")],
    "rejects": [("open", "*rejects-*"), ("sync", "*rejects-*"), ("write", "*rejects-*"), ("tear", "*rejects-*"),
                ("truncate", "*rejects-*")],
    "overflow": [("write", "*/#*"), ("tear", "*/#*"), ("short", "*/#*"), ("read", "*/#*"), ("truncate", "*/#*"),
                 ("open", "*/var/tmp")],
}
ERRORS = {"sync": [errno.EIO], "write": [errno.ENOSPC, errno.EIO], "tear": [errno.ENOSPC, errno.EIO], "short": [0],
          "truncate": [errno.EIO], "rename": [errno.EIO, errno.ENOSPC], "unlink": [errno.EIO], "read": [errno.EIO],
          "open": [errno.EIO, errno.ENOSPC]}
SLOW = {"hang", "hang_before_body", "slow_loris", "endless_body", "too_busy", "too_busy_until"}


class DiskPlan:
    """`rules`: what fails; `faulty`: numbers of the processes whose disk does."""

    def __init__(self, plan):
        rng = random.Random(f"{plan.seed}:{plan.number}:{plan.mode}:disk")
        files = {**FILES, **SPOOL} if plan.mode != "no-spool" else FILES
        self.target = rng.choice([*files, "dead", "group"] if plan.mode != "no-spool" else [*files, "dead"])
        calls = [files[self.target]]
        if rng.random() < 0.4:
            calls.append(files[rng.choice([self.target, "dead", *files])])
        self.rules = []
        for call, glob in map(rng.choice, calls):
            self.add(rng, call, glob)
            if call == "tear" and rng.random() < 0.5:
                self.add(rng, "truncate", glob, first=1)
        # Items are read by the second one above all.
        has_second = plan.mode != "no-spool" and rng.random() < (0.8 if self.target == "items" else 0.3)
        self.faulty = {1, 2} if has_second else {1}
        self.rng = rng
        self.draws_dead = self.target == "dead" or rng.random() < 0.4

    def add(self, rng, call, glob, first=None):
        first = first or rng.choice([1, 1, 1, 1, 2, 2, 3, 5, 9])
        self.rules.append((call, glob, first, rng.choice([1, 1, 2, 0]), rng.choice(ERRORS[call])))

    def fits(self, plan):
        """Makes that what fails is used: many batches, dead letters, refused lines, a full memory. What would only take
        time goes."""
        rng = self.rng
        count, pad = rng.choice([60, 300, 600]), rng.choice([0, 100, 1000])
        if self.target == "overflow":
            count, pad = 600, 8000
        odd = 0.05 if self.target == "rejects" or rng.random() < 0.2 else 0
        plan.lines = [plan.odd_line(rng, index) if rng.random() < odd
                      else plan.event(rng, index, pad, plan.has_poison and index % 100 == 7) for index in range(count)]
        plan.ends_with_line_feed, plan.is_piped = True, rng.random() < 0.5
        for webhook in plan.webhooks:
            webhook["batch"] = {**webhook["batch"], "max_events": min(20, webhook["batch"]["max_events"])}
        names = [name for name in plan.fault_names if name not in SLOW]
        plan.fault_names = names + ["server_error"]
        if self.draws_dead:
            plan.fault_names = plan.fault_names + ["forbidden"] * (1 + len(plan.fault_names))
            plan.rate = max(plan.rate, 0.4)
        plan.acts = [(name, moment) for name, moment in plan.acts if name not in ("kill", "disk_full")]
        if self.target == "overflow":
            plan.options["--memory"] = "4MiB"
            # One that is slow, and others that want to go on.
            plan.webhooks = [{**plan.webhooks[0], "name": f"hook {index}", "format": "json", "topics": ["*"],
                              "batch": {**plan.webhooks[0]["batch"], "max_bytes": "1MiB"},
                              "retry": {**plan.webhooks[0]["retry"], "max_backoff": "5ms"}} for index in range(3)]
            for webhook in plan.webhooks:
                webhook.pop("rate_limit", None)
            plan.webhooks[0].update(concurrency=1, format="single")

    def environment(self, number, folder):
        """Of process `number`."""
        if number not in self.faulty:
            return {}
        rules = "\n".join(" ".join(map(str, rule)) for rule in self.rules)
        return {"DISK_FAULTS": rules, "DISK_FAULTS_LOG": str(folder / f"disk-{number}.txt")}

    def __str__(self):
        rules = ", ".join(f"{call} {glob} from {first} {times or 'all'} times: {errno.errorcode.get(code, 'cut')}"
                          for call, glob, first, times, code in self.rules)
        return f"disk of process {' and '.join(map(str, sorted(self.faulty)))}: {rules}"


def hits(number, folder):
    """What failed in process `number`: (call, path) of each failure."""
    log = folder / f"disk-{number}.txt"
    return [tuple(line.split(" ", 1)) for line in log.read_text().splitlines()] if log.exists() else []


def build(folder):
    library = folder / "chaos_disk.so"
    source = pathlib.Path(__file__).with_suffix(".c")
    compiler = shutil.which("cc") or shutil.which("clang")
    if not compiler:
        raise SystemExit("chaos: --disk needs a C compiler: cc, or the clang that comes with Swift")
    subprocess.run([compiler, "-O1", "-Wall", "-Werror", "-fPIC", "-shared", "-o", library, source, "-ldl"], check=True)
    return library
