"""The receiver that scripts/bench measures against: one nginx with TLS on loopback, made for one run.

`Sink` makes a CA and a server certificate with openssl, starts nginx as the current user on a free port and ends it by
its pid. nginx reads the whole body of a request before it answers 200: `return 200` alone would answer at once and
discard the body later, and would not count it. So each request passes, without its body, to a second server on a unix
socket that answers. Every request leaves one line in the access log, from which the arrived bytes are counted.
Only /discard is such a `return 200`: for curl's one body of the whole file, which would else go through a file and take
three times as long. There curl itself says how much it sent.

Needs:  nginx (with the ssl module), openssl, Python 3.9. Not a command of its own.
"""
import os
import pathlib

import local_server

# Bodies up to 4 MiB stay in memory, so batches cost the sink no file. `keep` writes each body to a file of its own.
HTTP = """\
    server_tokens off;
    tcp_nodelay on;
    client_body_buffer_size 4m;
    client_body_timeout 60s;
    keepalive_requests 100000000;
    log_format arrived "$status $content_length $request_length $ssl_protocol $server_protocol $connection $uri "
                       "$signed";
    # A signature holds spaces where there are several.
    map $http_webhook_signature $signed {{ "" unsigned; default signed; }}

    upstream answer {{ server unix:{work}/answer.sock; keepalive 64; keepalive_requests 100000000; }}
    server {{
        listen unix:{work}/answer.sock;
        location / {{ return 200; }}
    }}
    server {{
        listen 127.0.0.1:{port} ssl{http2};
        {ipv6}
        server_name localhost;
        ssl_certificate {work}/server.pem;
        ssl_certificate_key {work}/server.key;
        ssl_protocols TLSv1.3;
        access_log {work}/access.log arrived;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Content-Length "";
        proxy_pass_request_body off;
        location / {{ proxy_pass http://answer; }}
        location /discard {{ lingering_time 10m; return 200; }}
        location /keep {{ client_body_in_file_only on; proxy_pass http://answer; }}
    }}
"""


class Sink:
    """A running nginx; a context manager. `url`, `ca` (PEM file) and `bodies` (folder) are what its users need."""

    def __init__(self, work, http2=False):
        """`work`: an empty folder."""
        self.work = pathlib.Path(work)
        self.http2 = http2
        self.port = local_server.free_port()
        self.url = f"https://localhost:{self.port}/"
        self.ca = self.work / "ca.pem"
        self.bodies = self.work / "bodies"
        self.server = None

    def __enter__(self):
        local_server.make_certificates(self.work)
        self.bodies.mkdir()
        http2 = " http2" if self.http2 else ""
        self.server = local_server.nginx(self.work, self.port, HTTP.format(
            work=self.work, port=self.port, http2=http2,
            ipv6=f"listen [::1]:{self.port} ssl{http2};" if local_server.has_ipv6() else ""), self.bodies)
        self.server.__enter__()
        return self

    def __exit__(self, *_):
        self.server.__exit__()

    def arrived(self, requests=1):
        """What arrived since the last call: requests, how many with a signature, bytes of body, connections, answers
        other than 200."""
        log = self.work / "access.log"
        lines = [line.split() for line in local_server.logged(log, requests)]
        with open(log, "w"):  # nginx appends, so the file may be cut under it
            pass
        sizes = [0 if line[1] == "-" else int(line[1]) for line in lines]
        # request_length counts what nginx read, headers included: a body cut short shows here (but not discarded ones).
        short = sum(1 for line, size in zip(lines, sizes) if int(line[2]) < size and line[6] != "/discard")
        return {"requests": len(lines), "bytes": sum(sizes), "connections": len({line[5] for line in lines}),
                "failed": short + sum(1 for line in lines if line[0] != "200"),
                "signed": sum(1 for line in lines if line[7] == "signed"),
                "protocols": sorted({f"{line[4]} {line[3]}" for line in lines})}

    def cpu(self):
        """Seconds of CPU that nginx has used so far."""
        fields = pathlib.Path(f"/proc/{self.server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def errors(self):
        return self.server.errors()
