#!/usr/bin/env python3
"""Writes order-like events, one JSON object a line, to standard output.

Usage:  scripts/events.py COUNT [--seed N] [--mixed]

Every event has an id of its own; the same count, seed and flag give the same bytes. Without --mixed all events are of
topic object.created and about 440 bytes long; with it the four topics of the shipped webhooks.yaml occur, for orders,
invoices and customers. The text holds what real text holds: euro signs, accents, quotes, escapes, an emoji.

Needs:  Python 3.9, its standard library only. demo, valgrind and bench import or run it.
"""
import argparse
import json
import random
import sys
import time

FIRST_SECOND = 1_767_225_600  # 2026-01-01T00:00:00Z
PER_WRITE = 2_000

NAMES = ["Zoë Müller", "Łukasz Nowak", "Renée d'Arc", 'Bob "Bobby" Tables', "Ana María López", "Åsa Öberg",
         "O’Neill & Sons", "山田太郎", "Jan\tKowalski", "C:\\Temp GmbH"]
NOTES = ["Deliver between 9 and 12", "Gift 🎁, no invoice in the box", "Total in €, paid by card",
         "First line\nsecond line", "Back door \\ ring twice", 'Label: "fragile"', "100% cotton, 50% off", ""]
WARES = ["Coffee beans 1 kg", "Tea cup, white", "Espresso machine", "Filter paper N°4", "Milk jug 0,5 l", "Grinder €"]
CITIES = ["Kraków", "Köln", "Lyon", "København", "Málaga", "Gent"]


def order(rng, topic):
    """One event as a %-template with the slots id, second, millisecond, number."""
    kind = "Order" if topic == "object.created" else rng.choice(["Order", "Invoice", "Customer"])
    customer = rng.choice(NAMES)
    event = {
        "id": "evt_@ID@",
        "topic": topic,
        "timestamp": "@TIME@",
        "object": {
            "type": kind,
            "id": kind[:3].lower() + "_@ID@",
            "number": "2026/@NUMBER@",
            "customer": {"id": f"cus_{rng.randrange(10**6):06}", "name": customer, "city": rng.choice(CITIES)},
            "currency": "EUR",
            "total": rng.randrange(100, 10**6) / 100,
            "paid": rng.random() < 0.7,
            "note": rng.choice(NOTES),
            "items": [
                {"sku": f"W-{rng.randrange(10**4):04}", "name": rng.choice(WARES), "quantity": rng.randrange(1, 9)}
                for _ in range(rng.choice([1, 2, 2, 3]))
            ],
        },
    }
    if topic == "object.deleted":
        event["object"]["deleted"] = True
    # Half of the templates carry text as escapes (\u20ac), as many JSON libraries write it.
    text = json.dumps(event, ensure_ascii=rng.random() < 0.5, separators=(",", ":")).replace("%", "%%")
    for slot, format in [("@ID@", "%(id)010d"), ("@NUMBER@", "%(number)07d"), ("@TIME@", "%(time)s.%(ms)03dZ")]:
        text = text.replace(slot, format)
    return (text + "\n").encode()


def events(count, seed=1, mixed=False):
    """Yields blocks of whole lines, `count` lines in all."""
    rng = random.Random(seed)
    topics = ["object.created", "object.updated", "object.send", "object.deleted"] if mixed else ["object.created"]
    templates = [order(rng, topics[index % len(topics)]) for index in range(256)]
    for start in range(0, count, PER_WRITE):
        lines = []
        # One formatted second per block keeps a million events below a few seconds.
        second = clock(FIRST_SECOND + start // 50)
        for number in range(start, min(count, start + PER_WRITE)):
            slots = {b"id": number, b"number": number % 10**7, b"time": second, b"ms": number % 1000}
            lines.append(templates[number * 37 & 255] % slots)
        yield b"".join(lines)


def clock(second):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)).encode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("count", type=int, help="how many events")
    parser.add_argument("--seed", type=int, default=1, help="start of the random numbers (default 1)")
    parser.add_argument("--mixed", action="store_true", help="four topics instead of object.created alone")
    options = parser.parse_args()
    for block in events(options.count, options.seed, options.mixed):
        sys.stdout.buffer.write(block)


if __name__ == "__main__":
    main()
