"""What staff do with lines: add, remove, pause, resume, set, confirm another SIM, send a test text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import line_requests
from gateway.desk.acceptance import accept
from gateway.desk.drafts import Author, Draft, parse_number
from gateway.desk.line_names import named
from gateway.desk.setup import remember_test
from gateway.domain import line_options, phone
from gateway.domain.events import Event
from gateway.domain.language import t
from gateway.domain.limits import Limit
from gateway.domain.line import LineStatus
from gateway.domain.line_words import TEST_TEXT
from gateway.domain.message import Purpose, State
from gateway.domain.refusal_words import Refused
from gateway.domain.typed import ended
from gateway.store import events, line_history, lines, outbox, team
from gateway.store.database import Tx

SHARED_PORTS = frozenset({"auto", "loopback"})
"""Words that stand for no device of their own: several lines may have them."""

_NAME = re.compile(r"[\w][\w .-]{0,39}")
_LONGEST_PORT = 255


class BadLine(ValueError):
    """A line cannot be added like this; the text says what to change."""


def add(
    tx: Tx,
    name: str,
    port: str,
    actor: str,
    now: datetime,
    *,
    number: str | None = None,
    country: str | None = None,
    limits: Sequence[Limit] = (),
    pin: str | None = None,
) -> int:
    """Add a line; the running program opens its port within a second. Returns its id.

    A line of that name and number that was removed is taken up again, with its conversations: so a port or
    a PIN is changed. `pin` is the SIM's, kept sealed.

    Raises:
        BadLine: the name is taken or cannot be one, the port cannot be one or another line has it, or texts
            would go in a circle, for a line taken up again still has its fallback.
    """
    if not _NAME.fullmatch(name):
        sentence = t("{name} cannot be a line's name. Use letters, digits, spaces, dots and dashes.")
        raise BadLine(sentence.format(name=repr(name)))
    if lines.by_name(tx, name) is not None:
        sentence = t("There is a line called {name} already. Choose another name, or remove it first.")
        raise BadLine(sentence.format(name=name))
    try:
        country = None if country is None else phone.region(country)
    except phone.UnknownRegion as error:
        raise BadLine(str(error)) from None
    _check_port(port)
    _check_free(tx, None, port=port, number=number)
    values = {
        "port": port,
        "number": number,
        "country": country,
        "limits": [str(limit) for limit in limits],
        "pin_sealed": tx.keys.seal(pin) if pin else None,
        "bound_imei": None,
        "bound_iccid": None,
        **_opening(now),
    }
    former = lines.removed_as(tx, name, number)
    if former is None:
        line_id = lines.add(tx, name=name, created_at=now, **values)
    else:
        line_id = int(former.id)
        fallback = line_options.value(former.options, "fallback")
        if lines.by_name(tx, fallback) is not None:
            _check_fallback(tx, name, fallback)
        lines.change(tx, line_id, removed_at=None, paused_at=None, **values)
    line_history.note(tx, line_id, "state", "opening", "", now)
    team.note(tx, now, actor, "line.add", name, after={"port": port, "number": number})
    events.record(tx, Event.LINE_CHANGED, now, line_id=line_id)
    return line_id


def remove(tx: Tx, name: str, actor: str, now: datetime) -> None:
    """Take a line out of use. Its conversations and texts stay; what waits on it is canceled,
    and what it was asked and did not answer has failed."""
    line = named(tx, name)
    for message_id in outbox.unfinished_on(tx, line.id):
        outbox.end(tx, message_id, State.CANCELED, now, "line_removed", actor)
    line_requests.fail_open(tx, now, line_requests.REMOVED, line.id)
    lines.change(tx, line.id, removed_at=now)
    team.note(tx, now, actor, "line.remove", name, before={"port": line.port})
    events.record(tx, Event.LINE_CHANGED, now, line_id=line.id)


def pause(tx: Tx, name: str, actor: str, now: datetime) -> None:
    """Send nothing by the line until it is resumed; what comes in is still read."""
    _set_paused(tx, named(tx, name), now, "line.pause", actor, now)


def resume(tx: Tx, name: str, actor: str, now: datetime) -> None:
    """Send by the line again."""
    _set_paused(tx, named(tx, name), None, "line.resume", actor, now)


def forget_states(tx: Tx, now: datetime) -> None:
    """The program starts: what lines said of themselves in its last life is no longer known."""
    for line in lines.every(tx):
        if line.code != "opening":
            _start_anew(tx, line, now)
            events.record(tx, Event.LINE_CHANGED, now, line_id=line.id)


# --- what makes a line the line it is ----------------------------------------------------------------


def set_port(tx: Tx, name: str, port: str, actor: str, now: datetime) -> None:
    """Give a line another port. It stays bound to its SIM, so another modem with that SIM is taken.

    Raises:
        BadLine: it cannot be a port, or another line has it.
    """
    line = named(tx, name)
    _check_port(port)
    _check_free(tx, line.id, port=port)
    bound_imei = line.bound_imei if line.bound_iccid else None  # no SIM is known: the device is chosen anew
    _start_anew(tx, line, now, port=port, bound_imei=bound_imei)
    _changed(tx, line, "port", line.port, port, actor, now)


def set_number(tx: Tx, name: str, number: str | None, actor: str, now: datetime) -> None:
    """Say which number a line has, in E.164; None where it is not known.

    Raises:
        BadLine: another line has it.
    """
    line = named(tx, name)
    _check_free(tx, line.id, number=number)
    lines.change(tx, line.id, number=number)
    _changed(tx, line, "number", line.number, number, actor, now)


def set_limits(tx: Tx, name: str, limits: Sequence[Limit], actor: str, now: datetime) -> None:
    """Set how many texts a line may send in which time; none: as fast as it can."""
    line = named(tx, name)
    written = [str(limit) for limit in limits]
    lines.change(tx, line.id, limits=written)
    _changed(tx, line, "limits", line.limits, written, actor, now)


def set_pin(tx: Tx, name: str, pin: str, actor: str, now: datetime) -> None:
    """Give the PIN of a line's SIM, kept sealed. It is tried once for each SIM."""
    line = named(tx, name)
    _start_anew(tx, line, now, pin_sealed=tx.keys.seal(pin))
    _changed(tx, line, "pin", None, None, actor, now)  # it stands nowhere in the clear


def set_option(tx: Tx, name: str, option: str, typed: str, actor: str, now: datetime) -> str:
    """Set an option of `gateway.domain.line_options`. Returns the value as it is kept.

    Raises:
        BadLine: there is no such option, or it cannot have that value; the text says what it can.
    """
    line = named(tx, name)
    try:
        value = line_options.parse(option, typed)
    except line_options.BadOption as error:
        raise BadLine(ended(str(error))) from None
    if option == "fallback" and value:
        _check_fallback(tx, name, value)
    before = line_options.value(line.options, option)
    lines.change(tx, line.id, options={**line.options, option: value})
    _changed(tx, line, option, before, value, actor, now)
    if option == "zone":
        events.record(tx, Event.RULES_CHANGED, now, line_id=line.id)
    return value


def _check_fallback(tx: Tx, name: str, fallback: str) -> None:
    """Refuse a fallback that is no other line, or whose own fallbacks lead back here."""
    if not _NAME.fullmatch(fallback):
        raise BadLine(t("{name} cannot be a line's name. Name another line.").format(name=repr(fallback)))
    if fallback == name:
        sentence = t("The line {name} cannot stand in for itself. Name another line.")
        raise BadLine(sentence.format(name=name))
    named(tx, fallback)
    seen, following = [name], fallback
    while following and following not in seen:
        seen.append(following)
        row = lines.by_name(tx, following)
        following = line_options.value(row.options, "fallback") if row is not None else ""
    if following == name:
        way = str(t(" to ")).join([*seen, name])
        sentence = t("That would send texts in a circle: {way}. Name a line that does not lead back.")
        raise BadLine(sentence.format(way=way))


def confirm(tx: Tx, name: str, actor: str, now: datetime) -> bool:
    """Take the SIM and the modem that are in a line now for its own, from now on. Returns whether it is
    another SIM, whose number may be another one.

    Raises:
        Refused: they are its own already, or there never were any.
    """
    line = named(tx, name)
    was = (line.bound_imei, line.bound_iccid)
    there = (line.facts.get("imei") or None, line.facts.get("iccid") or None)
    differs = any(old and new and old != new for old, new in zip(was, there, strict=True))
    if not differs:
        raise Refused("nothing_to_confirm" if any(was) else "no_modem_yet", line=name)
    _start_anew(tx, line, now, bound_imei=there[0], bound_iccid=there[1])
    line_history.note(tx, line.id, "device", "confirmed", actor, now)
    _changed(tx, line, "device", list(was), list(there), actor, now, action="line.confirm")
    return bool(there[1] != was[1])


def send_test(tx: Tx, name: str, to: str, author: Author, now: datetime) -> int:
    """Queue a short text that says which line sent it, to a number of the staff. Returns the message's id.

    Raises:
        Refused: it cannot be sent there; see `gateway.desk.acceptance.accept`.
    """
    line = named(tx, name)
    number = parse_number(tx, to, line)
    text = Draft(number, TEST_TEXT.format(line=name), Purpose.INTERNAL, author)
    message_id = accept(tx, line, text, now)
    remember_test(tx, message_id, now)
    return message_id


def _check_port(port: str) -> None:
    """Refuse what no system would open."""
    if len(port) > _LONGEST_PORT or not port.isprintable():
        shown = port if len(port) <= _LONGEST_PORT else f"{port[:40]}..."
        sentence = t("{port} cannot be a port. Give a path of up to {most} letters, or auto.")
        raise BadLine(sentence.format(port=repr(shown), most=_LONGEST_PORT))


def _check_free(tx: Tx, line_id: int | None, *, port: str = "", number: str | None = None) -> None:
    """Refuse a port or a number that another line than this one has."""
    for other in lines.every(tx):
        if other.id == line_id:
            continue
        if other.port == port and port not in SHARED_PORTS:
            sentence = t("The line {name} uses {port} already. One modem serves one line.")
            raise BadLine(sentence.format(name=other.name, port=port))
        if number is not None and other.number == number:
            sentence = t("The line {name} has the number {number} already. Give this one's own.")
            raise BadLine(sentence.format(name=other.name, number=number))


def _opening(now: datetime) -> dict[str, Any]:
    return {"status": LineStatus.STARTING.value, "code": "opening", "status_since": now}


def _start_anew(tx: Tx, line: Row[Any], now: datetime, **values: Any) -> None:
    """Change columns after which the running program opens the line anew."""
    lines.change(tx, line.id, **values, **_opening(now))
    line_history.note(tx, line.id, "state", "opening", "", now)


def _changed(
    tx: Tx,
    line: Row[Any],
    what: str,
    before: object,
    after: object,
    actor: str,
    now: datetime,
    action: str = "line.set",
) -> None:
    team.note(tx, now, actor, action, line.name, before={what: before}, after={what: after})
    events.record(tx, Event.LINE_CHANGED, now, line_id=line.id)


def _set_paused(
    tx: Tx, line: Row[Any], paused_at: datetime | None, action: str, actor: str, now: datetime
) -> None:
    lines.change(tx, line.id, paused_at=paused_at)
    team.note(tx, now, actor, action, line.name)
    events.record(tx, Event.LINE_CHANGED, now, line_id=line.id)
