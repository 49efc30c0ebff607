"""Checks of scripts/interop about connections: nginx, Caddy, client certificates, OAuth 2.

Usage:  import interop_network; not a command of its own. GROUPS holds the functions by name.

Needs:  see scripts/interop_checks.py.
"""
import base64
import json
import secrets
import threading
import time
import urllib.parse

import interop_proxies
import interop_signing
import local_server
from interop_receiver import Receiver, Refused
from interop_verifiers import FORMATS


def through(suite, start, versions):
    """All formats, signed, through a proxy by each protocol and TLS version; the receiver behind it tells by which."""
    [key] = interop_signing.secret(suite)
    for tls in versions:
        with Receiver() as receiver, start(suite.certificates, receiver.port, tls) as proxy:
            for version, shown in [("auto", "HTTP/2.0"), ("1.1", "HTTP/1.1")]:
                problems = suite.send_all_formats(
                    receiver, interop_signing.official(key),
                    {"http_version": version, "signing": {"secrets": [{"env": "KEY"}]}}, {"KEY": key}, url=proxy.url)
                problem = next((f"{format}: {text}" for format, text in problems.items() if text), None)
                requests = [headers for format in FORMATS for headers, _ in receiver.taken[f"/{format}"]]
                came = {headers.get("x-arrived-by") for headers in requests}
                if problem is None and came != {f"{shown} {tls}"}:
                    problem = f"requests came by {came}"
                suite.check(f"{shown}, {tls}", problem, f"{suite.count:,} events in each of {len(FORMATS)} formats in "
                            f"{len(requests):,} requests, {interop_signing.WITH_OFFICIAL}")
            if tls == versions[0]:
                receiver.route("/json", lambda headers, body: None)
                run = suite.run([{"name": "careful", "url": f"{proxy.url}/json", "tls": {"min_version": "1.3"}}],
                                lines=suite.events[:10])
                problem = refused(run, 10) or ("requests arrived" if receiver.taken["/json"] else None)
                suite.check(f"min_version 1.3 against {tls}", problem, "nothing is sent, exit code 1")


def refused(run, count):
    """What is wrong with a run of which nothing was to be delivered; None: nothing."""
    if run.code != 1 or not run.summary:
        return f"exit code {run.code} where 1 is right: {run.errors[-600:]}"
    books = run.summary["books"]
    if not books["balanced"] or books["delivered"] or books["dead_lettered"] != count or len(run.dead) != count:
        return f"{len(run.dead)} dead letters, the books: {books}"
    return None


def nginx(suite):
    through(suite, interop_proxies.nginx, ["TLSv1.2", "TLSv1.3"])


def caddy(suite):
    through(suite, interop_proxies.caddy, ["tls1.2", "tls1.3"])


def client_certificate(suite):
    """nginx with `ssl_verify_client on`: who shows a certificate of its CA gets in, nobody else."""
    folder = suite.certificates
    local_server.issue(folder, "client", "hookline", "extendedKeyUsage=clientAuth\n")
    password = secrets.token_hex(16)
    local_server.openssl(folder, "pkcs8", "-topk8", "-in", "client.key", "-out", "encrypted.key", "-v2", "aes-256-cbc",
                         "-passout", f"pass:{password}")
    (folder / "password").write_text(password + "\n")
    (folder / "password").chmod(0o600)
    stranger = folder / "stranger"
    stranger.mkdir()
    local_server.make_certificates(stranger)
    local_server.issue(stranger, "client", "hookline", "extendedKeyUsage=clientAuth\n")

    def identity(certificate, key, **more):
        return {"client_cert": {"file": str(certificate)}, "client_key": {"file": str(key)}, **more}

    good = folder / "client.pem"
    accepted = [
        ("a plain key {file}", identity(good, folder / "client.key"), {}),
        ("a plain key by its path", {"client_cert": str(good), "client_key": str(folder / "client.key")}, {}),
        ("an encrypted key, its password {env}",
         identity(good, folder / "encrypted.key", client_key_password={"env": "PASSWORD"}), {"PASSWORD": password}),
        ("an encrypted key, its password {file}",
         identity(good, folder / "encrypted.key", client_key_password={"file": str(folder / "password")}), {})]
    for tls in ("TLSv1.2", "TLSv1.3"):
        for what, settings, environment in accepted:
            with Receiver() as receiver, interop_proxies.nginx(folder, receiver.port, tls, folder / "ca.pem") as proxy:
                receiver.route("/ndjson", lambda headers, body: None)
                run = suite.run([{"name": "known", "url": f"{proxy.url}/ndjson", "format": "ndjson", "tls": settings}],
                                environment)
                problem = suite.not_delivered(run) or suite.not_arrived(receiver, "/ndjson", "ndjson")
                who = {headers.get("x-client") for headers, _ in receiver.taken["/ndjson"]}
                if problem is None and who != {"CN=hookline"}:
                    problem = f"nginx names the client {who}"
                suite.check(f"{what}, {tls}", problem, f"{suite.count:,} events in "
                            f"{len(receiver.taken['/ndjson'])} requests")
        for what, settings in [("no certificate", {}),
                               ("a stranger's", identity(stranger / "client.pem", stranger / "client.key"))]:
            with Receiver() as receiver, interop_proxies.nginx(folder, receiver.port, tls, folder / "ca.pem") as proxy:
                receiver.route("/ndjson", lambda headers, body: None)
                run = suite.run([{"name": "unknown", "url": f"{proxy.url}/ndjson", "format": "ndjson",
                                  "tls": settings}])
                statuses = proxy.statuses(run.summary["webhooks"][0]["requests"] if run.summary else 0)
                problem = refused(run, suite.count)
                if problem is None and (receiver.taken["/ndjson"] or "200" in statuses):
                    problem = f"nginx took requests: {statuses}"
                suite.check(f"{what}, {tls}", problem, f"{len(run.dead):,} dead letters, exit code {run.code}; nginx's "
                            f"record has {len(statuses)} requests, all refused ({', '.join(sorted(set(statuses)))})")


class Issuer:
    """An authorization server of its own: client credentials (RFC 6749 section 4.4) and bearer tokens (RFC 6750).

    A token ends after `seconds`, and the first one also when it was good for `uses` requests."""

    def __init__(self, receiver, seconds=3600, uses=None):
        self.client, self.secret = "hookline client", "s3cr:t+/ €"
        self.seconds, self.uses = seconds, uses
        self.issued, self.used, self.ends = [], 0, 0.0
        self._lock = threading.Lock()
        receiver.route("/token", self._token)
        receiver.route("/ndjson", self._check)

    def _token(self, headers, body):
        form = dict(urllib.parse.parse_qsl(body.decode(), strict_parsing=True))
        scheme, _, value = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            name, _, secret = base64.b64decode(value).decode().partition(":")
            name, secret = urllib.parse.unquote_plus(name), urllib.parse.unquote_plus(secret)
        else:
            name, secret = form.get("client_id"), form.get("client_secret")
        if (name, secret) != (self.client, self.secret) or form.get("grant_type") != "client_credentials":
            raise Refused("not the client's credentials")
        if headers.get("content-type") != "application/x-www-form-urlencoded":
            raise Refused("no form")
        with self._lock:
            self.issued.append(secrets.token_urlsafe(24))
            self.used, self.ends = 0, time.monotonic() + self.seconds
            return json.dumps({"access_token": self.issued[-1], "token_type": "Bearer", "expires_in": self.seconds,
                               "scope": form.get("scope", "")}).encode()

    def _check(self, headers, body):
        with self._lock:
            if not self.issued or headers.get("authorization") != f"Bearer {self.issued[-1]}":
                raise Refused("not the token of now")
            revoked = self.uses is not None and len(self.issued) == 1 and self.used >= self.uses
            if revoked or time.monotonic() >= self.ends:
                raise Refused("the token has expired")
            self.used += 1


def oauth2(suite):
    """The token ends in the middle of a run: by the time that the server told, and by a revocation that nobody told."""
    half = suite.count // 2

    def feed(pipe):
        pipe.write(b"\n".join(suite.events[:half]) + b"\n")
        pipe.flush()
        patience = time.monotonic() + 10
        while not issuer.issued and time.monotonic() < patience:
            time.sleep(0.02)
        time.sleep(max(0, issuer.ends + 0.2 - time.monotonic()))  # till the first token has ended
        pipe.write(b"\n".join(suite.events[half:]) + b"\n")

    for what, options, feeder in [("expired by its time", {"seconds": 3}, feed),
                                  ("revoked", {"uses": suite.count // 200}, None)]:
        with Receiver(suite.certificates / "server.pem", suite.certificates / "server.key") as receiver:
            issuer = Issuer(receiver, **options)
            run = suite.run(
                [{"name": "guarded", "url": f"{receiver.url}/ndjson", "format": "ndjson", "auth": {"oauth2": {
                    "token_url": f"{receiver.url}/token", "client_id": issuer.client,
                    "client_secret": {"env": "CLIENT_SECRET"}}}}],
                {"CLIENT_SECRET": issuer.secret}, feed=feeder)
            unauthorized = len(receiver.refused["/ndjson"])
            receiver.refused["/ndjson"] = []
            problem = suite.not_delivered(run) or suite.not_arrived(receiver, "/ndjson", "ndjson")
            tokens = len(receiver.taken["/token"])
            if problem is None and (tokens != 2 or receiver.refused["/token"]):
                problem = f"{tokens} tokens were given, requests refused: {receiver.refused['/token']}"
            if problem is None and unauthorized > 4:  # the requests under way at once
                problem = f"{unauthorized} requests came with a token that had ended"
            suite.check(f"a token {what} in the middle", problem, f"{suite.count:,} events in "
                        f"{len(receiver.taken['/ndjson'])} requests, one renewal, {unauthorized} answered 401")


GROUPS = {"nginx": nginx, "caddy": caddy, "client-certificate": client_certificate, "oauth2": oauth2}
