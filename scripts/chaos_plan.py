"""One run of scripts/chaos, drawn from seed and number: input, configuration, faults, and what happens to the process.

Usage:  import chaos_plan; not a command of its own.

  Plan(seed, number, mode, features, has_disk)   `lines`, `webhooks`, `options`, faults, `acts`, `disk`: the same for
                                                 the same arguments

Needs:  Python 3.10.
"""
import collections
import json
import random

import chaos_disk
import chaos_faults

# What a line of the input is: `kind` is event, blank, refused or unknown; `poison`: receivers refuse it.
Line = collections.namedtuple("Line", "text kind topic key poison")

# Keys of a webhook that came later than the first version, and what is drawn for them.
FEATURES = {
    "order": ["none", "none", "strict", {"key": "/object/key"}], "rate_limit": [None, None, "100/s", "3000/min"],
    "breaker": [{"failures": 5, "probe_after": "100ms"}, {"failures": 2, "probe_after": "300ms"},
                {"failures": 100, "probe_after": "1s"}],
    "on_reject": ["bisect", "bisect", "dead_letter"]}
MODES = ["no-spool", "spool", "write-ahead", "kill"]  # the last: write-ahead, and always kill -9
TOPICS = ["order.created", "order.updated", "order.line.added", "user.created", "unused.topic"]
SUBSCRIPTIONS = [["order.created"], ["order.created", "order.updated"], ["order.*"], ["user.created"], ["*"],
                 ["order.line.added", "user.created"]]
FORMATS = ["json", "json", "ndjson", "single", "cloudevents", "cloudevents_single"]
SECRET = "whsec_" + "aG9va2xpbmUgY2hhb3MgaGFybmVzcyBrZXk="
POISON = "poison-pill"
TEXTS = ["é", "€ ☃", r"\u00e9", r"\/", r"a\nb"]  # as they stand in JSON

# How many requests meet a fault, and which ones.
RETRIED = ["reset_after_headers", "reset_in_body", "close_in_body", "reset_after_body", "close_after_body",
           "lose_after_body", "cut_headers", "cut_body", "cut_chunks", "close_while_idle", "go_away", "server_error",
           "request_timeout", "too_early", "odd_retry_after", "early_success", "early_success_cut",
           "early_unavailable", "interim_answers", "giant_headers", "giant_body", "endless_body", "garbage", "delay"]
SLOW = ["hang", "hang_before_body", "slow_loris", "too_busy", "too_busy_until"]
FOR_GOOD = ["forbidden", "redirect", "early_too_large"]


class Plan:
    def __init__(self, seed, number, mode, features=FEATURES, has_disk=False):
        """`features`: keys of a webhook that this hookline knows; others are not drawn. `has_disk`: the disk fails."""
        self.features = features
        self.seed, self.number, self.mode = seed, number, mode
        rng = random.Random(f"{seed}:{number}:{mode}")
        self.rng = rng
        self.ports = rng.choice([1, 1, 2])
        self.draw_faults(rng)
        self.draw_input(rng)
        self.draw_webhooks(rng)
        self.draw_acts(rng)
        self.disk = chaos_disk.DiskPlan(self) if has_disk else None
        if self.disk:
            self.disk.fits(self)

    # Faults

    def draw_faults(self, rng):
        self.profile = rng.choice(["calm", "mixed", "mixed", "harsh", "one", "links", "slow"])
        self.rate = {"calm": 0, "mixed": 0.25, "harsh": 0.7, "one": 0.6, "links": 0.1, "slow": 0.15}[self.profile]
        self.link_rate = {"calm": 0, "mixed": 0.05, "harsh": 0.1, "one": 0, "links": 0.4, "slow": 0.02}[self.profile]
        names = RETRIED * 4 + SLOW + (FOR_GOOD if rng.random() < 0.3 else [])
        if self.profile == "slow":
            names = SLOW
        elif self.profile == "one":
            names = [rng.choice(RETRIED + SLOW)]
        if rng.random() < 0.05:
            names = names + ["gone"]
        self.fault_names = names
        self.refuses_batches = any(name in names for name in ["early_too_large"])

    def fault(self, record, attempt):
        """The fault for a request: depends on its id and on how often that id was seen, not on the time."""
        rng = random.Random(f"{self.seed}:{self.number}:{record.path}:{record.webhook_id}:{attempt}")
        if rng.random() < self.rate:
            chosen = chaos_faults.FAULTS[rng.choice(self.fault_names)]
        else:
            chosen = chaos_faults.accept

        async def drawn(exchange):
            if self.has_poison and POISON.encode() in await self.look_for_poison(exchange, chosen):
                return await chaos_faults.refuse_poison(exchange, rng)
            await chosen(exchange, rng)

        drawn.__name__ = chosen.__name__
        return drawn

    @staticmethod
    async def look_for_poison(exchange, chosen):
        """A receiver that would take the batch has to look into it first."""
        if chosen.__name__.startswith(("early", "hang_before", "reset_after_headers", "reset_in", "close_in")):
            return b""
        await exchange.read_all()
        return exchange.body

    def link_fault(self, number):
        rng = random.Random(f"{self.seed}:{self.number}:link:{number}")
        if rng.random() >= self.link_rate:
            return None
        names = [name for name in chaos_faults.LINK_FAULTS if name != "hang_in_handshake" or rng.random() < 0.1]
        chosen = chaos_faults.LINK_FAULTS[rng.choice(names)]
        return lambda link: chosen(link, rng)

    # Input

    def draw_input(self, rng):
        count = rng.choice([0, 1, 7, 60, 300, 300, 1000, 2000])
        self.has_poison = rng.random() < 0.3
        pad = rng.choice([0, 0, 100, 1000, 8000 if count <= 300 else 300])
        poisoned = set(rng.sample(range(count), min(count, rng.randrange(1, 3)))) if self.has_poison else set()
        odd = rng.choice([0, 0, 0.05])
        self.lines = []
        for index in range(count):
            if rng.random() < odd:
                self.lines.append(self.odd_line(rng, index))
            else:
                self.lines.append(self.event(rng, index, pad, index in poisoned))
        self.ends_with_line_feed = rng.random() < 0.7
        # A last blank line without a line feed is no line at all.
        if self.lines and not self.lines[-1].text:
            self.ends_with_line_feed = True
        self.is_piped = rng.random() < 0.3

    @staticmethod
    def odd_line(rng, index):
        kind, text = rng.choice([
            ("blank", b""), ("blank", b"  \t"), ("refused", b'{"topic":"order.created"'), ("refused", b"[1,2]"),
            ("refused", b'{"id":"no topic"}'), ("refused", b'{"topic":7}'), ("refused", b'{"topic":"order.\xff"}'),
            ("refused", b"[" * 200), ("unknown", b'{"topic":"nobody.knows","n":%d}' % index),
            ("refused", b'{"topic":"order.created","topic":"user.created"}'),
            ("refused", b'{"topic":"order.created","x":"' + b"y" * 70000 + b'"}')])
        return Line(text, kind, None, None, False)

    @staticmethod
    def event(rng, index, pad, poison):
        """An event whose bytes would change if anything parsed and printed it again."""
        topic = rng.choice(TOPICS)
        key = f"k{rng.randrange(7)}"
        colon = rng.choice([":", ": ", " :"])
        members = [f'"topic"{colon}"{topic}"', f'"n"{colon}"#{index:07}#"', f'"object"{colon}{{"key":"{key}"}}',
                   f'"total"{colon}{rng.choice(["1.10", "-0", "1e2", "1E+400", "12345678901234567890", "0.1000"])}',
                   f'"text"{colon}"{rng.choice(TEXTS)}"']
        if rng.random() < 0.8:
            members.append(f'"id"{colon}"evt_{index}"')
        if rng.random() < 0.5:
            members.append(f'"timestamp"{colon}"2026-11-24T10:00:00Z"')
        if pad:
            members.append(f'"pad"{colon}"{"p" * rng.randrange(pad)}"')
        if poison:
            members.append(f'"note"{colon}"{POISON}"')
        if rng.random() < 0.05:
            members += ['"specversion":"1.0"', '"source":"/s"', '"type":"t"']
        rng.shuffle(members)
        text = ("{" + rng.choice([",", ", "]).join(members) + "}").encode()
        return Line(text, "event", topic, key, poison)

    def input_bytes(self):
        endings = [b"\r\n" if self.number % 5 == 0 and index % 3 == 0 else b"\n" for index in range(len(self.lines))]
        data = b"".join(line.text + ending for line, ending in zip(self.lines, endings))
        return data if self.ends_with_line_feed else data.rstrip(b"\r\n")

    # Configuration

    def draw_webhooks(self, rng):
        self.webhooks = []
        for index in range(rng.choice([1, 1, 2, 3, 4])):
            form = rng.choice(FORMATS)
            timeout = rng.choice([400, 700, 1000])
            webhook = {
                "name": f"hook {index}", "topics": rng.choice(SUBSCRIPTIONS), "format": form,
                "batch": {"max_events": rng.choice([1, 5, 20, 100, 1000]),
                          "max_wait": rng.choice(["10ms", "100ms", "1s"]),
                          "max_bytes": rng.choice(["1KiB", "64KiB", "1MiB"])},
                "concurrency": rng.choice([1, 2, 4, 8]), "timeout": f"{timeout}ms", "connect_timeout": f"{timeout}ms",
                "retry": {"max_attempts": rng.choice([1, 2, 4, 8]), "initial_backoff": rng.choice(["1ms", "20ms"]),
                          "max_backoff": rng.choice(["5ms", "100ms"]),
                          "max_retry_after": rng.choice(["0s", "1s", "3s"])},
                "http_version": rng.choice(["auto", "1.1"]),
            }
            if rng.random() < 0.6:
                webhook["signing"] = {"secrets": [{"env": "CHAOS_SECRET"}]}
            self.draw_later_features(rng, webhook)
            self.webhooks.append(webhook)
        # Events that go out one by one make many requests; a few hundred are enough.
        if len(self.lines) > 300:
            for webhook in self.webhooks:
                form = webhook["format"]
                webhook["batch"]["max_events"] = max(20, webhook["batch"]["max_events"])
                webhook["format"] = {"single": "json", "cloudevents_single": "cloudevents"}.get(form, form)
                if webhook["batch"]["max_bytes"] == "1KiB":
                    webhook["batch"]["max_bytes"] = "64KiB"

    def draw_later_features(self, rng, webhook):
        for name, values in FEATURES.items():
            value = rng.choice(values)
            if name in self.features:
                webhook[name] = value

    # What happens to the process

    @property
    def writes_ahead(self):
        return self.mode in ("write-ahead", "kill")

    def draw_acts(self, rng):
        """`acts`: what happens, each a name and its arguments; `run_id`: nil for a random one."""
        self.run_id = f"chaos-{self.number}" if rng.random() < 0.5 or self.writes_ahead else None
        self.options, self.acts = {}, []
        requests = sum(self.expected_batches(webhook) for webhook in self.webhooks)
        moment = {"requests": rng.randrange(max(1, requests)), "after": rng.random() * 0.05}
        acts = [None, None, None, "terminate", "kill", "outage", "down", "deadline", "disk_full"]
        act = "kill" if self.mode == "kill" else rng.choice(acts + ["kill"] * 3 if self.writes_ahead else acts)
        if act == "kill":
            self.run_id = f"chaos-{self.number}"
        if act == "terminate":
            self.options["--shutdown-grace"] = rng.choice(["0s", "200ms", "2s"])
            moment["signal"] = rng.choice(["SIGTERM", "SIGINT", "SIGHUP"])
        if act == "deadline":
            self.options["--deadline"] = rng.choice(["100ms", "500ms", "1500ms"])
        if act == "disk_full":
            moment["bytes"] = rng.choice([0, 1000, 4096, 20000])
            if self.profile == "calm":
                self.fault_names, self.rate = ["forbidden"], 0.5
        if act == "outage":
            moment["seconds"] = rng.choice([0.1, 0.5, 1.0])
        if act:
            self.acts.append((act, moment))
        if rng.random() < 0.2:
            self.options["--memory"] = "4MiB"
        if rng.random() < 0.5:
            self.options["--threads"] = "2"

    def expected_batches(self, webhook):
        return 1 + sum(map(self.matcher(webhook), self.lines)) // webhook["batch"]["max_events"]

    @staticmethod
    def matcher(webhook):
        """Whether a line is an event that this webhook takes."""
        names = [name for name in TOPICS if any(
            pattern in ("*", name) or (pattern.endswith(".*") and name.startswith(pattern[:-1]))
            for pattern in webhook["topics"])]
        return lambda line: line.kind == "event" and line.topic in names

    def act(self, name):
        return next((moment for act, moment in self.acts if act == name), None)

    def calm_down(self):
        """From now on the receivers do what they should, and nothing happens to the process."""
        self.rate = self.link_rate = 0
        self.acts, self.run_id, self.is_piped = [], None, False
        self.options.pop("--deadline", None)

    def configuration(self, ports, ca):
        """The whole file; JSON is YAML, too."""
        spool = None if self.mode == "no-spool" else {"directory": "spool", "write_ahead": self.writes_ahead}
        webhooks = [{**webhook, "url": f"https://localhost:{ports[index % len(ports)]}/hook/{index}",
                     "tls": {"ca_file": str(ca)}} for index, webhook in enumerate(self.webhooks)]
        return json.dumps({
            "version": 1, "input": {"max_event_bytes": "64KiB"}, "topics": {name: name for name in TOPICS},
            "network": {"allow": ["127.0.0.1/32", "::1/128"]}, "webhooks": webhooks,
            **({"spool": spool} if spool else {})}, indent=1)

    def __str__(self):
        acts = ", ".join(f"{name} {moment}" for name, moment in self.acts) or "nothing happens"
        return (f"{self.mode}, {len(self.lines)} lines, {len(self.webhooks)} webhooks, faults {self.profile} "
                f"({len(set(self.fault_names))} kinds, {self.rate:.0%}), {acts}, run id {self.run_id}, {self.options}"
                + (f", {self.disk}" if self.disk else ""))
