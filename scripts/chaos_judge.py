"""Judges one run of scripts/chaos: holds input, receiver, dead letters, spool and summary against each other.

Usage:  import chaos_judge; not a command of its own.

  judge(plan, evidence)   the list of what is wrong, in words; empty: nothing

Needs:  Python 3.10.
"""
import base64
import collections
import hashlib
import hmac
import json

import chaos_plan
from chaos_receiver import MARK

CONTENT_TYPES = {
    "json": "application/json", "single": "application/json", "ndjson": "application/x-ndjson",
    "cloudevents": "application/cloudevents-batch+json; charset=UTF-8",
    "cloudevents_single": "application/cloudevents+json; charset=UTF-8"}
PEAK = 112 << 20  # bytes; beyond this a receiver made the process grow
# Failures after which a receiver may have answered without being heard.
UNHEARD = {"timeout", "deadline", "stopped", "connection_lost", "bad_response", "other"}


def judge(plan, evidence):
    problems = []
    for number, phase in enumerate(evidence.phases, 1):
        problems += [f"process {number}: {problem}"
                     for problem in process_problems(plan, phase, len(evidence.records))]
    if any(phase.summary is None and not phase.killed for phase in evidence.phases):
        return problems
    for index, webhook in enumerate(plan.webhooks):
        records = [record for record in evidence.records if record.path == f"/hook/{index}"]
        found = WebhookJudge(plan, evidence, webhook, index, records).problems()
        problems += [f"{webhook['name']}: {problem}" for problem in found]
    return problems


# One process


def process_problems(plan, phase, requests, spool_is_exact=True):
    """`spool_is_exact`: whether nothing may be in the spool that is settled."""
    if phase.hung:
        return ["it did not end"]
    if phase.killed:
        return []
    if phase.code in (-1, -2, -15) and not requests:
        return []  # the signal came before hookline had begun
    if phase.summary is None:
        return [f"no summary; exit code {phase.code}; {phase.errors[-300:]!r}"]
    problems = []
    summary = phase.summary
    books = summary["books"]
    if not books["balanced"]:
        problems.append(f"the books do not balance: {books}")
    left = books["matched"] + books["resumed"]
    right = sum(books[part] for part in ["delivered", "skipped", "dead_lettered", "deferred", "lost"])
    if left != right:
        problems.append(f"matched + resumed is {left}, its parts are {right}: {books}")
    for part in ["matched", "resumed", "delivered", "skipped", "dead_lettered", "deferred", "lost"]:
        total = sum(webhook[part] for webhook in summary["webhooks"])
        if total != books[part]:
            problems.append(f"{part} is {books[part]}, but {total} over the webhooks")
    if not phase.is_follow_up:
        problems += input_problems(plan, summary["input"])
    waiting = sum(len(lines) for _, _, lines in phase.spool)
    missing = books["deferred"] + books["waiting"] - waiting
    if missing > 0 or (missing < 0 and spool_is_exact):
        problems.append(f"{waiting} events are in the spool, but the books say {books}")
    expected = exit_code(phase, summary)
    if phase.code != expected:
        problems.append(f"exit code {phase.code}, but the books say {expected}: {books}")
    if phase.peak_bytes > PEAK:
        problems.append(f"it took {phase.peak_bytes >> 20} MiB")
    return problems


def input_problems(plan, shown):
    lines = plan.lines[:shown["last_line"]]
    counts = collections.Counter(line.kind for line in lines)
    expected = {"lines": len(lines), "blank": counts["blank"], "events": counts["event"] + counts["unknown"],
                "unknown_topic": counts["unknown"]}
    problems = [f"input.{name} is {shown[name]}, not {value}" for name, value in expected.items()
                if shown[name] != value]
    if shown["refused"]["total"] != counts["refused"]:
        problems.append(f"refused is {shown['refused']}, not {counts['refused']}")
    if shown["complete"] and len(lines) != len(plan.lines):
        problems.append(f"the input is said to be complete after {len(lines)} of {len(plan.lines)} lines")
    matchers = [plan.matcher(webhook) for webhook in plan.webhooks]
    unmatched = sum(line.kind == "event" and not any(match(line) for match in matchers) for line in lines)
    if shown["unmatched"] != unmatched:
        problems.append(f"unmatched is {shown['unmatched']}, not {unmatched}")
    return problems


def exit_code(phase, summary):
    books, ended = summary["books"], summary["run"]["ended"]
    if ended == "output_failed" or books["lost"] or (phase.may_fail and phase.code == 74):
        return 74
    # It may come when all is done but the end.
    if ended == "signal" or (phase.sent and phase.code > 128):
        return 128 + phase.sent
    if books["dead_lettered"] or summary["input"]["refused"]["total"]:
        return 1
    return 75 if books["deferred"] or books["waiting"] or not summary["input"]["complete"] else 0


# One webhook


class WebhookJudge:
    def __init__(self, plan, evidence, webhook, index, records):
        self.plan, self.evidence, self.webhook, self.index, self.records = plan, evidence, webhook, index, records
        # The last process that had the input; after it one may have taken up what was left.
        self.main = [phase for phase in evidence.phases if not phase.is_follow_up][-1]
        self.account = self.main.summary["webhooks"][index]
        self.accounts = [phase.summary["webhooks"][index] for phase in evidence.phases if phase.summary]
        self.lines = {int(MARK.search(line.text)[1]): line for line in plan.lines if line.kind == "event"}
        # By number: what this webhook takes of the lines that the last process read.
        matches = plan.matcher(webhook)
        read = plan.lines[:self.main.summary["input"]["last_line"]]
        self.matched = {int(MARK.search(line.text)[1]) for line in read if matches(line)}
        self.taken = [record for record in records if record.taken is not None]
        self.possible = {event for record in self.taken if record.status and record.status < 300
                         for event in record.events}
        self.certain = {event for record in self.taken if record.sent and record.status < 300
                        for event in record.events}
        self.dead = [[json.loads(line) | {"raw": line} for line in phase.dead] for phase in evidence.phases]
        self.dead = [[letter for letter in letters if letter["webhook"] == webhook["name"]] for letters in self.dead]
        self.buried = {number_of(letter["raw"]) for letters in self.dead for letter in letters}
        self.spooled = {int(MARK.search(plan.lines[line - 1].text)[1]) for name, _, lines in evidence.phases[-1].spool
                        for line in lines if name == webhook["name"]}

    def problems(self):
        return [problem for check in [
            self.nothing_is_lost, self.counts, self.nothing_is_sure_and_failed, self.dead_letters_are_whole,
            self.requests_are_right, self.repeats_are_the_same, self.order_is_kept, self.refusals_are_exact]
            for problem in check()]

    def nothing_is_lost(self):
        nowhere = self.matched - self.possible - self.buried - self.spooled
        lost = sum(account["lost"] for account in self.accounts)
        if lost and not any(phase.may_fail for phase in self.evidence.phases):
            yield f"{lost} events are counted as lost, but no output could fail"
        if len(nowhere) > lost:
            yield f"{len(nowhere)} events are nowhere, {lost} are counted as lost: {self.trace(sorted(nowhere))}"

    def counts(self):
        if self.account["matched"] != len(self.matched):
            yield f"matched is {self.account['matched']}, not {len(self.matched)}"
        for phase, letters in zip(self.evidence.phases, self.dead):
            if phase.summary:
                yield from self.letters_are_counted(phase.summary["webhooks"][self.index], letters)
        claimed = sum(account["delivered"] for account in self.accounts)
        reached = len(self.possible)
        # A process may be killed just after it printed its summary; then the next one sends the same again.
        if claimed > reached and not any(phase.killed for phase in self.evidence.phases):
            yield f"delivered is {claimed}, but the receiver took {reached}"

    def letters_are_counted(self, account, letters):
        # With a full disk, what was written may be more than what reached the disk for sure.
        missing = account["dead_lettered"] - len(letters)
        if missing and not (account["lost"] and missing < 0):
            yield f"dead_lettered is {account['dead_lettered']}, but the file holds {len(letters)}"
        if len({number_of(letter["raw"]) for letter in letters}) != len(self.letters_by_place(letters)):
            yield "an event is twice among the dead letters"

    def nothing_is_sure_and_failed(self):
        """What was answered with 2xx in good time must not be a dead letter, nor wait."""
        if self.heard_everything():
            for event in sorted(self.certain & (self.buried | self.spooled))[:3]:
                yield f"the receiver took event {event} and said so, but it counts as failed: {self.trace([event])}"
            delivered = sum(account["delivered"] for account in self.accounts)
            if delivered < len(self.certain & self.matched):
                yield f"delivered is {delivered}, but {len(self.certain)} were answered with 2xx"

    def heard_everything(self):
        return not any(phase.killed for phase in self.evidence.phases) and not any(
            UNHEARD & account["failures"].keys() for account in self.accounts)

    def trace(self, events, most=2):
        """What happened to some events, for the report."""
        parts = []
        for event in events[:most]:
            seen = [f"{record.webhook_id[-6:]} {record.fault} {record.status} http/{record.version}"
                    for record in self.records if event in record.events]
            parts.append(f"event {event}: {seen or 'no request held it whole'}")
        parts += [f"{record.webhook_id[-6:]} was cut by {record.fault} {record.status} http/{record.version}, "
                  f"{record.headers.get('content-length')} bytes" for record in self.records
                  if not record.complete and record.status][:most]
        return "; ".join(parts) + f"; failures {self.account['failures']}, status {self.account['status']}"

    def letters_by_place(self, letters):
        """After a kill, a batch that was being split and a part of it may both lie in the spool: then the part is sent twice
        under one id, and may fail twice."""
        if not any(phase.killed for phase in self.evidence.phases):
            return letters
        return list({(letter["webhook_id"], letter["batch"]["index"]): letter for letter in letters}.values())

    def dead_letters_are_whole(self):
        for letters in self.dead:
            batches = collections.defaultdict(list)
            for letter in self.letters_by_place(letters):
                number = number_of(letter["raw"])
                line = self.lines[number]
                if not letter["raw"].endswith(b'"event":' + line.text + b"}"):
                    yield f"dead letter of event {number}: its bytes were changed"
                if self.plan.lines[letter["line"] - 1] is not line:
                    yield f"dead letter of event {number}: wrong line {letter['line']}"
                if letter["topic"] != line.topic:
                    yield f"dead letter of event {number}: wrong topic {letter['topic']}"
                batches[letter["webhook_id"]].append(letter)
            for webhook_id, batch in batches.items():
                size = batch[0]["batch"]["size"]
                if [letter["batch"]["index"] for letter in batch] != list(range(size)):
                    yield f"dead letters of {webhook_id}: not the {size} of a whole batch"

    def requests_are_right(self):
        form = self.webhook["format"]
        for record in self.records:
            if not record.complete:
                continue
            headers = record.headers
            name = record.webhook_id
            if headers.get("content-type") != CONTENT_TYPES[form]:
                yield f"{name}: content type {headers.get('content-type')}"
            if not name or "." in name:
                yield f"webhook-id {name!r}"
            if not self.body_is_right(record):
                yield f"{name}: the body does not hold the events as they came: {record.body[:200]!r}"
            if "signing" in self.webhook and not signature_fits(record):
                yield f"{name}: the signature does not fit"
            limits = self.webhook["batch"]
            if len(record.events) > (1 if form in ("single", "cloudevents_single") else limits["max_events"]):
                yield f"{name}: {len(record.events)} events in a batch"

    def body_is_right(self, record):
        events = [self.lines[number].text for number in record.events]
        form, body = self.webhook["format"], record.body
        if not events or not set(record.events) <= self.numbers_for_us():
            return False
        if form == "json":
            return body == b"[" + b",".join(events) + b"]"
        if form == "ndjson":
            return body == b"".join(event + b"\n" for event in events)
        if form == "single":
            return body == events[0]
        shown = json.loads(body)
        place = 0
        for event, wrapped in zip(events, shown if form == "cloudevents" else [shown]):
            place = body.find(event, place)
            if place < 0 or wrapped["specversion"] != "1.0" or not wrapped["id"]:
                return False
            place += len(event)
        return len(shown) == len(events) if form == "cloudevents" else True

    def numbers_for_us(self):
        matches = self.plan.matcher(self.webhook)
        return {number for number, line in self.lines.items() if matches(line)}

    def repeats_are_the_same(self):
        """One id, one body; and an event under two ids only where its batch was refused and split."""
        bodies, homes = {}, collections.defaultdict(set)
        split = {record.webhook_id for record in self.records if record.status in (400, 413, 422)}
        for record in self.records:
            if record.complete:
                if bodies.setdefault(record.webhook_id, record.body) != record.body:
                    yield f"{record.webhook_id}: two bodies under one id"
                if record.taken is not None:
                    for event in record.events:
                        homes[event].add(record.webhook_id)
        # After a kill in the middle of a split the whole batch is sent again.
        doubles = [event for event, ids in homes.items()
                   if len(ids) > 1 and not ids & split and not self.is_same_batch(event, ids)]
        if doubles:
            yield f"{len(doubles)} events came under several ids: event {doubles[0]}: {homes[doubles[0]]}"

    def is_same_batch(self, event, ids):
        """Whether an event may have come under several ids because they are those of one batch."""
        return False

    def restarts(self):
        """How many requests had come when a process began anew."""
        return [phase.requests_after for phase in self.evidence.phases if phase.killed]

    def unordered(self):
        """Events that may come at any time."""
        return set()

    def order_is_kept(self):
        """By the first time that each event was taken. A repeat after a kill begins anew: what became a dead letter
        before the kill may be taken now."""
        order = self.webhook.get("order", "none")
        if order == "none":
            return
        restarts = self.restarts()
        newest, seen = {}, self.unordered()
        for record in sorted(self.taken, key=lambda record: record.taken):
            process = sum(self.evidence.records.index(record) >= restart for restart in restarts)
            for event in record.events:
                key = (process, "" if order == "strict" else self.lines[event].key)
                if event in seen:
                    continue
                seen.add(event)
                if event < newest.get(key, -1):
                    yield f"event {event} of {key[1]!r} came after {newest[key]}: {self.trace([event, newest[key]])}"
                    return
                newest[key] = event

    def refusals_are_exact(self):
        """With bisecting, what is refused for good is the poison alone."""
        if self.webhook.get("on_reject", "dead_letter") != "bisect" or self.plan.refuses_batches:
            return
        for letter in [letter for letters in self.dead for letter in letters]:
            if letter["status"] in (400, 422) and not self.lines[number_of(letter["raw"])].poison:
                yield f"event {number_of(letter['raw'])} was refused for another event's sake"


def number_of(raw):
    return int(MARK.search(raw)[1])


def signature_fits(record):
    secret = base64.b64decode(chaos_plan.SECRET.removeprefix("whsec_"))
    signed = f"{record.webhook_id}.{record.headers.get('webhook-timestamp', '')}.".encode() + record.body
    expected = "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    return record.headers.get("webhook-signature") == expected
