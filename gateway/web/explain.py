""" "Why did this text not go?": what would be done with it now, rule by rule, and all that happened to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from gateway.desk import deciding
from gateway.desk.waiting import Wait, waits
from gateway.domain import composer_words, decision_words, line_words, message_words, rule_words
from gateway.domain import history_words as words
from gateway.domain.decision_words import Clocks
from gateway.domain.language import t
from gateway.domain.message import UNFINISHED, Direction, State, WaitingFor
from gateway.domain.message_words import Tone
from gateway.domain.people import Right
from gateway.domain.policy import Judged, Refuse, SendNow, WaitUntil
from gateway.domain.rule_words import RuleWords
from gateway.store import conversations, decisions, lines, messages
from gateway.store.database import Tx
from gateway.web import there
from gateway.web.access import needs
from gateway.web.actions import Action, waiting_actions
from gateway.web.frame import page, times
from gateway.web.hands import hands
from gateway.web.present import Times, author
from gateway.web.site import now, read
from gateway.web.threads import let_go, said_of

explain_pages = Blueprint("explain", __name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one rule says, and the colour of that."""

    words: RuleWords
    tone: Tone


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of the history; `part`: which part of a long text it is about."""

    at: datetime
    words: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """All that the page shows. `again`: when it is looked at again; `rules` are empty once it is over."""

    sentence: str
    why: str
    tone: Tone
    again: str
    rules: tuple[Rule, ...]
    history: tuple[Happened, ...]
    measured: str
    let_go: str
    actions: tuple[Action, ...]


@explain_pages.get("/messages/<public_id>/explain")
@needs(Right.READ)
def show(public_id: str) -> ResponseReturnValue:
    mine = hands()

    def look(tx: Tx) -> dict[str, Any]:
        row = messages.by_public_id(tx, public_id)
        if row is None or row.direction != Direction.OUTBOUND.value:
            abort(404)
        conversation, line = conversations.get(tx, row.conversation_id), lines.get(tx, row.line_id)
        if conversation is None or line is None:
            abort(404)
        said = times(tx, now())
        clocks = there.clocks(said, there.zones_of(tx, line, row.peer, said.now), conversation.name)
        explanation = _Explanation(tx, row, line, said, clocks)
        wait = explanation.wait
        may_do = tuple(waiting_actions(row, wait, mine)) if wait else ()
        return {"text": row, "conversation": conversation, "it": explanation.page(may_do)}

    return page("explain.html", **read(look))


class _Explanation:
    """One text, and what is asked about it."""

    def __init__(self, tx: Tx, row: Row[Any], line: Row[Any], said: Times, clocks: Clocks) -> None:
        self._tx, self._row, self._line, self._times, self._clocks = tx, row, line, said, clocks
        self.wait: Wait | None = waits(tx, [row], said.now).get(row.id)

    def page(self, actions: tuple[Action, ...]) -> Explained:
        row, now = self._row, self._times.now
        is_open = State(row.state) in UNFINISHED
        judged = deciding.explain(self._tx, deciding.about(self._tx, row, now), self._line, now)[1]
        sentence, why, tone = self._now(judged)
        return Explained(
            sentence=sentence,
            why=why,
            tone=tone,
            again=self._again(),
            rules=tuple(self._rules(judged)) if is_open else (),
            history=tuple(sorted(self._history(), key=lambda entry: entry.at)),
            measured=self._measured(),
            let_go=self._let_go(),
            actions=actions,
        )

    # -- now -----------------------------------------------------------------------------------------

    def _now(self, judged: list[Judged]) -> tuple[str, str, Tone]:
        """The decision in one sentence, more about it, and its colour."""
        said = said_of(self._row, 0, self._times, self.wait, self._clocks)
        if said is None:
            abort(404)
        if self.wait is None:
            return f"{said.words}.", said.why, said.tone
        why = self.wait.why
        if why is None:
            return words.GOES_NEXT, f"{said.words}.", Tone.PLAIN
        if why is WaitingFor.LINE:
            return (
                line_words.line_sentence(self.wait.line, self._line.facts),
                composer_words.WAITS_FOR_LINE,
                Tone.WARN,
            )
        if why is WaitingFor.ORDER:
            return words.AFTER_ANOTHER, "", Tone.WAITING
        found = WaitUntil(self.wait.until, why)
        decision = decision_words.decision(
            found,
            self._clocks,
            not_before=self._row.not_before,
            unsure=not self.wait.never_opens,
            awaited=self.wait.awaited,
        )
        more = "" if decision.startswith(str(said.words)) else str(said.why)
        to_come = message_words.holidays_to_come(self.wait.awaited.trouble)
        for known in map(str, (decision_words.CHANGE_HOURS, message_words.SET_ZONE, to_come)):
            more = more.replace(known, "") if known in decision else more
        return decision, more.strip(), Tone.WAITING

    def _again(self) -> str:
        if self.wait is None:
            return ""
        if self._row.due_at > self._times.now:
            return words.LOOKED_AT.format(when=self._clocks.when(self._row.due_at))
        return words.LOOKED_AT_EVENT

    def _rules(self, judged: list[Judged]) -> Iterator[Rule]:
        line_is = self.wait.line if self.wait else "ready"
        for one in judged:
            told, tone = rule_words.rule(one, self._clocks), _tone(one)
            if one.rule == "line" and line_is not in ("ready", "paused"):
                sentence = line_words.line_sentence(line_is, self._line.facts)
                told, tone = replace(told, verdict=sentence), Tone.WARN
            yield Rule(told, tone)

    def _let_go(self) -> str:
        note = decisions.let_go(self._tx, [self._row.id]).get(self._row.id)
        return let_go(self._tx, self._row, note) if note is not None else ""

    def _measured(self) -> str:
        sent, delivered = self._row.sent_at, self._row.delivered_at
        if sent is None or delivered is None:
            return ""
        return words.ON_ITS_WAY.format(length=words.length(max(delivered - sent, timedelta(0))))

    # -- what happened -------------------------------------------------------------------------------

    def _history(self) -> Iterator[Happened]:
        row = self._row
        who = author(row.author_kind, row.author_name, repeats=row.resend_of_id is not None)
        yield Happened(row.created_at, words.WRITTEN.format(who=who))
        for note in decisions.of_message(self._tx, row.id):
            as_of = replace(self._clocks, now=note.at)
            yield Happened(note.at, decision_words.logged(note.verdict, note.why, note.until, as_of))
        yield from self._changes()
        for attempt in messages.attempts_of(self._tx, row.id):
            said = words.attempt(attempt.number, attempt.outcome, attempt.code)
            yield Happened(attempt.ended_at or attempt.started_at, said, self._part(attempt.seq))
        for report in messages.reports_of(self._tx, row.id):
            yield Happened(report.received_at, words.report(report.status), self._part(report.seq))

    def _changes(self) -> Iterator[Happened]:
        """Changes of its state; of its parts only what settled a doubt."""
        parts = {part.seq: part for part in messages.parts_of(self._tx, [self._row.id])[self._row.id]}
        for change in messages.history(self._tx, self._row.id):
            who = (change.actor or "").partition(":")[2]
            if change.seq is None:
                said = words.changed(change.was, change.became, change.why, who)
            elif change.was == State.UNCONFIRMED.value:
                said = words.settled(change.became, parts[change.seq].evidence, who)
            else:
                said = ""
            if said:
                yield Happened(change.at, said, self._part(change.seq))

    def _part(self, seq: int | None) -> str:
        parts = self._row.segments
        return t("Part {number} of {count}: ").format(number=seq, count=parts) if seq and parts > 1 else ""


def _tone(judged: Judged) -> Tone:
    if isinstance(judged.verdict, Refuse):
        return Tone.BAD
    return Tone.OK if isinstance(judged.verdict, SendNow) else Tone.WAITING
