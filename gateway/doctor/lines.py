"""The lines: as the running program last told of them, or as their modems answer where none runs."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import line_load
from gateway.doctor.asking import Answer
from gateway.doctor.check import Check, said
from gateway.doctor.look import Look
from gateway.domain import line_words
from gateway.domain.message import Rank
from gateway.domain.phrases import counted
from gateway.modem.holders import holder_of
from gateway.store import outbox

MOST_OFFSET_S = 120.0
"""Seconds our clock and the network's may differ: its own is told to the minute by some."""
NEARLY_FULL = 0.8
ANSWERS = "its modem answers; no program uses it now"


def lines(look: Look) -> Iterator[Check]:
    """Whether there is one."""
    count = len(look.lines)
    yield said("lines", "well" if count else "none", count=count)


def line(look: Look) -> Iterator[Check]:
    """How each is, with what is known of it."""
    for row in look.lines:
        answer = look.answers.get(row.id)
        facts = row.facts if answer is None else answer.facts
        yield _state(look, row, answer)
        yield from _memory(row, facts)
        yield from _limits(look, row)
        yield from _signal(row, facts)
        yield from _clock(row, facts)
        yield from _device(row, facts)


def _state(look: Look, row: Row[Any], answer: Answer | None) -> Check:
    code = answer.code if answer else line_words.line_now(row.status, row.code, row.paused_at)
    facts = answer.facts if answer else _with_holder(row, code)
    words = line_words.line_of(row.name, row.port, code, facts)
    is_ = ANSWERS if answer and code == "ready" else words.is_
    counts = look.read(lambda tx: outbox.counts(tx, row.id))
    waiting = counts.get("queued", 0) + counts.get("sending", 0)
    if waiting:
        is_ += f"; {counted(waiting, 'text')} {'waits' if waiting == 1 else 'wait'}"
    if code == "ready":
        return said("line", "well", line=row.name, is_=is_)
    is_ += f". {words.cause}" if words.cause else ""
    return said("line", "trouble", line=row.name, is_=is_, advice=words.you_can or words.doing)


def _with_holder(row: Row[Any], code: str) -> Mapping[str, str]:
    """What the running program told of a line, and who holds its port: that its unit hides from it."""
    facts: Mapping[str, str] = row.facts
    holder = holder_of(facts.get("device") or row.port) if code == "port_busy" else None
    return {**facts, "holder": str(holder)} if holder else facts


def _memory(row: Row[Any], facts: Mapping[str, str]) -> Iterator[Check]:
    used, total = _number(facts, "storage_used"), _number(facts, "storage_total")
    if used is None or not total:
        return
    words = line_words.FINDINGS["storage"]
    is_ = words.is_.format(used=round(used), total=round(total))
    if used / total < NEARLY_FULL:
        yield said("memory", "well", line=row.name, is_=is_)
    else:
        yield said("memory", "full", line=row.name, is_=f"{is_}. {words.cause}", advice=words.you_can)


def _limits(look: Look, row: Row[Any]) -> Iterator[Check]:
    """Of the limits only a day's is told: a shorter one is used up and free again all the time."""
    for use in look.read(lambda tx: line_load.use(tx, row, look.now)):
        if use.limit.is_budget:
            left = max(0, use.limit.count - use.used)
            at = next(room.next_at for room in use.rooms if room.rank is Rank.REPLY)
            values = {"line": row.name, "limit": use.limit, "left": left, "word": shlex.quote(row.name)}
            yield said("limits", "well" if left else "reached", at=_local(at), **values)


def _signal(row: Row[Any], facts: Mapping[str, str]) -> Iterator[Check]:
    from gateway.web.present import signal_words  # the same words as on the line's page

    dbm = facts.get("signal_dbm")
    strength = signal_words(dbm)
    if strength:
        finding = "weak" if strength == "weak" else "well"
        yield said("signal", finding, line=row.name, strength=strength, dbm=dbm)


def _clock(row: Row[Any], facts: Mapping[str, str]) -> Iterator[Check]:
    offset = _number(facts, "clock_offset_s")
    if offset is None:
        return
    if abs(offset) <= MOST_OFFSET_S:
        yield said("line_clock", "well", line=row.name, is_=line_words.CLOCKS_AGREE)
        return
    words = line_words.FINDINGS["clock"]
    is_ = words.is_.format(minutes=round(abs(offset) / 60))
    yield said("line_clock", "apart", line=row.name, is_=is_, advice=words.you_can)


_TOLD = (
    ("maker", "{}"),
    ("model", "{}"),
    ("imei", "IMEI {}"),
    ("iccid", "SIM {}"),
    ("pin_tries_left", "tries left for its PIN: {}"),
    ("operator", "network {}"),
    ("registration", "{}"),
    ("smsc", "message centre {}"),
    ("device", "at {}"),
)


def _device(row: Row[Any], facts: Mapping[str, str]) -> Iterator[Check]:
    told = [words.format(facts[name]) for name, words in _TOLD if facts.get(name)]
    if not row.bound_iccid and not row.bound_imei:
        unbound = line_words.FINDINGS["unbound"]
        told.append(f"{unbound.is_}. {unbound.doing}".rstrip("."))
    told += [f"cannot {words}" for words in line_words.cannot(row.abilities)]
    if told:
        yield said("device", "well", line=row.name, is_="; ".join(told))


def _number(facts: Mapping[str, str], name: str) -> float | None:
    """A fact that is a number; None where it is not known or is none."""
    try:
        return float(facts[name])
    except (KeyError, ValueError):
        return None


def _local(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
