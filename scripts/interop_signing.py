"""Checks of scripts/interop about signatures and formats.

Usage:  import interop_signing; not a command of its own. GROUPS holds the functions by name.

Needs:  see scripts/interop_checks.py.
"""
import base64
import datetime
import json
import secrets
import subprocess

import interop_verifiers as verifiers
import standardwebhooks
import svix.webhooks
from cloudevents.core.bindings import http as cloudevents_http
from cloudevents.core.v1.event import CloudEvent
from interop_receiver import Receiver
from interop_verifiers import FORMATS, OFFICIAL

WITH_OFFICIAL = "verified by " + " and ".join(OFFICIAL)


def secret(suite, *options):
    """What `hookline secret` prints: a secret, or with --ed25519 the secret and the public key."""
    printed = subprocess.run([suite.hookline, "secret", *options], check=True, capture_output=True, text=True).stdout
    return [word for word in printed.split() if word.startswith(("whsec_", "whsk_", "whpk_"))]


def receiver(suite):
    return Receiver(suite.certificates / "server.pem", suite.certificates / "server.key")


def official(*keys):
    """Each official package, knowing each of the secrets alone."""
    return verifiers.every(*(make(key) for make in OFFICIAL.values() for key in keys))


def signature(suite):
    [key] = secret(suite)
    with receiver(suite) as here:
        suite.all_formats(here, official(key), {"secrets": [{"env": "KEY"}]}, {"KEY": key}, WITH_OFFICIAL)


def rotation(suite):
    """Receivers that know only the old secret, and such that know only the new one, take every request."""
    [old], [new], [other] = secret(suite), secret(suite), secret(suite)
    with receiver(suite) as here:
        taken = suite.all_formats(
            here, official(old, new), {"secrets": [{"env": "NEW"}, {"env": "OLD"}]}, {"NEW": new, "OLD": old},
            f"{WITH_OFFICIAL}, each with the old secret alone and with the new one alone")
        for name, make in OFFICIAL.items():
            accepted = [request for request in taken["json"] if not rejects(make(other), *request)]
            suite.check(f"{name} with a third secret takes nothing",
                        f"{len(accepted)} requests were taken" if accepted or not taken["json"] else None)


def rejects(check, headers, body):
    try:
        check(headers, body)
    except Exception:
        return True
    return False


def ed25519(suite):
    """Alone and beside a v1. The packages know no v1a, so a library for Ed25519 alone takes its place."""
    private, public = secret(suite, "--ed25519")
    [key] = secret(suite)
    seed = secrets.token_bytes(32)
    own = "whsk_" + base64.b64encode(seed).decode()  # made without hookline
    own_public = verifiers.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    with receiver(suite) as here:
        taken = suite.all_formats(here, verifiers.ed25519(public), {"secrets": [{"env": "KEY"}]}, {"KEY": private},
                                  "v1a verified by cryptography")
        for name, make in OFFICIAL.items():
            knows = taken["json"] and not any(rejects(make(public), *request) for request in taken["json"])
            print(f"note    {suite.group:18}  {name} {'takes' if knows else 'knows no'} v1a"
                  f"{'' if knows else '; the package cryptography, without a line of hookline, checks it instead'}")
        suite.group = "ed25519 with v1"
        suite.all_formats(here, verifiers.every(official(key), verifiers.ed25519(own_public)),
                          {"secrets": [{"env": "OWN"}, {"env": "KEY"}]}, {"KEY": key, "OWN": own},
                          f"v1 {WITH_OFFICIAL}, v1a by cryptography")


def schemes(suite):
    """The signatures of GitHub and Stripe, checked by code after their public documentation."""
    key = secrets.token_hex(20)
    with receiver(suite) as here:
        for name, make in [("github", verifiers.github), ("stripe", verifiers.stripe)]:
            suite.group = name
            suite.all_formats(here, make(key.encode()), {"scheme": name, "secrets": [{"env": "KEY"}]}, {"KEY": key},
                              "verified by hmac of Python")
        suite.group = "stripe rotation"
        new = secrets.token_hex(20)
        suite.all_formats(here, verifiers.every(verifiers.stripe(key.encode()), verifiers.stripe(new.encode())),
                          {"scheme": "stripe", "secrets": [{"env": "NEW"}, {"env": "OLD"}]}, {"NEW": new, "OLD": key},
                          "verified with the old secret alone and with the new one alone", suite.events[:1000])


def cloudevents(suite):
    """Events that are CloudEvents already, made by the official package, come as they are."""
    lines = [cloudevents_http.to_structured_event(CloudEvent(
        {"type": "object.created", "source": "/orders/€", "id": f"ce-{number}", "subject": "s"},
        {"number": number, "text": "naïve"})).body for number in range(1000)]
    with receiver(suite) as here:
        for format in ("cloudevents", "cloudevents_single"):
            here.route(f"/{format}", lambda headers, body: None)
        run = suite.run([{"name": format, "url": f"{here.url}/{format}", "format": format}
                         for format in ("cloudevents", "cloudevents_single")], lines=lines,
                        top={"input": {"topic": "/type", "time": "/time"}})
        for format in ("cloudevents", "cloudevents_single"):
            problem = suite.not_delivered(run)
            taken = here.taken[f"/{format}"]
            arrived = []
            for headers, body in taken:
                if format == "cloudevents":
                    places, _ = verifiers.values(body.decode(), 0, "[", "]")
                    arrived += [body.decode()[start:end].encode() for start, end in places]
                else:
                    cloudevents_http.from_http_event(cloudevents_http.HTTPMessage(headers, body))
                    arrived.append(body)
            if problem is None and sorted(arrived) != sorted(lines):
                problem = f"{len(arrived)} arrived, not as they were, e.g. {arrived[:1]}"
            suite.check(f"CloudEvents as {format}", problem, f"{len(lines)} in {len(taken)} requests, as they were")


def tampering(suite):
    """Flips each bit of a small request, and every 997th of a large body, of what was sent and of the key."""
    [key] = secret(suite)
    private, public = secret(suite, "--ed25519")
    raw = base64.b64decode(key.removeprefix("whsec_") + "==")
    raw_public = base64.b64decode(public.removeprefix("whpk_") + "==")
    plain = secrets.token_bytes(20).hex()
    cases = [(name, make, raw, [{"env": "KEY"}], None) for name, make in OFFICIAL.items()] + [
        ("cryptography (v1a)", verifiers.ed25519, raw_public, [{"env": "PRIVATE"}], None),
        ("github", verifiers.github, plain.encode(), [{"env": "PLAIN"}], "github"),
        ("stripe", verifiers.stripe, plain.encode(), [{"env": "PLAIN"}], "stripe")]
    environment = {"KEY": key, "PRIVATE": private, "PLAIN": plain}
    with receiver(suite) as here:
        for name, make, good_key, keys, scheme in cases:
            for format in FORMATS:
                here.route(f"/{format}", make(good_key))
            signing = {"secrets": keys, **({"scheme": scheme} if scheme else {})}
            run = suite.run([{"name": format, "url": f"{here.url}/{format}", "format": format, "signing": signing,
                              "batch": {"max_events": 20}} for format in FORMATS], environment, suite.events[:20])
            problem, tried = suite.not_delivered(run), {}
            for format in FORMATS:
                for headers, body in here.taken[f"/{format}"][:2]:
                    if rejects(make(good_key), headers, body):
                        problem = problem or f"{format}: the request as it came is rejected"
                    for part, check, changed, changed_body in flips(make, good_key, headers, body, scheme):
                        tried[part] = tried.get(part, 0) + 1
                        if not rejects(check, changed, changed_body):
                            problem = problem or f"{format}: taken with a bit of the {part} flipped"
            wanted = {"github": {"body", "key"}, "stripe": {"body", "timestamp", "key"}}.get(
                scheme, {"body", "id", "timestamp", "key"})
            if problem is None and set(tried) != wanted:
                problem = f"only {set(tried)} were tried"
            suite.check(f"one flipped bit, {name}", problem, "rejected " + ", ".join(
                f"{count} of {count} ({part})" for part, count in tried.items()) + ", took the untouched ones")


def flips(make, key, headers, body, scheme, sparse=1):
    """(part, check, headers, body) for each flipped bit of what the scheme signs, and of the key."""
    good = make(key)
    step = sparse if len(body) < 1000 else 997 * sparse
    for bit in range(0, len(body) * 8, step):
        yield "body", good, headers, flipped(body, bit)
    parts = {"github": [], "stripe": [("timestamp", "stripe-signature")]}.get(
        scheme, [("id", "webhook-id"), ("timestamp", "webhook-timestamp")])
    for part, header in parts:
        value = headers[header].encode("latin-1")
        # Of Stripe's header, `t=<timestamp>,v1=...`, the digits only.
        start, end = (2, value.index(b",")) if scheme == "stripe" else (0, len(value))
        for bit in range(start * 8, end * 8):
            yield part, good, {**headers, header: flipped(value, bit).decode("latin-1")}, body
    for bit in range(len(key) * 8):
        yield "key", make(flipped(key, bit)), headers, body


def flipped(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def verify(suite):
    """`hookline verify` says of such changes what the packages say: untouched requests are valid, others not."""
    [key] = secret(suite)
    private, public = secret(suite, "--ed25519")
    for version, signing_key, good_key in [("v1", key, key), ("v1a", private, public)]:
        with receiver(suite) as here:
            for format in FORMATS:
                here.route(f"/{format}", lambda headers, body: None)
            run = suite.run([{"name": format, "url": f"{here.url}/{format}", "format": format,
                              "signing": {"secrets": [{"env": "KEY"}]}, "batch": {"max_events": 20}}
                             for format in FORMATS], {"KEY": signing_key}, suite.events[:20])
            requests = [here.taken[f"/{format}"][0] for format in FORMATS]
        record = suite.work / "requests.ndjson"
        prefix = good_key[:good_key.index("_") + 1]
        raw = base64.b64decode(good_key.removeprefix(prefix))

        def judge(lines, key):
            """Exit code and how many of the requests are said to be valid and not valid."""
            record.write_text("".join(lines))
            option = "--public-key" if version == "v1a" else "--secret"
            done = subprocess.run([suite.hookline, "verify", record, option, key], capture_output=True, text=True)
            said = [line for line in done.stdout.splitlines() if line.startswith(f"{record}:")]
            return (done.returncode, sum(": valid: " in line for line in said),
                    sum(": not valid: " in line for line in said), done.stderr)

        good = [recorded(*request) for request in requests]
        small = min(good, key=len)
        code, valid, invalid, errors = judge(good, good_key)
        problem = suite.not_delivered(run) or (
            None if (code, valid, invalid) == (0, len(good), 0) else
            f"untouched requests: exit code {code}, {valid} valid, {invalid} not valid {errors}")
        # Of each body every 13th of the bits that `tampering` tries: for what is not valid, verify looks for a reason.
        changed = [recorded(*request) for headers, body in requests for part, _, *request in
                   flips(lambda key: None, b"", headers, body, None, sparse=13)]
        code, valid, invalid, errors = judge(changed, good_key)
        if (code, valid, invalid) != (1, 0, len(changed)):
            problem = problem or (f"{len(changed)} changed requests: exit code {code}, {valid} valid, {invalid} not "
                                  f"valid {errors}")
        for bit in range(len(raw) * 8):
            code, valid, invalid, errors = judge([small], prefix + base64.b64encode(flipped(raw, bit)).decode())
            if (code, valid, invalid) != (1, 0, 1):
                problem = problem or f"bit {bit} of the key: exit code {code}, {valid} valid {errors}"
        suite.check(f"hookline verify, {version}", problem,
                    f"{len(good)} untouched requests valid, exit code 0; {len(changed)} with a bit of body, id or "
                    f"timestamp flipped, and one with each of {len(raw) * 8} keys with a bit flipped: not valid, exit "
                    "code 1")
    signed_by_others(suite)


def signed_by_others(suite):
    """The other way round: what the official packages sign, `hookline verify` finds valid."""
    [key] = secret(suite)
    now = datetime.datetime.now(datetime.timezone.utc)
    for name, package in [("standardwebhooks", standardwebhooks.Webhook), ("svix", svix.webhooks.Webhook)]:
        record = suite.work / "signed.ndjson"
        record.write_text("".join(recorded({
            "webhook-id": f"msg_{number}", "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": package(key).sign(f"msg_{number}", now, event.decode())}, event)
            for number, event in enumerate(suite.events[:100])))
        done = subprocess.run([suite.hookline, "verify", record], capture_output=True, text=True,
                              env={"HOOKLINE_SECRET": key})
        valid = sum(": valid: " in line for line in done.stdout.splitlines())
        suite.check(f"hookline verify of what {name} signed",
                    None if (done.returncode, valid) == (0, 100) else
                    f"exit code {done.returncode}, {valid} of 100 valid {done.stdout[:300]} {done.stderr}", "100 valid")


def recorded(headers, body):
    """The request as a line of `hookline listen --record`."""
    time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    try:
        text = {"body": body.decode()}
    except UnicodeDecodeError:
        text = {"body_base64": base64.b64encode(body).decode()}
    return json.dumps({"time": time, "method": "POST", "path": "/", "headers": headers, "status": 200, **text}) + "\n"


GROUPS = {"signature": signature, "rotation": rotation, "ed25519": ed25519, "schemes": schemes,
          "cloudevents": cloudevents, "tampering": tampering, "verify": verify}
