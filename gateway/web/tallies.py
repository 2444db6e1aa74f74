"""Counts what happened since the metrics were first asked for, from the rows that came since the last
question.

So nothing is counted on the way of a text, and a question costs what happened since the last one, not what is
kept.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.domain.line import Rung
from gateway.store import metric_rows as rows
from gateway.store.database import Tx
from gateway.store.metric_rows import Marks

MOST = 5000
"""Rows of each table counted at one question; the next goes on."""
Label = tuple[str, ...]

SENDING = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 150.0)
DELIVERING = (2.0, 5.0, 15.0, 60.0, 300.0, 3600.0, 86_400.0)
ARRIVING = (2.0, 5.0, 15.0, 60.0, 300.0, 3600.0, 86_400.0)


@dataclass(slots=True)
class Lengths:
    """Lengths of time, in buckets that end at `edges` (seconds)."""

    edges: tuple[float, ...]
    counts: list[int] = field(default_factory=list)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.edges) + 1)

    def add(self, start: datetime, end: datetime) -> None:
        """One more; none is negative, whatever the clocks say."""
        seconds = max((end - start).total_seconds(), 0.0)
        self.counts[bisect_left(self.edges, seconds)] += 1
        self.total += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """As Prometheus wants them: each with how many were no longer than its edge."""
        added, found = 0, []
        for edge, count in zip((*map(str, self.edges), "+Inf"), self.counts, strict=True):
            added += count
            found.append((edge, float(added)))
        return found


class Tallies:
    """The counts of one panel. For threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._marks: Marks | None = None
        self.counts: dict[str, Counter[Label]] = {}
        self.sending: dict[str, Lengths] = {}
        self.delivering, self.arriving = Lengths(DELIVERING), Lengths(ARRIVING)

    def count(self, tx: Tx, names: dict[int, str]) -> None:
        """Count what came since the last time. `names`: the lines' names by their ids."""
        with self._lock:
            newest = rows.marks(tx)
            if self._marks is None:
                self._marks = newest
            here, there = self._marks, self._marks.towards(newest, MOST)
            self._texts(tx, here, there, names)
            ended = self._attempts(tx, here, there, names)
            self._reports(tx, here, there)
            self._lines(tx, here, there, names)
            self._others(tx, here, there)
            self._marks = replace(there, attempts=ended)

    def _add(self, name: str, count: int, *label: str) -> None:
        self.counts.setdefault(name, Counter())[label] += count

    def _texts(self, tx: Tx, here: Marks, there: Marks, names: dict[int, str]) -> None:
        for row in rows.texts(tx, here.messages, there.messages):
            line = names.get(row.line_id, "removed")
            self._add("messages_total", row.texts, line, row.direction, row.purpose or "")
            if row.rule is not None:
                self._add("autoreplies_total", row.texts, row.rule)
            if row.is_twin:
                self._add("duplicates_total", row.texts)
        for row in rows.arrivals(tx, here.messages, there.messages):
            self.arriving.add(row.network_at, row.created_at)

    def _attempts(self, tx: Tx, here: Marks, there: Marks, names: dict[int, str]) -> int:
        """Count attempts as far as they have ended, in their order; returns how far that is."""
        for row in rows.tries(tx, here.attempts, there.attempts):
            if row.outcome is None:
                return int(row.id) - 1
            line = names.get(row.line_id, "removed")
            self._add("parts_submitted_total", 1, line, row.outcome)
            self._add("retries_total", int(row.number > 1), line)
            if row.code:
                self._add("at_errors_total", 1, row.code)
            if row.ended_at is not None:
                self.sending.setdefault(line, Lengths(SENDING)).add(row.started_at, row.ended_at)
        return there.attempts

    def _reports(self, tx: Tx, here: Marks, there: Marks) -> None:
        """TP-ST in its three ranges (3GPP TS 23.040 9.2.3.15)."""
        for row in rows.reports(tx, here.reports, there.reports):
            status = "arrived" if row.status < 0x20 else "trying" if row.status < 0x40 else "failed"
            self._add("reports_total", 1, status, "yes" if row.accepted_at is not None else "no")
            if status == "arrived" and row.accepted_at is not None:
                self.delivering.add(row.accepted_at, row.received_at)

    def _lines(self, tx: Tx, here: Marks, there: Marks, names: dict[int, str]) -> None:
        for row in rows.recoveries(tx, here.line_log, there.line_log):
            line = names.get(row.line_id, "removed")
            if row.code == Rung.NOTICES.value:
                self._add("cnmi_repairs_total", row.steps, line)
            else:
                self._add("line_recoveries_total", row.steps, line, row.code)

    def _others(self, tx: Tx, here: Marks, there: Marks) -> None:
        self._add("inbound_undecodable_total", rows.undecodable(tx, here.raw_pdus, there.raw_pdus))
        for row in rows.opt_outs(tx, here.consent, there.consent):
            self._add("optouts_total", row.people, row.how)
        self._add("logins_total", rows.sign_ins(tx, here.audit, there.audit))
