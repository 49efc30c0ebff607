"""Checks of scripts/interop about packages: the .deb on a Debian with nothing else on it, and scripts/install.

Usage:  import interop_deb; not a command of its own. GROUPS holds the functions by name.

Needs:  root, debootstrap, lintian, a mirror of Debian; see scripts/interop_checks.py.
"""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What a person does first, in the fresh system.
FIRST_STEPS = """set -e
cd /srv
hookline init
hookline validate
export HOOKLINE_SECRET=$(hookline secret -q)
mkfifo log
hookline listen --port 0 > log &
receiver=$!
trap 'kill $receiver' EXIT
exec 3< log
read -r line <&3
sed -i "s/:8443/:${line##*:}/" webhooks.yaml
echo '{"topic":"order.created","id":"evt_1","order":{"total":250}}' | hookline
kill $receiver
trap - EXIT
cat <&3
wait $receiver
"""


def packages(suite):
    """The .deb is taken by lintian and by a fresh Debian, in which hookline then works."""
    ran = subprocess.run(["scripts/package-deb", suite.work / "deb"], cwd=ROOT, capture_output=True, text=True)
    problem = None if ran.returncode == 0 else f"exit code {ran.returncode}: {ran.stderr[-1500:]}"
    suite.check("scripts/package-deb makes a package", problem)
    if problem:
        return
    package = pathlib.Path(ran.stdout.splitlines()[-1])
    again = subprocess.run(["scripts/package-deb", suite.work / "again"], cwd=ROOT, capture_output=True, text=True)
    second = pathlib.Path(again.stdout.splitlines()[-1]) if again.returncode == 0 else None
    same = second and second.read_bytes() == package.read_bytes()
    suite.check("a second package is the same, byte by byte", None if same else again.stderr[-600:] or "it differs")

    ran = subprocess.run(["lintian", "--allow-root", "--fail-on", "error", package], capture_output=True, text=True)
    said = ran.stdout + ran.stderr
    suite.check("lintian finds no error", None if ran.returncode == 0 else f"exit code {ran.returncode}: {said}",
                f"{said.count('W: ')} warnings")

    def field(name):
        return subprocess.run(["dpkg-deb", "-f", package, name], capture_output=True, text=True).stdout.strip()

    depends = field("Depends")
    missing = [name for name in ("libc6", "libcurl4", "libssl3", "libyaml-0-2") if name not in depends]
    suite.check("it depends on the libraries that it is linked to", f"{missing} are not in: {depends}" if missing else None,
                depends)
    held = subprocess.run(["dpkg-deb", "-c", package], capture_output=True, text=True).stdout
    wanted = ["./usr/bin/hookline", "./usr/share/man/man1/hookline.1.gz", "./usr/share/man/man5/webhooks.yaml.5.gz",
              "./usr/share/bash-completion/completions/hookline", "./usr/share/zsh/vendor-completions/_hookline",
              "./usr/share/fish/vendor_completions.d/hookline.fish", "./usr/share/doc/hookline/copyright",
              "./usr/share/doc/hookline/changelog.Debian.gz", "./usr/share/doc/hookline/examples/crontab"]
    missing = [path for path in wanted if f" {path}\n" not in held]
    suite.check("it holds program, manual pages, completions and documents", f"missing: {missing}" if missing else None)
    fresh(suite, package)
    installed(suite)


def fresh(suite, package):
    """Debootstrap, the package with its dependencies, and the first steps."""
    root = suite.work / "debian"
    release = dict(line.split("=", 1) for line in pathlib.Path("/etc/os-release").read_text().splitlines() if "=" in line)
    sites = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE) $(CODENAME) $(COMPONENT)",
                            "Created-By: Packages"], capture_output=True, text=True).stdout.splitlines()
    codename = release["VERSION_CODENAME"].strip('"')
    mirror = next((line.split()[0] for line in sites if line.split()[1:] == [codename, "main"]), None)
    if not mirror:
        suite.check("a fresh Debian", f"apt knows no mirror of {codename}: {sites}")
        return
    try:
        ran = subprocess.run(["debootstrap", "--variant=minbase", codename, root, mirror], capture_output=True, text=True)
        suite.check(f"a fresh {codename}", None if ran.returncode == 0 else ran.stdout[-1500:] + ran.stderr[-500:])
        if ran.returncode:
            return
        # Swift reads a program's arguments there.
        subprocess.run(["mount", "-t", "proc", "proc", root / "proc"], check=True)
        (root / "package.deb").write_bytes(package.read_bytes())
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive",
                       "LC_ALL": "C.UTF-8"}

        def chroot(*command):
            return subprocess.run(["timeout", "300", "chroot", root, *command], capture_output=True, text=True,
                                  env=environment)

        ran = chroot("sh", "-c", "apt-get update -qq && apt-get install -y -qq --no-install-recommends /package.deb")
        suite.check("apt installs the package there", None if ran.returncode == 0 else ran.stdout[-800:] + ran.stderr[-800:])
        ran = chroot("bash", "-c", FIRST_STEPS)
        good = ran.returncode == 0 and all(word in ran.stdout for word in (
            "webhooks.yaml: ok", '"delivered":2,', " POST /invoicing 200 ", " POST /large-orders 200 "))
        suite.check("init, validate, listen and an event work there", None if good else
                    f"exit code {ran.returncode}: {ran.stdout}{ran.stderr}")
        ran = chroot("sh", "-c", "dpkg --verify hookline && apt-get purge -y -qq hookline && ! command -v hookline")
        suite.check("it is whole, and leaves", None if ran.returncode == 0 else ran.stdout + ran.stderr)
    finally:
        # Debootstrap takes its mounts away, but not when it fails.
        for mounted in ("proc", "sys"):
            if os.path.ismount(root / mounted):
                subprocess.run(["umount", root / mounted], check=True)


def installed(suite):
    """What scripts/install puts down is what it lists, works, and is taken away again."""
    environment = {**os.environ, "DESTDIR": str(suite.work / "stage"), "PREFIX": "/opt/hook line"}

    def install(*options):
        return subprocess.run(["scripts/install", *options], cwd=ROOT, env=environment, capture_output=True, text=True)

    def files():
        return sorted(str(path) for path in (suite.work / "stage").rglob("*") if path.is_file())

    listed = sorted(install("--list").stdout.splitlines())
    ran = install()
    problem = None if ran.returncode == 0 and files() == listed and listed else f"{ran.stderr[-600:]} {files()}, listed: {listed}"
    version = subprocess.run([suite.work / "stage/opt/hook line/bin/hookline", "--version"], capture_output=True, text=True)
    suite.check("scripts/install installs what it lists", problem, f"{len(listed)} files, {version.stdout.strip()}")
    install("--uninstall")
    suite.check("and takes it away again", None if not files() else f"left: {files()}")


GROUPS = {"packages": packages}
