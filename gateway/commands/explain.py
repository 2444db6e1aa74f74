"""`explain`: why a text did not go, or went when it did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import click
from sqlalchemy import Row

from gateway.commands import times
from gateway.commands.context import Context, as_json, now, pass_context
from gateway.commands.saying import print_json, say
from gateway.commands.texts import named, sentences
from gateway.desk import chosen_times, deciding
from gateway.domain import decision_words, message_words, reason_words, rule_words
from gateway.domain import history_words as words
from gateway.domain.decision_words import Clocks
from gateway.domain.message import UNFINISHED, Direction, PartState, State
from gateway.store import decisions, lines, messages
from gateway.store.database import Tx
from gateway.web import objects
from gateway.web.objects_decisions import explained


@click.command()
@click.argument("message_id", metavar="ID")
@as_json
@pass_context
def explain(context: Context, message_id: str, as_json: bool) -> None:
    """Say why a text did not go, or went when it did: what each rule says now, and what happened so far.

    Example: sms-gateway explain msg_01JD...
    """
    at = now()
    if as_json:
        print_json(context.read(lambda tx: objects.explained(tx, named(tx, message_id), at)))
        return
    for told in context.read(lambda tx: list(_explained(tx, named(tx, message_id), at))):
        say(told)


def _explained(tx: Tx, row: Row[Any], at: datetime) -> Iterator[str]:
    line = lines.get(tx, row.line_id)
    state, _ = message_words.STATES[State(row.state)]
    if row.direction == Direction.INBOUND.value or line is None:
        yield f"{row.public_id} from {row.peer} on {row.line_name}: {state}."
        return
    why = reason_words.reason(row.reason)
    yield f"{row.public_id} to {row.peer} by {row.line_name}: {state}.{f' {why}' if why else ''}"
    clocks = chosen_times.clocks(tx, line, row.peer, at)
    if row.state in UNFINISHED:
        yield sentences(explained(tx, row, at)["decision"])
        yield "\nWhat each rule says now"
        for judged in deciding.explain(tx, deciding.about(tx, row, at), line, at)[1]:
            told = rule_words.rule(judged, clocks)
            yield f"  {told.title}: {told.verdict}"
            yield from (f"      {label}: {value}" for label, value in told.facts)
    yield "\nWhat happened"
    yield from _happened(tx, row, clocks)


def _happened(tx: Tx, row: Row[Any], clocks: Clocks) -> Iterator[str]:
    """Decisions, changes, attempts and reports, oldest first, on our clock."""
    found = [(row.created_at, words.WRITTEN.format(who=row.author_name or row.author_kind))]
    for entry in decisions.of_message(tx, row.id):
        as_of = replace(clocks, now=entry.at)
        found.append((entry.at, decision_words.logged(entry.verdict, entry.why, entry.until, as_of)))
    found += _changes(tx, row)
    for tried in messages.attempts_of(tx, row.id):
        said = words.attempt(tried.number, tried.outcome, tried.code)
        found.append((tried.ended_at or tried.started_at, _part(row, tried.seq) + said))
    for report in messages.reports_of(tx, row.id):
        found.append((report.received_at, _part(row, report.seq) + words.report(report.status)))
    zone = times.office_zone(tx)
    for at, said in sorted(found, key=lambda pair: pair[0]):
        yield f"  {at.astimezone(zone):%Y-%m-%d %H:%M:%S} {said}"


def _changes(tx: Tx, row: Row[Any]) -> Iterator[tuple[datetime, str]]:
    """Changes of its state; of its parts only what settled a doubt."""
    evidence = {part.seq: part.evidence for part in messages.parts_of(tx, [row.id])[row.id]}
    for change in messages.history(tx, row.id):
        who = (change.actor or "").partition(":")[2]
        if change.seq is None:
            said = words.changed(change.was, change.became, change.why, who)
        elif change.was == PartState.UNCONFIRMED.value:
            said = words.settled(change.became, evidence.get(change.seq), who)
        else:
            continue
        if said:
            yield change.at, _part(row, change.seq) + said


def _part(row: Row[Any], seq: int | None) -> str:
    return f"Part {seq} of {row.segments}: " if seq and row.segments > 1 else ""
