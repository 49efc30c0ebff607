"""Judges one run of scripts/chaos --disk: what a disk that fails may cost, and what it may not.

Usage:  import chaos_disk_judge; not a command of its own.

  judge(plan, evidence)   the list of what is wrong, in words; empty: nothing

A process may end with 74 and count events as lost, but its books balance, and each event is at the receiver, in the dead
letters, in the spool, or counted as lost. It may be counted as lost and be elsewhere only where nobody can know what a
call did. Where batches are written ahead, a repeat on a whole disk completes all. Order holds, and what comes twice has
one id.

Needs:  Python 3.10.
"""
import json
import re

from chaos_judge import WebhookJudge, process_problems

PATIENCE = 40  # seconds; none of these plans needs so long
IS_LOST = re.compile(r"([0-9]+) events?\b.*\b(?:is|are) lost")


def judge(plan, evidence):
    problems = []
    for number, phase in enumerate(evidence.phases, 1):
        phase.dead, phase.torn_dead = sift(phase.dead)
        phase.rejects, phase.torn_rejects = sift(phase.rejects)
        problems += [f"process {number}: {problem}" for problem in disk_problems(plan, phase, number)]
    if any(phase.hung for phase in evidence.phases):
        return problems
    main = [phase for phase in evidence.phases if not phase.is_follow_up][-1]
    if main.summary is None:
        return problems + ["a request came from a process that did not begin"] * bool(evidence.records)
    for index, webhook in enumerate(plan.webhooks):
        records = [record for record in evidence.records if record.path == f"/hook/{index}"]
        found = DiskWebhookJudge(plan, evidence, webhook, index, records).problems()
        problems += [f"{webhook['name']}: {problem}" for problem in found]
    return problems


def sift(lines):
    """Whole lines and torn ones."""
    whole, torn = [], []
    for line in lines:
        try:
            json.loads(line)
            whole.append(line)
        except ValueError:
            torn.append(line)
    return whole, torn


def failures(phase, part="", *calls):
    """Calls that failed, of those on files whose path holds `part`."""
    return [call for call, path in phase.hits if part in path and call != "short" and (not calls or call in calls)]


def spool_is_exact(phase):
    """Whether all that left the spool could be noted there. A batch that was split stays as a whole where the dead letters
    of a part may not be on the disk."""
    return not failures(phase, "dead-", "sync") and not any(
        part in path for _, path in phase.hits for part in (".items", ".done", ".tmp", "/settled", "/runs"))


def disk_problems(plan, phase, number):
    if phase.summary is None and phase.code in (74, -15, -2, -1):
        # It could not begin.
        return [] if failures(phase) or phase.code < 0 else [f"exit code 74 on a whole disk: {phase.errors[-300:]!r}"]
    problems = process_problems(plan, phase, 1, spool_is_exact(phase))
    if phase.hung or phase.summary is None:
        return problems
    books = phase.summary["books"]
    if phase.code == 74 and not failures(phase):
        problems.append(f"exit code 74 on a whole disk: {phase.errors[-300:]!r}")
    if phase.seconds > PATIENCE:
        problems.append(f"it took {phase.seconds:.0f} s")
    said = any(int(count) for count in IS_LOST.findall(phase.errors))
    if said != (books["lost"] > 0):
        problems.append(f"{books['lost']} events are lost, but it says {phase.errors[-300:]!r}")
    for name, torn in [("dead-", phase.torn_dead), ("rejects-", phase.torn_rejects)]:
        if len(torn) > len(failures(phase, name, "truncate")):
            problems.append(f"{len(torn)} torn lines in the file {name}: {torn[0][-200:]!r}")
    refused = phase.summary["input"]["refused"]["total"]
    if len(phase.rejects) != refused:
        if not failures(phase, "rejects-"):
            problems.append(f"{refused} lines were refused, the file holds {len(phase.rejects)}")
        elif phase.code != 74:
            problems.append(f"refused lines are missing, and the exit code is {phase.code}")
    return problems


class DiskWebhookJudge(WebhookJudge):
    def __init__(self, plan, evidence, webhook, index, records):
        super().__init__(plan, evidence, webhook, index, records)
        self.mains = [phase for phase in evidence.phases if not phase.is_follow_up]
        # From the last process that had the input on.
        begin = evidence.phases.index(self.main)
        self.last_accounts = [phase.summary["webhooks"][index] for phase in evidence.phases[begin:] if phase.summary]

    def dead_is_exact(self, phase):
        return not failures(phase, "dead-", "sync", "truncate")

    def nothing_is_lost(self):
        nowhere = self.matched - self.possible - self.buried - self.spooled
        lost = sum(account["lost"] for account in self.last_accounts)
        if len(nowhere) > lost:
            yield f"{len(nowhere)} events are nowhere, {lost} are counted as lost: {self.trace(sorted(nowhere))}"
        if lost > len(nowhere) and self.heard_everything() and all(map(self.dead_is_exact, self.evidence.phases)):
            yield f"{lost} events are counted as lost, but {len(nowhere)} are nowhere"

    def counts(self):
        if self.account["matched"] != len(self.matched):
            yield f"matched is {self.account['matched']}, not {len(self.matched)}"
        for phase, letters in zip(self.evidence.phases, self.dead):
            if phase.summary:
                yield from self.letters_are_counted_by(phase, phase.summary["webhooks"][self.index], letters)
        claimed = sum(account["delivered"] for account in self.accounts)
        came = sum(len(record.events) for record in self.taken if record.status and record.status < 300)
        if claimed > came:
            yield f"delivered is {claimed}, but the receiver took {came}"

    def letters_are_counted_by(self, phase, account, letters):
        missing = account["dead_lettered"] - len(letters)
        if missing > 0 or (missing < 0 and self.dead_is_exact(phase)):
            yield f"dead_lettered is {account['dead_lettered']}, but the file holds {len(letters)}"

    def nothing_is_sure_and_failed(self):
        if not self.heard_everything():
            return
        if len(self.mains) == 1 and all(spool_is_exact(phase) and self.dead_is_exact(phase)
                                        for phase in self.evidence.phases):
            for event in sorted(self.certain & (self.buried | self.spooled))[:3]:
                yield f"the receiver took event {event} and said so, but it counts as failed: {self.trace([event])}"
        known = sum(account["delivered"] for account in self.accounts)
        if known < len(self.certain & self.matched):
            yield f"delivered is {known}, but {len(self.certain)} were answered with 2xx"

    def dead_letters_are_whole(self):
        # What could not be taken back is there in part.
        if all(self.dead_is_exact(phase) for phase in self.evidence.phases):
            yield from super().dead_letters_are_whole()

    def restarts(self):
        """A repeat begins anew: what was lost, or became a dead letter, may come now."""
        return [phase.requests_after for phase in self.mains[:-1]]

    def unordered(self):
        """What became a dead letter and could not leave the spool is sent once more."""
        return set() if all(map(spool_is_exact, self.evidence.phases)) else set(self.buried)

    def is_same_batch(self, event, ids):
        """An output that fails cuts open batches short, and a repeat sends them whole, later; both may be split. The parts
        of the whole come only after it."""
        batches = []
        for record in self.records:
            if event in record.events and record.events not in batches:
                batches.append(record.events)
        whole = max(batches, key=len)
        return len(self.mains) > 1 and any(
            batch == whole[:len(batch)] for batch in batches[:batches.index(whole)])
