"""Checks of scripts/interop about documents that tools of others read: SARIF, JUnit, workflows of GitHub Actions.

Usage:  import interop_documents; not a command of its own. GROUPS holds the functions by name.

Needs:  see scripts/interop_checks.py.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import junitparser
import ruamel.yaml
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


def examples(suite):
    """The workflow and the hooks of docs/examples are what GitHub and pre-commit take, and their commands do what they
    say: with the configuration there, and with one whose test fails."""
    folder = ROOT / "docs/examples"
    tools = pathlib.Path(sys.executable).parent
    for what, command in [("the schema of GitHub's workflows takes github-actions.yml",
                           [tools / "check-jsonschema", "--builtin-schema", "vendor.github-workflows",
                            folder / "github-actions.yml"]),
                          ("pre-commit takes pre-commit-config.yaml",
                           [tools / "pre-commit", "validate-config", folder / "pre-commit-config.yaml"])]:
        ran = subprocess.run(command, capture_output=True, text=True)
        suite.check(what, None if ran.returncode == 0 else f"exit code {ran.returncode}: {ran.stdout}{ran.stderr}")
    with tempfile.TemporaryDirectory(dir=suite.work) as name:
        work = pathlib.Path(name)
        (work / "bin").mkdir()
        (work / "bin/hookline").symlink_to(suite.hookline)
        environment = {"PATH": f"{work / 'bin'}:{os.environ['PATH']}", "HOME": name, "GIT_CONFIG_NOSYSTEM": "1",
                       "GITHUB_BASE_REF": "main", "RUNNER_TEMP": name, "GITHUB_STEP_SUMMARY": str(work / "summary.md"),
                       **{f"GIT_{who}_{what}": "nobody@example.com" for who in ("AUTHOR", "COMMITTER")
                          for what in ("NAME", "EMAIL")}}

        def run(command, directory, **more):
            return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, **more)

        def repository(directory, *files):
            directory.mkdir()
            for source, target in files:
                shutil.copy(source, directory / target)
            for command in (["init", "--quiet", "--initial-branch=main"], ["add", "."],
                            ["commit", "--quiet", "--message=first"],
                            ["update-ref", "refs/remotes/origin/main", "HEAD"]):
                run(["git", *command], directory, check=True)

        repository(work / "tree", *[(folder / file, file) for file in ("webhooks.yaml", "events.ndjson")],
                   (folder / "pre-commit-config.yaml", ".pre-commit-config.yaml"))
        workflow = ruamel.yaml.YAML(typ="safe").load(folder / "github-actions.yml")
        steps = [step for step in workflow["jobs"]["check"]["steps"] if "run" in step]
        sound = (folder / "webhooks.yaml").read_text()
        for what, text, failing in [
                ("as it is", sound, []), ("with a test that fails", sound.replace("type: [Order]", "type: [Task]"),
                                          ["Run its tests"]),
                ("with an error", sound.replace("topics: [object.created]", "topics: [object.creatd]"),
                 ["Check the configuration", "Run its tests", "Compare with the target branch"])]:
            (work / "tree/webhooks.yaml").write_text(text)
            failed = [step["name"] for step in steps if run(["bash", "-e", "-c", step["run"]], work / "tree").returncode]
            shown = (work / "summary.md").read_text() if (work / "summary.md").exists() else ""
            log = json.loads((work / "tree/hookline.sarif").read_text())
            problem = None if failed == failing else f"failed: {failed}, wanted: {failing}"
            if "sample: " not in shown and what != "as it is" or sarif_kit.validate.validation_errors(log):
                problem = problem or f"the summary or the log is not as it should be: {shown}"
            suite.check(f"the workflow's steps, {what}", problem, ", ".join(failing) or "all pass")
            hooks = run([tools / "pre-commit", "run", "--all-files"], work / "tree")
            problem = None if (hooks.returncode != 0) == bool(failing) else hooks.stdout + hooks.stderr
            suite.check(f"the hooks of pre-commit, {what}", problem, "as the workflow")


GROUPS = {"sarif": sarif, "junit": junit, "examples": examples}
