"""Checks of scripts/interop about documents that tools of others read: SARIF, JUnit, workflows of GitHub Actions.

Usage:  import interop_documents; not a command of its own. GROUPS holds the functions by name.

Needs:  see scripts/interop_checks.py.
"""
import json
import pathlib
import subprocess

import junitparser
import sarif_kit.validate

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = ROOT / "Tests/HooklineTests/Data/config"


def sarif(suite):
    """Each log of `validate` is what the schema of OASIS says, whatever is wrong with the configurations."""
    broken = sorted((CASES / "broken").glob("*.yaml"))
    sound = [CASES / "formats/warnings.yaml", ROOT / "webhooks.yaml"]
    for what, paths, code in [("problems of each kind", broken, 78), ("warnings", sound, 0),
                              ("a file that is not there", [CASES / "none.yaml"], 66), ("none", sound[1:], 0)]:
        ran = subprocess.run([suite.hookline, "validate", "--format", "sarif", *paths], cwd=ROOT, capture_output=True)
        problem, log = None, None
        try:
            log = json.loads(ran.stdout)
            problem = "; ".join(sarif_kit.validate.validation_errors(log)[:5]) or None
        except ValueError as error:
            problem = f"no JSON: {error}"
        if not problem and (ran.returncode != code or ran.stderr):
            problem = f"exit code {ran.returncode}: {ran.stderr[-600:]}"
        results = log["runs"][0]["results"] if log and not problem else []
        unknown = [result["ruleId"] for result in results
                   if log["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] != result["ruleId"]]
        rules = len({result["ruleId"] for result in results})
        suite.check(f"the schema of SARIF 2.1.0 takes {what}", problem or (f"wrong index of {unknown}" if unknown else None),
                    f"{len(results)} results of {rules} rules")


def junit(suite):
    """The XML of `test` is read by the package junitparser and by expat, with the counts that it claims."""
    paths = [ROOT / "Tests/HooklineTests/Data/tests/webhooks.yaml", CASES / "broken/tests-events.yaml"]
    for path, counts, code in [(paths[0], (5, 3, 0), 1), (paths[1], (1, 0, 1), 78), (ROOT / "webhooks.yaml", None, 0)]:
        ran = subprocess.run([suite.hookline, "test", "--format", "junit", path], cwd=ROOT, capture_output=True)
        problem = None if ran.returncode == code else f"exit code {ran.returncode}: {ran.stderr[-600:]}"
        try:
            read = junitparser.JUnitXml.fromstring(ran.stdout)
            cases = [case for tests in read for case in tests]
            seen = (len(cases), sum(isinstance(result, junitparser.Failure) for case in cases for result in case.result),
                    sum(isinstance(result, junitparser.Error) for case in cases for result in case.result))
            claimed = (read.tests, read.failures, read.errors)
            if seen != claimed or counts not in (None, seen):
                problem = problem or f"tests, failures and errors are {seen}, claimed {claimed}, wanted {counts}"
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        suite.check(f"junitparser reads the results of {path.name}", problem, "" if problem else f"{seen[0]} tests")


GROUPS = {"sarif": sarif, "junit": junit}
