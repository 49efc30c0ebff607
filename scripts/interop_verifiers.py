"""What receivers do with hookline's requests, by packages that others wrote, for scripts/interop.

Usage:  import interop_verifiers; not a command of its own.

Signatures: each function takes a secret and returns check(headers, body), which raises when the request is not to be
trusted. The packages standardwebhooks, svix, cryptography do the work; GitHub's and Stripe's schemes, which have no
package of their own that is only for that, are written here from their public documentation. Bodies: `events_of` takes
a request apart by Python's json and the cloudevents package.

Needs:  Python 3.9 with the packages of scripts/interop_packages.txt.
"""
import base64
import datetime
import hashlib
import hmac
import json
import time

import standardwebhooks
import svix.webhooks
from cloudevents.core.bindings import http as cloudevents_http
from cloudevents.core.formats.json import JSONFormat
from cloudevents.v1.http import from_json as cloudevent_from_json
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from interop_receiver import Refused

FORMATS = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "single": "application/json",
    "cloudevents": "application/cloudevents-batch+json; charset=UTF-8",
    "cloudevents_single": "application/cloudevents+json; charset=UTF-8",
}
decoder = json.JSONDecoder()


def standard_webhooks(secret):
    """The package of standardwebhooks.com. It parses the body too, unless that is NDJSON, which no parser takes."""
    webhook = standardwebhooks.Webhook(secret)
    return lambda headers, body: webhook.verify(
        body, headers, json_parse=headers.get("content-type") != FORMATS["ndjson"]) and None


def svix_webhooks(secret):
    """The package of Svix. Its versions from 2 on rely on standardwebhooks for the signature."""
    webhook = svix.webhooks.Webhook(secret)
    return lambda headers, body: webhook.verify(body, headers)


OFFICIAL = {"standardwebhooks": standard_webhooks, "svix": svix_webhooks}


def ed25519(public_key):
    """A v1a signature of Standard Webhooks 1.0.0 over id.timestamp.body, by the package cryptography."""
    key = Ed25519PublicKey.from_public_bytes(public_key if isinstance(public_key, bytes) else
                                             base64.b64decode(public_key.removeprefix("whpk_") + "=="))

    def check(headers, body):
        stamp = headers["webhook-timestamp"]
        fresh(stamp)
        signed = f"{headers['webhook-id']}.{stamp}.".encode("latin-1") + body
        for signature in headers["webhook-signature"].split(" "):
            version, _, value = signature.partition(",")
            if version == "v1a":
                key.verify(base64.b64decode(value, validate=True), signed)
                return
        raise Refused("no v1a signature")
    return check


def github(secret):
    """docs.github.com, "Validating webhook deliveries": HMAC-SHA256 of the body, hexadecimal, after `sha256=`."""
    def check(headers, body):
        expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, headers["x-hub-signature-256"]):
            raise Refused("X-Hub-Signature-256 does not match")
    return check


def stripe(secret):
    """docs.stripe.com, "Verify webhook signatures manually": HMAC-SHA256 of `t.body` with the whole secret as text, in
    one of the v1 elements; other elements are ignored."""
    def check(headers, body):
        elements = [element.split("=", 1) for element in headers["stripe-signature"].split(",")]
        stamp = next(value for name, value in elements if name == "t")
        fresh(stamp)
        expected = hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        if not any(name == "v1" and hmac.compare_digest(expected, value) for name, value in elements):
            raise Refused("no v1 of Stripe-Signature matches")
    return check


def fresh(stamp):
    """Refuses a time that is more than five minutes off, as the packages do."""
    if not stamp.isascii() or not stamp.isdigit() or abs(time.time() - int(stamp)) > 300:
        raise Refused("the timestamp is no time of now")


def every(*checks):
    """All of them must accept."""
    def check(headers, body):
        for each in checks:
            each(headers, body)
    return check


def values(text, index, opening, closing):
    """The (start, end) of each value of a JSON array, or (key, start, end) of each member of an object, that is written
    without white space, and the index behind it."""
    found = []
    if text[index] != opening:
        raise ValueError(f"{opening} expected at {index}")
    while text[index] != closing:
        index += 1
        key = None
        if opening == "{":
            key, index = decoder.raw_decode(text, index)
            if text[index] != ":":
                raise ValueError(f": expected at {index}")
            index += 1
        _, end = decoder.raw_decode(text, index)
        found.append((index, end) if key is None else (key, index, end))
        index = end
        if text[index] not in (",", closing):
            raise ValueError(f", or {closing} expected at {index}")
    return found, index + 1


def events_of(name, headers, body):
    """The bytes of each event in a request of that format, the CloudEvents' wrapping checked and taken off."""
    if headers.get("content-type") != FORMATS[name]:
        raise ValueError(f"Content-Type: {headers.get('content-type')}")
    if name == "single":
        json.loads(body)
        return [body]
    if name == "ndjson":
        return body.removesuffix(b"\n").split(b"\n")
    if name == "cloudevents_single":
        message = cloudevents_http.HTTPMessage(headers, body)
        return [unwrapped(body.decode(), cloudevents_http.from_http_event(message))]
    text = body.decode()
    places, end = values(text, 0, "[", "]")
    if end != len(text):
        raise ValueError("more than an array")
    elements = [text[start:stop] for start, stop in places]
    if name == "json":
        return [element.encode() for element in elements]
    return [unwrapped(element, JSONFormat().read(None, element)) for element in elements]


def unwrapped(text, event):
    """The bytes of `data`, after the package's reading of the CloudEvent was compared with the event inside."""
    members, end = values(text, 0, "{", "}")
    names = [key for key, _, _ in members]
    if end != len(text) or len(set(names)) != len(names):
        raise ValueError("more than an object, or a member twice")
    start, stop = next((start, stop) for key, start, stop in members if key == "data")
    inner = text[start:stop]
    data = json.loads(inner)
    older = cloudevent_from_json(text)  # the API of version 1, which many receivers still use
    stamp = event.get_time()
    # The package writes a time as Python does; compared as a moment, so that the form does not matter.
    facts = [
        (event.get_data(), data), (older.data, data), (event.get_specversion(), "1.0"),
        (event.get_type(), data["topic"]), (older["type"], data["topic"]),
        (event.get_id(), data["id"]), (older["id"], data["id"]),
        (older["source"], event.get_source()), (event.get_datacontenttype(), "application/json"),
        (stamp and stamp.timestamp(), moment(data["timestamp"])),
    ]
    for got, wanted in facts:
        if got != wanted:
            raise ValueError(f"a CloudEvent says {got!r} where {wanted!r} is meant")
    return inner.encode()


def moment(text):
    """Seconds since 1970 of an RFC 3339 time."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
