"""Checks of scripts/interop about shells and readers of manuals: completions in bash, zsh and fish; man, groff, mandoc.

Usage:  import interop_shells; not a command of its own. GROUPS holds the functions by name.

Needs:  bash, zsh, fish, man-db, groff, mandoc; see scripts/interop_checks.py.
"""
import os
import pathlib
import pty
import select
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

CONFIG = """version: 1
topics: {t: Things}
webhooks:
  - {name: %s, url: https://a.example/, topics: [t]}
  - {name: audit, url: https://a.example/, topics: [t]}
"""

# What is typed after `hookline `, with a TAB wherever one is pressed, and the arguments that the command then gets.
# `--option=value` counts as two, and a slash at the end as none: shells differ in that, and hookline does not.
TYPED = [
    ("va\tx", ["validate", "x"]),
    ("--dead-\tout", ["--dead-letter", "out"]),
    ("--log-format j\t", ["--log-format", "json"]),
    ("--log-format=j\t", ["--log-format", "json"]),
    ("run --stri\t", ["run", "--strict"]),
    ("--only la\t", ["--only", "large orders"]),
    ("--config other.yaml --only bi\t", ["--config", "other.yaml", "--only", "billing"]),
    ("--config=other.yaml --only bi\t", ["--config", "other.yaml", "--only", "billing"]),
    ("spool drop --webhook au\t", ["spool", "drop", "--webhook", "audit"]),
    ("validate we\t", ["validate", "webhooks.yaml"]),
    ("--config my\t", ["--config", "my hooks.yaml"]),
    ("--spool sp\t", ["--spool", "spool"]),
    ("spool sh\tabc", ["spool", "show", "abc"]),
    ("listen --certificate w\t", ["listen", "--certificate", "wrong-host"]),
    ("validate --format gi\t", ["validate", "--format", "github"]),
    ("completions f\t", ["completions", "fish"]),
    ("help li\t", ["help", "listen"]),
    ("validate -- --format\t", ["validate", "--", "--format"]),
]

# For fish, which says itself what it would offer: a line, and the words.
OFFERED = [
    ("va", ["validate"]), ("--dead-", ["--dead-letter"]), ("--log-format ", ["json", "text"]),
    ("--log-format=j", ["--log-format=json"]), ("--only ", ["audit", "large orders"]),
    ("--config other.yaml --only ", ["audit", "billing"]), ("--config=other.yaml --only ", ["audit", "billing"]),
    ("spool ", ["drop", "list", "show"]), ("spool list --webhook au", ["audit"]), ("validate we", ["webhooks.yaml"]),
    ("--spool sp", ["spool/"]), ("listen --certificate w", ["wrong-host"]), ("validate --format gi", ["github"]),
    ("completions ", ["bash", "fish", "zsh"]), ("help li", ["listen"]), ("secret ", []),
]


def normal(words):
    return [part.rstrip("/") for word in words for part in (word.split("=", 1) if word.startswith("--") else [word])]


class Terminal:
    """An interactive shell on a pseudo-terminal of its own."""

    def __init__(self, command, folder, environment):
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        self.shown = b""

    def wait(self, found, limit=20):
        """Reads on until `found()`; False: the time is up."""
        end = time.monotonic() + limit
        while not found():
            if time.monotonic() > end:
                return False
            if select.select([self.descriptor], [], [], 0.02)[0]:
                try:
                    self.shown += os.read(self.descriptor, 65536)
                except OSError:  # the shell has ended
                    return found()
        return True

    def close(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.descriptor)


def completions(suite):
    """Each shell takes its script, and completes what is typed into it."""
    with tempfile.TemporaryDirectory(dir=suite.work) as name:
        folder = pathlib.Path(name)
        work = folder / "work"
        for made in ("bin", "work", "work/spool", "zsh"):
            (folder / made).mkdir()
        (work / "webhooks.yaml").write_text(CONFIG % "large orders")
        (work / "other.yaml").write_text(CONFIG % "billing")
        (work / "my hooks.yaml").write_text(CONFIG % "billing")
        (work / "spoon.txt").write_text("not a directory")
        # In the place of hookline: tells what it was called with, and asks the real one for names.
        program = folder / "bin/hookline"
        program.write_text(f"""#!/bin/sh
if [ "$1 $2" = "completions webhooks" ]; then exec '{suite.hookline}' "$@"; fi
printf '%s\\n' "$@" > '{folder}/part' && mv '{folder}/part' '{folder}/called'
""")
        program.chmod(0o755)
        scripts = {}
        for shell in ("bash", "zsh", "fish"):
            scripts[shell] = folder / ("zsh/_hookline" if shell == "zsh" else f"hookline.{shell}")
            scripts[shell].write_bytes(
                subprocess.run([suite.hookline, "completions", shell], capture_output=True, check=True).stdout)
            ran = subprocess.run([shell, "-n", scripts[shell]], capture_output=True, text=True)
            suite.check(f"{shell} reads its script", ran.stderr or None)
        (folder / "bashrc").write_text(f"PS1='ready> '; source {scripts['bash']}\n")
        (folder / "zsh/.zshrc").write_text(
            f"PS1='ready> '; fpath=({folder}/zsh $fpath); autoload -Uz compinit; compinit -u -d {folder}/zcompdump\n")
        environment = {"PATH": f"{folder / 'bin'}:/usr/local/bin:/usr/bin:/bin", "HOME": name, "TERM": "dumb",
                       "ZDOTDIR": str(folder / "zsh"), "LC_ALL": "C.UTF-8"}
        for shell, command in [("bash", ["bash", "--rcfile", str(folder / "bashrc"), "-i"]),
                               ("zsh", ["zsh", "-d", "-i"])]:
            terminal = Terminal(command, work, environment)
            wrong = []
            try:
                for typed, wanted in TYPED:
                    if not terminal.wait(lambda: b"ready> " in terminal.shown):
                        wrong.append(f"no prompt came: {terminal.shown[-300:]!r}")
                        break
                    terminal.shown = b""
                    (folder / "called").unlink(missing_ok=True)
                    os.write(terminal.descriptor, f"hookline {typed}\r".encode())
                    terminal.wait((folder / "called").exists, 10)
                    called = (folder / "called").read_text().splitlines() if (folder / "called").exists() else None
                    if called is None or normal(called) != wanted:
                        wrong.append(f"{typed!r} became {called}, wanted {wanted}; shown: {terminal.shown[-300:]!r}")
                        if called is None:
                            break
            finally:
                terminal.close()
            suite.check(f"{shell} completes what is typed", "\n          ".join(wrong) or None, f"{len(TYPED)} lines")
        wrong = []
        for line, wanted in OFFERED:
            ran = subprocess.run(
                ["fish", "--no-config", "-c", f"source {scripts['fish']}; complete -C \"hookline {line}\""],
                cwd=work, env=environment, capture_output=True, text=True)
            offered = sorted(row.split("\t")[0] for row in ran.stdout.splitlines())
            if offered != wanted or ran.stderr:
                wrong.append(f"{line!r} offers {offered}, wanted {wanted}; {ran.stderr}")
        suite.check("fish offers what fits", "\n          ".join(wrong) or None, f"{len(OFFERED)} lines")


def man(suite):
    """The manual pages are taken without a warning, and are found and shown as they should be."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80", "MAN_KEEP_FORMATTING": ""}
    for page, title, words in [
            ("hookline.1", "hookline - deliver NDJSON events to webhooks",
             ["--dead-letter FILE", "spool list|show|drop [ID]... [OPTION]...", "HOOKLINE_WRITE_AHEAD", "128+n"]),
            ("webhooks.yaml.5", "webhooks.yaml - topics and webhooks of hookline",
             ["max_events", "https://id.example.com/oauth/token", "filter:", "equals-ignore-case"])]:
        path = ROOT / "docs/man" / page
        for command in (["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", path],
                        ["groff", "-man", "-Kutf8", "-Tutf8", "-ww", "-z", path],
                        ["mandoc", "-T", "lint", "-W", "warning", path]):
            ran = subprocess.run(command, capture_output=True, text=True, env=environment)
            said = ran.stderr + (ran.stdout if command[0] == "mandoc" else "")
            # The page follows the code, not the calendar.
            said = "\n".join(line for line in said.splitlines() if "missing date" not in line)
            failed = ran.returncode and command[0] != "mandoc"
            suite.check(f"{command[0]} takes {page}", said or (f"exit code {ran.returncode}" if failed else None))
        named = subprocess.run(["lexgrog", path], capture_output=True, text=True).stdout
        suite.check(f"lexgrog finds the name of {page}", None if f'"{title}"' in named else named or "nothing")
        shown = subprocess.run(["man", "-E", "UTF-8", "-l", path], capture_output=True, text=True, env=environment).stdout
        missing = [word for word in words if word not in shown]
        suite.check(f"man shows {page}", f"missing: {missing}" if missing else None, f"{len(shown.splitlines())} lines")


GROUPS = {"completions": completions, "man": man}
