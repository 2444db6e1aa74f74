"""What people ask of a line that only the running program can do: it follows `line.asked` and answers.

A request is a row, so that any process may ask: the command line, the panel, the API.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from gateway.desk.line_names import named
from gateway.domain.events import Event
from gateway.domain.line_requests import Kind, State
from gateway.domain.refusal_words import Refused
from gateway.store import events, line_requests, team
from gateway.store.database import Tx

ABANDONED, REMOVED = "crash", "removed"
"""Answers of a request that the program did not live to answer, and of one whose line is gone: keys of the
wording table."""
KEEP_ANSWERS = timedelta(days=1)
KEEP_ANSWERED = timedelta(days=365)

_SERVICE_CODE = re.compile(r"(?=[0-9]*[*#])[*#0-9]{2,30}")
"""Without * or # it would be a number to call, such as 112."""
_PIN_CODE = re.compile(r"\*\*0[45]")
"""Codes that change or unblock a PIN (3GPP TS 22.030 6.6.2): some devices obey them themselves."""
_CHANGES_CALLS = re.compile(
    r"\*\*|##"  # registers, erases
    r"|[*#](03|002|004|21|214|61|62|67|33[0123]?|35[13]?)([*#]|\Z)"
)
"""Codes that divert or bar calls or change a password (3GPP TS 22.030 6.5.2, annex B). To ask how they are
set (*#21#) changes nothing."""


def ask(tx: Tx, name: str, kind: Kind, argument: str, actor: str, now: datetime) -> int:
    """Ask something of a line; `argument` is the service code of a ussd request. Returns the request's id.

    Asked for again before it is answered, it is the same request; the running program looks at it again.

    Raises:
        Refused: there is no such line, or the service code is none or would change the SIM's PIN or how
            calls go.
    """
    line = named(tx, name)
    if kind is Kind.USSD:
        argument = _service_code(argument)
    for asked in line_requests.open_requests(tx):
        if (asked.line_id, asked.kind, asked.argument) == (line.id, kind.value, argument):
            events.record(tx, Event.LINE_ASKED, now, line_id=line.id)
            return int(asked.id)
    request_id = line_requests.add(
        tx,
        line_id=line.id,
        kind=kind.value,
        argument=argument,
        state=State.ASKED.value,
        asked_by=actor,
        asked_at=now,
    )
    team.note(tx, now, actor, f"line.{kind.value}", name, after=argument or None)
    events.record(tx, Event.LINE_ASKED, now, line_id=line.id)
    return request_id


def _service_code(typed: str) -> str:
    code = typed.strip()
    if not _SERVICE_CODE.fullmatch(code):
        raise Refused("not_a_service_code", code=typed)
    if _PIN_CODE.match(code):
        raise Refused("pin_code", code=code)
    if _CHANGES_CALLS.match(code):
        raise Refused("changes_calls", code=code)
    return code


def answer(tx: Tx, request_id: int, state: State, text: str, now: datetime) -> None:
    """Answer a request, once. `text` is what came of it, or for a failed one a code of the wording table
    ("no_answer"), with the device's own words behind a colon where there are any."""
    request = line_requests.get(tx, request_id)
    if request is None or request.state != State.ASKED.value:
        return
    line_requests.change(tx, request_id, state=state.value, answer=text, done_at=now)
    events.record(tx, Event.LINE_ANSWERED, now, line_id=request.line_id)


def fail_open(tx: Tx, now: datetime, why: str = ABANDONED, line_id: int | None = None) -> None:
    """Fail what is asked and not answered, of every line or of one. At the start of the program that is what
    it was asked in its last life: nobody waits for it any more."""
    for request in line_requests.open_requests(tx):
        if line_id in (None, request.line_id):
            answer(tx, request.id, State.FAILED, why, now)


def empty_answers(tx: Tx, now: datetime) -> None:
    """Forget answers that were read long ago, and in the end that anything was asked."""
    line_requests.empty_answers(tx, now - KEEP_ANSWERS)
    line_requests.forget(tx, now - KEEP_ANSWERED)
