"""The steps of the first run that bring a line to life: its modem, its number, a test text and its answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import lines as desk_lines
from gateway.desk import ports
from gateway.desk import settings as desk_settings
from gateway.desk import setup as desk
from gateway.desk.lines import BadLine
from gateway.desk.ports import Survey
from gateway.domain import limits, line_words, phone, port_words, setup_words
from gateway.domain.language import t, tn
from gateway.domain.message import State
from gateway.domain.message_words import Tone
from gateway.domain.people import Right
from gateway.domain.phone import NotANumber
from gateway.domain.ports import Port
from gateway.domain.refusal_words import Refused
from gateway.domain.setup import Step
from gateway.store import lines, messages, outbox
from gateway.store.database import Tx
from gateway.web.access import needs
from gateway.web.frame import times
from gateway.web.once import fingerprint, once
from gateway.web.present import Health, health, signal_words
from gateway.web.site import author, now, read, write
from gateway.web.threads import said_of
from gateway.web.wizard import go_on, place_of, who, wizard

setup_line_pages = Blueprint("setup_line", __name__)

FIRST_NAME = "front"
_PIN = re.compile(r"[0-9]{4,8}")  # 3GPP TS 31.101 9.5.1
_ADDRESS = re.compile(r"(?:socket://)?(?P<at>[\w.-]+:[0-9]{1,5}|\[[0-9a-fA-F:]+\]:[0-9]{1,5})")
_NO_TEXTS = frozenset({"port_busy", *port_words.PORTS})
"""Codes of ports by which no text can go."""
_WAITS_FOR_PIN = frozenset({"sim_pin", "sim_pin_refused"})

# --- what answered -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, in words, and whether it is well."""

    words: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Choice:
    """A modem one may take, or why not: `refused` is empty for one that can be taken."""

    use: str
    name: str
    where: str
    checks: tuple[Check, ...]
    asks_pin: bool
    pin_hint: str
    refused: str


def choices(found: tuple[Port, ...]) -> list[Choice]:
    """Modems first, each by its best port; then whatever else was asked, with what came back."""
    best = [port for port in found if port.is_best and not port.line]
    others = [port for port in found if port.line or port.mode or port.code in _NO_TEXTS]
    return [*map(_choice, best), *map(_refused, others)]


def _choice(port: Port) -> Choice:
    tries, asks = port.facts.get("pin_tries_left", ""), port.code == "sim_pin"
    last = asks and tries in ("0", "1")
    hint = _tries_left(int(tries)) if tries.isdigit() else str(setup_words.TRIED_ONCE)
    return Choice(
        port.use, _name(port), port.path, tuple(_checks(port)), asks and not last, hint,
        setup_words.PIN_LAST if last else "",
    )  # fmt: skip


def _tries_left(tries: int) -> str:
    return tn(
        "{count} try left. We try it once and stop if it is wrong, so the SIM cannot lock itself.",
        "{count} tries left. We try it once and stop if it is wrong, so the SIM cannot lock itself.",
        tries,
    )


def _name(port: Port) -> str:
    device = " ".join(port.facts[key] for key in ("maker", "model") if port.facts.get(key))
    return device or port.product or str(t("Modem"))


def _checks(port: Port) -> list[Check]:
    said, sim_is_open = [Check(t("Answers"), Tone.OK)], port.code in ("ready", "not_registered")
    sim = t("SIM ready") if sim_is_open else _sentence(line_words.line(port.code).is_)
    said.append(Check(sim, Tone.OK if sim_is_open else Tone.WARN))
    if operator := port.facts.get("operator"):
        said.append(Check(t("On the network {operator}").format(operator=operator), Tone.OK))
    elif port.code == "not_registered":
        said.append(Check(t("No network yet"), Tone.WARN))
    if signal := signal_words(port.facts.get("signal_dbm")):
        said.append(
            Check(t("Signal {level}").format(level=signal), Tone.WARN if signal == "weak" else Tone.OK)
        )
    return said


def _refused(port: Port) -> Choice:
    if port.mode:
        is_, remedy = port_words.stick_without_port(port.path, port.mode)
        name = t("Modem {port}").format(port=port.path)
        return Choice("", name, "", (), False, "", f"It {is_}. {remedy}")
    answer = port_words.port_of_line(port.line) if port.line else line_words.probe(port.code, port.facts)
    answer = port_words.with_port(_sentence(answer), port.path)
    tried = setup_words.TRIED.format(path=port.path, answer=answer)
    return Choice("", port.product or port.path, "", (), False, "", answer if port.line else tried)


def _sentence(words: str) -> str:
    said = str(words)
    return f"{said[:1].upper()}{said[1:]}"


def _summary(survey: Survey | None, offered: list[Choice]) -> str:
    if survey is None:
        return setup_words.NOT_ASKED
    if survey.found is None:
        return setup_words.ASKING
    if survey.failed:
        return setup_words.FAILED
    if not survey.found:
        return setup_words.NOTHING
    good = sum(not choice.refused for choice in offered)
    count = setup_words.FOUND.get(good) or setup_words.FOUND_MANY.format(count=good)
    return f"{setup_words.LOOKED} {count}"


# --- which modem -------------------------------------------------------------------------------------


@setup_line_pages.get("/setup/modem")
@needs(Right.SETUP)
def modem() -> ResponseReturnValue:
    return _modem({}, {})


def _modem(typed: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> Response:
    at = now()

    def look(tx: Tx) -> tuple[Survey | None, list[Health]]:
        return ports.last(tx, at), _lines(tx)

    survey, known = read(look)
    offered = choices(survey.found) if survey is not None and survey.found else []
    usable = [choice.use for choice in offered if not choice.refused]
    chosen = typed.get("port") or (usable[0] if len(usable) == 1 else "")
    return wizard(
        "setup_modem.html",
        Step.MODEM,
        status,
        typed={"name": "" if known else FIRST_NAME, **typed},
        errors=errors,
        summary=_summary(survey, offered),
        is_asking=survey is not None and survey.found is None,
        was_asked=survey is not None,
        offered=offered,
        chosen=chosen,
        can_use=bool(usable),
        lines=known,
        waits_for_pin=_WAITS_FOR_PIN,
    )


def _lines(tx: Tx) -> list[Health]:
    return [health(row, outbox.counts(tx, row.id)) for row in lines.every(tx)]


@setup_line_pages.post("/setup/modem/look")
@needs(Right.SETUP)
def look() -> ResponseReturnValue:
    """Have every port asked; with the address of a network adapter, where one was typed."""
    written = request.form.get("address", "").strip()
    found = _ADDRESS.fullmatch(written)
    if written and found is None:
        return _modem({"address": written}, {"address": setup_words.NOT_AN_ADDRESS}, 422)
    address = f"socket://{found['at']}" if found else ""
    write(lambda tx, at: ports.ask(tx, address, at))
    return redirect(place_of(Step.MODEM), 303)


@setup_line_pages.post("/setup/modem")
@needs(Right.SETUP)
def take_modem() -> ResponseReturnValue:
    """Make a line of the modem that was chosen."""
    typed = {name: request.form.get(name, "").strip() for name in ("port", "name")}
    pin, actor, at = request.form.get(f"pin-{typed['port']}", "").strip(), who(), now()
    survey = read(lambda tx: ports.last(tx, at))
    offered = choices(survey.found or ()) if survey else []
    choice = next((one for one in offered if one.use and one.use == typed["port"]), None)
    errors = _wrong_choice(choice, typed["port"], pin)
    if choice is None or errors:
        return _modem(typed, errors, 422)

    def add(tx: Tx, at: datetime) -> None:
        sealed = pin if choice.asks_pin else None
        same = [line for line in lines.every(tx) if (line.name, line.port) == (typed["name"], choice.use)]
        if same:  # the same form once more, or once more with the right PIN
            if sealed is not None and same[0].code.startswith("sim_pin"):
                desk_lines.set_pin(tx, same[0].name, sealed, actor, at)
            return
        desk_lines.add(tx, typed["name"], choice.use, actor, at, limits=limits.DEFAULT, pin=sealed)
        desk.done(tx, Step.MODEM, at)

    try:
        write(add)
    except BadLine as error:
        return _modem(typed, {"name": str(error)}, 422)
    return go_on(Step.MODEM)


def _wrong_choice(choice: Choice | None, port: str, pin: str) -> dict[str, str]:
    if choice is None:
        return {"port": setup_words.MODEM_GONE if port else setup_words.NO_MODEM_CHOSEN}
    if choice.refused:
        return {"port": choice.refused}
    if choice.asks_pin and not _PIN.fullmatch(pin):
        return {f"pin-{choice.use}": setup_words.PIN_MISSING}
    return {}


@setup_line_pages.post("/setup/modem/pin")
@needs(Right.SETUP)
def give_pin() -> ResponseReturnValue:
    """Give the PIN of a line whose SIM asks for it, or refused the one before."""
    name, pin, actor = request.form.get("line", ""), request.form.get("pin", "").strip(), who()
    if not _PIN.fullmatch(pin):
        return _modem({}, {"pin": setup_words.PIN_MISSING}, 422)
    try:
        write(lambda tx, at: desk_lines.set_pin(tx, name, pin, actor, at))
    except Refused as refused:
        return _modem({}, {"pin": refused.text}, 422)
    return redirect(place_of(Step.MODEM), 303)


# --- its number --------------------------------------------------------------------------------------


@setup_line_pages.get("/setup/number")
@needs(Right.SETUP)
def number() -> ResponseReturnValue:
    row = read(_newest)
    return _number({"number": phone.pretty(row.number or "") if row else ""}, {})


def _newest(tx: Tx) -> Row[Any] | None:
    """The line the first run is about: the newest."""
    return max(lines.every(tx), key=lambda row: row.id, default=None)


def _number(typed: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> Response:
    row = read(_newest)
    name = row.name if row is not None else ""
    return wizard("setup_number.html", Step.NUMBER, status, typed=typed, errors=errors, line=name)


@setup_line_pages.post("/setup/number")
@needs(Right.SETUP)
def set_number() -> ResponseReturnValue:
    typed, actor = request.form.get("number", ""), who()

    def change(tx: Tx, at: datetime) -> None:
        line = _newest(tx)
        if line is None:
            raise BadLine(setup_words.NO_LINE_YET)
        own = phone.parse(typed, desk_settings.country(tx, line))
        if own.kind is not phone.Kind.E164:
            raise BadLine(setup_words.SHORT_CODE_OWN)
        desk_lines.set_number(tx, line.name, own.text, actor, at)
        desk.done(tx, Step.NUMBER, at)

    try:
        write(change)
    except (BadLine, NotANumber) as error:
        return _number({"number": typed}, {"number": str(error)}, 422)
    return go_on(Step.NUMBER)


# --- a test text -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tick:
    """One thing that happens to the test text: its word, whether it has, and what is said of it."""

    word: str
    tone: Tone
    said: str


_SENT = frozenset({State.SENT, State.DELIVERED, State.UNDELIVERED})


def _ticks(tx: Tx, message: Row[Any], at: datetime) -> list[Tick]:
    said, state = times(tx, at), State(message.state)
    words = said_of(message, 0, said)
    is_bad = words is not None and words.tone in (Tone.BAD, Tone.WARN)
    trouble = Tick(words.words, words.tone, words.why) if words and is_bad else None
    is_sent, is_there = state in _SENT, state is State.DELIVERED
    heard = messages.last_heard(tx, message.peer)
    answered = heard is not None and heard.created_at > message.created_at
    return [
        Tick(t("Accepted"), Tone.OK, t("at {time}").format(time=said.clock(message.created_at))),
        (not is_sent and trouble)
        or _tick(is_sent, t("Sent"), t("Not sent yet"), t("Waiting for the network.")),
        (is_sent and trouble)
        or _tick(is_there, t("Delivered"), t("Not delivered yet"), t("Waiting for the network’s report.")),
        _tick(
            answered,
            t("Answered"),
            t("Not answered yet"),
            t("Now answer it from your phone.") if is_sent else "",
        ),
    ]


def _tick(is_so: bool, done: str, not_yet: str, waits_for: str) -> Tick:
    return Tick(done, Tone.OK, "") if is_so else Tick(not_yet, Tone.WAITING, waits_for)


@setup_line_pages.get("/setup/test")
@needs(Right.SETUP)
def test() -> ResponseReturnValue:
    return _test({}, {})


def _test(typed: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> Response:
    at = now()

    def look(tx: Tx) -> dict[str, Any]:
        row, message = _newest(tx), desk.test_text(tx)
        return {
            "line": health(row, outbox.counts(tx, row.id)) if row is not None else None,
            "ticks": _ticks(tx, message, at) if message is not None else [],
            "peer": phone.pretty(message.peer) if message is not None else "",
        }

    return wizard("setup_test.html", Step.TEST, status, typed=typed, errors=errors, **read(look))


@setup_line_pages.post("/setup/test")
@needs(Right.SETUP)
def send_test() -> ResponseReturnValue:
    """Send the test text, once for each form that was shown."""
    sender, to, key = author(), request.form.get("to", ""), request.form.get("key", "")

    def send(tx: Tx, at: datetime) -> None:
        line = _newest(tx)
        if line is None:
            raise BadLine(setup_words.NO_LINE_YET)
        asked = fingerprint(["setup", line.id, to])

        def act() -> dict[str, Any]:
            desk_lines.send_test(tx, line.name, to, sender, at)
            return {}

        once(tx, f"person:{sender.id}", f"{key}.{asked[:16]}", asked, at, act)

    try:
        write(send)
    except (BadLine, Refused) as error:
        return _test({"to": to}, {"to": str(error)}, 422)
    return redirect(f"{place_of(Step.TEST)}#ticks", 303)


@setup_line_pages.post("/setup/test/next")
@needs(Right.SETUP)
def tested() -> ResponseReturnValue:
    """Go on. A text that did not go, or is still on its way, is no test passed; when it arrives, it is."""
    write(lambda tx, at: desk.skip(tx, Step.TEST, at))
    return go_on(Step.TEST)
