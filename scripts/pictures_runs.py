#!/usr/bin/env python3
"""Makes up the summaries of six weeks of runs, the same each time, for the pictures of scripts/pictures.

Usage:  scripts/pictures_runs.py > summaries.ndjson

Needs:  Python 3.9.
"""
import datetime
import json
import random

WEBHOOKS = [("invoicing", "https://billing.example.com/…", 1.0, 40), ("audit", "https://audit.example.com/…", 3.0, 9),
            ("search", "https://search.example.com/…", 1.6, 120), ("crm sync", "https://hooks.crm.example/…", 0.4, 700)]


def bucket(microseconds):
    """The upper bound of its bucket in the summary: sixteen of them for each power of two."""
    if microseconds < 16:
        return microseconds
    step = 1 << microseconds.bit_length() - 5
    return (microseconds // step + 1) * step - 1


def webhook(draw, name, url, events, typical, trouble):
    """Its part of a run's summary. `trouble`: of its attempts, the share that fails."""
    requests, status, failures, buckets, longest = max(1, events // 100), {}, {}, {}, 0
    failed = sum(draw.random() < trouble for _ in range(requests))
    for index in range(requests + failed):
        slow = 8 if index < failed else 1
        microseconds = int(draw.lognormvariate(0, 0.55) * typical * 1_000 * slow)
        longest = max(longest, microseconds)
        buckets[bucket(microseconds)] = buckets.get(bucket(microseconds), 0) + 1
        if index >= failed:
            status["200"] = status.get("200", 0) + 1
        elif draw.random() < 0.5:
            code = draw.choice(["503", "503", "429", "422"])
            status[code] = status.get(code, 0) + 1
        else:
            kind = draw.choice(["timeout", "timeout", "connect_failed"])
            failures[kind] = failures.get(kind, 0) + 1
    dead = min(events, int(events * trouble * draw.random() * 0.3))
    deferred = min(events - dead, int(events * max(0, trouble - 0.3)))
    last = {"reason": "timeout", "status": None, "detail": "no answer within 15 s"} if "timeout" in failures else None
    return {"name": name, "url": url, "active": True, "matched": events, "filtered": 0, "resumed": 0,
            "delivered": events - dead - deferred, "skipped": 0, "dead_lettered": dead, "deferred": deferred, "lost": 0,
            "requests": requests + failed, "retries": failed, "bisections": 0, "bytes_sent": events * 230,
            "status": dict(sorted(status.items())), "failures": dict(sorted(failures.items())),
            "latency_ms": {"p50": 0, "p90": 0, "p99": 0, "max": (longest + 999) // 1_000,
                           "buckets_us": [list(pair) for pair in sorted(buckets.items())]},
            "breaker_opened": 0, "switched_off": None, "last_failure": last}


def main():
    draw = random.Random(7)
    start = datetime.datetime(2026, 10, 12, 0, 10)
    for day in range(42):
        at = start + datetime.timedelta(days=day)
        scale = (0.5 if at.weekday() > 4 else 1) * draw.uniform(0.8, 1.25)
        hooks = []
        for index, (name, url, share, typical) in enumerate(WEBHOOKS):
            trouble = 0.55 if index == 3 and 17 <= day <= 20 else 0.2 if index == 0 and day == 31 else 0.01
            hooks.append(webhook(draw, name, url, int(4_000 * share * scale), typical, trouble))
            if hooks[-1]["last_failure"]:
                hooks[-1]["last_failure"]["at"] = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        events, refused = hooks[1]["matched"], int(draw.random() < 0.15) * draw.randint(1, 9)
        took = int(draw.uniform(900, 4_000))
        ended = (at + datetime.timedelta(milliseconds=took)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        sums = {key: sum(hook[key] for hook in hooks)
                for key in ("matched", "resumed", "delivered", "skipped", "dead_lettered", "deferred", "lost")}
        print(json.dumps({
            "schema": "hookline.summary/1",
            "run": {"id": at.strftime("orders-%Y-%m-%d"), "version": "0.1.0", "config": "webhooks.yaml",
                    "config_sha256": "0" * 64, "started_at": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "finished_at": ended,
                    "duration_ms": took, "ended": "deadline" if day == 19 else "end_of_input"},
            "input": {"complete": day != 19, "last_line": events + refused, "bytes": events * 230,
                      "lines": events + refused, "blank": 0, "events": events,
                      "refused": {"total": refused, **({"not_json": refused} if refused else {})}, "unknown_topic": 0,
                      "unmatched": 0, "refused_samples": []},
            "books": {**sums, "waiting": 0, "balanced": True}, "topics": [{"name": "object.created", "events": events}],
            "webhooks": hooks}, ensure_ascii=False))


if __name__ == "__main__":
    main()
