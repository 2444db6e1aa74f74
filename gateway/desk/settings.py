"""Changing a setting of the office: checked against the table, noted in the audit log."""

from __future__ import annotations

import difflib
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from gateway.domain import hours, presets
from gateway.domain.events import Event
from gateway.domain.language import t
from gateway.domain.setting_words import NEVER_OPEN
from gateway.domain.settings import SETTINGS, BadValue
from gateway.domain.typed import ended, shown
from gateway.store import events, settings, team
from gateway.store.database import Tx

_OF_RULES = ("hours.", "limits.contact_", "office.zone", "office.country")
"""Settings that decide when texts may go: what waits is decided anew when one changes."""


class BadSetting(ValueError):
    """No such setting, or a value it cannot have; the text says what to do."""


def known(name: str) -> str:
    """The name, when it is a setting's.

    Raises:
        BadSetting: it is none; the nearest one is named.
    """
    if name not in SETTINGS:
        near = difflib.get_close_matches(name, SETTINGS, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else "sms-gateway setting list shows all there are."
        raise BadSetting(f"There is no setting {shown(name)}. {remedy}")
    return name


def country(tx: Tx, line: Row[Any] | None = None) -> str | None:
    """The country whose national writing of numbers is understood: the line's, else the office's; None:
    neither has one."""
    return (line.country if line is not None else None) or settings.get(tx, "office.country") or None


def change(tx: Tx, name: str, typed: str, actor: str, now: datetime) -> None:
    """Give a setting a new value.

    Raises:
        BadSetting: it is no setting, or cannot have that value; nothing was changed.
    """
    try:
        value = SETTINGS[known(name)].parse(typed)
    except BadValue as error:
        sentence = t("{setting} cannot be {value}: {why}")
        raise BadSetting(ended(sentence.format(setting=name, value=shown(typed), why=error))) from None
    before = settings.get(tx, name)
    settings.put(tx, name, value)
    team.note(tx, now, actor, "setting.change", name, before=before, after=value)
    if name.startswith(_OF_RULES):
        events.record(tx, Event.RULES_CHANGED, now)


def warning(tx: Tx, now: datetime) -> str:
    """What is wrong with settings that are each allowed; empty where nothing is."""
    office = settings.every(tx)
    chosen = presets.codes(office["hours.presets"])
    windows = (hours.parse(office["hours.marketing"]), *presets.narrowing(chosen))
    opening = hours.Opening(windows, (ZoneInfo(office["office.zone"]),))
    return NEVER_OPEN if opening.next_open(now) is None else ""
