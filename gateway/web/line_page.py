"""A line's page: rows of the store turned into what its template lays out. Reads; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateway.desk import deciding, line_load
from gateway.desk.line_load import Use
from gateway.domain import line_options, line_request_words, line_words, message_words, phone
from gateway.domain import line_page_words as words
from gateway.domain.language import t
from gateway.domain.limits import Slot
from gateway.domain.line import Rung
from gateway.domain.line_requests import Kind
from gateway.domain.line_requests import State as Asked
from gateway.domain.message import Purpose, Rank, State, WaitingFor
from gateway.domain.message_words import Said, Tone
from gateway.store import (
    calls,
    line_figures,
    line_history,
    line_requests,
    line_traffic,
    lines,
    messages,
    outbox,
)
from gateway.store.database import Tx
from gateway.web import signal
from gateway.web.present import ICONS, Health, Times, dbm_words, health, limits_in_words, signal_words
from gateway.web.site import lines_seen
from gateway.web.threads import said_of

HAPPENED, CALLS = 12, 8
"""Entries shown of the log, and of calls with a withheld number: the others stand in their threads."""
SHOW_ANSWER = timedelta(hours=24)
"""An answer is shown for as long as it is kept."""
CONFIRMABLE = frozenset({"other_sim", "other_modem"})
_ORDINARY = frozenset({"ready", "opening", "restarting", "recovering"})
"""States that are no trouble by themselves."""
_RESTARTS = frozenset({Rung.RESET, Rung.USB, Rung.POWER})


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of one kind waits."""

    kind: str
    next: str
    texts: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request: `open` while it is not answered yet."""

    open: bool
    failed: bool
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """The last trouble in plain words, and in the device's own, which may be none."""

    at: datetime
    words: str
    raw: str


@dataclass(frozen=True, slots=True)
class Option:
    """One option as its form shows it. `unusable` says why it does nothing on this line, empty where it does
    something."""

    name: str
    label: str
    meaning: str
    value: str
    default: str
    choices: tuple[tuple[str, str], ...]
    changed: bool
    error: str
    unusable: str


@dataclass(frozen=True, slots=True)
class LinePage:
    """All that a line's page shows. `has_signal`: its device tells one; `cannot_ask` says why it cannot ask
    the balance, empty where it can; `no_modem` says why there is nothing to ask, empty where there is."""

    health: Health
    last: str
    has_signal: bool
    graph: signal.Graph | None
    signal_now: str
    figures: tuple[tuple[str, str], ...]
    limits: tuple[str, ...]
    warnings: tuple[str, ...]
    waiting: tuple[Waiting, ...]
    balance_code: str
    cannot_ask: str
    no_modem: str
    balance: Answer | None
    restart: Answer | None
    may_be_confirmed: bool
    cannot: tuple[str, ...]
    happened: tuple[tuple[datetime, str], ...]
    trouble: Trouble | None
    withheld: tuple[tuple[datetime, int], ...]


def line_page(tx: Tx, row: Row[Any], times: Times) -> LinePage:
    """The page of a line as it is now."""
    abilities = row.abilities or {}
    samples = line_history.samples(tx, row.id, times.now - signal.SPAN)
    has_signal = abilities.get("signal", True)
    code = line_options.value(row.options, "balance")
    dbm: str = row.facts.get("signal_dbm", "") if has_signal else ""
    log = line_history.log(tx, row.id, limit=HAPPENED)
    return LinePage(
        health=health(row, outbox.counts(tx, row.id)),
        last=_last(tx, row.id, times),
        has_signal=has_signal,
        graph=signal.graph(samples, times) if has_signal else None,
        signal_now=_signal_now(dbm),
        figures=tuple(_figures(tx, row, times)),
        limits=tuple(_limit(use, times) for use in line_load.use(tx, row, times.now)),
        warnings=tuple(_warnings(tx, row.id, times)),
        waiting=_waiting(tx, row, times),
        balance_code=code,
        cannot_ask=line_words.unusable("balance", abilities),
        no_modem=line_words.line_sentence(row.code, row.facts) if row.code in line_words.NO_MODEM else "",
        balance=_answer(line_requests.newest(tx, row.id, Kind.USSD.value), times, argument=code),
        restart=_answer(line_requests.newest(tx, row.id, Kind.RESTART.value), times),
        may_be_confirmed=row.code in CONFIRMABLE,
        cannot=tuple(line_words.cannot_in_full(abilities, abilities.get("lacks", ""))),
        happened=tuple((entry.at, _happened(entry)) for entry in log),
        trouble=_trouble(tx, row.id),
        withheld=tuple((call.ended_at, call.rang_seconds) for call in calls.withheld(tx, row.id, CALLS)),
    )


def _signal_now(dbm: str) -> str:
    level = signal_words(dbm)
    return t("now {level}, {dbm}").format(level=level, dbm=dbm_words(dbm)) if level else ""


def _last(tx: Tx, line_id: int, times: Times) -> str:
    out, came = line_figures.last_out(tx, line_id), line_figures.last_in(tx, line_id)
    return words.last_texts(*(times.ago(at) if at else "" for at in (out, came)))


def _figures(tx: Tx, row: Row[Any], times: Times) -> list[tuple[str, str]]:
    known: dict[str, str] = row.facts
    registered = known.get("registration", "")
    every = [
        (t("Number"), phone.pretty(row.number or "")),
        (t("Network"), known.get("operator", "")),
        (t("Registration"), words.REGISTERED.get(registered, "")),
        (t("Modem"), " ".join(filter(None, (known.get("maker"), known.get("model"))))),
        (t("SIM memory"), words.memory(known)),
        (t("Speed"), limits_in_words(row.limits)),
        (t("Message centre"), phone.pretty(known.get("smsc", ""))),
        (t("Port"), words.port(row.port, known.get("device", ""))),
        (t("Clock"), words.clock(known.get("clock_offset_s", ""))),
        (t("Restarts today"), str(_restarts(tx, row.id, times) or "")),
    ]
    return [(name, value) for name, value in every if value]


def _limit(use: Use, times: Times) -> str:
    """How much of a limit is used and left: to people, and to what may have a part of it only."""
    rooms = {room.rank: room for room in use.rooms}
    people = rooms[Rank.ANSWER]
    others = {kind: rooms[rank].left for rank, kind in words.SHARED.items() if rooms[rank].left < people.left}
    later = people.next_at > times.now
    next_at = t("at {time}").format(time=times.since(people.next_at)) if later else ""
    return words.limit(use.limit, use.used, people.left, next_at, others)


def _warnings(tx: Tx, line_id: int, times: Times) -> list[str]:
    traffic = line_traffic.last_day(tx, line_id, times.now)
    return words.traffic(traffic.out, traffic.came, traffic.recipients, traffic.equal)


def _restarts(tx: Tx, line_id: int, times: Times) -> int:
    midnight = times.local(times.now).replace(hour=0, minute=0, second=0, microsecond=0)
    return len(line_history.taken_since(tx, line_id, _RESTARTS, midnight))


def _waiting(tx: Tx, row: Row[Any], times: Times) -> tuple[Waiting, ...]:
    found: dict[tuple[str, str], int] = {}
    slots = deciding.slots(tx, row, times.now)
    for group in line_figures.queue(tx, row.id):
        unclear = group.state == State.UNCONFIRMED.value
        following = _next(group, row, slots[Rank(group.rank)], times)
        key = (words.UNCLEAR, words.ON_DECISION) if unclear else (_kind(group), following)
        found[key] = found.get(key, 0) + group.texts
    return tuple(Waiting(kind, following, texts) for (kind, following), texts in found.items())


def _kind(group: Row[Any]) -> str:
    is_held = group.purpose == Purpose.CONVERSATIONAL.value and group.rank == Rank.REPLY
    return words.HELD if is_held else words.KINDS[Purpose(group.purpose)]


def _next(group: Row[Any], row: Row[Any], slot: Slot, times: Times) -> str:
    if group.state == State.SENDING.value:
        return words.GOING_OUT
    if group.due_at > times.now:
        return times.since(group.due_at)
    if group.waiting_for == WaitingFor.ORDER.value:
        return words.AFTER_ANOTHER
    code = line_words.line_now(row.status, row.code, row.paused_at)
    if code == "ready" and slot.at > times.now:
        return times.since(slot.at)
    return words.NEXT.get(code, words.WHEN_IT_WORKS)


def _answer(request: Row[Any] | None, times: Times, argument: str = "") -> Answer | None:
    """What came of the newest request of a kind, as long as that is of interest."""
    if request is None or request.argument != argument or times.now - request.asked_at > SHOW_ANSWER:
        return None
    state = Asked(request.state)
    failed = state is Asked.FAILED
    said = line_request_words.unanswered(request.answer) if failed else request.answer
    return Answer(state is Asked.ASKED, failed, said, request.done_at or request.asked_at)


def _happened(entry: Row[Any]) -> str:
    return f"{line_words.happened(entry.kind, entry.code, '' if entry.kind == 'state' else entry.detail)}."


def _trouble(tx: Tx, line_id: int) -> Trouble | None:
    entry = line_figures.last_trouble(tx, line_id, _ORDINARY)
    if entry is None:
        return None
    return Trouble(entry.at, line_words.line_sentence(entry.code), line_words.devices_words(entry.detail))


# --- options, and the test text ----------------------------------------------------------------------


def options(
    tx: Tx, row: Row[Any], typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> tuple[Option, ...]:
    """The options of a line for their form; `typed` stands in it again where something could not be used."""
    others = tuple(other.name for other in lines.every(tx, lines_seen()) if other.id != row.id)
    return tuple(
        _option(
            each,
            line_options.value(row.options, each.name),
            others,
            typed or {},
            errors or {},
            line_words.unusable(each.name, row.abilities),
        )
        for each in line_options.OPTIONS.values()
    )


def _option(
    option: line_options.LineOption,
    stored: str,
    others: tuple[str, ...],
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    unusable: str,
) -> Option:
    value = typed.get(option.name, stored)
    choices = ("", *others) if option.name == "fallback" else option.choices
    if choices and value not in choices:
        choices = (*choices, value)  # a line that was removed since
    return Option(
        name=option.name,
        label=option.label,
        meaning=option.meaning,
        value=value,
        default=_choice(option.default),
        choices=tuple((choice, _choice(choice)) for choice in choices),
        changed=stored != option.default,
        error=errors.get(option.name, ""),
        unusable=unusable,
    )


def _choice(value: str) -> str:
    """A line's name is one of itself."""
    return str(line_options.CHOICES.get(value) or value or t("none"))


@dataclass(frozen=True, slots=True)
class TestText:
    """A test text on its way: its state in words, and the conversation it stands in."""

    peer: str
    said: Said
    icon: str
    conversation: str


def test_text(tx: Tx, row: Row[Any], public_id: str, times: Times) -> TestText | None:
    """The test text of that id, if this line sent it for one."""
    message = messages.by_public_id(tx, public_id) if public_id else None
    if message is None or (message.line_id, message.purpose) != (row.id, Purpose.INTERNAL.value):
        return None
    said = said_of(message, 0, times) or Said(message_words.STATES[State(message.state)][0], Tone.PLAIN)
    number = phone.pretty(message.peer)
    return TestText(number, said, ICONS[said.tone], message.conversation_public_id)
