"""The first run of an office: the one-time code that opens it, its first account, and its steps.

While nobody can sign in, the panel is set up by whoever has read the code from the box's log or console
(fault row 92). The code has 50 bits, counts once, and ends with the first account. Tries from one place take
longer and longer, so that nobody finds it and nobody keeps others from it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Row

from gateway.desk import one_time_codes, settings, team, tries
from gateway.desk.team import BadUser
from gateway.domain.message import State
from gateway.domain.people import Role
from gateway.domain.settings import SETTINGS
from gateway.domain.setup import ORDER, Standing, Step
from gateway.store import box_state, lines, messages, setup
from gateway.store import settings as store_settings
from gateway.store import team as store_team
from gateway.store.database import Tx

CODE_LENGTH = 10
VISIT_LENGTH = timedelta(days=1)
"""How long the browser that gave the code may go on without an account."""
_STATE, _PURPOSE, _TEST = "setup", "setup-code", "setup.test"
_TRIED = "set-up code"  # no username has a gap
_ARRIVED = frozenset({State.SENT.value, State.DELIVERED.value})
OF_HOURS = ("hours.office", "answers.after_hours")
"""Settings of the step about opening hours."""


class Tried(Enum):
    """What came of a code that was typed."""

    FITS = "fits"
    WRONG = "wrong"
    SPENT = "spent"


class SetUpAlready(Exception):
    """There is an account: whoever wants in signs in."""


# --- the code ----------------------------------------------------------------------------------------


def is_open(tx: Tx) -> bool:
    """Whether nobody can sign in yet, so that the panel waits for the code."""
    return not store_team.is_any(tx)


def new_code(tx: Tx) -> str:
    """Draw a code, in place of the one before and of the browser that gave that.

    Raises:
        SetUpAlready: there is an account.
    """
    if not is_open(tx):
        raise SetUpAlready
    box_state.put(tx, _STATE, {})
    return offer_code(tx)


def offer_code(tx: Tx) -> str:
    """A new code while it is needed, empty once somebody can sign in. The browser that gave the one before
    goes on."""
    if not is_open(tx):
        return ""
    code = one_time_codes.draw(CODE_LENGTH)
    kept = one_time_codes.kept(tx, _PURPOSE, code)
    box_state.put(tx, _STATE, {**box_state.get(tx, _STATE), "code": kept})
    return code


def try_code(tx: Tx, typed: str, secret: str, address: str, now: datetime) -> Tried:
    """Try a code from that address for the browser with that secret; it counts once.

    Raises:
        TooSoon: too many tries of that address failed; this one does not count.
    """
    state = box_state.get(tx, _STATE)
    if not is_open(tx) or not state.get("code"):
        return Tried.SPENT
    tries.begin(tx, _TRIED, address, now)
    if not one_time_codes.fits(tx, _PURPOSE, typed, state["code"]):
        return Tried.WRONG
    tries.worked(tx, _TRIED, address)
    until = (now + VISIT_LENGTH).isoformat()
    box_state.put(tx, _STATE, {"visit": team.secret_hash(secret), "until": until})
    store_team.note(tx, now, "setup", "setup.code", "")
    return Tried.FITS


def may_set_up(tx: Tx, secret: str, now: datetime) -> bool:
    """Whether the browser with that secret gave the code, and there is no account yet."""
    state = box_state.get(tx, _STATE)
    if state.get("visit") != team.secret_hash(secret) or not is_open(tx):
        return False
    return now < datetime.fromisoformat(state["until"])


def add_first_account(tx: Tx, username: str, name: str, password_hash: str, now: datetime) -> Row[Any]:
    """Add the first account, an admin's, and return its user. From now on the code and the browser that
    gave it open nothing.

    Raises:
        SetUpAlready: somebody was quicker.
        BadUser: the username cannot be one.
    """
    if not is_open(tx):
        raise SetUpAlready
    user_id = team.add_user(tx, username, name, Role.ADMIN, password_hash, "setup", now)
    box_state.put(tx, _STATE, {})
    done(tx, Step.ACCOUNT, now)
    return store_team.user(tx, user_id)


# --- steps -------------------------------------------------------------------------------------------


def done(tx: Tx, step: Step, now: datetime) -> None:
    """Note that a step is done."""
    setup.put(tx, step, Standing.DONE, now)


def skip(tx: Tx, step: Step, now: datetime) -> None:
    """Leave a step out for now; what was done before stays done.

    Raises:
        BadUser: it is the account, and there is none yet.
    """
    if step is Step.ACCOUNT and is_open(tx):
        raise BadUser("Somebody has to be able to sign in, so make your account first.")
    is_done = standings(tx)[step] is Standing.DONE
    setup.put(tx, step, Standing.DONE if is_done else Standing.SKIPPED, now)


def standings(tx: Tx, elsewhere: Collection[Step] = ()) -> dict[Step, Standing]:
    """How far every step is; what was done by another way than the first run counts as well. `elsewhere`:
    steps that can be seen to be done, but not in the database."""
    found = dict.fromkeys(ORDER, Standing.OPEN) | setup.standings(tx)
    for step in _evident(tx) | set(elsewhere):
        found[step] = Standing.DONE
    return found


def left(tx: Tx, elsewhere: Collection[Step] = ()) -> int:
    """How many steps are not done, left out or not; `elsewhere` as of `standings`."""
    return sum(standing is not Standing.DONE for standing in standings(tx, elsewhere).values())


def _evident(tx: Tx) -> set[Step]:
    """Steps that can be seen to be done."""
    known, stored = lines.every(tx), store_settings.every(tx)
    seen = {
        Step.OFFICE: _differs(stored, "office.name"),
        Step.ACCOUNT: not is_open(tx),
        Step.MODEM: bool(known),
        Step.NUMBER: any(line.number for line in known),
        Step.TEST: _test_arrived(tx),
        Step.HOURS: _differs(stored, *OF_HOURS),
        Step.RULES: _differs(stored, "hours.presets"),
        Step.COLLEAGUES: len(store_team.every_user(tx)) > 1,
    }
    return {step for step, is_done in seen.items() if is_done}


def _differs(stored: Mapping[str, str], *names: str) -> bool:
    return any(stored[name] != SETTINGS[name].default for name in names)


def _test_arrived(tx: Tx) -> bool:
    message = test_text(tx)
    return message is not None and message.state in _ARRIVED


def take_settings(tx: Tx, step: Step, values: Mapping[str, str], actor: str, now: datetime) -> None:
    """Give settings the values of a step, where they differ; it is done then.

    Raises:
        BadSetting: one of them cannot have its value; nothing was changed.
    """
    before = store_settings.every(tx)
    for name, value in values.items():
        if value.strip() != before[name]:
            settings.change(tx, name, value, actor, now)
    done(tx, step, now)


def remember_test(tx: Tx, message_id: int, now: datetime) -> None:
    """Which text is the test of the first run: the last one; where one before it arrived, that stays so."""
    if _test_arrived(tx):
        done(tx, Step.TEST, now)
    message = messages.get(tx, message_id)
    box_state.put(tx, _TEST, {"message": message.public_id if message is not None else ""})


def test_text(tx: Tx) -> Row[Any] | None:
    """That text; None where none was sent."""
    public_id = box_state.get(tx, _TEST).get("message")
    return messages.by_public_id(tx, public_id) if public_id else None
