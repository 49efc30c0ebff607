#!/usr/bin/env python3
"""Takes a picture of a run's progress in a real terminal, tmux, as SVG: a fast receiver, one that answers 503, and one that
refuses some events.

Usage:  scripts/pictures_terminal.py HOOKLINE > progress.svg

Needs:  Python 3.9, tmux.
"""
import html
import pathlib
import re
import subprocess
import sys
import tempfile
import time

COLUMNS, ROWS = 100, 14
CONFIGURATION = """version: 1
topics: {object.created: An object is created}
network: {allow: [127.0.0.1/32, "::1/128"]}
defaults: {tls: {ca_file: ca/ca.pem}, retry: {max_attempts: 9, initial_backoff: 2s}}
webhooks:
  - {name: invoicing, url: "https://localhost:%s/invoicing", topics: ["*"], rate_limit: 600/s}
  - {name: crm, url: "https://localhost:%s/crm", topics: ["*"], breaker: {failures: 5, probe_after: 1m}}
  - {name: audit, url: "https://localhost:%s/audit", topics: ["*"], rate_limit: 600/s}
"""
RECEIVERS = [[], ["--status", "503"], ["--reject-containing", '"n":4711,']]


def start_receiver(hookline, folder, options, processes):
    process = subprocess.Popen([hookline, "listen", "--port", "0", "--directory", "ca", *options], cwd=folder,
                               stdout=subprocess.PIPE, text=True)
    processes.append(process)
    for line in process.stdout:
        if found := re.search(r"https://localhost:(\d+)", line):
            subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
            return found.group(1)
    sys.exit("pictures: the receiver does not start")


def capture(hookline, folder):
    """What the terminal shows once the run has got somewhere, with its escape sequences for colours."""
    tmux = ["tmux", "-S", f"{folder}/tmux", "-f", "/dev/null"]
    command = f"{hookline} < events.ndjson > summary.json; sleep 60"
    subprocess.run([*tmux, "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), "-c", folder, "sh", "-c", command],
                   check=True)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            screen = subprocess.run([*tmux, "capture-pane", "-p", "-e"], check=True, capture_output=True, text=True).stdout
            if " left" in screen and "dead letter" in screen.split("events read")[-1] and "left alone, tried" in screen:
                return screen.rstrip("\n").split("\n")
            time.sleep(0.05)
        sys.exit(f"pictures: progress was not seen within 60 s; the terminal shows:\n{screen}")
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)


def spans(line):
    """The parts of a line, each with its colour; None: the usual one."""
    colour = None
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if code := re.fullmatch(r"\x1b\[([0-9;]*)m", part):
            colour = {"31": "#e5534b", "33": "#daaa3f"}.get(code.group(1))
        elif part:
            yield part, colour


def svg(lines):
    width, step = COLUMNS * 8.4 + 32, 20
    height = len(lines) * step + 28
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" '
           f'height="{height}" role="img" aria-label="Progress of a run in a terminal">')
    yield '<rect width="100%" height="100%" rx="8" fill="#22272e"/>'
    yield '<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" fill="#c9d1d9" xml:space="preserve">'
    for index, line in enumerate(lines):
        parts = "".join(f'<tspan{f" fill={chr(34)}{colour}{chr(34)}" if colour else ""}>{html.escape(text)}</tspan>'
                        for text, colour in spans(line))
        yield f'<text x="16" y="{index * step + 28}">{parts}</text>'
    yield "</g></svg>"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    hookline = str(pathlib.Path(sys.argv[1]).resolve())
    processes = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            ports = [start_receiver(hookline, folder, options, processes) for options in RECEIVERS]
            pathlib.Path(folder, "webhooks.yaml").write_text(CONFIGURATION % tuple(ports))
            with open(f"{folder}/events.ndjson", "w") as events:
                for number in range(1_500_000):
                    events.write('{"topic":"object.created","n":%d,"text":"%s"}\n' % (number, "x" * 200))
            lines = capture(hookline, folder)
        finally:
            for process in processes:
                process.terminate()
    print("\n".join(svg(lines)))


main()
