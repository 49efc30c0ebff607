"""Servers of others on loopback, for scripts/bench and scripts/interop: certificates, free ports, start and end.

Usage:  import local_server; not a command of its own.

  make_certificates(folder)   a CA (ca.pem) and a certificate for localhost (server.pem, server.key), made by openssl
  Server(command, port, log)  a context manager: the process runs while its block does, and is ended by its pid
  nginx(work, port, http)     such a server: nginx with these lines in its http section, as the current user
  logged(log, count)          the lines of a log, as soon as there are so many

Needs:  openssl, nginx for `nginx`, Python 3.9.
"""
import os
import pathlib
import socket
import subprocess
import time

NGINX = """\
daemon off;
master_process off;
{user}
pid {work}/nginx.pid;
error_log {work}/error.log {level};
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_max_body_size 0;
    client_body_temp_path {bodies};
    proxy_temp_path {work}/proxy;
    fastcgi_temp_path {work}/fastcgi;
    uwsgi_temp_path {work}/uwsgi;
    scgi_temp_path {work}/scgi;
{http}}}
"""
NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


class Server:
    """A process that listens on 127.0.0.1. `command` must stay in the foreground."""

    def __init__(self, command, port, log, environment=None, output=None):
        """`log`: the file to show when it does not start. `environment`, `output`: None for those of this process."""
        self.command = list(map(str, command))
        self.port = port
        self.log = pathlib.Path(log)
        self.environment = environment
        self.output = output
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, env=self.environment,
                                        stdout=self.output, stderr=self.output)
        deadline = time.monotonic() + 10
        while not self._accepts():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise SystemExit(f"{pathlib.Path(self.command[0]).name} did not start:\n{self.errors()}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def errors(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _accepts(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def nginx(work, port, http, bodies=None, level="warn"):
    """`work`: its folder; `bodies`: where request bodies are put, by default in that; `level`: of its error log."""
    work = pathlib.Path(work)
    (work / "nginx.conf").write_text(NGINX.format(
        work=work, bodies=bodies or work / "body", http=http, level=level,
        user="user root;" if os.geteuid() == 0 else ""))
    log = work / "error.log"
    return Server(["nginx", "-p", work, "-c", work / "nginx.conf", "-e", log], port, log)


def logged(log, count):
    """Waits up to 5 s for `count` lines, since nginx writes its line only after the client has its answer."""
    deadline = time.monotonic() + 5
    while True:
        lines = log.read_text().splitlines() if log.exists() else []
        if len(lines) >= count or time.monotonic() > deadline:
            return lines
        time.sleep(0.01)


def openssl(folder, *arguments):
    subprocess.run(["openssl", *map(str, arguments)], cwd=folder, check=True, capture_output=True)


def make_certificates(folder):
    """Makes ca.key, ca.pem, server.key and server.pem in `folder`."""
    openssl(folder, "req", "-x509", *NEW_KEY, "-days", "2", "-subj", "/CN=CA for a test of hookline", "-keyout",
            "ca.key", "-out", "ca.pem")
    issue(folder, "server", "localhost",
          "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\nextendedKeyUsage=serverAuth\n")


def issue(folder, name, subject, extensions):
    """Makes `name`.key and `name`.pem, signed by the CA in `folder`."""
    (pathlib.Path(folder) / f"{name}.ext").write_text(extensions)
    openssl(folder, "req", *NEW_KEY, "-subj", f"/CN={subject}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False
